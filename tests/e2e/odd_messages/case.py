"""Every odd mail comes out of the quarantine as it went in.

Setup: one lab. Each odd envelope and message below is submitted twice: clean, and with the GTUBE line.
Expect: the clean one passes and the spam is held, whole; released, it reaches exactly the recipients of the clean
one, local ones too, and equals what was sent but for Exim's Received line.
"""

from lab_case import DEADLINE_SECONDS, Lab, same_but_received, wait_for
from mails import GTUBE, mail

MANY = [f"r{number}@far.test" for number in range(3_000)]

# name → (recipients, message without the GTUBE line, parameters of SmtpSession.send)
ODD = {
    "local and remote": (["to@far.test", "bob@bob.test"], mail(), {}),
    "quoted commas": (['"odd, local"@far.test', '"a\\"b"@far.test', '"<x>, y"@away.test'], mail(), {}),
    "SMTPUTF8": (["grüße@far.test", "to@far.test"], mail(), {"mail_parameters": "SMTPUTF8 BODY=8BITMIME"}),
    "DSN": (["to@far.test"], mail(), {"mail_parameters": "RET=HDRS ENVID=QQ314159",
                                       "recipient_parameters": "NOTIFY=FAILURE,DELAY ORCPT=rfc822;to@far.test"}),
    "BDAT": (["to@far.test"], mail(), {"chunked": True}),
    "NUL bytes": (["to@far.test"], mail(body=b"a\0b\0\0c\n"), {}),
    "dots": (["to@far.test"], mail(body=b".\n..\n.a\n...\n"), {}),
    "8-bit": (["to@far.test"], mail(body=bytes(range(128, 256)) + b"\n"), {"mail_parameters": "BODY=8BITMIME"}),
    "long line": (["to@far.test"], mail(body=b"x" * 100_000 + b"\n"), {}),
    "no body": (["to@far.test"], mail(body=b""), {}),
    "820 KB of headers": (["to@far.test"],
                          mail(headers=b"".join(b"X-Long-%d: " % n + b"y" * 8_000 + b"\n" for n in range(102))), {}),
    "20 MB": (["to@far.test"], mail(body=b"0123456789abcdef" * 5 * 1_000 + b"\n" + (b"z" * 76 + b"\n") * 270_000), {}),
    "3,000 recipients": (MANY, mail(), {}),
}


def case():
    with Lab() as lab:
        for name, (recipients, message, parameters) in ODD.items():
            check(lab, name, recipients, message, parameters)
        check_missing_newline(lab)
        check_null_sender(lab)


def delivered_since(lab, known, wanted):
    """What arrived anywhere since: {recipient: message}, once all of `wanted` have it."""
    def found():
        arrived = {}
        for envelope, got in lab.outside()[known["outside"]:]:
            arrived.update({recipient: got for recipient in envelope["recipients"]})
        for got in lab.inbox("bob")[known["bob"]:]:
            arrived["bob@bob.test"] = got
        return arrived
    wait_for(lambda: set(found()) >= set(wanted), DEADLINE_SECONDS * 3,
             lambda: f"missing {sorted(set(wanted) - set(found()))[:5]}, queue {lab.queue()[:5]}")
    return found()


def counts(lab):
    return {"outside": len(lab.outside()), "bob": len(lab.inbox("bob"))}


def release_all(lab):
    listed = lab.cli_json("emails", "list")
    assert listed["max_count"] == 1, listed
    code, output, errors = lab.cli("emails", "release", "--ids", listed["items"][0]["email_id"])
    assert (code, output) == (0, "OK\n"), errors
    return listed["items"][0]


def check(lab, name, recipients, message, parameters):
    print(f"  {name}", flush=True)
    before = counts(lab)
    lab.submit("alice@alice.test", recipients, message, **parameters)
    clean = delivered_since(lab, before, recipients)
    assert set(clean) == set(recipients), sorted(clean)[:5]

    before = counts(lab)
    sent = message + GTUBE + b"\n"
    lab.submit("alice@alice.test", recipients, sent, **parameters)
    lab.wait_queue(0)
    assert counts(lab) == before, f"{name}: something left the server"
    item = release_all(lab)
    assert item["recipients"] == recipients, item["recipients"][:5]
    got = delivered_since(lab, before, recipients)
    assert set(got) == set(recipients), sorted(got)[:5]
    for recipient, bytes_got in got.items():
        if recipient.endswith("@bob.test"):  # Exim's final delivery adds lines of its own at the top
            assert bytes_got.endswith(sent), f"{name}: {recipient}"
        else:
            assert same_but_received(sent, bytes_got), f"{name}: {recipient}: {bytes_got[:2000]}"
    lab.wait_queue(0)


def check_missing_newline(lab):
    """Exim ends the last line; the release adds nothing further."""
    before = counts(lab)
    sent = mail(body=GTUBE)
    lab.submit("alice@alice.test", ["to@far.test"], sent, chunked=True)
    lab.wait_queue(0)
    release_all(lab)
    assert same_but_received(sent + b"\n", delivered_since(lab, before, ["to@far.test"])["to@far.test"])


def check_null_sender(lab):
    before = counts(lab)
    sent = mail(body=GTUBE + b"\n")
    lab.submit("", ["to@far.test"], sent)
    lab.wait_queue(0)
    assert release_all(lab)["sender"] == ""
    delivered_since(lab, before, ["to@far.test"])
    envelope, got = lab.outside()[-1]
    assert envelope["sender"] == "" and same_but_received(sent, got), envelope
