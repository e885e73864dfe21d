"""quarantine.db can be lost in any way: the engine starts, says so, and lists the same mails as before.

Setup: held mails of three accounts, for several reasons, with several recipients; some released or removed before.
Then the database is deleted, cut, emptied, filled with noise at its start and in its middle, and its log, too.
Expect: after each start the same list, in the same order, and the same mail; what was damaged stands aside; the spaces
are true; `ie-config check` finds nothing. A message file that is altered or lost is found, reported, never released.
"""

import contextlib
import os
import re
import sqlite3

from lab_case import DEADLINE_SECONDS, Lab, same_but_received, wait_for
from mails import spam

HELD = 40


def case():
    with Lab() as lab:
        prepare(lab)
        before, spaces = listed(lab), used(lab)
        assert len(before) == HELD - 4, len(before)
        for name, damage in DAMAGES.items():
            print(f"  {name}", flush=True)
            lab.signal("engine", "KILL")
            known = aside(lab)
            told = len(lab.log("engine"))
            damage(in_one_file(lab.dir / "data/quarantine.db"))
            lab.start("engine")
            wait_for(lambda: "held=" in quarantine(lab)["detail"], DEADLINE_SECONDS, lambda: quarantine(lab))
            assert listed(lab) == before, name
            assert used(lab) == spaces, name
            if name in LEAVES_IT_ASIDE:
                assert len(aside(lab) - known) == 1, aside(lab)
                assert any(" index_damaged " in line for line in lab.log("engine")[told:])
            if name not in LEAVES_ROWS:
                assert any(" index_rebuilt " in line for line in lab.log("engine")[told:]), name
            code, output, errors = lab.run("ie-config", "check")
            assert code == 0, output + errors
        whole_again(lab, before)
        altered_files(lab, before)


def prepare(lab):
    for number in range(HELD):
        login = ("alice", "bob", "carol")[number % 3]
        recipients = [f"r{n}@far.test" for n in range(1 + number % 4)]
        lab.submit(f"{login}@{login}.test", recipients, spam(f"number {number}"), auth=(f"{login}@{login}.test", "secret"))
    lab.wait_queue(0)
    ids = [item["email_id"] for item in listed(lab)]
    assert lab.cli("emails", "release", "--ids", ",".join(ids[:2]))[0] == 0
    assert lab.cli("emails", "remove", "--ids", ",".join(ids[2:4]))[0] == 0
    lab.wait_queue(0)


def listed(lab):
    return lab.cli_json("emails", "list", "--limit", "100")["items"]


def used(lab):
    return {item["name"]: item["used_bytes"] for item in lab.cli_json("accounts", "list")["items"] if item["used_bytes"]}


def quarantine(lab):
    [part] = [part for part in lab.cli_json("status")["actors"] if part["actor"] == "quarantine"]
    return part


def aside(lab):
    return {path.name.removesuffix("-wal") for path in (lab.dir / "data").glob("quarantine.db.damaged-*")}


def in_one_file(path):
    """Nothing is left in its write-ahead log."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def log_of(path):
    return path.with_name(path.name + "-wal")


def delete(path):
    for each in path.parent.glob("quarantine.db*"):
        if "damaged" not in each.name:
            each.unlink()


def delete_but_log(path):
    path.unlink()
    log_of(path).write_bytes(os.urandom(100_000))


def cut(path, size):
    log_of(path).unlink(missing_ok=True)  # else it mends what it covers
    os.truncate(path, size)


def write_noise(path, at):
    log_of(path).unlink(missing_ok=True)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(os.urandom(20_000))


DAMAGES = {
    "deleted": delete,
    "deleted, its log is noise": delete_but_log,
    "emptied": lambda path: cut(path, 0),
    "noise only": lambda path: (cut(path, 0), write_noise(path, 0)),
    "cut": lambda path: cut(path, path.stat().st_size // 2 + 100),
    "noise at its start": lambda path: write_noise(path, 0),
    "noise in its middle": lambda path: write_noise(path, 20_000),
    "nothing": lambda path: None,
}
LEAVES_IT_ASIDE = {"deleted, its log is noise", "noise only", "cut", "noise at its start", "noise in its middle"}
LEAVES_ROWS = {"nothing"}


def whole_again(lab, before):
    """What was listed can be released as it was."""
    count = len(lab.outside())
    item = before[0]
    assert lab.cli("emails", "release", "--ids", item["email_id"]) == (0, "OK\n", "")
    envelope, got = lab.wait_outside(count + 1)[-1]
    assert envelope["recipients"] == item["recipients"], envelope
    assert same_but_received(spam(item["subject"]), got), got


def altered_files(lab, before):
    altered, lost = before[1]["email_id"], before[2]["email_id"]
    path = lab.dir / "data/quarantine" / altered[:2] / altered
    path.write_bytes(re.sub(rb"number (\d+)", rb"nUmber \1", path.read_bytes()))
    (lab.dir / "data/quarantine" / lost[:2] / lost).unlink()
    count = len(lab.outside())
    for mail_id in (altered, lost):
        code, output, errors = lab.cli("emails", "release", "--ids", mail_id)
        assert code == 1 and "OK" not in output and mail_id in errors, (code, output, errors)
        code, output, errors = lab.cli("emails", "show", "--raw", "--id", mail_id)
        assert code == 1 and output == "", (code, output, errors)
    code, output, errors = lab.run("ie-config", "check")
    assert code == 1 and altered in output + errors and lost in output + errors, output + errors
    lab.restart("engine")
    assert len(lab.outside()) == count
