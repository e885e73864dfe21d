"""Beside SpamAssassin's ACL, before ours, on outgoing and incoming mail.

Setup: a real spamd with its own rules; Exim's `spam =` marks every mail with X-Spam-Score and, where it is spam,
X-Spam-Flag, then asks us; released mail passes by. Incoming mail is filtered; bob has opted out.
Expect: outgoing mail that neither holds leaves with SpamAssassin's headers as without us, ours is held and released
with them. Incoming spam goes to Junk with both verdicts; bob keeps SpamAssassin's headers and gets none of ours; those
that came from outside are gone.
"""

import contextlib
import socket

from lab_case import DEADLINE_SECONDS, Lab, wait_for
from mails import mail, spam

MARK = """acl_check_data:
  accept acl = acl_ie_release
  warn spam = nobody:true
       add_header = X-Spam-Score: $spam_score
  warn spam = nobody
       add_header = X-Spam-Flag: YES
  require acl = acl_ie_judge
"""


def case():
    with Lab() as lab:
        port = lab.free_port()
        lab.spawn("/usr/sbin/spamd", "--local", "--nouser-config", "--username=nobody", "--max-children=2", f"--port={port}",
                  "--listen=127.0.0.1", "--syslog=stderr", answers=lambda: pongs(port))
        lab.change_exim(("\nbegin acl\n", f"\nspamd_address = 127.0.0.1 {port}\n\nbegin acl\n"),
                        ("acl_check_data:\n  require acl = acl_ie_judge\n", MARK))
        outgoing(lab)
        incoming(lab)


def pongs(port):
    """It listens before it has read its rules."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), DEADLINE_SECONDS) as probe:
        probe.sendall(b"PING SPAMC/1.2\r\n\r\n")
        return b"PONG" in probe.recv(100)
    return False


def headers(message, name):
    return [line for line in message.split(b"\n\n", 1)[0].split(b"\n") if line.lower().startswith(name.lower() + b":")]


def outgoing(lab):
    lab.submit("alice@alice.test", ["x@far.test"], mail("ham"))
    [(_, got)] = lab.wait_outside(1)
    assert len(headers(got, b"X-Spam-Score")) == 1 and not headers(got, b"X-Spam-Flag"), got
    lab.submit("alice@alice.test", ["x@far.test"], spam("spam"))
    lab.wait_queue(0)
    [held] = lab.cli_json("emails", "list")["items"]
    assert held["reasons"] == ["spam"] and len(lab.outside()) == 1
    assert lab.cli("emails", "release", "--ids", held["email_id"])[0] == 0
    [_, (_, got)] = lab.wait_outside(2)
    assert headers(got, b"X-Spam-Flag") == [b"X-Spam-Flag: YES"] and b"X-Imunify" not in got, got


def incoming(lab):
    assert lab.run("ie-config", "enable-incoming")[0] == 0
    assert lab.cli("incoming", "disable", "-a", "bob")[0] == 0
    lab.submit("x@away.test", ["a@alice.test", "b@bob.test"],
               spam("in", headers=b"X-Spam-Score: -100\nX-Spam-Flag: NO\nX-Spam-Status: No\n"), auth=None)
    lab.wait_queue(0)
    folder = lab.dir / "inbox/alice/.Junk/new"
    wait_for(lambda: len(list(folder.glob("*"))) == 1, DEADLINE_SECONDS, lambda: "the mail in Junk")
    [got] = [path.read_bytes() for path in folder.glob("*")]
    assert set(headers(got, b"X-Spam-Flag")) == {b"X-Spam-Flag: YES"}, got
    [score] = headers(got, b"X-Spam-Score")
    assert float(score.split()[1]) > 100 and not headers(got, b"X-Spam-Status"), got
    assert headers(got, b"X-ImunifyEmail-Filter-Action") == [b"X-ImunifyEmail-Filter-Action: add header"]
    [got] = lab.wait_inbox("bob", 1)
    assert headers(got, b"X-Spam-Flag") == [b"X-Spam-Flag: YES"] and b"X-Imunify" not in got, got
