"""A PHP script is known by its header only where the submitting uid agrees; a client on loopback by its own uid.

Setup: alice, bob and a network client send mail with PHP's headers; alice connects from a host that may relay, without
authenticating.
Expect: the script appears under alice's account for alice's own mail alone; the unauthenticated client's mail is hers.
One that hangs up before it is answered, so that nobody could say whose mail it is, is not taken.
"""

import pwd
import subprocess
import sys

from lab_case import DEADLINE_SECONDS, Lab, wait_for
from mails import mail


def case():
    with Lab() as lab:
        originating = f"X-PHP-Originating-Script: {pwd.getpwnam('alice').pw_uid}:contact.php\n".encode()
        named = b"X-PHP-Script: www.alice.test/blog/../mailer.php for 192.0.2.1\n"
        for headers in (originating, named):
            for login in ("alice", "bob"):
                assert lab.sendmail(login, ["to@far.test"], mail(headers=headers)) == 0
            lab.submit("alice@alice.test", ["to@far.test"], mail(headers=headers))
        lab.wait_outside(6)
        accounts = {account["name"]: account for account in lab.cli_json("am", "stats")["accounts"]}
        assert set(accounts) == {"alice", "bob"}, accounts
        scripts = {script["name"]: script["messages"] for script in accounts["alice"]["scripts"]}
        assert scripts == {"contact.php": 1, "www.alice.test/mailer.php": 1}, scripts
        assert accounts["bob"]["scripts"] is None, accounts["bob"]
        assert (accounts["alice"]["messages"], accounts["bob"]["messages"]) == (4, 2), accounts

        found = lab.cli_json("am", "stats", "--script-name", "CONTACT")["accounts"]
        assert [[script["name"] for script in account["scripts"]] for account in found] == [["contact.php"]], found

        unauthenticated_client(lab)
        lab.wait_outside(7)
        [after] = lab.cli_json("am", "stats", "--account-name", "alice")["accounts"]
        assert after["messages"] == 5, after

        lab.signal("hook", "STOP")  # it looks whose the client is once that has hung up, never before
        client_that_hangs_up(lab)
        lab.signal("hook", "CONT")
        wait_for(lambda: any("deferred" in line for line in lab.log("exim_mainlog")), DEADLINE_SECONDS,
                 lambda: "nothing deferred")
        assert len(lab.outside()) == 7
        assert "root" not in {account["name"] for account in lab.cli_json("am", "stats")["accounts"]}


def as_alice(lab, program):
    """In a process of alice's own, from an address that may relay."""
    command = [sys.executable, "-c", program, lab.env["IE_LAB_SMTP_PORT"]]
    done = subprocess.run(["setpriv", "--reuid", "alice", "--regid", "alice", "--clear-groups", *command],
                          input=mail(), capture_output=True, timeout=60, cwd="/")
    assert done.returncode == 0, done.stderr


def unauthenticated_client(lab):
    as_alice(lab, "import smtplib, sys\n"
                  "client = smtplib.SMTP('127.0.0.1', int(sys.argv[1]), source_address=('127.0.0.2', 0), timeout=60)\n"
                  "client.sendmail('any@alice.test', ['to@far.test'], sys.stdin.buffer.read())\n")


def client_that_hangs_up(lab):
    as_alice(lab, "import smtplib, sys\n"
                  "client = smtplib.SMTP('127.0.0.1', int(sys.argv[1]), source_address=('127.0.0.2', 0), timeout=60)\n"
                  "client.ehlo(), client.mail('any@alice.test'), client.rcpt('to@far.test'), client.docmd('DATA')\n"
                  "client.sock.sendall(sys.stdin.buffer.read().replace(b'\\n', b'\\r\\n') + b'.\\r\\nQUIT\\r\\n')\n"
                  "client.close()\n")
