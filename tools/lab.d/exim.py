"""The lab's Exim: its configuration, which includes the product's fragments, and its queue as text."""

import os
import re
import shutil
import subprocess

import accounts
from place import LabError

PROGRAM = "/usr/sbin/exim4"
FRAGMENTS = ("ie_macros", "ie_acl", "ie_routers", "ie_junk_routers", "ie_transports")

# Every list is made for a lab: nothing is looked up in the DNS, nothing waits, no limit is in a test's way.
TEMPLATE = r"""
# The lab's Exim; generated anew by each `tools/lab up`.
.include /etc/exim4/ie_macros

primary_hostname = @HOSTNAME@
domainlist local_domains = lsearch;@HOME@/userdomains : @HOSTNAME@
# A client at 127.0.0.2 is a host that may relay; one at 127.0.0.1 is a stranger until it authenticates.
hostlist relay_from_hosts = 127.0.0.2

local_interfaces = 127.0.0.1
daemon_smtp_ports = @PORT@
disable_ipv6
host_lookup =
rfc1413_query_timeout = 0s
trusted_users = @ENGINE@
untrusted_set_sender = *
local_from_check = false
local_sender_retain = true
keep_environment =

spool_directory = @HOME@/spool
split_spool_directory
log_file_path = @HOME@/log/exim_%slog
pid_file_path = @HOME@/spool/exim.pid
notifier_socket =

acl_smtp_rcpt = acl_check_rcpt
acl_smtp_data = acl_check_data
acl_not_smtp = acl_check_data

message_size_limit = 50M
recipients_max = 0
smtp_accept_max = 200
smtp_accept_max_per_connection = 0
smtp_accept_queue_per_connection = 0
smtp_connect_backlog = 200
remote_max_parallel = 4
delay_warning =
smtputf8_advertise_hosts = *
chunking_advertise_hosts = *
dsn_advertise_hosts = *
accept_8bitmime
tls_advertise_hosts = *
tls_certificate = /etc/exim4/lab.crt
tls_privatekey = /etc/exim4/lab.key

begin acl

acl_check_rcpt:
  accept hosts = :
  accept authenticated = *
  accept hosts = +relay_from_hosts
  accept domains = +local_domains
  deny message = relay not permitted

acl_check_data:
  require acl = acl_ie_judge
  accept

.include /etc/exim4/ie_acl

begin routers

.include /etc/exim4/ie_routers

# DIR/aliases is `address: address, …`: forwards for tests and demonstrations.
forward:
  driver = redirect
  data = ${lookup{$local_part@$domain}lsearch{@HOME@/aliases}}

.include /etc/exim4/ie_junk_routers

account:
  driver = accept
  domains = lsearch;@HOME@/userdomains
  address_data = $domain_data
  transport = maildir

# LOGIN@ the server's own name is that account's; all else there is the administrator's.
server:
  driver = accept
  domains = @HOSTNAME@
  address_data = ${lookup{$local_part}lsearch{@HOME@/logins}{$value}{@EXIM@}}
  transport = maildir

outside:
  driver = manualroute
  route_list = * 127.0.0.1 byname
  self = send
  transport = outside

begin transports

.include /etc/exim4/ie_transports

maildir:
  driver = appendfile
  maildir_format
  directory = @HOME@/inbox/$address_data
  user = $address_data
  mode = 0600

outside:
  driver = smtp
  port = @SINK@
  allow_localhost
  hosts_avoid_tls = *
  hosts_try_dane =
  hosts_try_fastopen =
  max_rcpt = 100000
  message_linelength_limit = 1000000000

begin retry

* * F,2h,10s

begin authenticators

plain:
  driver = plaintext
  public_name = PLAIN
  server_set_id = $auth2
  server_condition = ${if and{{eq{$auth3}{secret}}\
                              {eq{${local_part:$auth2}}\
                                 {${lookup{${domain:$auth2}}lsearch{@HOME@/userdomains}{$value}{//}}}}}}
"""


def configure(place, ports, settings, fragments):
    """Write DIR/exim, which the lab's namespace shows as /etc/exim4, and the maps beside it."""
    folder = place.dir / "exim"
    folder.mkdir(exist_ok=True)
    names = {"HOSTNAME": accounts.HOSTNAME, "HOME": place.home, "PORT": ports["smtp"], "SINK": ports["sink"],
             "ENGINE": accounts.ENGINE, "EXIM": accounts.EXIM}
    config = re.sub(r"@([A-Z]+)@", lambda match: str(names[match[1]]), TEMPLATE)
    (folder / "exim4.conf").write_text(config)
    for name in FRAGMENTS:
        shutil.copyfile(fragments / name, folder / name)
    _fill_macros(folder / "ie_macros", place, settings)
    _make_certificate(folder)
    _make_maps(place)
    for path in ("spool", "inbox"):
        (place.dir / path).mkdir(exist_ok=True)
    os.chown(place.dir / "spool", accounts.uid(accounts.EXIM), accounts.gid(accounts.EXIM))
    (place.dir / "spool").chmod(0o750)
    for login in (*accounts.LOGINS, accounts.EXIM):
        inbox = place.dir / "inbox" / login
        inbox.mkdir(exist_ok=True)
        os.chown(inbox, accounts.uid(login), accounts.gid(login))


def _fill_macros(path, place, settings):
    maildir = f"maildir={place.home}/inbox/$value"
    values = {"IE_HOOK_SOCKET": settings["hook"]["judge_socket"], "IE_LMTP_SOCKET": settings["hook"]["lmtp_socket"],
              "IE_RELEASE_UID": accounts.uid(accounts.ENGINE), "IE_HOOK_GONE": settings["hook"]["fail_open"],
              "IE_INCOMING_SWITCH": settings["hook"]["incoming_switch"],
              "IE_FOLDER_MAKER": place.run / "bin/ie-make-folder",
              "IE_JUNK_FOLDER": settings.get("incoming", {}).get("junk_folder", "Junk"),
              "IE_DOMAIN_MAP": f"{place.home}/userdomains",
              # Any local part of an account's domains is delivered to its Maildir.
              "IE_MAILBOX": f"${{lookup{{$domain}}lsearch{{{place.home}/userdomains}}{{uid=$value gid=$value {maildir}}}fail}}",
              "IE_JUDGE_TIMEOUT": f"{settings['hook']['judge_timeout_ms'] // 1000 + 2}s"}
    text = path.read_text()
    for name, value in values.items():
        text, count = re.subn(rf"(?m)^{name} = (.*\\\n)*.*$", lambda _: f"{name} = {value}", text)
        if count != 1:
            raise LabError(f"config/system/exim/ie_macros must define {name} once, and does so {count} times")
    path.write_text(text)


def _make_maps(place):
    (place.dir / "userdomains").write_text("".join(f"{d}: {a}\n" for d, a in accounts.DOMAINS.items()))
    (place.dir / "logins").write_text("".join(f"{login}: {login}\n" for login in accounts.LOGINS))
    (place.dir / "aliases").touch()


def _make_certificate(folder):
    key, certificate = folder / "lab.key", folder / "lab.crt"
    if not certificate.exists():
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "3650", "-subj", f"/CN={accounts.HOSTNAME}", "-keyout", key, "-out", certificate],
            check=True, capture_output=True)
    os.chown(key, 0, accounts.gid(accounts.EXIM))
    key.chmod(0o640)


def queue_lines(listing):
    """Exim's -bp listing as one line a message: id, age, size, sender, state, recipients.

    A recipient that Exim has done with is left out.
    """
    lines = []
    for block in re.split(r"\n\s*\n", listing.strip("\n")):
        head, *rest = block.split("\n")
        match = re.match(r"\s*(\S+)\s+(\S+)\s+(\S+)\s+(<.*>)(.*)", head)
        if match:
            age, size, name, sender, state = match.groups()
            waiting = [line.strip() for line in rest if not re.match(r"\s+\+?D ", line)]
            frozen = "frozen" if "frozen" in state else "waiting"
            lines.append(f"{name} {age} {size} {sender} {frozen} {','.join(waiting)}")
    return lines
