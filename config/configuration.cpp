#include "config/configuration.hpp"

#include <sys/stat.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "config/system/unix_user.hpp"
#include "config/system/whole_file.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t settings_bytes_max = 1 << 20;

// The first error ends the reading; what comes after it is ignored.
class reader {
  public:
    explicit reader(const std::string& source) : source_(source) {}

    void refuse(const toml::node& at, std::string_view key, std::string_view why) {
        if (!failure_.empty()) return;
        std::ostringstream text;
        text << source_ << ":" << at.source().begin.line << ": " << key << ": " << why;
        failure_ = text.str();
    }

    const std::string& failure() const { return failure_; }

  private:
    const std::string& source_;
    std::string failure_;
};

// One table of the file. Each key() takes what is there; finish() refuses what nobody took.
class section {
  public:
    section(reader& in, const toml::table& root, std::string name)
        : in_(in), name_(std::move(name)) {
        const toml::node* node = root.get(name_);
        if (node == nullptr) return;
        table_ = node->as_table();
        if (table_ == nullptr) in_.refuse(*node, name_, "is a table: write [" + name_ + "]");
    }

    template <std::unsigned_integral T>
    section& key(std::string_view key, T& value, T least = 1,
                 T most = std::numeric_limits<T>::max()) {
        const toml::node* node = take(key);
        if (node == nullptr) return *this;
        const auto* number = node->as_integer();
        if (number == nullptr || number->get() < 0 ||
            static_cast<uint64_t>(number->get()) < least ||
            static_cast<uint64_t>(number->get()) > most) {
            refuse(*node, key,
                   "must be a whole number from " + std::to_string(least) + " to " +
                       std::to_string(most));
        } else {
            value = static_cast<T>(number->get());
        }
        return *this;
    }

    section& key(std::string_view key, double& value) {
        const toml::node* node = take(key);
        if (node == nullptr) return *this;
        const auto number = node->value<double>();
        if (node->is_number() && number && std::isfinite(*number)) {
            value = *number;
        } else {
            refuse(*node, key, "must be a number");
        }
        return *this;
    }

    section& key(std::string_view key, std::string& value) {
        const toml::node* node = take(key);
        if (node == nullptr) return *this;
        if (const auto* text = node->as_string()) {
            value = text->get();
        } else {
            refuse(*node, key, "must be a text in quotes");
        }
        return *this;
    }

    template <named_enum T>
    section& key(std::string_view key, T& value) {
        const toml::node* node = take(key);
        if (node == nullptr) return *this;
        std::string allowed;
        const auto names = enum_names(T{});
        for (size_t i = 0; i < names.size(); ++i) {
            allowed += (i > 0 ? " or \"" : "\"") + std::string(names[i]) + "\"";
            if (const auto* text = node->as_string(); text && text->get() == names[i]) {
                value = static_cast<T>(i);
                return *this;
            }
        }
        refuse(*node, key, "must be " + allowed);
        return *this;
    }

    section& key(std::string_view key, std::vector<curve_client>& clients) {
        const toml::node* node = take(key);
        if (node == nullptr) return *this;
        const toml::table* table = node->as_table();
        if (table == nullptr) refuse(*node, key, "must be a table of name = \"public key\"");
        for (const auto& [name, value] : table ? *table : toml::table{}) {
            constexpr size_t z85_key_size = 40;
            const auto* text = value.as_string();
            if (text == nullptr || text->get().size() != z85_key_size) {
                refuse(value, key, "a public key is 40 characters of Z85");
            } else {
                clients.push_back({std::string(name.str()), text->get()});
            }
        }
        return *this;
    }

    section& key(std::string_view key, std::vector<std::string>& extensions) {
        const toml::node* node = take(key);
        if (node == nullptr) return *this;
        const toml::array* list = node->as_array();
        if (list == nullptr) refuse(*node, key, "must be a list of extensions in quotes");
        extensions.clear();
        for (const auto& each : list ? *list : toml::array{}) {
            const auto* text = each.as_string();
            const bool is_one = text != nullptr && !text->get().empty() &&
                                text->get().find_first_of(". /\\") == std::string::npos;
            if (!is_one) refuse(each, key, "an extension is a text like \"exe\"");
            if (is_one) extensions.push_back(to_lower(text->get()));
        }
        return *this;
    }

    void finish() {
        if (table_ == nullptr) return;
        for (const auto& [key, value] : *table_) {
            if (std::find(taken_.begin(), taken_.end(), key.str()) != taken_.end()) continue;
            std::string known;
            for (const auto each : taken_) known += (known.empty() ? "" : ", ") + std::string(each);
            refuse(value, key.str(), "is not known here; known are " + known);
        }
    }

  private:
    const toml::node* take(std::string_view key) {
        taken_.push_back(key);
        return table_ == nullptr ? nullptr : table_->get(key);
    }
    void refuse(const toml::node& at, std::string_view key, std::string_view why) {
        in_.refuse(at, name_ + "." + std::string(key), why);
    }

    reader& in_;
    std::string name_;
    const toml::table* table_ = nullptr;
    std::vector<std::string_view> taken_;
};

constexpr uint32_t timeout_ms_max = 600'000;
constexpr uint32_t drain_timeout_ms_max = 25'000;  // ie-engine.service's TimeoutStopSec is 40 s

void read_engine_side(reader& in, const toml::table& root, configuration& out) {
    section(in, root, "engine")
        .key("endpoint", out.engine.endpoint)
        .key("trusted_endpoint", out.engine.trusted_endpoint)
        .key("socket_mode", out.engine.socket_mode, 0600U, 0777U)
        .key("socket_group", out.engine.socket_group)
        .key("data_dir", out.engine.data_dir)
        .key("drain_timeout_ms", out.engine.drain_timeout_ms, 0U, drain_timeout_ms_max)
        .finish();
    section(in, root, "gateway")
        .key("mails_in_flight_max", out.gateway.mails_in_flight_max, 1U, 1'000'000U)
        .key("bytes_in_flight_max", out.gateway.bytes_in_flight_max)
        .key("mail_bytes_max", out.gateway.mail_bytes_max)
        .key("tcp_endpoint", out.gateway.tcp_endpoint)
        .key("tcp_secret_key_file", out.gateway.tcp_secret_key_file)
        .key("tcp_clients", out.gateway.tcp_clients)
        .finish();
    section(in, root, "filter")
        .key("spam_threshold", out.filter.spam_threshold)
        .key("hold_scope", out.filter.scope)
        .key("judge_timeout_ms", out.filter.judge_timeout_ms, 1U, timeout_ms_max)
        .finish();
    section(in, root, "attachments")
        .key("extensions", out.attachments.extensions)
        .key("depth_max", out.attachments.depth_max, 1U, 64U)
        .key("entries_max", out.attachments.entries_max, 1U, 1'000'000U)
        .key("unpacked_bytes_max", out.attachments.unpacked_bytes_max, uint64_t{1} << 16,
             uint64_t{1} << 30)
        .key("timeout_ms", out.attachments.timeout_ms, 1U, timeout_ms_max)
        .finish();
    constexpr uint32_t names_max = 1'000'000;
    section(in, root, "limits")
        .key("domains_max", out.limits.domains_max, 1U, names_max)
        .key("addresses_max", out.limits.addresses_max, 1U, names_max)
        .key("scripts_max", out.limits.scripts_max, 1U, names_max)
        .finish();
    constexpr uint32_t days_max = 10 * 366;
    section(in, root, "quarantine")
        .key("retention_days", out.quarantine.retention_days, 0U, days_max)
        .finish();
    section(in, root, "statistics")
        .key("seconds_kept_h", out.statistics.seconds_kept_h, 2U, 24U)
        .key("minutes_kept_d", out.statistics.minutes_kept_d, 1U, days_max)
        .key("hours_kept_d", out.statistics.hours_kept_d, 2U, days_max)
        .key("days_kept_d", out.statistics.days_kept_d, 2U, days_max)
        .finish();
    section(in, root, "rspamd")
        .key("url", out.rspamd.url)
        .key("settings_id", out.rspamd.settings_id)
        .key("incoming_settings_id", out.rspamd.incoming_settings_id)
        .key("timeout_ms", out.rspamd.timeout_ms, 1U, timeout_ms_max)
        .key("connections_max", out.rspamd.connections_max, 1U, 1'000U)
        .key("retry_after_ms", out.rspamd.retry_after_ms, 1U, timeout_ms_max)
        .finish();
    section(in, root, "courier")
        .key("exim", out.courier.exim)
        .key("socket", out.courier.socket)
        .key("timeout_ms", out.courier.timeout_ms, 1U, timeout_ms_max)
        .finish();
}

void check_accounts(reader& in, const toml::table& root,
                    const configuration::accounts_part& accounts) {
    const toml::node* node = root.get("accounts");
    if (node == nullptr) return;
    if (accounts.provider == account_provider::cpanel && accounts.domain_map.empty()) {
        in.refuse(*node, "accounts.domain_map",
                  "provider \"cpanel\" needs one; provider \"passwd\" does without");
    }
    if (!accounts.home_base.empty() && !accounts.home_base.starts_with('/')) {
        in.refuse(*node, "accounts.home_base", "must be an absolute path, or \"\" for any home");
    }
}

// Exim's configuration gets it in a path: nothing in it may end a word or begin an expansion.
void check_junk_folder(reader& in, const toml::table& root, const std::string& folder) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_';
    };
    const bool good = !folder.empty() && folder.size() <= 100 && folder.front() != '.' &&
                      folder.back() != '.' && std::all_of(folder.begin(), folder.end(), fits);
    if (good) return;
    in.refuse(
        *root.get("incoming"), "incoming.junk_folder",
        "must be 1 to 100 letters, digits, '-', '_' or '.', without a '.' at its beginning or "
        "end");
}

// It becomes one line of Exim's configuration, whose last `\` would take in the next.
void check_mailbox(reader& in, const toml::table& root, const std::string& mailbox) {
    constexpr size_t bytes_max = 4'096;
    const bool is_line = std::none_of(mailbox.begin(), mailbox.end(), [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    });
    if (is_line && !mailbox.ends_with('\\') && mailbox.size() <= bytes_max) return;
    in.refuse(*root.get("incoming"), "incoming.mailbox",
              "must be one line of at most 4096 bytes that doesn't end with a backslash");
}

void read_shared(reader& in, const toml::table& root, configuration& out) {
    section(in, root, "incoming")
        .key("junk_folder", out.incoming.junk_folder)
        .key("mailbox", out.incoming.mailbox)
        .finish();
    check_junk_folder(in, root, out.incoming.junk_folder);
    check_mailbox(in, root, out.incoming.mailbox);
    section(in, root, "license").key("server_id", out.license.server_id).finish();
    section(in, root, "log").key("dir", out.log.dir).key("level", out.log.level).finish();
    section(in, root, "accounts")
        .key("provider", out.accounts.provider)
        .key("domain_map", out.accounts.domain_map)
        .key("true_domain_map", out.accounts.true_domain_map)
        .key("data_domain_map", out.accounts.data_domain_map)
        .key("uid_min", out.accounts.uid_min)
        .key("uid_max", out.accounts.uid_max)
        .key("home_base", out.accounts.home_base)
        .finish();
    check_accounts(in, root, out.accounts);
    section(in, root, "hook")
        .key("user", out.hook.user)
        .key("judge_socket", out.hook.judge_socket)
        .key("lmtp_socket", out.hook.lmtp_socket)
        .key("incoming_switch", out.hook.incoming_switch)
        .key("spool_dir", out.hook.spool_dir)
        .key("scanner_user", out.hook.scanner_user)
        .key("mailbox_router", out.hook.mailbox_router)
        .key("fail_open", out.hook.fail_open)
        .key("judge_timeout_ms", out.hook.judge_timeout_ms, 1U, timeout_ms_max)
        .key("hold_timeout_ms", out.hook.hold_timeout_ms, 1U, timeout_ms_max)
        .key("connections_max", out.hook.connections_max, 1U, 10'000U)
        .finish();
}

void refuse_unknown_tables(reader& in, const toml::table& root) {
    constexpr std::string_view known[] = {
        "engine",     "gateway",    "log",     "accounts", "filter",      "limits",   "rspamd",
        "statistics", "quarantine", "courier", "hook",     "attachments", "incoming", "license"};
    for (const auto& [key, node] : root) {
        if (std::find(std::begin(known), std::end(known), key.str()) == std::end(known)) {
            in.refuse(node, key.str(), "is not known");
        }
    }
}

}  // namespace

std::string configuration::engine_part::endpoint_of_trusted() const {
    if (!trusted_endpoint.empty()) return trusted_endpoint;
    const bool is_usual = endpoint == engine_part{}.endpoint;
    return is_usual ? "ipc:///run/imunifyemail/trusted/engine.sock" : endpoint;
}

configuration machine_defaults(const std::string& root) {
    struct exim_place {
        const char* spool;
        const char* program;
    };
    configuration out;
    for (const auto& each : {exim_place{"/var/spool/exim4", "/usr/sbin/exim4"},
                             exim_place{"/var/spool/exim", "/usr/sbin/exim"}}) {
        struct stat found {};
        if (::stat((root + each.spool).c_str(), &found) != 0) continue;
        out.hook.spool_dir = each.spool;
        out.courier.exim = each.program;
        if (found.st_uid == 0) break;  // not in use yet: nobody's
        if (const auto owner = login_of_uid(found.st_uid)) out.hook.user = *owner;
        break;
    }
    return out;
}

outcome<configuration> parse_settings(std::string_view text, const std::string& source,
                                      const configuration& defaults) {
    try {
        const toml::table root = toml::parse(text, source);
        configuration out = defaults;
        reader in(source);
        refuse_unknown_tables(in, root);
        read_engine_side(in, root, out);
        read_shared(in, root, out);
        if (in.failure().empty()) return out;
        return fail(error_code::bad_request, in.failure());
    } catch (const toml::parse_error& failure) {
        std::ostringstream what;
        what << source << ":" << failure.source().begin.line << ": " << failure.description();
        return fail(error_code::bad_request, what.str());
    }
}

outcome<configuration> load_settings(const std::string& path) {
    const auto file = must_read_file(path, settings_bytes_max);
    if (!file && file.failure().code == error_code::not_permitted) {
        return fail(error_code::not_found, file.failure().what);  // there is none for this user
    }
    if (!file) return file.failure();
    return parse_settings(file->text, path, machine_defaults());
}

}  // namespace ie
