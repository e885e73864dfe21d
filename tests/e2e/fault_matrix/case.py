"""At each step of hold, evict, release, remove and of a start the engine is killed, or the disk fails: no mail is lost or
doubled.

Setup: an engine with the quarantine's fault points (tests/fault/faulty_engine.cpp). For each operation, each of its
steps, and both kill and EIO: the operation is asked for, the step goes wrong, the engine is started again.
Expect: each fault was met. Afterwards each mail is delivered or held or, where that was asked for, gone, never two of
these; Exim was told once that it is held; what was acknowledged is so; `ie-config check` finds nothing amiss; the
folder holds just the files of held mail.
"""

import contextlib
import errno
import sqlite3

from lab_case import DEADLINE_SECONDS, Lab, wait_for
from mails import spam

HOLD = ["write", "append", "fsync", "rename", "commit", "committed"]
HOLD_LARGE = [*HOLD[:3], "fsync_file", "fsync_folder", *HOLD[3:]]
# A release commits the order, the copy that Exim asks for, and the outcome.
RELEASE = ["read", "commit", "committed", "commit 2", "committed 2", "commit 3", "committed 3", "unlink"]
SETTLE = ["commit", "committed", "unlink"]
# Of what the journal has, when an engine starts that was killed.
RECOVER = ["write", "rename", "log", "checkpoint", "free"]
RECOVER_LARGE = ["read", "write", "rename", "rename 2"]
MAY_BE_SPARED = {"commit 3", "committed 3"}  # where the outcome is known before Exim asks for the copy
NO_ERROR_AT = {"committed"}  # nothing can fail there


def case():
    with Lab(faulty=True) as lab:
        for operation, steps in ((Hold, HOLD), (HoldLarge, HOLD_LARGE), (Recover, RECOVER), (RecoverLarge, RECOVER_LARGE),
                                 (Evict, SETTLE), (Release, RELEASE), (Remove, SETTLE)):
            for step in steps:
                for what in ("kill", str(errno.EIO)):
                    if what == "kill" or step not in NO_ERROR_AT and step.split()[0] not in NO_ERROR_AT:
                        operation(lab, f"{operation.__name__.lower()}, {step}, {what};").check(step, what)


class Operation:
    """One operation on one mail, whose subject is `name`. Leaves nothing held."""

    def __init__(self, lab, name):
        self.lab, self.name = lab, name

    def check(self, step, what):
        try:
            self.prepare()
            outside = self.outside()
            point, _, number = step.partition(" ")
            self.lab.arm(point, int(number or 1), what)
            acknowledged = self.ask()
            wait_for(lambda: self.lab.has_fired() or step in MAY_BE_SPARED and self.is_over(), DEADLINE_SECONDS,
                     lambda: "the fault was not met")
            self.lab.disarm()
            self.lab.restart("engine")
            self.settle()
            self.expect(acknowledged, self.held(), self.outside() - outside)
            check_store(self.lab)
        except Exception as failure:
            raise AssertionError(f"{self.name} {failure}") from failure
        self.lab.cli("emails", "remove", "--all-matching")

    def prepare(self):
        self.hold()
        self.lab.wait_queue(0)
        assert self.held() == 1, self.held()

    def hold(self, body=b"x\n"):
        self.lab.submit("alice@alice.test", ["to@far.test"], spam(self.name, body=body))

    def is_over(self):
        """Nothing is under way any more."""
        return self.is_quiet() and not self.held()

    def is_quiet(self):  # in this order: what isn't being released any more may still be in the queue
        return not sql(self.lab, "SELECT 1 FROM mails WHERE state = 1") and not self.lab.queue()

    def settle(self):
        def quiet():
            self.lab.run_queue()
            return self.is_quiet()
        wait_for(quiet, DEADLINE_SECONDS * 3, lambda: f"queue: {self.lab.queue()}")

    def held(self):
        return self.lab.cli_json("emails", "list", "--subject", self.name)["max_count"]

    def outside(self):
        return sum(self.name.encode() in got for _, got in self.lab.outside())


class Hold(Operation):
    def prepare(self):
        pass

    def ask(self):
        self.hold()
        return False

    def expect(self, acknowledged, held, outside):
        assert (held, outside) == (1, 0), f"held {held}, outside {outside}"
        [queue_id] = sql(self.lab, "SELECT queue_id FROM mails WHERE subject = ?", self.name)
        told = [line for line in self.lab.log("exim_mainlog") if f" {queue_id[0]} => " in line]
        assert len(told) == 1, told


class HoldLarge(Hold):
    """Its file is synced on its own, and isn't in the journal."""

    def ask(self):
        self.hold((b"x" * 70 + b"\n") * 2000)
        return False


class Recover(Operation):
    def prepare(self):
        super().prepare()
        self.lab.signal("engine", "KILL")

    def outside(self):
        return 0

    def ask(self):
        with contextlib.suppress(Exception):  # it may be killed before it answers
            self.lab.start("engine")
        return False

    def expect(self, acknowledged, held, outside):
        assert held == 1, f"held {held}"
        [(mail_id,)] = sql(self.lab, "SELECT id FROM mails WHERE subject = ?", self.name)
        code, raw, errors = self.lab.cli("emails", "show", "--raw", "--id", mail_id)
        assert code == 0 and self.name in raw, errors


class RecoverLarge(Recover):
    def hold(self, body=b""):
        super().hold((b"x" * 70 + b"\n") * 2000)


class Evict(Operation):
    def prepare(self):
        super().prepare()
        self.lab.submit("alice@alice.test", ["to@far.test"], spam("the newest stays"))
        self.lab.wait_queue(0)

    def ask(self):
        code, _, errors = self.lab.cli("accounts", "edit", "-a", "alice", "--limit=1000")
        assert code == 0 or "went away before it answered" in errors, errors
        return False

    def settle(self):
        wait_for(lambda: not self.held(), DEADLINE_SECONDS, lambda: "the oldest is still held")
        self.lab.cli("accounts", "edit", "-a", "alice", "--limit=-1")

    def expect(self, acknowledged, held, outside):
        assert (held, outside) == (0, 0), f"held {held}, outside {outside}"
        assert self.lab.cli_json("emails", "list")["max_count"] == 1


class Release(Operation):
    def ask(self):
        return self.release("10")[0] == 0

    def release(self, seconds):
        [(mail_id,)] = sql(self.lab, "SELECT id FROM mails WHERE subject = ? AND state = 0", self.name)
        return self.lab.cli("emails", "release", "--timeout", seconds, "--ids", mail_id)

    def expect(self, acknowledged, held, outside):
        assert held + outside == 1, f"held {held}, outside {outside}"
        assert outside or not acknowledged, "said to be released, and still held"
        if held:
            again = self.release(str(DEADLINE_SECONDS))
            assert again[0] == 0, f"can't be released any more: {again}"
            self.settle()
            assert (self.held(), self.outside()) == (0, 1)


class Remove(Operation):
    def ask(self):
        [(mail_id,)] = sql(self.lab, "SELECT id FROM mails WHERE subject = ? AND state = 0", self.name)
        return self.lab.cli("emails", "remove", "--ids", mail_id)[0] == 0

    def expect(self, acknowledged, held, outside):
        assert outside == 0 and held <= 1, f"held {held}, outside {outside}"
        assert not (acknowledged and held), "said to be removed, and still held"


def sql(lab, query, *values):
    with contextlib.closing(sqlite3.connect(lab.dir / "data/quarantine.db", timeout=5)) as database:
        return database.execute(query, values).fetchall()


def check_store(lab):
    code, output, errors = lab.run("ie-config", "check")
    assert code == 0, output + errors

    def differ():  # what a fault left behind an engine sweeps up bit by bit
        rows = {row[0] for row in sql(lab, "SELECT id FROM mails WHERE state < 2")}
        return rows ^ {path.name for path in (lab.dir / "data/quarantine").glob("*/*")}
    wait_for(lambda: not differ(), DEADLINE_SECONDS, lambda: f"either a file or a row only: {differ()}")
