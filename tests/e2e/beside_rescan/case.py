"""Beside a content scanner that takes each mail from Exim and hands it back, as amavis and MailScanner do.

Setup: a real amavisd behind a router that comes after ours, handing back over loopback; it is `hook.scanner_user`.
Expect: each mail is judged once and goes round once. Outgoing mail leaves with amavis' mark, spam is held before it gets
to amavis. Incoming spam goes to Junk, for who has opted out to the inbox; its copy for the outside has nothing of ours.
A local user who talks to Exim over loopback as the scanner does is judged.
"""

import os
import pwd
import subprocess

from lab_case import DEADLINE_SECONDS, REPOSITORY, Lab, listens, wait_for
from mails import mail, spam

AMAVIS = """use strict;
$max_servers = 2;
$daemon_user = 'amavis';
$daemon_group = 'amavis';
$MYHOME = '@HOME@/amavis';
$TEMPBASE = "$MYHOME/tmp";
$lock_file = "$MYHOME/lock";
$pid_file = "$MYHOME/pid";
$db_home = "$MYHOME";
$enable_db = 0;
$enable_zmq = 0;
$unix_socketname = undef;
$myhostname = 'scanner.lab.test';
$mydomain = 'lab.test';
@local_domains_maps = (['.alice.test', '.bob.test']);
$inet_socket_bind = '127.0.0.1';
$inet_socket_port = @PORT@;
@inet_acl = ('127.0.0.1');
$forward_method = 'smtp:[127.0.0.1]:@BACK@';
$notify_method = $forward_method;
$do_syslog = 0;
$log_level = 1;
$LOGFILE = "$MYHOME/amavis.log";
@bypass_virus_checks_maps = (1);
@bypass_spam_checks_maps = (1);
@bypass_banned_checks_maps = (1);
@bypass_header_checks_maps = (1);
@decoders = ();
1;
"""

ROUTER = """
to_amavis:
  driver = manualroute
  condition = ${if eq{$received_port}{@BACK@}{no}{yes}}
  route_list = * 127.0.0.1 byname
  self = send
  transport = to_amavis

# DIR/aliases"""

TRANSPORT = """
begin transports

to_amavis:
  driver = smtp
  port = @PORT@
  allow_localhost
  hosts_avoid_tls = *
  hosts_try_fastopen =

"""

MARK = b"(amavis, port"


def case():
    with Lab(config={"hook": {"scanner_user": "amavis"}}) as lab:
        port, back = lab.free_port(), lab.free_port()
        start_amavis(lab, port, back)
        smtp = lab.env["IE_LAB_SMTP_PORT"]
        (lab.dir / "aliases").write_text("out@alice.test: x@far.test\n")
        lab.change_exim((f"daemon_smtp_ports = {smtp}\n", f"daemon_smtp_ports = {smtp} : {back}\n"),
                        ("relay_from_hosts = 127.0.0.2", "relay_from_hosts = 127.0.0.1"),
                        ("\n# DIR/aliases", ROUTER.replace("@BACK@", str(back))),
                        ("\nbegin transports\n\n", TRANSPORT.replace("@PORT@", str(port))))
        assert listens(back)
        outgoing(lab)
        incoming(lab)
        others_on_loopback(lab, back)


def judged(lab):
    return sum(" mail_judged " in line for line in lab.log("engine"))


def outgoing(lab):
    lab.submit("alice@alice.test", ["x@far.test"], mail("ham"))
    [(_, got)] = lab.wait_outside(1)
    assert got.count(MARK) == 1 and judged(lab) == 1, (got, judged(lab))
    lab.submit("alice@alice.test", ["x@far.test"], spam("spam"))
    lab.wait_queue(0)
    [item] = lab.cli_json("emails", "list")["items"]
    assert judged(lab) == 2 and len(lab.outside()) == 1
    assert lab.cli("emails", "release", "--ids", item["email_id"])[0] == 0
    [_, (_, got)] = lab.wait_outside(2)
    assert got.count(MARK) == 1 and judged(lab) == 2, (got, judged(lab))


def incoming(lab):
    assert lab.run("ie-config", "enable-incoming")[0] == 0
    assert lab.cli("incoming", "disable", "-a", "bob")[0] == 0
    before = judged(lab)
    with lab.session(auth=None, source="127.0.0.3") as session:
        session.send("x@away.test", ["a@alice.test", "b@bob.test"], spam("in"))
        session.send("x@away.test", ["a@alice.test", "out@alice.test"], mail("ham in"))
    lab.wait_queue(0)
    folder = lab.dir / "inbox/alice/.Junk/new"
    wait_for(lambda: len(list(folder.glob("*"))) == 1, DEADLINE_SECONDS, lambda: "the mail in Junk")
    [got] = [path.read_bytes() for path in folder.glob("*")]
    assert got.count(MARK) == 1 and b"X-Spam-Flag: YES" in got and b"Filter-Action: add header" in got, got
    [got] = lab.wait_inbox("bob", 1)
    assert got.count(MARK) == 1 and b"X-Spam" not in got and b"X-Imunify" not in got, got
    [got] = lab.wait_inbox("alice", 1)
    assert b"Filter-Action: no action" in got, got
    [_, _, (_, got)] = lab.wait_outside(3)
    assert got.count(MARK) == 1 and b"X-Imunify" not in got, got
    assert judged(lab) == before + 2


def others_on_loopback(lab, back):
    before = judged(lab)
    script = ("import sys; sys.path[:0] = [sys.argv[1]]; from lab_case import SmtpSession; "
              "SmtpSession(int(sys.argv[2])).send('alice@alice.test', ['x@far.test'], sys.stdin.buffer.read())")
    subprocess.run([REPOSITORY / "tools/lab", "exec", lab.dir, "--as", "alice", "/usr/bin/python3", "-c", script,
                    str(REPOSITORY / "tests/e2e"), str(back)], input=spam("around"), check=True,
                   timeout=DEADLINE_SECONDS)
    lab.wait_queue(0)
    assert judged(lab) == before + 1 and lab.cli_json("emails", "list")["max_count"] == 1 and len(lab.outside()) == 3


def start_amavis(lab, port, back):
    user = pwd.getpwnam("amavis")
    for path in (lab.dir / "amavis", lab.dir / "amavis/tmp"):
        path.mkdir()
        os.chown(path, user.pw_uid, user.pw_gid)
    home = lab.run("sh", "-c", "dirname $IE_CONFIG")[1].strip()
    config = lab.dir / "exim/amavisd.conf"  # which amavisd wants to be root's
    config.write_text(AMAVIS.replace("@HOME@", home).replace("@PORT@", str(port)).replace("@BACK@", str(back)))
    lab.spawn("/usr/sbin/amavisd", "-c", "/etc/exim4/amavisd.conf", "foreground", answers=lambda: listens(port))
