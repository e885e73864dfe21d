"""An account's space holds its newest mail, counted to the byte; nobody else's mail makes room for it.

Setup: a space of 1 MB for alice, the default one for bob, who has three held mails. 60 spams of 50 KB by alice.
Expect: of hers the newest fit, the oldest are gone; `used_bytes` is what their files take, `deleted_last_hour` how many
went; bob's are as before. Mail older than the retention goes, too.
"""

from lab_case import DEADLINE_SECONDS, Lab, wait_for
from mails import spam

LIMIT_BYTES = 1_048_576
SENT, BYTES = 60, 50_000


def case():
    with Lab(config={"quarantine": {"retention_days": 30}}) as lab:
        assert lab.cli("accounts", "edit", "-a", "alice", f"--limit={LIMIT_BYTES}") == (0, "OK\n", "")
        for number in range(3):
            lab.submit("bob@bob.test", ["to@far.test"], spam(f"bob {number}"), auth=("bob@bob.test", "secret"))
        for number in range(SENT):
            lab.submit("alice@alice.test", ["to@far.test"], spam(f"alice {number}", body=b"x" * BYTES + b"\n"))
        lab.wait_queue(0)
        wait_for(lambda: space(lab, "alice")["used_bytes"] <= LIMIT_BYTES, DEADLINE_SECONDS,
                 lambda: f"the space stays too full: {space(lab, 'alice')}")

        alice, bob = space(lab, "alice"), space(lab, "bob")
        held = subjects(lab, "alice")
        assert held == [f"alice {number}" for number in reversed(range(SENT - len(held), SENT))], held
        assert LIMIT_BYTES - alice["used_bytes"] < BYTES * 1.1, alice  # one more would not have fit
        assert alice["used_bytes"] == file_bytes(lab, "alice") and bob["used_bytes"] == file_bytes(lab, "bob")
        assert alice["deleted_last_hour"] == SENT - len(held) and bob["deleted_last_hour"] == 0, (alice, bob)
        assert subjects(lab, "bob") == ["bob 2", "bob 1", "bob 0"]
        evicted = [line for line in lab.log("engine") if " mail_evicted " in line]
        assert len(evicted) == SENT - len(held) and all("account=alice" in line for line in evicted)

        lab.advance("61m")
        assert space(lab, "alice")["deleted_last_hour"] == 0
        lab.advance("30d")
        wait_for(lambda: lab.cli_json("emails", "list")["max_count"] == 0, DEADLINE_SECONDS, lambda: "too old, yet held")


def space(lab, account):
    [item] = lab.cli_json("accounts", "list", "--name", account)["items"]
    return item


def ids_and_subjects(lab, account):
    items = lab.cli_json("emails", "list", "-a", account, "--limit", "100")["items"]
    return [(item["email_id"], item["subject"]) for item in items]


def subjects(lab, account):
    return [subject for _, subject in ids_and_subjects(lab, account)]


def file_bytes(lab, account):
    folder = lab.dir / "data/quarantine"
    return sum((folder / mail_id[:2] / mail_id).stat().st_size for mail_id, _ in ids_and_subjects(lab, account))
