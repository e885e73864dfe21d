"""tools/run [--once]: shows the product at work on a real Exim and a real Rspamd, in a lab of its own.

Installs and builds what is needed, starts a lab, sends a batch of mail, shows what was delivered and what was held,
releases one held mail and shows it arrive. Then it stays until Ctrl-C, for you to go on by hand; with --once it ends,
with 0 only if all of it happened. Real mail is taken from the test data (IE_TEST_DATA, by default ../shared/data
beside the project) where there is some, else it is made up.
"""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/e2e"))

from lab_case import Lab, Refused, same_but_received, wait_for  # noqa: E402
from mails import mail, spam  # noqa: E402

HAM_COUNT, SPAM_COUNT = 30, 5
DELIVERY_SECONDS = 60


def say(text=""):
    print(text, flush=True)


def real_ham(count):
    """As many real mails as there are, up to count."""
    archive = Path(os.environ.get("IE_TEST_DATA", REPOSITORY.parent / "shared/data")) / "spamassassin/dev.tar.zst"
    if not archive.exists():
        return []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "-x", "--use-compress-program=zstd -d --long=27", "-f", archive, "-C", folder], check=True)
        manifest = next(Path(folder).glob("**/*manifest*"))
        columns, *rows = [line.split("\t") for line in manifest.read_text(errors="replace").splitlines()]
        label, name = columns.index("label"), columns.index("file")
        names = [row[name] for row in rows if row[label] == "ham"][:count]
        found = [next(Path(folder).glob(f"**/{Path(each).name}")).read_bytes() for each in names]
    return [message.replace(b"\r\n", b"\n").replace(b"\r", b"\n") for message in found]


def progress(done, total, what):
    end = "\n" if done == total else ""
    if sys.stdout.isatty():
        print(f"\r  {what}: {done} of {total}", end=end, flush=True)
    elif end:
        say(f"  {what}: {done} of {total}")


def send_batch(lab):
    """Returns the spam that is to be released later."""
    ham = real_ham(HAM_COUNT)
    say(f"\nSending {HAM_COUNT} {'real ' if ham else ''}mails as alice, by SMTP with AUTH")
    ham = (ham + [mail(f"mail {number}") for number in range(HAM_COUNT)])[:HAM_COUNT]
    with lab.session() as session:
        for number, message in enumerate(ham, 1):
            session.send("alice@alice.test", ["friend@far.test"], message)
            progress(number, len(ham), "accepted")
    say("Sending a mail as bob, a local user, through sendmail as PHP does")
    assert lab.sendmail("bob", ["friend@far.test"], mail("from a script", sender="bob@bob.test")) == 0
    say(f"Sending {SPAM_COUNT} spams as alice, with a Bcc")
    spams = [spam(f"buy now, {number} left", to="victim@far.test") for number in range(SPAM_COUNT, 0, -1)]
    for number, message in enumerate(spams, 1):
        lab.submit("alice@alice.test", ["victim@far.test", "hidden@away.test"], message)
        progress(number, len(spams), "accepted")
    say("Sending a mail to an address that will bounce")
    lab.submit("alice@alice.test", ["reject@far.test"], mail("to nobody", to="reject@far.test"))
    return spams[-1]


def show_outcome(lab):
    say("\nWhat became of them")
    bounces = lab.wait_inbox("alice", 1, DELIVERY_SECONDS)
    wait_for(lambda: not lab.queue(), DELIVERY_SECONDS, lambda: f"the queue empty, it has {lab.queue()}")
    listed = lab.cli_json("emails", "list")
    say(f"  outside: {len(lab.outside())} · held: {listed['max_count']} · bounced to alice: {len(bounces)}")
    assert listed["max_count"] >= SPAM_COUNT, listed
    assert len(lab.outside()) + listed["max_count"] == HAM_COUNT + SPAM_COUNT + 1, (len(lab.outside()), listed)
    assert not any(b"buy now" in got for _, got in lab.outside()), "a spam got out"
    return listed


def command(lab, *words):
    """Run ie-cli as an administrator would, and show both."""
    say(f"\n$ ie-cli {' '.join(words)}")
    code, output, errors = lab.cli(*words)
    lines = (output + errors).splitlines()
    say("\n".join(line[:110] for line in lines[:24]) + ("\n…" if len(lines) > 24 else ""))
    assert code == 0, code


def release_one(lab, listed, sent):
    item = next(each for each in listed["items"] if each["subject"] == "buy now, 1 left")
    command(lab, "emails", "list", "--limit", "2")
    command(lab, "emails", "show", "--id", item["email_id"])
    before = len(lab.outside())
    command(lab, "emails", "release", "--ids", item["email_id"])
    arrived = lab.wait_outside(before + 1, DELIVERY_SECONDS)[before:]
    wait_for(lambda: sum(len(e["recipients"]) for e, _ in lab.outside()[before:]) == 2, DELIVERY_SECONDS,
             lambda: f"both recipients, there are {arrived}")
    for envelope, got in lab.outside()[before:]:
        same = same_but_received(sent, got)
        say(f"\nArrived outside for {', '.join(envelope['recipients'])}: "
            + ("as it was sent, byte for byte, below Exim's Received line" if same else "CHANGED"))
        assert same
    assert lab.cli_json("emails", "list")["max_count"] == listed["max_count"] - 1


def stay(lab):
    say(f"""
The lab stays up until Ctrl-C. To go on by hand, in another terminal:
  tools/lab exec {lab.dir} ie-cli emails list
  tools/lab exec {lab.dir} --as alice ie-cli emails list
  tools/lab exec {lab.dir} ie-cli status
  tools/lab exec {lab.dir} ie-cli logs -f
  tools/lab sendmail {lab.dir} alice someone@far.test < MAIL
  tools/lab signal {lab.dir} engine KILL        and: tools/lab start {lab.dir} engine
SMTP is at 127.0.0.1:{lab.env["IE_LAB_SMTP_PORT"]} (AUTH PLAIN, alice@alice.test, secret);
what left the server is in {lab.env["IE_LAB_OUTSIDE"]}""")
    try:
        signal.pause()
    except KeyboardInterrupt:
        say("\nTaking the lab down")


def main():
    if sys.argv[1:] not in ([], ["--once"]):
        say(__doc__)
        return 0 if sys.argv[1:] in (["-h"], ["--help"]) else 2
    subprocess.run([REPOSITORY / "tools/build", os.environ.get("IE_PRESET", "release")], check=True)
    say("Starting a lab: Exim, Rspamd, engine and hook on loopback")
    try:
        with Lab() as lab:
            sent = send_batch(lab)
            release_one(lab, show_outcome(lab), sent)
            say("\nAll of it happened as it should.")
            if not sys.argv[1:]:
                stay(lab)
    except (AssertionError, Refused) as failure:
        say(f"\nThat went wrong: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
