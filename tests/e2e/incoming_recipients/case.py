"""Incoming spam for many, into a mailbox that is full, and while nobody judges.

Setup: bob has opted out, carol's addresses of one domain are whitelisted; alice's inbox is moved to a small tmpfs.
Expect: one spam to 500 recipients goes to Junk, inbox or inbox as each account has it. With alice's inbox full her copy
waits in Exim's queue, others' come; it comes in when there is room. With engine or hook gone mail is delivered
unmarked (`fail_open = "accept"`), or deferred (`"defer"`), and judged again afterwards. Spam to a mailbox that is no
Maildir comes with X-Spam-Flag.
"""

import re

from lab_case import DEADLINE_SECONDS, Lab, Refused, wait_for
from mails import spam

LARGE = (b"x" * 70 + b"\n") * 9_000  # 0.6 MB


def case():
    with Lab() as lab:
        switch_on(lab)
        many_recipients(lab)
        full_mailbox(lab)
        nobody_judges(lab)
        no_maildir(lab)
    with Lab(config={"hook": {"fail_open": "defer"}}) as lab:
        switch_on(lab)
        deferred(lab)


def switch_on(lab):
    assert lab.run("ie-config", "enable-incoming")[0] == 0
    assert lab.cli("incoming", "disable", "-a", "bob")[0] == 0
    assert lab.cli("whitelist", "recipient", "add", "carol.test")[0] == 0


def offer(lab, recipients, message):
    lab.submit("x@away.test", recipients, message, auth=None)


def junk(lab, login):
    return [path.read_bytes() for path in (lab.dir / "inbox" / login / ".Junk/new").glob("*")]


def many_recipients(lab):
    domains = ("alice.test", "bob.test", "carol.test", "shop.alice.test")
    offer(lab, [f"\"u, {n}\"@{domains[n % 4]}" if n % 3 == 0 else f"U{n}@{domains[n % 4].upper()}" for n in range(500)],
          spam("many"))
    lab.wait_queue(0, seconds=180)
    assert len(junk(lab, "alice")) == 250 and not lab.inbox("alice")
    for login in ("bob", "carol"):
        assert len(lab.inbox(login)) == 125 and not junk(lab, login), login
        assert not any(b"X-Spam" in got or b"X-Imunify" in got for got in lab.inbox(login))


def full_mailbox(lab):
    inbox = lab.dir / "inbox/alice"
    inside(lab, f"mount -t tmpfs -o size=1m,uid=$(id -u alice),gid=$(id -g alice),mode=700 none {inbox}")
    try:
        offer(lab, ["a@alice.test", "b@bob.test"], spam("first", body=LARGE))
        lab.wait_queue(0)
        offer(lab, ["a@alice.test", "b@bob.test"], spam("second", body=LARGE))
        # Exim notes each recipient that has got his copy.
        wait_for(lambda: [line.split()[-1] for line in lab.queue()] == ["a@alice.test"], DEADLINE_SECONDS, lab.queue)
        wait_for(lambda: any("No space left" in line or "quota" in line for line in lab.log("exim_mainlog")),
                 DEADLINE_SECONDS, lambda: lab.log("exim_mainlog")[-5:])
        assert sum(b"Subject: second" in got for got in lab.inbox("bob")) == 1
        inside(lab, f"mount -o remount,size=8m {inbox}")
        lab.drain_queue()
        subjects = inside(lab, f"grep -h ^Subject: {inbox}/.Junk/new/* | sort")
        assert subjects == "Subject: first\nSubject: second\n", subjects
        assert inside(lab, f"cat {inbox}/subscriptions") == "Junk\n"
    finally:
        inside(lab, f"umount {inbox}")


def nobody_judges(lab):
    for part in ("engine", "hook"):
        lab.signal(part, "KILL")
        before = len(lab.inbox("alice"))
        offer(lab, ["a@alice.test"], spam(f"no {part}"))
        [got] = lab.wait_inbox("alice", before + 1)[before:]
        assert b"X-Spam" not in got and b"X-Imunify" not in got, got
        lab.restart(part)
        junked = len(junk(lab, "alice"))
        offer(lab, ["a@alice.test"], spam(f"{part} again"))
        wait_for(lambda: len(junk(lab, "alice")) == junked + 1, DEADLINE_SECONDS, lab.queue)


def no_maildir(lab):
    [mailbox] = re.findall(r"(?m)^IE_MAILBOX = .*$", (lab.dir / "exim/ie_macros").read_text())
    lab.change_exim((mailbox, "IE_MAILBOX = ${if eq{1}{2}{x}fail}"), file="ie_macros")
    before, junked = len(lab.inbox("alice")), len(junk(lab, "alice"))
    offer(lab, ["Some.One@alice.test"], spam("marked"))
    [got] = lab.wait_inbox("alice", before + 1)[before:]
    assert b"X-Spam-Flag: YES" in got and b"Filter-Action: add header" in got and len(junk(lab, "alice")) == junked


def deferred(lab):
    lab.signal("engine", "KILL")
    try:
        offer(lab, ["a@alice.test"], spam("later"))
    except Refused as refusal:
        assert refusal.code == 451, refusal
    else:
        raise AssertionError("was taken")
    lab.restart("engine")
    offer(lab, ["a@alice.test"], spam("later"))
    lab.wait_queue(0)
    assert len(junk(lab, "alice")) == 1


def inside(lab, command):
    code, output, errors = lab.run("sh", "-c", command)
    assert code == 0, (command, errors)
    return output
