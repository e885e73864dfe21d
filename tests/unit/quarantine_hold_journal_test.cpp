#include "actors/quarantine/store/hold_journal.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "messages/steady_clock.hpp"
#include "tests/support/disk_model.hpp"

namespace ie {
namespace {

using namespace ::testing;
namespace fs = std::filesystem;

const mail_id one{"00000001-d547-4b29-b8f0-f5331821c930"};
const mail_id two{"00000002-d547-4b29-b8f0-f5331821c930"};

std::string bytes_in(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// A test that can't go on must fail, not hang.
bool soon(const std::function<bool()>& done) {
    const int64_t until_ms = steady_now_ms() + 120'000;
    while (!done()) {
        if (steady_now_ms() >= until_ms) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

class HoldJournal : public ::testing::Test {
  protected:
    hold_journal journal(std::vector<std::string> synced = {}) {
        if (synced.empty()) synced = {folder_.path()};
        auto opened = hold_journal::open(path(), synced, [this](const disk_step& step) {
            const std::lock_guard lock(mutex_);
            steps_.emplace_back(step.name);
            int code = 0;
            if (step.name == faulty_) {
                if (fails_once_) faulty_ = "";
                code = code_;
            }
            if (disk_) disk_->on_step(step, code);
            return code;
        });
        EXPECT_TRUE(opened) << opened.failure().what;
        return std::move(*opened);
    }
    std::string path() const { return folder_.path("journal"); }
    std::string segment(int number) const { return path() + "." + std::to_string(number); }

    static outcome<nothing> append(hold_journal& to, const mail_id& id, std::string_view mail) {
        return to.append({{id, "head\n", mail}});
    }
    // What an engine that starts now finds: each mail's files, the newest first.
    std::map<std::string, std::vector<std::string>> found() {
        const auto opened = journal();
        std::map<std::string, std::vector<std::string>> all;
        const auto unsettled = opened.unsettled();
        EXPECT_TRUE(unsettled->empty() || !opened.is_settled());
        for (const auto& mail : *unsettled) {
            for (const auto& place : mail.files) {
                const auto bytes = opened.read(place);
                all[mail.id.value].emplace_back(bytes ? bytes->view() : "not whole");
            }
        }
        return all;
    }
    static std::string file_of(std::string_view mail) { return "head\n" + std::string(mail); }

    long times(std::string_view step) {
        const std::lock_guard lock(mutex_);
        return std::count(steps_.begin(), steps_.end(), step);
    }
    // A checkpoint for age, that is waited for.
    outcome<nothing> turn_over(hold_journal& of) {
        const long before = times("free");
        auto result = of.tend(steady_now_ms() + hold_journal::age_ms_max);
        EXPECT_TRUE(soon([&] {
            result = of.tend(0);
            return !result || times("free") > before;
        }));
        return result ? of.tend(0) : result;
    }
    static std::vector<hold_journal::unsettled_mail> found_in(const hold_journal& of) {
        return *of.unsettled();
    }

    const ie::testing::temporary_folder folder_;
    std::mutex mutex_;  // a checkpoint has a thread of its own
    std::vector<std::string> steps_;
    std::optional<ie::testing::disk_model> disk_;
    std::string faulty_;
    int code_ = EIO;
    bool fails_once_ = false;
};

TEST_F(HoldJournal, GivesBackWhatItWasGivenByteForByte) {
    const std::string large(200'000, 'x');
    {
        auto into = journal();
        EXPECT_TRUE(into.is_settled());
        ASSERT_TRUE(into.append({{one, "head\n", "a"}, {two, "head\n", large}}));
    }
    EXPECT_THAT(found(), ElementsAre(Pair(one.value, ElementsAre(file_of("a"))),
                                     Pair(two.value, ElementsAre(file_of(large)))));
}

TEST_F(HoldJournal, AMailsNewestFileComesFirst) {
    {
        auto into = journal();
        for (const char* mail : {"first", "second", "third"}) ASSERT_TRUE(append(into, one, mail));
    }
    EXPECT_THAT(found(),
                ElementsAre(Pair(one.value, ElementsAre(file_of("third"), file_of("second"),
                                                        file_of("first")))));
}

TEST_F(HoldJournal, WhatIsForgottenIsNotBroughtBack) {
    {
        auto into = journal();
        ASSERT_TRUE(append(into, one, "gone"));
        ASSERT_TRUE(append(into, two, "stays"));
        into.forget(one);
        into.forget(mail_id{"unknown"});
        ASSERT_TRUE(append(into, two, "stays, too"));
    }
    EXPECT_THAT(found(), ElementsAre(Pair(two.value, SizeIs(2))));
}

TEST_F(HoldJournal, WhatIsForgottenDuringItsCheckpointIsNotBroughtBackEither) {
    {
        auto into = journal();
        ASSERT_TRUE(append(into, one, "gone"));
        faulty_ = "checkpoint";  // so that its segment stays
        ASSERT_TRUE(into.tend(steady_now_ms() + hold_journal::age_ms_max));
        into.forget(one);
    }
    EXPECT_THAT(found(), IsEmpty());
}

// The power goes in the middle of an append: all before it is there, nothing of it is taken.
TEST_F(HoldJournal, AnEntryThatIsCutIsTheEnd) {
    {
        auto into = journal();
        ASSERT_TRUE(append(into, one, "whole"));
        ASSERT_TRUE(append(into, two, "cut"));
    }
    for (uintmax_t size = 1024; size-- > 512;) {
        fs::resize_file(segment(0), size);
        const auto all = found();
        EXPECT_THAT(all.at(one.value), ElementsAre(file_of("whole"))) << size;
        const bool is_cut = size < 512 + 112 + file_of("cut").size();
        ASSERT_EQ(all.size(), is_cut ? 1U : 2U) << size;
    }
}

TEST_F(HoldJournal, AnotherVersionsIsRefusedAndStays) {
    folder_.write("journal.0", "ie-hold2" + std::string(5'000, 'x'));
    const auto refused = hold_journal::open(folder_.path("journal"), {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::conflict);
    EXPECT_NE(refused.failure().what.find("journal.0: another version"), std::string::npos);
    EXPECT_EQ(testing::text_of_file(folder_.path("journal.0")).substr(0, 8), "ie-hold2");
}

TEST_F(HoldJournal, AnAlteredHeadIsTheEnd) {
    {
        auto into = journal();
        ASSERT_TRUE(append(into, one, "whole"));
        ASSERT_TRUE(append(into, two, "altered"));
    }
    for (const size_t at : {512U, 530U, 540U, 560U, 600U, 624U}) {
        const std::string before = bytes_in(segment(0));
        std::string bytes = before;
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
        std::ofstream(segment(0)) << bytes;
        EXPECT_EQ(found().size(), 1U) << at;
        std::ofstream(segment(0)) << before;
    }
}

// A sender may put what looks like an entry where the next one would begin.
TEST_F(HoldJournal, AMailThatLooksLikeEntriesIsNotTakenForThem) {
    {
        auto into = journal();
        ASSERT_TRUE(append(into, two, "forged"));
    }
    const std::string forged = bytes_in(segment(0));
    {
        auto into = journal();
        ASSERT_TRUE(into.settle());
        std::string mail(2 * 512 - 112 - 5, 'x');
        ASSERT_TRUE(append(into, one, mail + forged));
        ASSERT_TRUE(into.settle());
        ASSERT_TRUE(append(into, one, mail));
    }
    EXPECT_EQ(bytes_in(segment(0)).substr(1024, 8), forged.substr(0, 8));
    EXPECT_THAT(found(), ElementsAre(Pair(one.value, SizeIs(1))));
}

TEST_F(HoldJournal, NothingIsCountedOnWhereAStepFails) {
    for (const char* step : {"append", "fsync"}) {
        auto into = journal();
        ASSERT_TRUE(into.settle());
        ASSERT_TRUE(append(into, one, "before"));
        faulty_ = step;
        const auto refused = append(into, two, "refused");
        EXPECT_EQ(refused.failure().code, error_code::storage_failed);
        EXPECT_THAT(refused.failure().what,
                    AllOf(HasSubstr(segment(0)), HasSubstr("Input/output error")));
        faulty_ = "";
        ASSERT_TRUE(append(into, two, "after"));
        EXPECT_THAT(found(), ElementsAre(Pair(one.value, ElementsAre(file_of("before"))),
                                         Pair(two.value, ElementsAre(file_of("after")))));
    }
}

// What is reserved, at once and without waiting for the disk.
TEST_F(HoldJournal, AFullDiskGetsItsRoomBack) {
    auto into = journal();
    ASSERT_TRUE(append(into, one, std::string(1 << 20, 'x')));
    ASSERT_GT(fs::file_size(segment(0)), 4U << 20);
    code_ = ENOSPC;
    faulty_ = "append";
    fails_once_ = true;
    ASSERT_TRUE(append(into, two, "small"));
    EXPECT_LT(fs::file_size(segment(0)) + fs::file_size(segment(1)), (1U << 20) + 4096U);
    ASSERT_TRUE(soon([&] { return into.tend(0) && found_in(into).size() == 1; }));
    EXPECT_THAT(found(), ElementsAre(Pair(two.value, SizeIs(1))));
}

TEST_F(HoldJournal, ADiskThatStaysFullGetsAllOfItInTheBackground) {
    auto into = journal();
    ASSERT_TRUE(append(into, one, std::string(1 << 20, 'x')));
    code_ = ENOSPC;
    faulty_ = "append";
    EXPECT_FALSE(append(into, two, "small"));
    ASSERT_TRUE(soon([&] { return into.tend(0) && found_in(into).empty(); }));
    EXPECT_LT(fs::file_size(segment(0)) + fs::file_size(segment(1)), 1024U);
    faulty_ = "";
    EXPECT_TRUE(append(into, two, "small"));
    EXPECT_THAT(found(), ElementsAre(Pair(two.value, SizeIs(1))));
}

TEST_F(HoldJournal, AFullDiskIsNotSyncedForEachMailThatFindsNoRoom) {
    auto into = journal();
    code_ = ENOSPC;
    faulty_ = "append";
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(append(into, two, "nothing is there to free"));
    EXPECT_EQ(times("checkpoint"), 0);
    for (int i = 0; i < 20; ++i) {
        faulty_ = "";
        ASSERT_TRUE(append(into, one, "something"));
        faulty_ = "append";
        EXPECT_FALSE(append(into, two, "no room"));
        ASSERT_TRUE(soon([&] { return times("free") > 0; }));
        ASSERT_TRUE(into.tend(0));
    }
    EXPECT_EQ(times("checkpoint"), 1);
}

// The first of them has no name yet: a checkpoint would free its entry too early.
TEST_F(HoldJournal, WhatIsAppendedAloneBeginsNoCheckpoint) {
    auto into = journal();
    ASSERT_TRUE(into.append_alone({one, "head\n", "fits"}));
    code_ = ENOSPC;
    faulty_ = "append";
    EXPECT_FALSE(into.append_alone({two, "head\n", "doesn't"}));
    EXPECT_TRUE(into.tend(0));
    EXPECT_EQ(times("checkpoint"), 0);
    EXPECT_THAT(found(), ElementsAre(Pair(one.value, SizeIs(1))));
}

TEST_F(HoldJournal, ADeviceIsSyncedOnce) {
    fs::create_directory(folder_.path("more"));
    auto into = journal({folder_.path(), folder_.path("more")});
    ASSERT_TRUE(append(into, one, "a"));
    ASSERT_TRUE(into.settle());
    EXPECT_EQ(times("checkpoint"), 1);
}

TEST_F(HoldJournal, TakesNoRoomThatIsLessThanItWouldReserve) {
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlimit little{1 << 20, limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
    auto into = journal();
    const auto appended = append(into, two, "small");
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    ::signal(SIGXFSZ, handler);
    ASSERT_TRUE(appended);
    EXPECT_LT(fs::file_size(segment(0)), 1024U);
    EXPECT_THAT(found(), ElementsAre(Pair(two.value, SizeIs(1))));
}

TEST_F(HoldJournal, ACheckpointFreesWhatItMadeDurable) {
    auto into = journal();
    const std::string large(hold_journal::segment_bytes_max / 4, 'x');
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(append(into, one, large));
    EXPECT_THAT(steps_, Not(Contains("checkpoint")));
    ASSERT_TRUE(append(into, two, "in the other segment"));
    EXPECT_THAT(steps_, Contains("checkpoint"));
    ASSERT_TRUE(soon([&] { return into.tend(0) && found().size() == 1; }));
    EXPECT_THAT(found(), ElementsAre(Pair(two.value, SizeIs(1))));
    EXPECT_LE(fs::file_size(segment(0)), 2 * hold_journal::segment_bytes_max);
}

TEST_F(HoldJournal, NothingStaysWithoutACheckpointForLong) {
    auto into = journal();
    const int64_t before_ms = steady_now_ms();
    ASSERT_TRUE(append(into, one, "a"));
    ASSERT_TRUE(into.tend(before_ms + hold_journal::age_ms_max - 1));
    EXPECT_THAT(steps_, Not(Contains("checkpoint")));
    ASSERT_TRUE(into.tend(steady_now_ms() + hold_journal::age_ms_max));
    EXPECT_THAT(steps_, Contains("checkpoint"));
    steps_.clear();
    ASSERT_TRUE(soon(
        [&] { return into.tend(steady_now_ms() + hold_journal::age_ms_max) && found().empty(); }));
    EXPECT_THAT(steps_, Not(Contains("checkpoint")));  // there is nothing to make durable
}

TEST_F(HoldJournal, AfterAFailedCheckpointItTakesNothingUntilItIsSettled) {
    auto into = journal();
    ASSERT_TRUE(append(into, one, "a"));
    faulty_ = "checkpoint";
    ASSERT_TRUE(into.tend(steady_now_ms() + hold_journal::age_ms_max));
    std::string what;
    ASSERT_TRUE(soon([&] {
        const auto tended = into.tend(0);
        if (!tended) what = tended.failure().what;
        return !into.is_settled();
    }));
    EXPECT_THAT(what, HasSubstr("Input/output error"));
    EXPECT_EQ(append(into, two, "b").failure().code, error_code::storage_failed);
    EXPECT_FALSE(into.settle());
    EXPECT_THAT(found(), ElementsAre(Pair(one.value, SizeIs(1))));
    faulty_ = "";
    EXPECT_TRUE(into.settle());
    EXPECT_TRUE(append(into, two, "b"));
    EXPECT_THAT(found(), ElementsAre(Pair(two.value, SizeIs(1))));
}

// Its error is told once: the sync that settles says nothing of it.
TEST_F(HoldJournal, AnErrorOfARunningCheckpointCountsWhenItIsSettled) {
    auto into = journal();
    ASSERT_TRUE(append(into, one, "a"));
    faulty_ = "checkpoint";
    ASSERT_TRUE(into.tend(steady_now_ms() + hold_journal::age_ms_max));
    faulty_ = "";
    EXPECT_THAT(into.settle().failure().what, HasSubstr("Input/output error"));
    EXPECT_FALSE(into.is_settled());
    EXPECT_THAT(found(), ElementsAre(Pair(one.value, SizeIs(1))));
    EXPECT_TRUE(into.settle());
}

TEST_F(HoldJournal, WhatIsCarriedGoesFromSegmentToSegment) {
    {
        auto into = journal();
        for (const char* mail : {"old", "carried"}) ASSERT_TRUE(append(into, one, mail));
        ASSERT_TRUE(append(into, two, "written back"));
    }
    auto into = journal();
    auto mails = found_in(into);
    mails.pop_back();
    ASSERT_TRUE(into.settle(mails));
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(append(into, two, "new"));
        ASSERT_TRUE(turn_over(into));
        EXPECT_TRUE(into.is_carried(one));
        EXPECT_EQ(into.carried()->size(), 1U);
        EXPECT_THAT(found(),
                    ElementsAre(Pair(one.value, ElementsAre(file_of("carried"), file_of("old")))));
    }
    into.written_back(one);
    ASSERT_TRUE(turn_over(into));
    EXPECT_THAT(found(), IsEmpty());
}

// A checkpoint that has begun may have passed by what was written meanwhile.
TEST_F(HoldJournal, WhatIsWrittenBackBesideACheckpointStaysCarried) {
    auto into = journal();
    ASSERT_TRUE(append(into, one, "a"));
    ASSERT_TRUE(into.settle(found_in(into)));
    ASSERT_TRUE(append(into, two, "b"));
    ASSERT_TRUE(into.tend(steady_now_ms() + hold_journal::age_ms_max));
    into.written_back(one);
    ASSERT_TRUE(
        soon([&] { return into.tend(0) && into.carried_count() == 1 && times("free") > 0; }));
    EXPECT_THAT(found(), Contains(Pair(one.value, SizeIs(1))));
}

// One that is in both segments, and one in the older only.
TEST_F(HoldJournal, WhatIsCarriedOutOfTwoSegmentsKeepsItsOrder) {
    {
        auto into = journal();
        ASSERT_TRUE(append(into, one, "first"));
        ASSERT_TRUE(append(into, two, "other"));
        faulty_ = "checkpoint";  // so that its segment stays
        ASSERT_TRUE(into.tend(steady_now_ms() + hold_journal::age_ms_max));
        ASSERT_TRUE(append(into, one, "second"));
    }
    faulty_ = "";
    auto into = journal();
    ASSERT_TRUE(into.settle(found_in(into)));
    const auto all = found();
    EXPECT_EQ(all.at(one.value).front(), file_of("second"));
    EXPECT_THAT(all.at(one.value), Contains(file_of("first")));
    EXPECT_THAT(all.at(two.value), ElementsAre(file_of("other")));
    EXPECT_TRUE(append(into, two, "newest"));
    EXPECT_EQ(found().at(two.value).front(), file_of("newest"));
}

TEST_F(HoldJournal, WhatIsForgottenIsCarriedNoMore) {
    {
        auto into = journal();
        ASSERT_TRUE(append(into, one, "carried"));
    }
    auto into = journal();
    ASSERT_TRUE(into.settle(found_in(into)));
    into.forget(one);
    EXPECT_EQ(into.carried_count(), 0U);
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(HoldJournal, ManyThatAreCarriedDoNotTurnTheSegmentsOver) {
    {
        auto into = journal();
        ASSERT_TRUE(append(into, one, std::string(hold_journal::segment_bytes_max, 'x')));
    }
    auto into = journal();
    ASSERT_TRUE(into.settle(found_in(into)));
    steps_.clear();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(append(into, two, "new"));
    EXPECT_EQ(times("checkpoint"), 0);
    ASSERT_TRUE(into.tend(steady_now_ms()));
    EXPECT_EQ(times("checkpoint"), 0);
}

// The power goes after the segment was freed.
TEST_F(HoldJournal, AFreedSegmentStaysFreeInAPowerCut) {
    disk_.emplace(folder_.path());
    {
        auto into = journal();
        disk_->keep();
        ASSERT_TRUE(append(into, one, "a"));
        ASSERT_TRUE(turn_over(into));
        ASSERT_TRUE(append(into, two, "b"));
    }
    disk_->lose_power();
    EXPECT_THAT(found(), ElementsAre(Pair(two.value, SizeIs(1))));
}

TEST_F(HoldJournal, ASegmentThatCannotBeFreedDurablyIsUnsettled) {
    auto into = journal();
    ASSERT_TRUE(append(into, one, "a"));
    faulty_ = "free";
    EXPECT_THAT(turn_over(into).failure().what, HasSubstr("Input/output error"));
    EXPECT_FALSE(into.is_settled());
    EXPECT_FALSE(into.settle());
    faulty_ = "";
    EXPECT_TRUE(into.settle());
    EXPECT_TRUE(append(into, two, "b"));
}

// As an engine left it that didn't sync what it freed: a power cut brought it back.
TEST_F(HoldJournal, AnOldSegmentThatCameBackIsOlderThanWhatANewEngineWrites) {
    std::string old;
    {
        auto into = journal();
        ASSERT_TRUE(append(into, two, "something"));
        ASSERT_TRUE(turn_over(into));
        ASSERT_TRUE(append(into, one, "old"));
        old = bytes_in(segment(1));
        ASSERT_TRUE(into.settle());
    }
    {
        auto into = journal();
        EXPECT_TRUE(into.is_settled());
        ASSERT_TRUE(append(into, one, "new"));
    }
    std::ofstream(segment(1), std::ios::binary) << old;
    EXPECT_THAT(found(), ElementsAre(Pair(one.value, ElementsAre(file_of("new"), file_of("old")))));
}

TEST_F(HoldJournal, GoesOnWithWhatAnEarlierVersionLeft) {
    {
        auto into = journal();
        ASSERT_TRUE(append(into, one, "a"));
        ASSERT_TRUE(into.settle());
    }
    std::fstream(segment(0), std::ios::binary | std::ios::in | std::ios::out)
        << std::string(112, '\0');  // it left no number
    auto into = journal();
    EXPECT_TRUE(into.is_settled());
    EXPECT_TRUE(append(into, two, "b"));
    EXPECT_THAT(found(), ElementsAre(Pair(two.value, SizeIs(1))));
}

// The caller can see to it at once, without waiting for its next poll.
TEST_F(HoldJournal, AHoldThatMeetsAFailedCheckpointLeavesItUnsettled) {
    auto into = journal();
    ASSERT_TRUE(append(into, one, "a"));
    faulty_ = "checkpoint";
    ASSERT_TRUE(into.tend(steady_now_ms() + hold_journal::age_ms_max));
    ASSERT_TRUE(append(into, two, std::string(hold_journal::segment_bytes_max, 'x')));
    EXPECT_FALSE(append(into, one, "b"));
    EXPECT_FALSE(into.is_settled());
}

// It is told as lost, and the others go on.
TEST_F(HoldJournal, WhatTheDiskDoesNotGiveIsCarriedNoFurther) {
    auto into = journal();
    ASSERT_TRUE(append(into, one, "a"));
    ASSERT_TRUE(append(into, two, "b"));
    auto mails = found_in(into);
    ASSERT_EQ(mails.size(), 2U);
    mails[0].files[0].offset = uint64_t{1} << 40;  // beyond the file
    mails[0].files[0].segment = 1;                 // not where it could stay
    mails[1].files[0].segment = 0;
    ASSERT_TRUE(into.settle(mails));
    EXPECT_TRUE(into.is_settled());
    EXPECT_THAT(into.take_lost(), ElementsAre(mails[0].id));
    EXPECT_THAT(into.take_lost(), IsEmpty());
    EXPECT_FALSE(into.is_carried(mails[0].id));
    EXPECT_TRUE(into.is_carried(mails[1].id));
}

// What stands before and behind a part that the disk can't give is recovered, and that is told.
TEST_F(HoldJournal, ABadSectorCostsWhatStandsOnIt) {
    const std::vector<mail_id> ids{one, two, mail_id{"00000003-d547-4b29-b8f0-f5331821c930"}};
    {
        auto into = journal();
        for (const auto& id : ids) ASSERT_TRUE(append(into, id, std::string(8'000, 'x')));
    }
    for (int bad = 0; bad < 3; ++bad) {
        int scans = 0;
        const auto opened =
            hold_journal::open(path(), {folder_.path()}, [&](const disk_step& step) {
                if (step.name != "scan") return 0;
                ++scans;
                // Of the first window, or of a later one: all of it twice, and its sector twice.
                return scans > 3 * bad + 1 && scans <= 3 * bad + 5 ? EIO : 0;
            });
        ASSERT_TRUE(opened) << opened.failure().what;
        EXPECT_THAT(opened->unreadable(), HasSubstr("can't read all of"));
    }
    EXPECT_EQ(found().size(), 3U);
}

TEST_F(HoldJournal, AFolderThatIsNotThereIsNamed) {
    const auto opened = hold_journal::open(folder_.path("none/journal"), {});
    EXPECT_THAT(opened.failure().what, HasSubstr(folder_.path("none/journal.0: No such file")));
    const auto synced = hold_journal::open(path(), {folder_.path("none")});
    EXPECT_THAT(synced.failure().what, HasSubstr(folder_.path("none: No such file")));
}

}  // namespace
}  // namespace ie
