// What one local user may make the gateway hold, and what others notice of it: nothing.
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/gateway/raw_client.hpp"
#include "tests/gateway/stub_parts.hpp"

namespace ie {
namespace {

using testing::as_uid;
using testing::frame_socket;
using testing::head_of;
using testing::raw_client;
using testing::soon_ms;
using testing::within_ms;

constexpr uint32_t uid_of_mail = 8;         // hook.user in these tests
constexpr uint32_t uid_of_nobody = 65'534;  // an account here
constexpr uint32_t uid_of_stranger = 12'345;

class Greedy : public testing::gateway_fixture {
  protected:
    std::string path() const { return folder.path("engine.sock"); }

    // Clients of that uid, each of which has shaken hands.
    std::vector<raw_client> clients_of(uint32_t uid, size_t count) {
        std::vector<raw_client> out;
        as_uid(uid, [&] {
            for (size_t i = 0; i < count; ++i) {
                out.emplace_back(path());
                out.back().begin_handshake({{"Socket-Type", "DEALER"}});
            }
        });
        return out;
    }

    static size_t still_open(const std::vector<raw_client>& clients) {
        return static_cast<size_t>(std::count_if(
            clients.begin(), clients.end(), [](const auto& each) { return !each.has_ended(); }));
    }

    bool root_is_served() { return static_cast<bool>(make_client().ask<mail_list>(list_mails{})); }

    static std::vector<std::string> show_request() {
        return {"", head_of("show_mail"), encode(show_mail{})};
    }
};

TEST_F(Greedy, WhoDoesNotReadGetsNoMoreThanHisCreditAndRootIsServed) {
    constexpr size_t mail_size = 4 << 20;
    const auto mail = std::make_shared<const std::string>(mail_size, 'm');
    shown = mail_bytes(mail, *mail);
    options.bounds.unread = {2 * mail_size + 4'096, 32 * mail_size};
    start();
    const long at_rest = mail.use_count();
    auto silent = clients_of(uid_of_nobody, 10);
    for (auto& each : silent) {
        for (int i = 0; i < 8; ++i) each.send(show_request());
    }
    // None of the ten has got all that it asked for: further requests aren't even read.
    ASSERT_TRUE(within_ms(soon_ms, [&] { return mail.use_count() - at_rest == 2; }));
    EXPECT_TRUE(within_ms(soon_ms, [&] { return door->in_flight() == 0; }));
    const auto reply = make_client().ask_for_bytes<mail_details>(show_mail{});
    ASSERT_TRUE(reply) << reply.failure().what;
    EXPECT_EQ(reply->bytes.size(), mail_size);
    EXPECT_LE(mail.use_count() - at_rest, 3);
    silent.clear();
    EXPECT_TRUE(within_ms(soon_ms, [&] { return mail.use_count() == at_rest; }))
        << "what nobody reads any more is let go";
}

TEST_F(Greedy, WhoReadsAtLastGetsWhatHeAskedFor) {
    shown = mail_bytes(std::string(1 << 20, 'm'));
    start();
    constexpr int requests = 12;
    as_uid(uid_of_nobody, [&] {
        frame_socket asker(settings.engine.endpoint);
        for (int i = 0; i < requests; ++i) {
            asker.send({"", head_of("show_mail", static_cast<uint64_t>(i)), encode(show_mail{})});
        }
        ASSERT_TRUE(within_ms(soon_ms, [&] { return door->in_flight() == 0; }));
        for (int i = 0; i < requests; ++i) {
            const auto reply = asker.receive();
            ASSERT_EQ(reply.size(), 4U) << i;
            EXPECT_EQ(reply[3].size(), 1U << 20);
        }
    });
}

TEST_F(Greedy, WhoDoesNotReadIsNotReadEither) {
    start();
    auto silent = clients_of(uid_of_stranger, 1);
    std::string request = std::string("\x01\x00", 2);
    for (const std::string& each : {head_of("list_mails"), encode(list_mails{})}) {
        request += each == head_of("list_mails") ? '\x01' : '\x00';
        request += static_cast<char>(each.size()) + each;
    }
    std::string many;
    while (many.size() < 64 << 10) many += request;
    constexpr size_t taken_max = 2 << 20;  // the kernel keeps some of it
    constexpr int64_t quiet_ms = 3'000;
    size_t taken = 0;
    std::string unsent;
    for (int64_t last_ms = steady_now_ms(); steady_now_ms() - last_ms < quiet_ms;) {
        if (unsent.size() < many.size()) unsent += many;
        const size_t more = silent[0].write_some(unsent);
        unsent.erase(0, more);
        taken += more;
        if (more > 0) last_ms = steady_now_ms();
        ASSERT_LT(taken, taken_max) << "each of its refusals waits in memory";
    }
    EXPECT_FALSE(silent[0].has_ended());
    EXPECT_TRUE(root_is_served());
}

TEST_F(Greedy, ManyAccountsRequestsInFlightAreNotInRootsWay) {
    constexpr uint32_t first_uid = 2'000;
    constexpr uint32_t users = 17;
    std::string map;
    for (uint32_t uid = first_uid; uid < first_uid + users; ++uid) {
        map += "d" + std::to_string(uid) + ".test: u" + std::to_string(uid) + "\n";
    }
    accounts.set(*account_directory::parse(map));
    options.users.user_of = [](uint32_t uid) {
        return std::optional(unix_user{uid, "u" + std::to_string(uid), "/home/u"});
    };
    lists = &held;
    start();
    std::vector<raw_client> greedy;
    for (uint32_t uid = first_uid; uid < first_uid + users; ++uid) {
        greedy.push_back(std::move(clients_of(uid, 1)[0]));
        for (int i = 0; i < 16; ++i) {
            greedy.back().send({"", head_of("list_mails"), encode(list_mails{})});
        }
    }
    ASSERT_TRUE(within_ms(soon_ms, [&] { return door->in_flight() == 256; }));
    const auto status = make_client().ask<engine_status>(get_status{});
    EXPECT_TRUE(status) << status.failure().what;
}

TEST_F(Greedy, OthersAnswersThatAreNotReadGiveWay) {
    constexpr size_t mail_size = 1 << 20;
    const auto mail = std::make_shared<const std::string>(mail_size, 'm');
    shown = mail_bytes(mail, *mail);
    accounts.set(*account_directory::parse("nobody.test: nobody\ngames.test: games\n"));
    options.bounds.unread = {4 * mail_size, 4 * mail_size};
    start();
    auto silent = clients_of(uid_of_nobody, 3);
    for (auto& each : silent) each.send(show_request());
    ASSERT_TRUE(within_ms(soon_ms, [&] { return mail.use_count() >= 4; }));
    as_uid(5, [&] {  // games
        client asker = make_client();
        for (int i = 0; i < 3; ++i) {
            const auto reply = asker.ask_for_bytes<mail_details>(show_mail{});
            EXPECT_TRUE(reply) << reply.failure().what;
        }
    });
    as_uid(5, [&] {
        frame_socket asker(settings.engine.endpoint);
        asker.send(show_request());
        asker.send(show_request());
        EXPECT_EQ(asker.receive().size(), 4U);
        EXPECT_EQ(asker.receive().size(), 4U);
    });
}

TEST_F(Greedy, AFrameThatAnAccountCannotNeedEndsItsConnection) {
    start();
    auto rude = clients_of(uid_of_nobody, 1);
    rude[0].write_all(std::string("\x03\0\0\0\0\x04\0\0\0", 9));  // 64 MB
    EXPECT_TRUE(within_ms(soon_ms, [&] { return rude[0].has_ended(); }));
    EXPECT_TRUE(root_is_served());
}

TEST_F(Greedy, WhatOneUserHasBegunToSayIsBounded) {
    options.bounds.places = {64, 512};
    options.bounds.unfinished = {1 << 20, 8 << 20};
    start();
    auto half = clients_of(uid_of_stranger, 64);
    const std::string begun = std::string("\x03\0\0\0\0\0\x04\0\0", 9) + std::string(200'000, 'x');
    for (auto& each : half) each.write_all(begun);  // of 256 KB each
    EXPECT_TRUE(within_ms(soon_ms, [&] { return still_open(half) == 4; })) << still_open(half);
    EXPECT_TRUE(root_is_served());
}

TEST_F(Greedy, ThreeThousandConnectionsOfOneUserAreSixteen) {
    start();
    std::vector<raw_client> crowd;
    as_uid(uid_of_nobody, [&] {
        for (int i = 0; i < 3'000; ++i) {
            raw_client next(path());
            next.begin_handshake({{"Socket-Type", "DEALER"}});
            crowd.push_back(std::move(next));
            if (crowd.size() < 500) continue;
            std::erase_if(crowd, [](const auto& each) { return each.has_ended(); });
        }
    });
    EXPECT_TRUE(within_ms(soon_ms, [&] { return still_open(crowd) == 16; })) << still_open(crowd);
    EXPECT_TRUE(root_is_served());
    as_uid(uid_of_stranger, [&] {
        raw_client other(path());
        other.shake_hands({{"Socket-Type", "DEALER"}});
        EXPECT_FALSE(other.has_ended());
    });
}

TEST_F(Greedy, WhenAllPlacesAreTakenTheUserWithTheMostLosesOne) {
    options.bounds.places = {4, 6};
    start();
    const auto many = clients_of(1'001, 4);
    const auto few = clients_of(1'002, 2);
    ASSERT_TRUE(within_ms(soon_ms, [&] { return still_open(many) + still_open(few) == 6; }));
    const auto late = clients_of(1'003, 1);
    EXPECT_TRUE(within_ms(soon_ms, [&] { return still_open(many) == 3; }));
    EXPECT_EQ(still_open(few), 2U);
    EXPECT_EQ(still_open(late), 1U);
    EXPECT_TRUE(root_is_served()) << "trusted users need no place of others";
}

TEST_F(Greedy, SubordinateUidsCountAsTheirOwner) {
    options.users.subordinate_path = folder.write("subuid", "nobody:200000:65536\n");
    start();
    // The file is read on the finder's own thread: try until it has been.
    EXPECT_TRUE(within_ms(soon_ms, [&] {
        const auto own = clients_of(uid_of_nobody, 10);
        std::vector<raw_client> others;
        for (uint32_t uid = 200'000; uid < 200'020; ++uid) {
            others.push_back(std::move(clients_of(uid, 1)[0]));
        }
        constexpr int64_t settled_ms = 1'000;
        return within_ms(settled_ms, [&] { return still_open(others) == 6; }) &&
               still_open(own) == 10;
    }));
}

TEST_F(Greedy, OutOfDescriptorsTheDoorWaitsAndGoesOn) {
    start();
    client asker = make_client();
    ASSERT_TRUE(asker.ask<mail_verdict>(judge_mail{}));
    const int waiting = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const rlimit low{512, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
    std::vector<int> taken;
    for (int fd = 0; (fd = dup(waiting)) >= 0;) taken.push_back(fd);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(connect(waiting, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(asker.ask<mail_verdict>(judge_mail{})) << i;
    char byte = 0;
    EXPECT_EQ(recv(waiting, &byte, 1, MSG_DONTWAIT), -1) << "it can't have been let in";
    for (const int each : taken) close(each);
    EXPECT_EQ(recv(waiting, &byte, 1, 0), 1) << "the door's greeting";
    setrlimit(RLIMIT_NOFILE, &before);
    close(waiting);
}

TEST_F(Greedy, ASlowUserDatabaseDelaysWhoIsLookedUpAndNobodyElse) {
    const auto asked = std::make_shared<std::atomic<int>>(0);
    options.users.user_of = [this, asked](uint32_t uid) {
        ++*asked;
        held.wait();
        return find_user(uid);
    };
    start();
    auto owner = clients_of(uid_of_nobody, 1);
    owner[0].send({"", head_of("list_mails"), encode(list_mails{})});
    ASSERT_TRUE(within_ms(soon_ms, [&] { return *asked == 1; }));
    client root = make_client();
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(root.ask<mail_verdict>(judge_mail{})) << i;
    held.open();
    EXPECT_NE(owner[0].read_until("nobody").find("mail_list"), std::string::npos);
}

// Of a socket that listens on this path, in this process.
int listening_fd(const std::string& path) {
    for (int fd = 0; fd < 1'024; ++fd) {
        int listens = 0;
        socklen_t size = sizeof listens;
        sockaddr_un address{};
        socklen_t address_size = sizeof address;
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0 &&
            getsockname(fd, reinterpret_cast<sockaddr*>(&address), &address_size) == 0 &&
            path == address.sun_path) {
            return fd;
        }
    }
    return -1;
}

TEST_F(Greedy, AnErrorOfTheListeningSocketThatIsNoShortageEndsNobody) {
    start();
    const auto clients = clients_of(uid_of_nobody, 8);
    ASSERT_TRUE(root_is_served());
    // Another socket in its place, at which accept(2) fails: EINVAL.
    const int listening = listening_fd(path());
    const int kept = dup(listening);
    const int none = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(dup2(none, listening), listening);
    raw_client waiting(path());
    constexpr int64_t several_tries_ms = 1'000;
    EXPECT_FALSE(within_ms(several_tries_ms, [&] { return still_open(clients) < 8; }));
    ASSERT_EQ(dup2(kept, listening), listening);
    close(kept);
    close(none);
    waiting.shake_hands({{"Socket-Type", "DEALER"}});
    EXPECT_FALSE(waiting.has_ended()) << "the door goes on";
}

TEST_F(Greedy, WhomTheSystemCannotNameNowIsToldToTryAgain) {
    const auto works = std::make_shared<std::atomic<bool>>(false);
    options.users.user_of = [works](uint32_t uid) -> outcome<std::optional<unix_user>> {
        if (*works) return find_user(uid);
        return fail(error_code::unavailable, "the system can't say now");
    };
    start();
    as_uid(uid_of_nobody, [&] {
        client owner = make_client();
        const auto refused = owner.ask<mail_list>(list_mails{});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.failure(), fail(error_code::unavailable, "the system can't say now"));
        *works = true;
        constexpr int64_t before_long_ms = 5'000;
        EXPECT_TRUE(within_ms(
            before_long_ms, [&] { return static_cast<bool>(owner.ask<mail_list>(list_mails{})); }));
    });
    EXPECT_TRUE(trail.refusals().empty());
}

TEST_F(Greedy, ManyCommandsOfOneClientAreHandledInTurnWithOthers) {
    start();
    auto rude = clients_of(uid_of_stranger, 1);
    std::string commands;
    while (commands.size() < 1 << 20) commands += std::string("\x04\x01x", 3);
    std::atomic<bool> done = false;
    std::thread writing([&] {
        while (!done && rude[0].write_all(commands)) {
        }
    });
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(root_is_served()) << i;
    done = true;
    writing.join();
    EXPECT_FALSE(rude[0].has_ended());
}

TEST_F(Greedy, ATrustedUsersConnectionsKeepNoOtherTrustedUserOut) {
    options.bounds.trusted_places = {4, 12};
    start();
    const auto hooks = clients_of(uid_of_mail, 6);
    EXPECT_TRUE(within_ms(soon_ms, [&] { return still_open(hooks) == 4; })) << still_open(hooks);
    EXPECT_TRUE(root_is_served());
}

TEST_F(Greedy, TheHooksRequestsInFlightAreNotInRootsWay) {
    lists = &held;
    start();
    frame_socket root(settings.engine.endpoint);
    root.send({"", head_of("list_mails"), encode(list_mails{})});  // holds the actor fast
    ASSERT_TRUE(within_ms(soon_ms, [&] { return door->in_flight() == 1; }));
    auto hook = clients_of(uid_of_mail, 1);
    for (int i = 0; i < 256; ++i) {
        hook[0].send({"", head_of("confirm_release"), encode(confirm_release{})});
    }
    EXPECT_TRUE(within_ms(soon_ms, [&] { return door->in_flight() == 257; }));
    const auto status = make_client().ask<engine_status>(get_status{});
    EXPECT_TRUE(status) << status.failure().what;
}

class Trusted : public Greedy {
  protected:
    Trusted() { settings.engine.trusted_endpoint = "ipc://" + trusted_path(); }
    std::string trusted_path() const { return folder.path("trusted/engine.sock"); }

    client make_trusted_client() {
        return client({settings.engine.trusted_endpoint, 20'000, {}, {}});
    }
};

TEST_F(Trusted, ServesRootAndTheHooksUserInAFolderOfItsOwn) {
    start();
    EXPECT_TRUE(make_trusted_client().ask<mail_verdict>(judge_mail{}));
    EXPECT_TRUE(make_client().ask<mail_verdict>(judge_mail{})) << "the other one goes on";
    struct stat found {};
    ASSERT_EQ(stat(folder.path("trusted").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777U, 0750U);
    std::filesystem::permissions(folder.path("trusted"), std::filesystem::perms{0755});
    as_uid(uid_of_mail, [&] {
        raw_client hook(trusted_path());
        hook.shake_hands({{"Socket-Type", "DEALER"}});
        hook.send({"", head_of("judge_mail"), encode(judge_mail{})});
        EXPECT_NE(hook.read_until("mail_verdict").find("mail_verdict"), std::string::npos);
    });
}

TEST_F(Trusted, IsReachedByNobodyElse) {
    start();
    as_uid(uid_of_nobody, [&] { EXPECT_FALSE(raw_client(trusted_path()).connected()); });
    std::filesystem::permissions(folder.path("trusted"), std::filesystem::perms{0755});
    as_uid(uid_of_nobody, [&] {
        const raw_client intruder(trusted_path());
        ASSERT_TRUE(intruder.connected());
        EXPECT_TRUE(within_ms(soon_ms, [&] { return intruder.has_ended(); }));
    });
}

TEST_F(Trusted, IsNotOpenedInAFolderThatOthersMayEnter) {
    std::filesystem::create_directory(folder.path("trusted"));
    std::filesystem::permissions(folder.path("trusted"), std::filesystem::perms{0755});
    const auto made = gateway::start(system, settings, accounts);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.failure(),
              fail(error_code::bad_request, "engine.trusted_endpoint: others may enter " +
                                                folder.path("trusted") +
                                                "; chmod o= " + folder.path("trusted")));
}

TEST_F(Greedy, TakesAMailOfManyMegabytesWhole) {
    std::string mail;
    while (mail.size() < 20 << 20) mail += "line " + std::to_string(mail.size()) + "\n";
    std::atomic<int> same = 0;
    start([&](auto&, const judge_mail&, const request_context&, const mail_bytes& bytes) {
        same += bytes.view() == mail ? 1 : 0;
        return mail_verdict{};
    });
    client asker = make_client();
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(asker.ask<mail_verdict>(judge_mail{}, mail_bytes(mail)));
    EXPECT_EQ(same, 3);
}

}  // namespace
}  // namespace ie
