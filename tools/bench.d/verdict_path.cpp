#include "tools/bench.d/verdict_path.hpp"

#include <caf/scoped_actor.hpp>
#include <cstdlib>

#include "actors/intake/intake_actor.hpp"
#include "actors/scanner/scanner_actor.hpp"
#include "actors/statistics/statistics_actor.hpp"

namespace ie {
namespace {

constexpr size_t mail_size_bytes = 8 << 10;
constexpr uint32_t deadline_ms = 60'000;

std::filesystem::path make_folder() {
    std::string shape = (std::filesystem::temp_directory_path() / "ie-bench-XXXXXX").string();
    return mkdtemp(shape.data());
}

class instant_checker : public spam_checker {
  public:
    std::optional<check_result> check(check_request, callback) override {
        check_result result;
        result.reply.action = "no action";
        return result;
    }
};

}  // namespace

std::shared_ptr<spam_checker> make_instant_checker() {
    return std::make_shared<instant_checker>();
}

verdict_path::verdict_path(std::shared_ptr<spam_checker> checker, mail_policy policy)
    : folder_(make_folder()), system_(config_) {
    settings_.engine.endpoint = socket("engine.sock");
    settings_.hook.user = "root";
    ensure(static_cast<bool>(open_log((folder_ / "engine.log").string(), log_level::info)), "log");
    accounts_.set(*account_directory::parse("alice.test: alice\ndaemon.test: daemon\n"));
    policy_.set(std::move(policy));

    rate_limiter_options limiting;
    limiting.journal_dir = (folder_ / "limits").string();
    limiting.policy = &policy_;
    limiting.clock = &time_;
    rate_limiter_ = make_rate_limiter(system_, limiting);
    statistics_options counting;
    counting.rate_limiter = rate_limiter_;
    counting.policy = &policy_;
    counting.accounts = &accounts_;
    counting.clock = &time_;
    counting.path = (folder_ / "statistics.db").string();
    const auto statistics = make_statistics(system_, thread_use::own, counting);
    const auto attachments = make_attachment_desk(system_, thread_use::own, attachment_options{});
    scanner_options scanning;
    scanning.attachments = attachments;
    scanning.checker = std::move(checker);
    scanning.clock = &time_;
    const auto scanner = make_scanner(system_, scanning);
    intake_options judging;
    judging.rate_limiter = rate_limiter_;
    judging.scanner = scanner;
    judging.statistics = statistics;
    judging.directory = &accounts_;
    judging.policy = &policy_;
    judging.clock = &time_;
    judging.filter.judge_timeout_ms = deadline_ms;
    const auto intake = make_intake(system_, judging);
    actors_ = {caf::actor_cast<caf::actor>(intake), caf::actor_cast<caf::actor>(scanner),
               caf::actor_cast<caf::actor>(attachments), caf::actor_cast<caf::actor>(statistics),
               caf::actor_cast<caf::actor>(rate_limiter_)};

    auto door = gateway::start(system_, settings_, accounts_);
    ensure(static_cast<bool>(door), door ? "" : door.failure().what);
    door_ = std::move(*door);
    gateway_handles actors;
    actors.intake = intake;
    door_->attach(actors);
}

verdict_path::~verdict_path() {
    door_->stop();
    for (const auto& each : actors_) {
        caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    }
    actors_.clear();
    rate_limiter_ = nullptr;
    system_.await_all_actors_done();
    std::filesystem::remove_all(folder_);
}

usage_list verdict_path::usage(const std::vector<object_key>& keys) {
    caf::scoped_actor self(system_);
    usage_list out;
    self->request(rate_limiter_, caf::infinite, get_usage{keys})
        .receive([&](const usage_list& found) { out = found; },
                 [](const caf::error&) { ensure(false, "the rate limiter doesn't answer"); });
    return out;
}

judge_mail typical_mail() {
    judge_mail mail;
    mail.queue_id = queue_id{"1nFEym-0005TO-Qs"};
    mail.protocol = "esmtpa";
    mail.originator_uid = 102;
    mail.authenticated_id = "alice@alice.test";
    mail.client_address = "192.0.2.7";
    mail.client_port = 56'330;
    mail.helo = "laptop.alice.test";
    mail.sender = "alice@alice.test";
    mail.recipients = {"bob@far.test"};
    return mail;
}

std::vector<std::string> request_frames(const judge_mail& mail, const std::string& bytes) {
    wire_head head;
    head.name = judge_mail::name;
    head.version = judge_mail::version;
    head.request_id = 1;
    head.deadline_ms = deadline_ms;
    return {encode(head), encode(mail), bytes};
}

std::vector<std::string> typical_request_frames() {
    return request_frames(typical_mail(), typical_mail_bytes());
}

std::string mail_bytes_of_size(std::string head, size_t size_bytes) {
    std::string mail = std::move(head) + "\n";
    while (mail.size() < size_bytes) mail += "The quick brown fox jumps over the lazy dog.\n";
    mail.resize(size_bytes);
    return mail;
}

std::string typical_mail_bytes() {
    return mail_bytes_of_size("From: alice@alice.test\nTo: bob@far.test\nSubject: hello\n",
                              mail_size_bytes);
}

}  // namespace ie
