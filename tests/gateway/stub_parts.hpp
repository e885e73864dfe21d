// The engine's parts without an engine: actors of the real interfaces that answer what a test tells
// them to, and a gateway in front of them on a temporary ipc path. (Each takes an argument, since
// CAF 0.17 reads a null pointer when it spawns a function without any.)
#pragma once

#include <condition_variable>

#include "gateway/client/client.hpp"
#include "gateway/client/frame_io.hpp"
#include "gateway/zmq/gateway.hpp"
#include "tests/gateway/temporary.hpp"
#include "tests/support/stub_settings.hpp"

namespace ie::testing {

// Shut until opened: holds an actor fast in its handler, as a slow disk would.
class barrier {
  public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        opened_.notify_all();
    }
    void wait() {
        std::unique_lock lock(mutex_);
        opened_.wait(lock, [&] { return open_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool open_ = false;
};

using judge_handler = std::function<caf::result<mail_verdict>(
    intake_actor::base&, const judge_mail&, const request_context&, const mail_bytes&)>;

inline caf::result<mail_verdict> accept_mail(intake_actor::base&, const judge_mail&,
                                             const request_context&, const mail_bytes&) {
    return mail_verdict{};
}

// Never answers: what a handler that loses its promise does.
inline caf::result<mail_verdict> lose_promise(intake_actor::base& self, const judge_mail&,
                                              const request_context&, const mail_bytes&) {
    return self.make_response_promise<mail_verdict>();
}

inline intake_actor make_intake(caf::actor_system& system, judge_handler on_judge) {
    return system.spawn<caf::detached>(
        [](intake_actor::pointer self,
           const judge_handler& handler) -> intake_actor::behavior_type {
            return {[=](const judge_mail& mail, const request_context& context,
                        const mail_bytes& bytes) { return handler(*self, mail, context, bytes); },
                    [](report_atom) { return true; }, [](get_status) { return actor_status{}; }};
        },
        std::move(on_judge));
}

// Shows `raw` as every mail's bytes; lists only once `lists`, where given, is open.
inline quarantine_actor make_quarantine(caf::actor_system& system, mail_bytes raw, barrier* lists) {
    const auto behavior = [](quarantine_actor::pointer, const mail_bytes& bytes,
                             barrier* lists_when) -> quarantine_actor::behavior_type {
        using context = const request_context&;
        return {[](const hold_mail& mail, context, const mail_bytes&) {
                    return mail_held{mail.ticket.id};
                },
                [lists_when](const list_mails&, context who) {
                    if (lists_when != nullptr) lists_when->wait();
                    mail_list list;
                    list.items.resize(1);
                    list.items[0].account = who.who.account;
                    return list;
                },
                [bytes](const show_mail&, context) -> caf::result<mail_details, mail_bytes> {
                    return {mail_details{}, bytes};
                },
                [](const release_mails&, context) { return mails_settled{}; },
                [](const remove_mails&, context) { return mails_settled{}; },
                [](const list_accounts&, context) { return account_list{}; },
                [](const purge_account&, context) { return account_purged{}; },
                [](const check_store&, context) { return store_checked{}; },
                [](const confirm_release&, context) { return release_confirmed{true}; },
                [](get_status) { return actor_status{}; }};
    };
    return system.spawn<caf::detached>(behavior, std::move(raw), lists);
}

inline statistics_actor make_statistics(caf::actor_system& system) {
    const auto behavior = [](statistics_actor::pointer,
                             const activity_report& report) -> statistics_actor::behavior_type {
        return {[](const mails_judged&) {},
                [](flush_atom) {},
                [](counts_atom) { return decision_counts{}; },
                [report](const get_activity&, const request_context&) { return report; },
                [](const get_incoming_stats&, const request_context&) { return incoming_stats{}; },
                [](const find_objects&) { return objects_found{}; },
                [](get_status) { return actor_status{}; }};
    };
    return system.spawn(behavior, activity_report{});
}

inline supervisor_actor make_supervisor(caf::actor_system& system) {
    const auto behavior = [](supervisor_actor::pointer,
                             const engine_status& status) -> supervisor_actor::behavior_type {
        return {[status](get_status, const request_context&) { return status; },
                [](advance_clock, const request_context&) { return clock_advanced{}; },
                [](begin_atom) {},
                [](poll_atom) {},
                [](reload_atom) {},
                [](stop_atom) {},
                [](watch_atom) {}};
    };
    return system.spawn(behavior, engine_status{});
}

class gateway_fixture : public ::testing::Test {
  protected:
    gateway_fixture() {
        settings.engine.endpoint = endpoint_in(folder);
        settings.hook.user = "mail";
        accounts.set(*account_directory::parse("nobody.test: nobody\n"));
    }
    ~gateway_fixture() override {
        door.reset();
        held.open();
        for (auto& each : spawned) caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    }

    void start(judge_handler on_judge = accept_mail) {
        auto made = gateway::start(system, settings, accounts, options);
        ASSERT_TRUE(made) << made.failure().what;
        door = std::move(*made);
        attach(std::move(on_judge));
    }

    void attach(judge_handler on_judge) {
        gateway_handles handles;
        handles.intake = make_intake(system, std::move(on_judge));
        handles.quarantine = make_quarantine(system, shown, lists);
        handles.statistics = make_statistics(system);
        handles.settings = make_stub_settings(system, &trail);
        handles.supervisor = make_supervisor(system);
        spawned.push_back(caf::actor_cast<caf::actor>(handles.intake));
        spawned.push_back(caf::actor_cast<caf::actor>(handles.quarantine));
        spawned.push_back(caf::actor_cast<caf::actor>(handles.statistics));
        spawned.push_back(caf::actor_cast<caf::actor>(handles.settings));
        spawned.push_back(caf::actor_cast<caf::actor>(handles.supervisor));
        door->attach(handles);
    }

    // Stays in the handler until `held` is opened.
    judge_handler hold_fast() {
        return [this](auto&&...) -> caf::result<mail_verdict> {
            held.wait();
            return mail_verdict{};
        };
    }

    client make_client(uint32_t timeout_ms = 20'000) {
        return client({settings.engine.endpoint, timeout_ms, {}, {}});
    }

    temporary_folder folder;
    configuration settings;
    door_options options;
    snapshot<account_directory> accounts;
    mail_bytes shown{std::string("From: a\n\nbody\n")};
    audit_trail trail;
    barrier held;
    barrier* lists = nullptr;  // where lists shall wait
    actor_config configuration;
    caf::actor_system system{configuration};
    std::vector<caf::actor> spawned;
    std::unique_ptr<gateway> door;
};

// A socket that sends whatever frames it is given.
class frame_socket {
  public:
    explicit frame_socket(const std::string& endpoint,
                          zmq::socket_type type = zmq::socket_type::dealer)
        : socket_(context_, type) {
        socket_.set(zmq::sockopt::linger, 0);
        socket_.set(zmq::sockopt::rcvtimeo, static_cast<int>(soon_ms));
        socket_.connect(endpoint);
    }

    void send(const std::vector<std::string>& texts) {
        for (size_t i = 0; i < texts.size(); ++i) {
            socket_.send(zmq::buffer(texts[i]),
                         i + 1 < texts.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
        }
    }

    std::vector<std::string> receive() {
        std::vector<std::string> out;
        for (bool more = true; more;) {
            zmq::message_t frame;
            if (!socket_.recv(frame)) break;
            more = frame.more();
            out.push_back(frame.to_string());
        }
        return out;
    }

    // The code of the error that comes back for these frames behind a delimiter.
    error refusal_of(const std::vector<std::string>& texts) {
        std::vector<std::string> frames{""};
        frames.insert(frames.end(), texts.begin(), texts.end());
        send(frames);
        const auto reply = receive();
        if (reply.size() < 3) return fail(error_code::internal, "no reply");
        const auto head = decode_head(reply[1]);
        if (!head || head->name != error::name) return fail(error_code::internal, "no error");
        last_request_id = head->request_id;
        return decode_error(reply[2]);
    }

    uint64_t last_request_id = 0;

  private:
    zmq::context_t context_{1};
    zmq::socket_t socket_;
};

inline std::string head_of(const std::string& name, uint64_t request_id = 7,
                           uint32_t deadline_ms = 20'000) {
    wire_head head;
    head.name = name;
    head.request_id = request_id;
    head.deadline_ms = deadline_ms;
    return encode(head);
}

}  // namespace ie::testing
