"""Beside a smarthost that wants authentication, as MailChannels and SMTP2GO do.

Setup: a second Exim stands for the smarthost: it takes mail of who authenticates, and passes it on to the outside.
Expect: mail goes there with credentials; what is held doesn't, and what is released does, once, as it was sent but for
the Received lines of the two; refused credentials leave the mail in the queue.
"""

import os

from lab_case import DEADLINE_SECONDS, Lab, listens, same_but_received, wait_for
from mails import mail, spam

SMARTHOST = r"""
primary_hostname = smarthost.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = @PORT@
disable_ipv6
host_lookup =
rfc1413_query_timeout = 0s
spool_directory = @HOME@/smarthost
log_file_path = @HOME@/log/smarthost_%slog
pid_file_path = @HOME@/smarthost/exim.pid
notifier_socket =
trusted_users = Debian-exim
acl_smtp_rcpt = acl_check_rcpt
keep_environment =
begin acl
acl_check_rcpt:
  accept authenticated = *
  deny message = authenticate first
begin routers
outside:
  driver = manualroute
  route_list = * 127.0.0.1 byname
  self = send
  transport = outside
begin transports
outside:
  driver = smtp
  port = @SINK@
  allow_localhost
  hosts_avoid_tls = *
  hosts_try_fastopen =
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_set_id = $auth2
  server_condition = ${if and{{eq{$auth2}{customer}}{eq{$auth3}{pass}}}}
  server_advertise_condition = yes
"""



def case():
    with Lab() as lab:
        port, sink = lab.free_port(), (lab.dir / "exim/exim4.conf").read_text().split("  port = ")[1].split()[0]
        start_smarthost(lab, port, sink)
        lab.change_exim((f"  port = {sink}\n", f"  port = {port}\n  hosts_require_auth = *\n"),
                        ("\nbegin authenticators\n", "\nbegin authenticators\n\nto_smarthost:\n  driver = plaintext\n"
                         "  public_name = PLAIN\n  client_send = ^customer^pass\n"))
        sent = mail("ham")
        lab.submit("alice@alice.test", ["x@far.test"], sent)
        [(_, got)] = lab.wait_outside(1)
        assert same_but_received(sent, got, count=2), got
        held_and_released(lab)
        lab.change_exim(("client_send = ^customer^pass", "client_send = ^customer^wrong"))
        lab.submit("alice@alice.test", ["x@far.test"], mail("waits"))
        wait_for(lambda: any("Incorrect authentication data" in line for line in lab.log("exim_mainlog")),
                 DEADLINE_SECONDS, lambda: lab.log("exim_mainlog")[-5:])
        assert len(lab.queue()) == 1 and len(lab.outside()) == 2


def held_and_released(lab):
    sent = spam("spam")
    lab.submit("alice@alice.test", ["x@far.test", "y@away.test"], sent)
    lab.wait_queue(0)
    [item] = lab.cli_json("emails", "list")["items"]
    assert len(lab.outside()) == 1
    assert lab.cli("emails", "release", "--ids", item["email_id"])[0] == 0
    [_, (envelope, got)] = lab.wait_outside(2)
    assert sorted(envelope["recipients"]) == ["x@far.test", "y@away.test"], envelope
    assert same_but_received(sent, got, count=2), got


def start_smarthost(lab, port, sink):
    folder = lab.dir / "smarthost"
    folder.mkdir()
    config = lab.dir / "exim/smarthost.conf"
    home = lab.run("sh", "-c", "dirname $IE_CONFIG")[1].strip()
    config.write_text(SMARTHOST.replace("@PORT@", str(port)).replace("@SINK@", sink).replace("@HOME@", home))
    os.chown(folder, *((lab.dir / "spool").stat().st_uid, (lab.dir / "spool").stat().st_gid))
    lab.spawn("/usr/sbin/exim4", "-C", "/etc/exim4/smarthost.conf", "-bdf", "-q10s", answers=lambda: listens(port))
