"""Beside DKIM signing by Exim, on the way out.

Setup: the transport that sends to the outside signs for the sender's domain.
Expect: the signature of a mail that wasn't held verifies, and so does that of one that was held and released; what is
signed is what was sent.
"""

import subprocess

import dkim

from lab_case import Lab, same_but_received
from mails import mail, spam


def case():
    with Lab() as lab:
        private = lab.dir / "exim/dkim.key"
        subprocess.run(["openssl", "genrsa", "-out", private, "2048"], check=True, capture_output=True)
        public = subprocess.run(["openssl", "rsa", "-in", private, "-pubout", "-outform", "PEM"], check=True,
                                capture_output=True, text=True).stdout
        key = "".join(line for line in public.splitlines() if not line.startswith("-"))
        private.chmod(0o644)
        lab.change_exim(("  message_linelength_limit = 1000000000\n",
                         "  message_linelength_limit = 1000000000\n  dkim_domain = ${domain:$sender_address}\n"
                         "  dkim_selector = sel\n  dkim_private_key = /etc/exim4/dkim.key\n  dkim_canon = relaxed\n"))
        ham, junk = mail("ham"), spam("spam")
        lab.submit("alice@alice.test", ["x@far.test"], ham)
        [(_, got)] = lab.wait_outside(1)
        verify(got, ham, key)
        lab.submit("alice@alice.test", ["x@far.test"], junk)
        lab.wait_queue(0)
        [item] = lab.cli_json("emails", "list")["items"]
        assert lab.cli("emails", "release", "--ids", item["email_id"])[0] == 0
        [_, (_, got)] = lab.wait_outside(2)
        verify(got, junk, key)
        assert not dkim.verify(got.replace(b"Subject: spam", b"Subject: ham"), dnsfunc=record_of(key))


def record_of(key):
    return lambda name, timeout=5: f"v=DKIM1; k=rsa; p={key}".encode() if name == b"sel._domainkey.alice.test." else b""


def verify(got, sent, key):
    assert dkim.verify(got, dnsfunc=record_of(key)), got
    signature, rest = got.split(b"\nReceived:", 1)
    assert signature.startswith(b"DKIM-Signature: v=1;"), got
    assert same_but_received(sent, b"Received:" + rest), got
