#include "tests/cli/canned.hpp"

#include <gtest/gtest.h>

#include <map>

#include "messages/base64.hpp"
#include "tests/cli/canned_rules.hpp"

namespace ie::testing {
namespace {

constexpr int64_t received_s = 1643805800;

mail_summary summary(size_t index, uint64_t size_bytes, const char* account, const char* recipient,
                     std::string subject) {
    mail_summary mail;
    mail.id = mail_id(sample_ids[index]);
    mail.size_bytes = size_bytes;
    mail.account = account_name(account);
    mail.recipients = {recipient};
    mail.subject = std::move(subject);
    mail.sender = "mws@mywebsite.com";
    mail.received_date = received_s;
    mail.reasons = {hold_reason::spam};
    return mail;
}

// As in the seed's sample of text, whose second subject isn't that of its JSON.
mail_list sample_list(const char* second_subject) {
    return {{summary(0, 8190, "mws", "me@somehost.com",
                     "Ge t G:eneric V1agra f:or as 1ow as $2.50 per 50 mg"),
             summary(1, 8534, "mws", "frank@yahooo.com", second_subject),
             summary(2, 8971, "oregdent", "steve@hillcabinet.com",
                     "FWD:Xanax.x Valium.m Xanax.x Vicodin.n h ogzmwggi")},
            3};
}

constexpr const char* text_subject =
    "FWD: Want Pills V|AgR@ % Xan_a_x ^ Valiu|m| # At|v@`n \\ Pn+ermin ' So+m+a  lNmAL";
constexpr const char* json_subject = "FWD: Want Pills V|AgR@ % Xan_a_x ^ Valiu|m|  lNmAL";

mail_details sample_details() {
    mail_details mail;
    mail.id = mail_id("f3367f1b-4216-4f4f-9617-f8be9f5a6e76");
    mail.size_bytes = 8534;
    mail.account = account_name("mws");
    mail.sender = "mws@mywebsite.com";
    mail.recipients = {"me@somehost.com"};
    mail.received_date = received_s;
    mail.subject = text_subject;
    mail.reasons = {hold_reason::spam};
    mail.score = 6.1;
    mail.headers = {
        {"Received",
         "from [70.100.200.300] (port=56330 helo=Myaccout) by 70.100.200.300.cprapid.com with "
         "esmtpsa  (TLS1.2) tls TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 (Exim 4.94.2) (envelope-from "
         "<mws@mydomain.com>) id 1nFEym-0005TO-Qs for me@somehost.com; Wed, 02 Feb 2022 12:43:20 "
         "+0000"},
        {"X-Failed-Recipients", "[]"},
        {"To", "<abazis@iit.demokritos.gr>"},
        {"From", "\"wilhelmina rivard\" <rivard1792@hinet.net>"},
        {"Date", "Fri, 13 Feb 2019 04:48:28 +0300"},
        {"X-Priority", "3"},
        {"MIME-Version", "1.0"},
        {"X-Msmail-Priority", "Normal"},
        {"Content-Type", "text/html; charset=\"iso-8859-7\""},
        {"X-Mimeole", "Produced By Microsoft MimeOLE V6.00.2900.2527"},
        {"Content-Transfer-Encoding", "quoted-printable"},
    };
    return mail;
}

mail_list evil_list() {
    mail_summary mail = summary(0, 1, "mws", evil, evil);
    mail.sender = evil;
    mail.script_header = {evil, evil, evil};
    return {{mail}, 1};
}

mail_details evil_details() {
    mail_details mail = sample_details();
    mail.subject = mail.sender = evil;
    mail.judged_by = judge::own_rules;
    mail.release_error = "Exim said: 451 try later";
    mail.reasons = {hold_reason::ratelimit};
    mail.headers = {{"X-ImunifyEmail-Filter-Action", "no action"},
                    {"x-imunifyemail-filter-score", "-100"},
                    {"Subject", evil},
                    {std::string("X-") + evil, evil},
                    {"Received", "by b"},
                    {"Received", "by a"}};
    return mail;
}

mail_details details_over_limits() {
    mail_details mail = sample_details();
    mail.reasons = {hold_reason::ratelimit};
    mail.limits = {{sender_kind::domain, "shop.test", 3, 3, limit_mode::messages, 3'600},
                   {sender_kind::script, evil, 10, 12, limit_mode::recipients, 3'600}};
    return mail;
}

mail_details details_with_findings() {
    mail_details mail = sample_details();
    mail.reasons = {hold_reason::winexec};
    mail.attachment_findings = {"invoice.zip/invoice.pdf.exe: program by name", evil, "and 5 more"};
    return mail;
}

engine_status sample_status() {
    engine_status status;
    status.engine_version = "0.1.0";
    status.started_at_s = received_s;
    status.now_s = received_s + 90'061;
    status.decisions = {1200, 34, 5, 6};
    status.actors = {{"intake", actor_state::running, 3, "", 0, ""},
                     {"scanner", actor_state::degraded, 0, "connect: refused\x1b[2J", 2,
                      "judges by its own rules"}};
    return status;
}

// Everything that is asked for is done, but for the mails that `failed` names.
mails_settled settled(const std::vector<mail_id>& ids, const std::vector<mail_failure>& failed) {
    mails_settled out;
    for (const auto& id : ids) {
        const mail_failure* found = nullptr;
        for (const auto& each : failed) found = each.id == id ? &each : found;
        if (found != nullptr) {
            out.failed.push_back(*found);
        } else {
            out.done.push_back(id);
        }
    }
    return out;
}

struct samples {
    mail_list list;
    mail_details details;
    std::string bytes = "Buy <b>now</b>\x1b[2J\r\nsecond line\r\n";
    std::vector<mail_failure> failed;
    testing::rules rules = {};
};

fake_engine::answerer engine_with(samples all) {
    return [all](const parcel& request) mutable -> std::optional<parcel> {
        const auto& name = request.head.name;
        if (name == list_mails::name) return reply(request, all.list);
        if (name == show_mail::name) return reply(request, all.details, mail_bytes(all.bytes));
        if (name == release_mails::name) {
            return reply(request, settled(decode<release_mails>(request.body)->ids, all.failed));
        }
        if (name == remove_mails::name) {
            return reply(request, settled(decode<remove_mails>(request.body)->ids, all.failed));
        }
        if (name == get_status::name) return reply(request, sample_status());
        if (name == advance_clock::name) return reply(request, clock_advanced{received_s});
        if (auto answer = answer_rules(request, all.rules)) return answer;
        return reply(request, fail(error_code::unknown_request, name));
    };
}

// The body of the seed's sample, as far as the seed shows it.
std::string sample_body() {
    std::string text = text_of_file(IE_SOURCE_DIR "/tests/cli/golden/show_text/expected");
    const size_t start = text.rfind("Body: ") + 6;
    return *from_base64(std::string_view(text).substr(start, text.size() - start - 1));
}

std::map<std::string, std::function<fake_engine::answerer()>> scenarios() {
    const mail_failure lost{mail_id(sample_ids[1]), fail(error_code::not_found, "no such mail")};
    const mail_failure stuck{mail_id(sample_ids[2]),
                             fail(error_code::delivery_failed, "451 disk\r\nfull")};
    const mail_failure used_up{
        mail_id(sample_ids[1]),
        fail(error_code::limit_reached,
             "account mws may release 5 mails in 60 minutes, the next one from 08:54 UTC on")};
    return {
        {"seed",
         [] {
             return engine_with(
                 {sample_list(text_subject), sample_details(), sample_body(), {}, seed_rules()});
         }},
        {"seed_json",
         [] {
             return engine_with({sample_list(json_subject), sample_details(), sample_body(), {}});
         }},
        {"empty",
         [] {
             return engine_with({{}, sample_details(), "", {}});
         }},
        {"evil",
         [] {
             return engine_with({evil_list(), evil_details(), samples{}.bytes, {}, evil_rules()});
         }},
        {"owner",
         [] {
             return engine_with({{}, sample_details(), "", {}, owner_rules()});
         }},
        {"seed_account",
         [] {
             return engine_with({{}, sample_details(), "", {}, seed_account_rules()});
         }},
        {"releases_used_up",
         [used_up] {
             return engine_with({{}, sample_details(), "", {used_up}});
         }},
        {"over_limits",
         [] {
             return engine_with({{}, details_over_limits(), "", {}});
         }},
        {"findings",
         [] {
             return engine_with({{}, details_with_findings(), "", {}});
         }},
        {"picky",
         [] {
             return refuse_all(error_code::bad_request,
                               std::string("'") + evil + "' isn't what it should be");
         }},
        {"failing",
         [lost, stuck] {
             return engine_with({{}, sample_details(), "", {lost, stuck}});
         }},
        {"refusing",
         [] {
             return refuse_all(error_code::not_permitted, "account mws belongs to another user");
         }},
        {"missing", [] { return refuse_all(error_code::not_found, "no mail of that id"); }},
        {"unknown", [] { return refuse_all(error_code::not_found, "nothing here is called so"); }},
        {"busy", [] { return refuse_all(error_code::busy, "1024 requests are in flight"); }},
        {"old",
         [] { return refuse_all(error_code::unknown_request, "list_mails isn't a request"); }},
        {"silent", [] { return [](const parcel&) { return std::optional<parcel>{}; }; }},
    };
}

}  // namespace

fake_engine::answerer scenario(const std::string& name) {
    const auto all = scenarios();
    const auto found = all.find(name);
    if (found != all.end()) return found->second();
    ADD_FAILURE() << "no scenario is called '" << name << "'";
    return refuse_all(error_code::internal, "no such scenario");
}

}  // namespace ie::testing
