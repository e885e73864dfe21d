"""What an account's quarantine can't take is refused while its sender still listens, and nothing is lost in silence.

Setup: alice is blocked; bob's space is 100 KB.
Expect: alice's spam gets a 550 that says why, by sendmail it bounces to her; ordinary mail passes; nothing is held.
A spam of bob's that is larger than his space gets a 550, too; a smaller one is held. Active again, alice's is held.
"""

from lab_case import DEADLINE_SECONDS, Lab, Refused, wait_for
from mails import mail, spam


def case():
    with Lab() as lab:
        assert lab.cli("accounts", "edit", "-a", "alice", "--state=block") == (0, "OK\n", "")
        assert lab.cli("accounts", "edit", "-a", "bob", "--limit=100000") == (0, "OK\n", "")
        refused(lab, "alice", spam("blocked"), "block")
        lab.sendmail("alice", ["-i", "to@far.test"], spam("by sendmail"))
        wait_for(lambda: any(b"by sendmail" in got for got in lab.inbox("alice")), DEADLINE_SECONDS,
                 lambda: f"no bounce: {lab.queue()}, {lab.log('exim_mainlog')[-5:]}")
        [bounce] = lab.inbox("alice")
        assert b"block" in bounce, bounce
        lab.submit("alice@alice.test", ["to@far.test"], mail())
        lab.wait_recipients(1)

        refused(lab, "bob", spam("large", body=(b"x" * 70 + b"\n") * 2_000), "100000")
        lab.submit("bob@bob.test", ["to@far.test"], spam("small"), auth=("bob@bob.test", "secret"))
        lab.wait_queue(0)
        assert [item["subject"] for item in lab.cli_json("emails", "list")["items"]] == ["small"]

        assert lab.cli("accounts", "edit", "-a", "alice", "--state=active")[0] == 0
        lab.submit("alice@alice.test", ["to@far.test"], spam("again"))
        lab.wait_queue(0)
        assert lab.cli_json("emails", "list", "-a", "alice")["max_count"] == 1
        assert len(lab.outside()) == 1


def refused(lab, login, message, word):
    address = f"{login}@{login}.test"
    try:
        lab.submit(address, ["to@far.test"], message, auth=(address, "secret"))
    except Refused as refusal:
        assert refusal.code == 550 and word in refusal.text, refusal
        return
    raise AssertionError(f"{login}'s mail was taken")
