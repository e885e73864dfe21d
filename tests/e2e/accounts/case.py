"""Each account has a space of its own in the quarantine, which an administrator changes and empties by ie-cli.

Setup: one spam of alice's is held; bob has held nothing; there is no account `typo`.
Expect: alice's values are her own until -1, then the server's default again; `remove` empties her space and leaves
the settings; bob can be emptied, `typo` is not found; `ie-config check` finds the mail whole, and names it once its file
is altered; blocked, alice's spam is refused.
"""

from lab_case import DEADLINE_SECONDS, Lab, Refused, wait_for
from mails import spam


def case():
    with Lab() as lab:
        hold(lab)
        values(lab)
        check(lab)
        remove(lab)
        block(lab)


def hold(lab):
    lab.submit("alice@alice.test", ["to@far.test"], spam("held"))
    wait_for(lambda: lab.cli_json("emails", "list")["max_count"] == 1, DEADLINE_SECONDS, lambda: "not held")


def space(lab):
    items = lab.cli_json("accounts", "list", "--name=alice")["items"]
    assert len(items) == 1, items
    return items[0]


def values(lab):
    edited = lab.cli_json("accounts", "edit", "-a", "alice", "--limit=8096", "--releases-limit=50")
    assert edited == space(lab) and (edited["limit_bytes"], edited["releases_limit"]) == (8096, 50), edited
    assert lab.cli("accounts", "edit", "-a", "alice", "--limit=-1", "--releases-limit=-1")[0] == 0
    expected = "Setting          IntValue\nlimit_bytes      125829120\nreleases_limit   7\n"
    assert lab.cli("quarantine-defaults", "set", "-r", "7", "-s", "120") == (0, expected, "")
    assert (space(lab)["limit_bytes"], space(lab)["releases_limit"]) == (125829120, 7), space(lab)
    assert lab.cli("quarantine-defaults", "set", "-r", "-1", "-s", "-1")[0] == 0
    assert (space(lab)["limit_bytes"], space(lab)["releases_limit"]) == (104857600, 5), space(lab)


def check(lab):
    code, output, errors = lab.run("ie-config", "check")
    assert code == 0 and "1 mails, each whole and known" in output, output + errors
    mail_id = lab.cli_json("emails", "list")["items"][0]["email_id"]
    with (lab.dir / "data" / "quarantine" / mail_id[:2] / mail_id).open("ab") as file:
        file.write(b"more")
    code, output, errors = lab.run("ie-config", "check")
    problems = [line for line in output.splitlines() if "problem:" in line]
    assert code == 1 and len(problems) == 1 and mail_id in problems[0], output + errors


def remove(lab):
    assert space(lab)["used_bytes"] > 0
    assert lab.cli("accounts", "remove", "-a", "alice") == (0, "OK\n", "")
    assert (space(lab)["used_bytes"], space(lab)["deleted_last_hour"]) == (0, 1), space(lab)
    assert lab.cli("accounts", "remove", "-a", "bob") == (0, "OK\n", "")
    for command in (["remove", "-a", "typo"], ["edit", "-a", "typo", "--limit=5"]):
        code, _, errors = lab.cli("accounts", *command)
        assert code == 1 and "not_found: there is no account typo" in errors, errors


def block(lab):
    assert lab.cli("accounts", "edit", "-a", "alice", "--state=block")[0] == 0
    try:
        lab.submit("alice@alice.test", ["to@far.test"], spam("refused"))
    except Refused as refusal:
        assert refusal.code == 550, refusal
    else:
        raise AssertionError("a blocked account's spam was taken")
