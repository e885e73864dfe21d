// The rate limiter with a million sender objects: four checks and counts a message, against four
// bare look-ups in the same table, in the same run; memory an object; and how long a new start is
// without a verdict. Prints a JSON line for each figure.
//   limiter_bench [MESSAGES A ROUND, in millions, 2] [ROUNDS, 5]
#include <malloc.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include "actors/rate_limiter/quota_journal.hpp"
#include "actors/rate_limiter/quota_ledger.hpp"
#include "actors/rate_limiter/rate_limiter_actor.hpp"
#include "config/mail_policy.hpp"
#include "tools/bench.d/figures.hpp"

namespace ie {
namespace {

constexpr uint32_t accounts = 10'000;
constexpr uint32_t domains = 40'000;
constexpr uint32_t scripts = 50'000;
constexpr uint32_t addresses = 900'000;
constexpr size_t objects = accounts + domains + scripts + addresses;
constexpr int64_t hour_ms = 3'600'000;
constexpr int64_t start_ms = 1'795'333'986'123;

// As a hash spreads them.
object_key key_of(sender_kind kind, uint64_t number) {
    uint64_t mixed = (number + 1) * 4 + static_cast<uint64_t>(kind);
    const auto next = [&mixed] {
        mixed += 0x9e3779b97f4a7c15;
        uint64_t z = mixed;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    };
    const uint64_t high = next();
    return {high, next()};
}

object_keys keys_of_address(uint32_t address) {
    const uint32_t domain = address % domains;
    return {key_of(sender_kind::account, domain % accounts), key_of(sender_kind::domain, domain),
            key_of(sender_kind::sender_email, address),
            key_of(sender_kind::script, domain % accounts + accounts * (address / domains % 5))};
}

// Who sends the next message: everybody alike, or as in life a few most of all.
class senders {
  public:
    explicit senders(bool zipf) : zipf_(zipf) {}

    object_keys next() {
        if (!zipf_) return keys_of_address(static_cast<uint32_t>(random_() % addresses));
        // Rank r with a probability of about 1/r, by the inverse of its integral.
        const double uniform = std::uniform_real_distribution<double>(0, 1)(random_);
        const auto rank = static_cast<uint32_t>(std::pow(addresses, uniform)) - 1;
        return keys_of_address(static_cast<uint32_t>(rank * 2'654'435'761ULL % addresses));
    }

  private:
    bool zipf_;
    std::mt19937_64 random_{42};
};

double seconds_since(std::chrono::steady_clock::time_point begun) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

double resident_bytes() {
    std::ifstream in("/proc/self/statm");
    uint64_t pages = 0;
    in >> pages >> pages;
    return static_cast<double>(pages) * 4096;
}

limit_rules rules_of(const mail_policy& policy) {
    limit_rules rules;
    rules.limit_of = [&policy](size_t, sender_kind kind, const object_key& key) {
        return policy.limit_of(kind, key);
    };
    return rules;
}

void print(const std::string& figure, double value, const char* unit, double ratio) {
    std::printf(R"({"bench":"limiter","figure":"%s","value":%.3f,"unit":"%s","ratio":%.3f})"
                "\n",
                figure.c_str(), value, unit, ratio);
}

// An hour's messages of a full table: each of them checks and counts four objects.
void measure_messages(bool zipf, size_t messages, int rounds) {
    const std::string name = zipf ? "zipf" : "uniform";
    const double before = resident_bytes();
    quota_ledger ledger({{hour_ms, 1'000}}, {UINT32_MAX, UINT32_MAX, UINT32_MAX});
    mail_policy policy;
    policy.default_limits = {100'000, 100'000, 100'000, 100'000};
    const limit_rules rules = rules_of(policy);
    int64_t now_ms = start_ms;
    for (uint32_t address = 0; address < addresses; ++address) {
        ledger.charge(keys_of_address(address), 1, rules, now_ms + address / 1'000);
    }
    now_ms += 1'000;
    object_table table;
    for (uint32_t address = 0; address < addresses; ++address) {
        const auto keys = keys_of_address(address);
        for (const object_key* key :
             {&keys.account, &keys.domain, &keys.sender_address, &keys.script}) {
            if (table.find(*key) == object_table::none) table.add({*key, {}, 0, 0, {}, false});
        }
    }
    ensure(table.size() == objects && ledger.size() == objects, "not so many objects");
    const double bare_bytes = resident_bytes();
    std::vector<double> ours, bare;
    // A message comes after the verdict on the one before it; the processor, which would look
    // ahead, is told so by what it must know to find the next one. (It is always 0.)
    uint64_t found = 0;
    uint64_t next = 0;
    for (int round = 0; round < rounds; ++round) {
        senders who(zipf);
        std::vector<object_keys> all(messages);
        for (auto& each : all) each = who.next();
        const auto step = static_cast<int64_t>(messages / (hour_ms / 1'000 / 10));
        auto begun = std::chrono::steady_clock::now();
        for (size_t i = 0; i < messages; ++i) {
            if (static_cast<int64_t>(i) % step == 0) now_ms += 1'000;
            found += ledger.charge(all[i + next], 1, rules, now_ms).size();
            next = found >> 63;
        }
        ours.push_back(seconds_since(begun) / static_cast<double>(messages) * 1e6);
        begun = std::chrono::steady_clock::now();
        for (size_t i = 0; i < messages; ++i) {
            const auto& keys = all[i + next];
            for (const object_key* key :
                 {&keys.account, &keys.domain, &keys.sender_address, &keys.script}) {
                found += table[table.find(*key)].window.empty() ? 1 : 2;
            }
            next = found >> 63;
        }
        bare.push_back(seconds_since(begun) / static_cast<double>(messages) * 1e6);
    }
    (void)before;
    (void)bare_bytes;
    ensure(found > 0, "nothing was found");
    figures out("limiter");
    for (size_t i = 0; i < ours.size(); ++i) {
        out.add(name + "_message", ours[i]);
        out.add(name + "_four_lookups", bare[i]);
    }
    out.print(name + "_message", "us", name + "_four_lookups");
}

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    const size_t messages =
        argc > 1 ? static_cast<size_t>(std::atoi(argv[1])) * 1'000'000 : 2'000'000;
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
    for (const bool zipf : {true, false}) ie::measure_messages(zipf, messages, rounds);
}
