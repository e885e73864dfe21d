#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <span>

#include "actors/quarantine/index/account_ledger.hpp"
#include "actors/quarantine/index/action_outbox.hpp"
#include "actors/quarantine/index/held_mails.hpp"
#include "actors/quarantine/index/mail_schema.hpp"
#include "actors/quarantine/search/mail_search.hpp"
#include "messages/steady_clock.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;

constexpr int64_t start_ms = 1'700'000'000'000;
constexpr uint64_t bytes_max = 1 << 20;

mail_id id_of(int number) {
    char text[40];
    std::snprintf(text, sizeof text, "%08x-d547-4b29-b8f0-f5331821c930", number);
    return mail_id{text};
}

mail_row row_of(int number, const std::string& account = "alice") {
    mail_row row;
    row.id = id_of(number);
    row.ticket.id = row.id;
    row.ticket.owner = {account_name{account}, account + ".test", "x@" + account + ".test",
                        "/home/" + account + "/mail.php"};
    row.ticket.sender = "x@" + account + ".test";
    row.ticket.reasons = {hold_reason::spam};
    row.ticket.score = 6.5;
    row.ticket.judged_by = judge::own_rules;
    row.ticket.originator_uid = 4'000'000'000;
    row.ticket.authenticated_id = "x";
    row.ticket.client_address = "192.0.2.1";
    row.ticket.received_at_ms = start_ms + number * 1000;
    row.ticket.limits = {
        {sender_kind::domain, account + ".test", 3, 3, limit_mode::messages, 3'600}};
    row.ticket.attachment_findings = {"a.zip/über.exe: program by name", "and 2 more"};
    row.queue_id = queue_id{"1nFEym-0005TO-Qs"};
    row.recipients = {"b@far.test", "a@far.test"};
    row.subject = "Subject " + std::to_string(number);
    row.script_header = {"www.x.com/a.php for 192.0.2.1", "www.x.com", "/a.php"};
    row.held_at_ms = start_ms + number * 1000 + 5;
    row.size_bytes = 90;
    row.file_bytes = 100;
    return row;
}

class MailIndex : public ::testing::Test {
  protected:
    std::string path() const { return folder_.path("quarantine.db"); }
    void add(const mail_row& row) { ASSERT_TRUE(index_.commit({add_mail{row}})); }
    void settle(int number, mail_state state, int64_t now_ms = start_ms) {
        const auto found = held_mails(index_).find(id_of(number));
        const mail_row& row = **found;
        ASSERT_TRUE(index_.commit({set_release{row.number, {state, {}, {}}, now_ms}}));
    }
    std::vector<mail_id> listed(const mail_filter& filter, const std::string& account = "") {
        std::vector<mail_id> ids;
        const mail_query query{account_name{account}, filter, false};
        const auto page = mail_search(index_).page(query, 100, 0, bytes_max);
        for (const auto& row : page->rows) ids.push_back(row.id);
        EXPECT_EQ(page->count, ids.size());
        EXPECT_EQ(*mail_search(index_).count(query), ids.size());
        EXPECT_EQ(mail_search(index_).choose(query, 100)->ids, ids);
        return ids;
    }
    error_code refusal_of(const mail_filter& filter) {
        const mail_query query{{}, filter, false};
        EXPECT_FALSE(mail_search(index_).count(query));
        EXPECT_FALSE(mail_search(index_).choose(query, 1));
        return mail_search(index_).page(query, 1, 0, bytes_max).failure().code;
    }
    // As an engine of that schema would have left it, with one mail.
    void make_earlier(size_t version) {
        index_ = open_at(folder_.path("another.db"));
        fs::remove(path());
        SQLite::Database database(path(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        for (const char* step : std::span(schema_steps).first(version)) database.exec(step);
        database.exec("PRAGMA user_version = " + std::to_string(version));
        database.exec(
            "INSERT INTO mails (id, ticket_id, account, domain, sender_address, script, sender, "
            "subject, script_raw, script_domain, script_path, reasons, score, judged_by, "
            "originator_uid, authenticated_id, client_address, queue_id, received_at_ms, "
            "held_at_ms, size_bytes, state, bound_queue_id, release_error, settled_at_ms) "
            "VALUES ('" +
            id_of(1).value + "', '" + id_of(1).value +
            "', 'alice', 'alice.test', "
            "'x@alice.test', '', 'x@alice.test', 'Old', '', '', '', 1, 6.5, 1, 1001, '', '', '', "
            "1700000000000, 1700000000005, 90, 0, '', '', 0);"
            "INSERT INTO recipients VALUES (1, 1, 'a@far.test'), (1, 0, 'b@far.test'), "
            "(1, 2, 'c@far.test'), (2, 0, 'nobody''s')");
    }

    const testing::temporary_folder folder_;
    static quarantine_database open_at(const std::string& path) {
        return std::move(*quarantine_database::open(path));
    }
    quarantine_database open() const { return open_at(path()); }
    quarantine_database index_ = open();
};

using ids = std::vector<mail_id>;

TEST_F(MailIndex, KeepsEveryFieldOverARestart) {
    add(row_of(1));
    index_ = open();
    const auto found = held_mails(index_).find(id_of(1));
    ASSERT_TRUE(found && *found);
    mail_row expected = row_of(1);
    const mail_row& row = **found;
    EXPECT_EQ(row.ticket, expected.ticket);
    EXPECT_EQ(row.queue_id, expected.queue_id);
    EXPECT_EQ(row.recipients, expected.recipients);
    EXPECT_EQ(row.subject, expected.subject);
    EXPECT_EQ(row.script_header, expected.script_header);
    EXPECT_EQ(row.held_at_ms, expected.held_at_ms);
    EXPECT_EQ(row.size_bytes, expected.size_bytes);
    EXPECT_EQ(row.release, expected.release);
}

TEST_F(MailIndex, ListsTheNewestFirstInPages) {
    for (const int number : {2, 3, 1}) add(row_of(number));
    EXPECT_EQ(listed({}), (ids{id_of(3), id_of(2), id_of(1)}));
    const auto page = mail_search(index_).page({}, 1, 1, bytes_max);
    EXPECT_EQ(page->count, 3U);
    ASSERT_EQ(page->rows.size(), 1U);
    EXPECT_EQ(page->rows.front().id, id_of(2));
    const auto beyond = mail_search(index_).page({}, 10, 4'000'000'000, bytes_max);
    EXPECT_EQ(beyond->count, 3U);
    EXPECT_TRUE(beyond->rows.empty());
    EXPECT_EQ(mail_search(index_).choose({}, 2)->ids, (ids{id_of(3), id_of(2)}));
    EXPECT_EQ(mail_search(index_).choose({}, 2)->count, 3U);
}

TEST_F(MailIndex, OfThoseReceivedAtOnceTheLastHeldIsFirst) {
    for (const int number : {1, 2, 3}) {
        auto row = row_of(number);
        row.ticket.received_at_ms = start_ms;
        add(row);
    }
    EXPECT_EQ(listed({}), (ids{id_of(3), id_of(2), id_of(1)}));
}

// A page of a thousand mails to a thousand recipients would be read for seconds otherwise.
TEST_F(MailIndex, NoMoreIsReadOfAPageThanFitsIntoIt) {
    size_t read = 0;
    index_ = std::move(*quarantine_database::open(path(), [&](const disk_step& step) {
        read += step.name == "list" ? 1 : 0;
        return 0;
    }));
    for (int number = 1; number <= 9; ++number) {
        auto row = row_of(number);
        row.recipients.assign(100, "somebody@far.test");
        add(row);
    }
    const auto page = mail_search(index_).page({}, 100, 0, 4'000);
    EXPECT_EQ(page->count, 9U);
    EXPECT_EQ(page->rows.size(), 2U);
    EXPECT_EQ(read, 3U);
    EXPECT_EQ(mail_search(index_).page({}, 100, 0, 1)->rows.size(), 1U);  // one at least
}

TEST_F(MailIndex, AnAccountsNameIsComparedWithoutRegardToCase) {
    add(row_of(1, "Alice"));
    add(row_of(2, "bob"));
    EXPECT_EQ(listed({}, "aLICE"), ids{id_of(1)});
    EXPECT_EQ(listed({}, "al%"), ids{});
}

TEST_F(MailIndex, EachFilterFilters) {
    add(row_of(1));
    auto other = row_of(2, "bob");
    other.ticket.reasons = {hold_reason::winexec, hold_reason::ratelimit};
    other.recipients = {"Strange_%!@away.test"};
    other.subject = "Half 50% off";
    other.script_header = {};
    add(other);
    mail_filter filter;
    filter.reason = "ratelimit";
    EXPECT_EQ(listed(filter), ids{id_of(2)});
    filter = {};
    filter.sender = "ALICE.TEST";
    EXPECT_EQ(listed(filter), ids{id_of(1)});
    filter = {};
    filter.recipient = "e_%!@";
    EXPECT_EQ(listed(filter), ids{id_of(2)});
    filter = {};
    filter.subject = "50%";
    EXPECT_EQ(listed(filter), ids{id_of(2)});
    filter = {};
    filter.script = "x.com/a.php";
    EXPECT_EQ(listed(filter), ids{id_of(1)});
    filter.script = "bob/mail.php";
    EXPECT_EQ(listed(filter), ids{id_of(2)});
}

TEST_F(MailIndex, WildcardsAreCharacters) {
    add(row_of(1));
    for (const char* text : {"%", "_", "!", "Subject_1", "S%1", "'; DROP TABLE mails; --"}) {
        mail_filter filter;
        filter.subject = text;
        EXPECT_EQ(listed(filter), ids{}) << text;
    }
}

TEST_F(MailIndex, TheSincesSecondCountsAndTheUntilsDoesNot) {
    for (const int number : {1, 2, 3}) add(row_of(number));
    mail_filter filter;
    filter.since_s = start_ms / 1000 + 2;
    EXPECT_EQ(listed(filter), (ids{id_of(3), id_of(2)}));
    filter.until_s = start_ms / 1000 + 3;
    EXPECT_EQ(listed(filter), ids{id_of(2)});
}

TEST_F(MailIndex, FiltersThatCantBeAreRefused) {
    mail_filter filter;
    filter.reason = "virus";
    EXPECT_EQ(refusal_of(filter), error_code::bad_request);
    filter = {};
    filter.subject = std::string(1'001, 'x');
    EXPECT_EQ(refusal_of(filter), error_code::bad_request);
    filter = {};
    filter.since_s = INT64_MAX;
    EXPECT_EQ(refusal_of(filter), error_code::bad_request);
    filter.since_s = -1;
    EXPECT_EQ(refusal_of(filter), error_code::bad_request);
}

TEST_F(MailIndex, ListsWhatIsBeingReleasedAndNotWhatIsSettled) {
    for (const int number : {1, 2, 3, 4}) add(row_of(number));
    settle(1, mail_state::releasing);
    settle(2, mail_state::released);
    settle(3, mail_state::removed);
    EXPECT_EQ(listed({}), (ids{id_of(4), id_of(1)}));
    EXPECT_EQ(*mail_search(index_).count({{}, {}, true}), 1U);
    EXPECT_EQ(*held_mails(index_).releasing(), ids{id_of(1)});
}

TEST_F(MailIndex, TheTotalIsWhatIsStillThere) {
    for (const int number : {1, 2, 3}) add(row_of(number));
    settle(1, mail_state::releasing);
    settle(2, mail_state::releasing);
    settle(2, mail_state::released);
    EXPECT_EQ(account_ledger(index_).total()->mails, 2U);
    EXPECT_EQ(account_ledger(index_).total()->bytes, 200U);
    index_ = open();
    EXPECT_EQ(account_ledger(index_).total()->mails, 2U);
    EXPECT_EQ(account_ledger(index_).total()->bytes, 200U);
}

TEST_F(MailIndex, ALaterEnginesDatabaseIsRefusedAndStays) {
    add(row_of(1));
    SQLite::Database(path(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
    const auto refused = quarantine_database::open(path());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::storage_failed);
    EXPECT_THAT(refused.failure().what,
                ::testing::AllOf(::testing::HasSubstr(path()), ::testing::HasSubstr("schema 99")));
    SQLite::Database(path(), SQLite::OPEN_READWRITE)
        .exec("PRAGMA user_version = " + std::to_string(schema_steps.size()));
    index_ = open();
    EXPECT_TRUE(held_mails(index_).find(id_of(1))->has_value());
}

TEST_F(MailIndex, EveryEarlierEnginesMailsStayWithTheirRecipientsInOrder) {
    for (size_t version = 1; version < schema_steps.size(); ++version) {
        make_earlier(version);
        index_ = open();
        const auto found = held_mails(index_).find(id_of(1));
        ASSERT_TRUE(found && *found) << version;
        EXPECT_EQ((*found)->subject, "Old");
        EXPECT_EQ((*found)->recipients,
                  (std::vector<std::string>{"b@far.test", "a@far.test", "c@far.test"}));
        mail_filter filter;
        filter.recipient = "A@far";
        EXPECT_EQ(listed(filter), ids{id_of(1)});
        add(row_of(2));
        EXPECT_EQ((*held_mails(index_).find(id_of(2)))->ticket, row_of(2).ticket);
    }
}

TEST_F(MailIndex, FindingsThatCantBeReadLeaveTheMailReadable) {
    add(row_of(1));
    SQLite::Database(path(), SQLite::OPEN_READWRITE)
        .exec("UPDATE mails SET attachment_findings = x'c1'");
    const auto found = held_mails(index_).find(id_of(1));
    ASSERT_TRUE(found && *found);
    EXPECT_TRUE((*found)->ticket.attachment_findings.empty());
}

TEST_F(MailIndex, ACommitIsAllOrNothing) {
    add(row_of(1));
    EXPECT_FALSE(index_.commit({add_mail{row_of(2)}, add_mail{row_of(1)}}));
    EXPECT_FALSE(held_mails(index_).find(id_of(2))->has_value());
    EXPECT_EQ(account_ledger(index_).total()->mails, 1U);
}

TEST_F(MailIndex, RecipientsAreAddedBehindTheOthers) {
    add(row_of(1));
    const auto number = (*held_mails(index_).find(id_of(1)))->number;
    ASSERT_TRUE(index_.commit({add_recipients{number, {"c@far.test"}, 0}}));
    EXPECT_EQ((*held_mails(index_).find(id_of(1)))->recipients,
              (std::vector<std::string>{"b@far.test", "a@far.test", "c@far.test"}));
}

TEST_F(MailIndex, ARecipientIsFoundInItselfAndNotAcrossTwo) {
    auto row = row_of(1);
    row.recipients = {"", "b@far.test", "a@far.test"};
    add(row);
    EXPECT_EQ((*held_mails(index_).find(id_of(1)))->recipients, row.recipients);
    mail_filter filter;
    for (const char* text : {"\n", "test\na@", "testa@"}) {
        filter.recipient = text;
        EXPECT_EQ(listed(filter), ids{}) << text;
    }
    filter.recipient = "A@FAR.test";
    EXPECT_EQ(listed(filter), ids{id_of(1)});
}

TEST_F(MailIndex, ARecipientWithALineEndIsRefused) {
    auto row = row_of(1);
    row.recipients = {"b@far.test\na@far.test"};
    EXPECT_EQ(index_.commit({add_mail{row}}).failure().code, error_code::bad_request);
    add(row_of(1));
    EXPECT_FALSE(index_.commit({add_recipients{1, {"c\n@far.test"}, 100}}));
    EXPECT_EQ((*held_mails(index_).find(id_of(1)))->recipients, row_of(1).recipients);
}

TEST_F(MailIndex, WhatWasSettledLongAgoIsForgotten) {
    for (const int number : {1, 2, 3}) add(row_of(number));
    settle(1, mail_state::removed, start_ms);
    settle(2, mail_state::released, start_ms + 10);
    EXPECT_EQ(*held_mails(index_).forget_settled(start_ms + 10, 100), 1U);
    EXPECT_FALSE(held_mails(index_).find(id_of(1))->has_value());
    EXPECT_TRUE(held_mails(index_).find(id_of(2))->has_value());
}

TEST_F(MailIndex, TheFamilyOfATicketIsFound) {
    add(row_of(1));
    auto second = row_of(2);
    second.ticket.id = id_of(1);
    add(second);
    const auto family = held_mails(index_).find_by_ticket(id_of(1));
    ASSERT_EQ(family->size(), 2U);
    EXPECT_EQ(family->back().id, id_of(2));
    EXPECT_TRUE(held_mails(index_).find_by_ticket(id_of(2))->empty());
}

TEST_F(MailIndex, InShortARowIsItselfWithoutRecipients) {
    add(row_of(1));
    const auto found = held_mails(index_).find_short(id_of(1));
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->ticket, row_of(1).ticket);
    EXPECT_TRUE((*found)->recipients.empty());
    EXPECT_FALSE(held_mails(index_).find_short(id_of(2))->has_value());
}

class MailIndexReader : public MailIndex {
  protected:
    // That fill so many pages of the log, in few commits: each waits for the disk.
    void fill_log(int pages) {
        constexpr int pages_a_commit = 500;
        add_action filling;
        filling.action.object = std::string(pages_a_commit * 4'096, 'x');
        for (int i = 0; i < pages; i += pages_a_commit) {
            ASSERT_TRUE(index_.commit({filling}));
        }
    }
    auto log_bytes() const { return fs::file_size(path() + "-wal"); }

    quarantine_database reader_ = std::move(*quarantine_database::open_to_read(path()));
};

TEST_F(MailIndexReader, SeesWhatIsCommitted) {
    add(row_of(1));
    EXPECT_EQ(mail_search(reader_).page({}, 10, 0, bytes_max)->count, 1U);
    settle(1, mail_state::removed);
    EXPECT_EQ(mail_search(reader_).page({}, 10, 0, bytes_max)->count, 0U);
}

TEST_F(MailIndexReader, ChangesNothing) {
    add(row_of(1));
    const auto refused = reader_.commit({add_mail{row_of(2)}});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.failure().what, ::testing::HasSubstr("readonly"));
    EXPECT_FALSE(held_mails(index_).find(id_of(2))->has_value());
}

TEST_F(MailIndexReader, NeedsADatabaseThatIsThere) {
    EXPECT_FALSE(quarantine_database::open_to_read(folder_.path("none.db")));
    EXPECT_FALSE(fs::exists(folder_.path("none.db")));
}

// Of one list the number and the mails are of one moment.
TEST_F(MailIndexReader, CommitsGoOnWhileAListIsReadAndAreNotInIt) {
    for (const int number : {1, 2, 3}) add(row_of(number));
    bool removed = false;
    auto reader = std::move(*quarantine_database::open_to_read(path(), [&](const disk_step&) {
        if (!std::exchange(removed, true)) settle(1, mail_state::removed);
        return 0;
    }));
    const auto page = mail_search(reader).page({}, 10, 0, bytes_max);
    EXPECT_EQ(page->count, 3U);
    ASSERT_EQ(page->rows.size(), 3U);
    EXPECT_EQ(page->rows.back().release.state, mail_state::held);
    EXPECT_EQ(mail_search(reader).page({}, 10, 0, bytes_max)->count, 2U);
}

TEST_F(MailIndexReader, MakesTheCheckpointsThatAreLeftToIt) {
    int due = 0;
    index_.leave_checkpoints([&due] { ++due; });
    add(row_of(1));
    EXPECT_EQ(due, 0);
    fill_log(quarantine_database::log_pages_max);
    EXPECT_EQ(due, 1);
    const auto full = log_bytes();
    ASSERT_TRUE(reader_.checkpoint());
    fill_log(quarantine_database::log_pages_max / 2);
    EXPECT_EQ(log_bytes(), full);  // it began anew
    EXPECT_EQ(due, 1);
    fill_log(quarantine_database::log_pages_max / 2);
    EXPECT_EQ(due, 2);
}

// Somebody else's long look, such as an administrator's: while the checkpoint waits for its end no
// commit gets in, and one that waits for too long fails.
TEST_F(MailIndexReader, ACheckpointDoesNotWaitForWhoGoesOnReading) {
    index_.leave_checkpoints([] {});
    add(row_of(1));
    SQLite::Database other(path(), SQLite::OPEN_READWRITE);
    SQLite::Transaction look(other);
    other.execAndGet("SELECT COUNT(*) FROM mails");
    add(row_of(2));
    const auto begun_ms = steady_now_ms();
    ASSERT_TRUE(reader_.checkpoint());
    EXPECT_LT(steady_now_ms() - begun_ms, 2'000);
    ASSERT_TRUE(reader_.checkpoint());  // nothing is left of the first
    add(row_of(3));
}

// What stands at the path by then is another one, which isn't damaged.
TEST_F(MailIndex, DamageOfADatabaseThatWasMovedAwayIsNotTheNextOnes) {
    for (int number = 1; number <= 200; ++number) add(row_of(number));
    index_ = open_at(folder_.path("another.db"));  // its log goes into it
    auto old = std::move(*quarantine_database::open_to_read(path()));
    ASSERT_TRUE(account_ledger(old).total());
    const std::string moved = folder_.path("moved.db");
    fs::rename(path(), moved);
    fs::rename(path() + "-wal", moved + "-wal");
    fs::rename(path() + "-shm", moved + "-shm");
    index_ = open();
    add(row_of(1));
    std::fstream file(moved, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(4096);
    file << std::string(fs::file_size(moved) - 4096, '\x5a');
    file.close();
    EXPECT_FALSE(mail_search(old).page({}, 10, 0, bytes_max));
    EXPECT_TRUE(old.is_damaged());
    index_ = open();
    EXPECT_EQ(index_.set_aside(), "");
    EXPECT_TRUE(held_mails(index_).find(id_of(1))->has_value());
}

// Each commit would try otherwise, with a sync, for as long as lists are being read.
TEST_F(MailIndexReader, NoCommitMakesACheckpointThatIsLeftToIt) {
    index_.leave_checkpoints([] {});
    add(row_of(1));
    const auto before = fs::last_write_time(path());
    const auto bytes = fs::file_size(path());
    fill_log(quarantine_database::log_pages_max + 100);
    EXPECT_EQ(fs::last_write_time(path()), before);
    EXPECT_EQ(fs::file_size(path()), bytes);
}

TEST_F(MailIndex, AFaultOfTheDatabaseIsSaidInItsWords) {
    const auto opened = quarantine_database::open(folder_.path());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.failure().code, error_code::storage_failed);
    EXPECT_THAT(opened.failure().what, ::testing::HasSubstr("unable to open database file"));
}

// A later commit, durable by its own word, would stand behind a part of the log that is lost.
TEST_F(MailIndex, AfterTheDiskRefusedItsLogIsWrittenAnewBeforeTheNextCommit) {
    std::vector<std::string> steps;
    index_ = std::move(*quarantine_database::open(path(), [&](const disk_step& step) {
        steps.emplace_back(step.name);
        return step.name == "commit" && step.time == 2 ? EIO : 0;
    }));
    ASSERT_TRUE(index_.commit({add_mail{row_of(1)}}));
    ASSERT_FALSE(index_.commit({add_mail{row_of(2)}}));
    steps.clear();
    ASSERT_TRUE(index_.commit({add_mail{row_of(2)}}));
    ASSERT_TRUE(index_.commit({add_mail{row_of(3)}}));
    EXPECT_THAT(steps, ::testing::ElementsAre("log", "commit", "committed", "commit", "committed"));
}

TEST_F(MailIndex, KnowsWhetherItWasMadeNew) {
    EXPECT_TRUE(index_.is_new());
    EXPECT_FALSE(quarantine_database::open(path())->is_new());
}

// A list that had to be sorted would read every mail of the server.
TEST_F(MailIndex, ListsByIndex) {
    SQLite::Database database(path());
    for (const std::string account : {"", "alice"}) {
        for (const bool held_only : {false, true}) {
            const auto where = sql_of({account_name{account}, {}, held_only});
            SQLite::Statement plan(database, "EXPLAIN QUERY PLAN SELECT * FROM mails WHERE " +
                                                 where->text +
                                                 " ORDER BY received_at_ms DESC, number DESC");
            if (!account.empty()) plan.bind(1, account);
            std::string steps;
            while (plan.executeStep()) steps += plan.getColumn(3).getString() + "\n";
            EXPECT_THAT(steps,
                        ::testing::HasSubstr(account.empty() ? "USING INDEX mails_newest"
                                                             : "USING INDEX mails_of_account"));
            EXPECT_THAT(steps, ::testing::Not(::testing::HasSubstr("TEMP B-TREE")));
        }
    }
}

}  // namespace
}  // namespace ie
