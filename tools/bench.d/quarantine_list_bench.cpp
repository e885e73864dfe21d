// What `emails list` costs with a hundred thousand held mails of 1,000 accounts: for each filter
// the first, a middle and the last page, each with the number of all that match, and choosing a
// thousand to be released or removed; and the reader's memory. Prints a JSON line for each figure;
// times are the clock's, best on a quiet machine.
//   quarantine_list_bench [MAILS, 100000] [ROUNDS, 7]
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "actors/quarantine/index/quarantine_database.hpp"
#include "actors/quarantine/search/mail_search.hpp"
#include "config/log.hpp"
#include "tools/bench.d/figures.hpp"
#include "tools/bench.d/mail_maker.hpp"

namespace ie {
namespace {

constexpr int64_t start_ms = mail_maker::start_ms;
constexpr uint32_t page_mails = 25;
constexpr size_t commit_mails = 20'000;
constexpr uint32_t chosen_mails = 1'000;
constexpr uint64_t bytes_max = 16 << 20;  // of a page

double ms_of(const std::function<void()>& work) {
    const auto begun = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun)
        .count();
}

double resident_mb() {
    std::ifstream in("/proc/self/statm");
    double pages = 0;
    in >> pages >> pages;
    return pages * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1'000'000;
}

template <class T>
T value_of(outcome<T> result) {
    ensure(static_cast<bool>(result), "a step failed");
    return std::move(*result);
}

void fill(const std::string& path, size_t mails) {
    auto index = value_of(quarantine_database::open(path));
    mail_maker maker;
    for (size_t made = 0; made < mails;) {
        std::vector<index_change> batch;
        while (batch.size() < commit_mails && made < mails) {
            batch.emplace_back(add_mail{maker.next()});
            ++made;
        }
        value_of(index.commit(batch));
    }
}

// So that its memory isn't taken for the reader's.
void fill_in_a_process_of_its_own(const std::string& path, size_t mails) {
    const pid_t child = fork();
    if (child == 0) {
        fill(path, mails);
        _exit(0);
    }
    int status = 0;
    ensure(child > 0 && waitpid(child, &status, 0) == child && status == 0, "no database");
}

struct question {
    const char* name;
    std::function<void(mail_query&)> ask;
};

// Of mails received a second apart, from `start_ms` on for `span_s`.
std::vector<question> questions(int64_t span_s) {
    static constexpr int64_t start_s = start_ms / 1000;
    return {
        {"all", [](mail_query&) {}},
        {"held_only", [](mail_query& q) { q.held_only = true; }},
        {"account", [](mail_query& q) { q.account = account_name{"Account7"}; }},
        {"reason", [](mail_query& q) { q.filter.reason = "spam"; }},
        {"since", [=](mail_query& q) { q.filter.since_s = start_s + span_s / 2; }},
        {"since_until",
         [=](mail_query& q) {
             q.filter.since_s = start_s + span_s * 2 / 5;
             q.filter.until_s = start_s + span_s * 3 / 5;
         }},
        {"sender_few", [](mail_query& q) { q.filter.sender = "sender777@"; }},
        {"sender_nearly_all", [](mail_query& q) { q.filter.sender = "Example"; }},
        {"script_few", [](mail_query& q) { q.filter.script = "account77/"; }},
        {"script_nearly_all", [](mail_query& q) { q.filter.script = ".php"; }},
        {"subject_none", [](mail_query& q) { q.filter.subject = "zebra crossing"; }},
        {"subject_few", [](mail_query& q) { q.filter.subject = "s the"; }},
        {"subject_some", [](mail_query& q) { q.filter.subject = "The"; }},
        {"subject_nearly_all", [](mail_query& q) { q.filter.subject = "e"; }},
        {"subject_blank", [](mail_query& q) { q.filter.subject = " "; }},
        {"recipient_none", [](mail_query& q) { q.filter.recipient = "nobody@nowhere.test"; }},
        {"recipient_few", [](mail_query& q) { q.filter.recipient = "the9@gmail"; }},
        {"recipient_nearly_all", [](mail_query& q) { q.filter.recipient = "com"; }},
        {"recipient_at", [](mail_query& q) { q.filter.recipient = "@"; }},
        {"account_subject",
         [](mail_query& q) {
             q.account = account_name{"account7"};
             q.filter.subject = "e";
         }},
        {"reason_subject_recipient",
         [](mail_query& q) {
             q.filter.reason = "spam";
             q.filter.subject = "a";
             q.filter.recipient = "com";
         }},
        {"every_text_nearly_all",
         [](mail_query& q) {
             q.filter.sender = "example";
             q.filter.script = "php";
             q.filter.subject = "e";
             q.filter.recipient = "com";
         }},
        {"every_text_and_time",
         [](mail_query& q) {
             q.filter.since_s = start_s + 1;
             q.filter.sender = "example";
             q.filter.script = "php";
             q.filter.subject = "a";
             q.filter.recipient = "gmail.com";
         }},
    };
}

void ask(quarantine_database& index, figures& out, size_t mails, int rounds) {
    for (const auto& each : questions(static_cast<int64_t>(mails))) {
        mail_query query;
        each.ask(query);
        const auto count =
            static_cast<uint32_t>(value_of(mail_search(index).page(query, 0, 0, 0)).count);
        const uint32_t last = count < page_mails ? 0 : count - page_mails;
        out.add(std::string(each.name) + "_matches", count);
        out.print(std::string(each.name) + "_matches", "mails");
        const auto measure = [&](const char* what, const auto& work) {
            const std::string name = each.name + std::string(what);
            for (int i = 0; i < rounds; ++i) out.add(name, ms_of(work));
            out.print(name, "ms");
        };
        const auto page = [&](uint32_t offset) {
            value_of(mail_search(index).page(query, page_mails, offset, bytes_max));
        };
        measure("_first", [&] { page(0); });
        measure("_middle", [&] { page(last / 2); });
        measure("_last", [&] { page(last); });
        measure("_chosen", [&] { value_of(mail_search(index).choose(query, chosen_mails)); });
    }
}

void run(size_t mails, int rounds, const std::string& folder) {
    figures out("quarantine_list");
    const auto tell = [&](const std::string& name, double value, const char* unit) {
        out.add(name, value);
        out.print(name, unit);
    };
    const std::string path = folder + "/quarantine.db";
    fill_in_a_process_of_its_own(path, mails);
    tell("database", static_cast<double>(std::filesystem::file_size(path)) / 1'000'000, "MB");
    auto index = value_of(quarantine_database::open_to_read(path));
    tell("resident_before", resident_mb(), "MB");
    ask(index, out, mails, rounds);
    tell("resident_after_questions", resident_mb(), "MB");
}

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    const auto mails = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
    const int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 7;
    std::string folder = (std::filesystem::temp_directory_path() / "ie-bench-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr || mails == 0) return 2;
    ie::run(mails, rounds, folder);
    std::filesystem::remove_all(folder);
    return 0;
}
