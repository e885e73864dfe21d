// Held mails as the customers of a large server make them, the same ones each time.
#pragma once

#include <array>
#include <cstdio>
#include <random>

#include "actors/quarantine/index/mail_row.hpp"

namespace ie {

class mail_maker {
  public:
    static constexpr int64_t start_ms = 1'795'333'986'123;  // of the first one; one comes a second
    static constexpr size_t account_count = 1'000;
    static constexpr size_t sender_count = 15'000;

    mail_maker() {
        for (auto& word : words_) {
            const size_t letters = 2 + random_() % 9;
            for (size_t i = 0; i < letters; ++i) word += letter();
        }
    }

    mail_row next() {
        const size_t sender = random_() % sender_count;
        const size_t account = sender % account_count;
        const std::string name = "account" + std::to_string(account);
        mail_row row;
        row.id = mail_id{uuid(++made_)};
        row.ticket.id = row.id;
        row.ticket.owner = {
            account_name{name}, name + ".example", address(sender, name),
            "/home/" + name + "/public_html/mail" + std::to_string(sender % 3) + ".php"};
        row.ticket.sender = row.ticket.owner.sender_address;
        row.ticket.reasons = {static_cast<hold_reason>(random_() % 3)};
        row.ticket.received_at_ms = start_ms + static_cast<int64_t>(made_) * 1'000 -
                                    static_cast<int64_t>(random_() % 4'000);
        row.script_header.raw =
            "www." + name + ".example/mail.php for 192.0.2." + std::to_string(random_() % 4);
        row.held_at_ms = row.ticket.received_at_ms + 5;
        row.size_bytes = 8'000;
        write_subject(row.subject);
        for (size_t i = 0; i <= random_() % 3; ++i) row.recipients.push_back(recipient());
        return row;
    }

  private:
    char letter() {
        static constexpr std::string_view letters = "eeeettaaooiinnsshhrrddllucmwfgypbvk";
        return letters[random_() % letters.size()];
    }
    const std::string& word() { return words_[random_() % words_.size()]; }
    static std::string address(size_t sender, const std::string& account) {
        return "sender" + std::to_string(sender) + "@" + account + ".example";
    }
    static std::string uuid(size_t number) {
        char text[40];
        const auto mixed = static_cast<uint32_t>(number * 2'654'435'761);  // each number's another
        std::snprintf(text, sizeof text, "%08x-d547-4b29-b8f0-f5331821c930", mixed);
        return text;
    }
    void write_subject(std::string& text) {
        while (text.size() < 45) text.append(word()) += ' ';
    }
    std::string recipient() {
        static constexpr std::array<const char*, 4> hosts{"gmail.com", "yahoo.com", "outlook.com",
                                                          "web.de"};
        return word() + "." + word() + std::to_string(random_() % 100) + "@" +
               hosts[random_() % hosts.size()];
    }

    std::mt19937_64 random_{1};
    std::array<std::string, 5'000> words_;
    size_t made_ = 0;
};

}  // namespace ie
