// The one configuration file of engine, hook and tools (TOML): what an administrator sets before a
// process starts. What is decided while it runs belongs to the settings actor.
#pragma once

#include "config/account_directory.hpp"
#include "config/log.hpp"
#include "config/windows_programs.hpp"
#include "messages/verdict.hpp"

namespace ie {

inline constexpr std::string_view settings_path_default = "/etc/imunifyemail/imunifyemail.toml";

// What the hook does with mail that can't be judged.
enum class fail_policy : uint8_t { accept, defer };
constexpr auto enum_names(fail_policy) {
    return std::array<std::string_view, 2>{"accept", "defer"};
}

struct curve_client {
    std::string name;        // for logs and the audit trail
    std::string public_key;  // Z85, 40 characters

    bool operator==(const curve_client&) const = default;
};

struct configuration {
    struct engine_part {
        std::string endpoint = "ipc:///run/imunifyemail/engine.sock";
        // For Exim's hook and root, in a folder that nobody else enters. Empty: beside the default
        // of `endpoint` the default, else there is none.
        std::string trusted_endpoint;
        uint32_t socket_mode = 0666;  // the kernel tells who calls: see docs/wire.md
        std::string socket_group;     // empty: the engine's own
        std::string data_dir = "/var/imunifyemail";
        uint32_t drain_timeout_ms = 10'000;

        // Where Exim's hook and root go: `endpoint` where there is no other.
        std::string endpoint_of_trusted() const;

        bool operator==(const engine_part&) const = default;
    } engine;

    struct gateway_part {
        uint32_t mails_in_flight_max = 1024;
        uint64_t bytes_in_flight_max = 128ULL << 20;
        uint64_t mail_bytes_max = 64ULL << 20;  // of one mail
        std::string tcp_endpoint;               // empty: none
        std::string tcp_secret_key_file;        // Z85, 40 characters; mode 0600
        std::vector<curve_client> tcp_clients;  // each acts as root

        bool operator==(const gateway_part&) const = default;
    } gateway;

    struct log_part {
        std::string dir = "/var/log/imunifyemail";
        log_level level = log_level::info;

        bool operator==(const log_part&) const = default;
    } log;

    struct accounts_part {
        account_provider provider = account_provider::cpanel;
        // `domain: user` lines. cPanel's must be there; passwd's may be absent, or empty: none.
        std::string domain_map = "/etc/userdomains";
        // cPanel's two others, which may be absent, or empty: none.
        std::string true_domain_map = "/etc/trueuserdomains";
        std::string data_domain_map = "/etc/userdatadomains";
        // passwd's accounts.
        uint32_t uid_min = 1000;
        uint32_t uid_max = 59'999;
        std::string home_base = "/home";  // an absolute path; empty: any home

        account_rules rules() const { return {provider, uid_min, uid_max, home_base}; }

        bool operator==(const accounts_part&) const = default;
    } accounts;

    struct filter_part {
        double spam_threshold = 6.0;  // of Rspamd's score, from which mail is held
        hold_scope scope = hold_scope::all;
        uint32_t judge_timeout_ms = 4'000;  // the pipeline's own bound, below the hook's

        bool operator==(const filter_part&) const = default;
    } filter;

    // What of a mail's attachments is dangerous, and what looking for it may cost, a mail.
    struct attachments_part {
        std::vector<std::string> extensions = windows_programs();
        uint32_t depth_max = 16;  // of files in files
        uint32_t entries_max = 10'000;
        uint64_t unpacked_bytes_max = 64ULL << 20;
        uint32_t timeout_ms = 1'500;

        bool operator==(const attachments_part&) const = default;
    } attachments;

    // How many of an account's objects have names of their own; the rest is counted as `other`.
    struct limits_part {
        uint32_t domains_max = 1'000;
        uint32_t addresses_max = 1'000;
        uint32_t scripts_max = 1'000;

        bool operator==(const limits_part&) const = default;
    } limits;

    // How long counts are kept, and so how exact `--since` is.
    struct statistics_part {
        uint32_t seconds_kept_h = 2;
        uint32_t minutes_kept_d = 2;
        uint32_t hours_kept_d = 35;
        uint32_t days_kept_d = 400;

        bool operator==(const statistics_part&) const = default;
    } statistics;

    struct quarantine_part {
        uint32_t retention_days = 30;  // 0: for ever

        bool operator==(const quarantine_part&) const = default;
    } quarantine;

    struct rspamd_part {
        std::string url = "http://127.0.0.1:11333";
        std::string settings_id = "outgoing";
        std::string incoming_settings_id = "incoming";
        uint32_t timeout_ms = 3'000;
        uint32_t connections_max = 32;
        uint32_t retry_after_ms = 5'000;  // how long to leave it alone once it has failed

        bool operator==(const rspamd_part&) const = default;
    } rspamd;

    struct courier_part {
        std::string exim = "/usr/sbin/exim4";
        std::string socket =
            "/run/imunifyemail-release/release.sock";  // where ie-release starts it
        uint32_t timeout_ms = 60'000;                  // for one mail

        bool operator==(const courier_part&) const = default;
    } courier;

    // How Exim delivers incoming spam; ie-config enable writes it into Exim's configuration.
    struct incoming_part {
        std::string junk_folder = "Junk";  // of a Maildir: its name without the leading dot
        std::string mailbox;  // an expansion for Exim, as IE_MAILBOX; empty: by the server's layout

        bool operator==(const incoming_part&) const = default;
    } incoming;

    // What the licence's issuer calls this server; empty: what /etc/machine-id says.
    struct license_part {
        std::string server_id;

        bool operator==(const license_part&) const = default;
    } license;

    struct hook_part {
        std::string user = "Debian-exim";  // whom the engine takes verdict requests from
        std::string judge_socket = "/run/imunifyemail/judge.sock";
        std::string lmtp_socket = "/run/imunifyemail/lmtp.sock";
        // A file that is there while incoming mail is filtered: only then does Exim ask about it.
        std::string incoming_switch = "/run/imunifyemail/incoming";
        std::string spool_dir = "/var/spool/exim4";
        // Whom a content scanner runs as that hands mail back over loopback; empty: there is none.
        std::string scanner_user;
        // Exim's router that delivers to local mailboxes; empty: found out by ie-config enable.
        std::string mailbox_router;
        fail_policy fail_open = fail_policy::accept;
        uint32_t judge_timeout_ms = 5'000;
        uint32_t hold_timeout_ms = 30'000;
        uint32_t connections_max = 1'000;  // of each of the two sockets

        bool operator==(const hook_part&) const = default;
    } hook;

    bool operator==(const configuration&) const = default;
};

// The defaults, with Exim's user, spool and program as they are on this machine: by whichever of
// the usual spools (Debian's, then cPanel's and Fedora's) is there, below `root`, and who owns it.
configuration machine_defaults(const std::string& root = "");

// What the text doesn't say is as in `defaults`. Fails: bad_request; the text has the file, line
// and key, and what would be right.
outcome<configuration> parse_settings(std::string_view text, const std::string& source,
                                      const configuration& defaults = {});

// Over the machine's defaults. Fails: not_found (there is none, or none that this user may read),
// bad_request, too_large, conflict (not a regular file), storage_failed.
outcome<configuration> load_settings(const std::string& path);

}  // namespace ie
