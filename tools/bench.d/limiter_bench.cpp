// The rate limiter with a million sender objects: four checks and counts a message, against four
// bare look-ups in a table of the same size, in the same run; resident memory an object after an
// hour's traffic; and how long a new start is without a verdict, from a journal that has all of
// the objects. Prints a JSON line for each figure.
//   limiter_bench [MESSAGES A ROUND, in millions, 2] [ROUNDS, 5]
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <caf/scoped_actor.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "actors/rate_limiter/quota_journal.hpp"
#include "actors/rate_limiter/quota_ledger.hpp"
#include "actors/rate_limiter/rate_limiter_actor.hpp"
#include "config/log.hpp"
#include "tools/bench.d/figures.hpp"
#include "tools/bench.d/sender_crowd.hpp"

namespace ie {
namespace {

constexpr int64_t hour_ms = 3'600'000;
constexpr int64_t start_ms = 1'795'333'986'123;
constexpr uint32_t never_reached = 100'000'000;

const char* name_of_crowd(bool zipf) {
    return zipf ? "zipf" : "uniform";
}

double seconds_since(std::chrono::steady_clock::time_point begun) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

double resident_bytes() {
    std::ifstream in("/proc/self/statm");
    uint64_t pages = 0;
    in >> pages >> pages;
    return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// Where nothing was allocated before, and nothing that is measured here stays behind.
void in_child(const std::function<void()>& measure) {
    std::fflush(stdout);
    const pid_t child = fork();
    ensure(child >= 0, "no child process");
    if (child == 0) {
        measure();
        std::fflush(stdout);
        _exit(0);
    }
    int status = 0;
    ensure(waitpid(child, &status, 0) == child && status == 0, "a child process failed");
}

mail_policy limits_on_all() {
    mail_policy policy;
    policy.default_limits.fill(never_reached);
    return policy;
}

limit_rules rules_of(const mail_policy& policy) {
    limit_rules rules;
    rules.limit_of = [&policy](size_t, sender_kind kind, const object_key& key) {
        return policy.limit_of(kind, key);
    };
    return rules;
}

quota_ledger empty_ledger() {
    return quota_ledger({{hour_ms, 1'000}}, {UINT32_MAX, UINT32_MAX, UINT32_MAX});
}

// All objects, with no counts.
object_table bare_table() {
    object_table table;
    for (uint32_t address = 0; address < sender_crowd::addresses; ++address) {
        const auto keys = sender_crowd::of_address(address);
        for (const auto* key : {&keys.account, &keys.domain, &keys.sender_address, &keys.script}) {
            if (table.find(*key) == object_table::none) table.add({*key, {}, {}, false, 0, 0});
        }
    }
    ensure(table.size() == sender_crowd::objects, "not so many objects");
    return table;
}

// Both loops ask for the next message only when they know what came of the one before it, as one
// does who gives verdicts: the place of the next one depends on it. (By 0, always.)
double charge_all(quota_ledger& ledger, const std::vector<object_keys>& messages,
                  const limit_rules& rules, int64_t& now_ms) {
    const size_t a_second = messages.size() / 360;  // a round takes six minutes of an hour
    size_t refused = 0;
    const auto begun = std::chrono::steady_clock::now();
    for (size_t i = 0; i < messages.size(); ++i) {
        if (i % a_second == 0) now_ms += 1'000;
        refused += ledger.charge(messages[i + refused], 1, rules, now_ms).size();
    }
    const double took_s = seconds_since(begun);
    ensure(refused == 0, "a message was refused");
    return took_s / static_cast<double>(messages.size()) * 1e6;
}

double look_up_all(const object_table& table, const std::vector<object_keys>& messages) {
    size_t missing = 0;
    const auto begun = std::chrono::steady_clock::now();
    for (size_t i = 0; i < messages.size(); ++i) {
        const auto& keys = messages[i + missing];
        for (const auto* key : {&keys.account, &keys.domain, &keys.sender_address, &keys.script}) {
            missing += table[table.find(*key)].window.empty() ? 0 : 1;
        }
    }
    const double took_s = seconds_since(begun);
    ensure(missing == 0, "a table without counts has some");
    return took_s / static_cast<double>(messages.size()) * 1e6;
}

void measure_messages(bool zipf, size_t count, int rounds) {
    const mail_policy policy = limits_on_all();
    const limit_rules rules = rules_of(policy);
    quota_ledger ledger = empty_ledger();
    int64_t now_ms = start_ms;
    for (uint32_t address = 0; address < sender_crowd::addresses; ++address) {
        ledger.charge(sender_crowd::of_address(address), 1, rules, now_ms + address / 1'000);
    }
    now_ms += 1'000;
    ensure(ledger.size() == sender_crowd::objects, "not so many objects");
    const object_table table = bare_table();
    const std::string name = name_of_crowd(zipf);
    figures out("limiter");
    sender_crowd crowd(zipf);
    std::vector<object_keys> messages(count);
    for (int round = 0; round < rounds; ++round) {
        for (auto& each : messages) each = crowd.next();
        out.add(name + "_message", charge_all(ledger, messages, rules, now_ms));
        out.add(name + "_four_lookups", look_up_all(table, messages));
    }
    out.print(name + "_four_lookups", "us");
    out.print(name + "_message", "us", name + "_four_lookups");
}

// Every address has sent one message in the hour before; then comes an hour with as many messages
// as there are objects.
void measure_memory(bool zipf) {
    const mail_policy policy = limits_on_all();
    const limit_rules rules = rules_of(policy);
    sender_crowd crowd(zipf);
    const double before = resident_bytes();
    quota_ledger ledger = empty_ledger();
    for (uint32_t i = 0; i < sender_crowd::addresses; ++i) {
        const int64_t now_ms = start_ms + i * hour_ms / sender_crowd::addresses;
        ledger.charge(sender_crowd::of_address(sender_crowd::scattered(i)), 1, rules, now_ms);
    }
    for (size_t i = 0; i < sender_crowd::objects; ++i) {
        const auto passed_ms = static_cast<int64_t>(i * hour_ms / sender_crowd::objects);
        ledger.charge(crowd.next(), 1, rules, start_ms + hour_ms + passed_ms);
    }
    ensure(ledger.size() == sender_crowd::objects, "not so many objects");
    figures out("limiter");
    const std::string name = std::string(name_of_crowd(zipf)) + "_object_memory";
    out.add(name, (resident_bytes() - before) / sender_crowd::objects);
    out.print(name, "bytes");
}

// One message of each address within the last 50 minutes. Returns when the last one was.
int64_t write_journal(const std::string& folder) {
    constexpr int64_t span_ms = 50 * 60'000;
    auto journal = quota_journal::open(folder, hour_ms, [](const auto&) {});
    ensure(journal.found().unread.empty(), folder);
    int64_t now_ms = start_ms;
    for (uint32_t i = 0; i < sender_crowd::addresses; ++i) {
        now_ms = start_ms + i * span_ms / sender_crowd::addresses;
        const auto keys = sender_crowd::of_address(sender_crowd::scattered(i));
        const auto done = journal.append({mail_counted{{now_ms, 1, keys}}}, {now_ms, now_ms, {}});
        ensure(static_cast<bool>(done), folder);
    }
    return now_ms;
}

double seconds_to_first_verdict(const std::string& folder, int64_t now_ms) {
    const snapshot<mail_policy> policy;
    const manual_clock clock(now_ms);
    rate_limiter_options options;
    options.journal_dir = folder;
    options.policy = &policy;
    options.clock = &clock;
    actor_config config;
    caf::actor_system system(config);
    caf::scoped_actor self(system);
    const auto failed = [](const caf::error&) { ensure(false, "no answer"); };

    const auto begun = std::chrono::steady_clock::now();
    const auto limiter = make_rate_limiter(system, options);
    reserve_quota mail;
    mail.owner = {account_name{"alice"}, "alice.test", "alice@alice.test", ""};
    double took_s = 0;
    self->request(limiter, caf::infinite, mail)
        .receive([&](const quota_verdict&) { took_s = seconds_since(begun); }, failed);
    // The mail's own three are new.
    const std::string expected = std::to_string(sender_crowd::objects + 3) + " sender objects";
    self->request(limiter, caf::infinite, get_status{})
        .receive(
            [&](const actor_status& status) {
                ensure(status.detail.starts_with(expected), status.detail);
            },
            failed);
    caf::anon_send_exit(limiter, caf::exit_reason::user_shutdown);
    return took_s;
}

// As after an engine's death: what it wrote last is still in the system's cache.
void measure_rebuild(int rounds) {
    figures out("limiter");
    for (int round = 0; round < rounds; ++round) {
        std::string shape = (std::filesystem::temp_directory_path() / "ie-bench-XXXXXX").string();
        const std::filesystem::path folder = mkdtemp(shape.data());
        ensure(static_cast<bool>(open_log(folder / "log", log_level::info)), folder.string());
        const int64_t now_ms = write_journal(folder / "limits");
        out.add("rebuild", seconds_to_first_verdict(folder / "limits", now_ms));
        std::filesystem::remove_all(folder);
    }
    out.print("rebuild", "s");
}

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    const auto millions = static_cast<size_t>(argc > 1 ? std::max(1, std::atoi(argv[1])) : 2);
    const int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 5;
    for (const bool zipf : {true, false}) {
        ie::in_child([=] { ie::measure_messages(zipf, millions * 1'000'000, rounds); });
        ie::in_child([=] { ie::measure_memory(zipf); });
    }
    ie::in_child([=] { ie::measure_rebuild(rounds); });
}
