"""statistics.db, settings.db and the limits' journal can be lost in any way: the engine judges, and says so.

Setup: settings that differ from the defaults, decided a day before something else; mail that counts against a limit. Then each of
the three is cut, filled with noise, made unreadable, or a directory stands in its place, and the engine starts; at last the pages of
statistics.db are damaged while it runs.
Expect: soon after each start (IE_JUDGES_WITHIN seconds) mail is judged; the log and `ie-cli status` name what was set aside, and for settings.db the date of
the copy in force. What merely can't be read is set aside never, and in use again by itself when it can be. No actor is restarted.
"""

import os
import sqlite3
import time

from lab_case import DEADLINE_SECONDS, Lab, Refused, wait_for
from mails import spam

JUDGES_WITHIN_SECONDS = float(os.environ.get("IE_JUDGES_WITHIN", "30"))  # 5 is what an idle machine keeps
LIMIT = 12


def case():
    # A mail that isn't judged is deferred, and the client sees it.
    with Lab(config={"hook": {"fail_open": "defer"}}) as lab:
        stores = [Statistics(lab), Settings(lab), Limits(lab)]
        prepare(lab)
        for store in stores:
            for name, damage in DAMAGES.items():
                print(f"  {store.part}: {name}", flush=True)
                lost(lab, store, damage)
            for name, (hide, show) in HIDDEN.items():
                print(f"  {store.part}: {name}", flush=True)
                hidden(lab, store, hide, show)
        print("  statistics: damaged in use", flush=True)
        damaged_in_use(lab)


def prepare(lab):
    code, output, errors = lab.cli("am", "server-settings", "set", f"--account={LIMIT}")
    assert code == 0, output + errors
    for name in copies(lab):  # today's may be older than that
        (lab.dir / "data" / name).unlink()
    wait_for(lambda: copies(lab), DEADLINE_SECONDS, lambda: "no copy of settings.db")
    decide_since_the_copy(lab)
    assert judged(lab)


def decide_since_the_copy(lab):
    code, output, errors = lab.cli("am", "server-settings", "set", "--domain=77")
    assert code == 0, output + errors


def lost(lab, store, damage):
    """Damaged for good: it is set aside, and everything works."""
    lab.signal("engine", "KILL")
    known, told = store.aside(), len(lab.log("engine"))
    damage(store.file())
    starts_and_judges(lab)
    if damage is not cut or store.part != "rate_limiter":  # (a journal that is cut ends in half a record)
        [aside] = store.aside() - known
        news = [line for line in lab.log("engine")[told:] if " data_damaged " in line]
        assert any(aside in line for line in news), (aside, news)
        assert aside in said_of(lab, store.part), (aside, said_of(lab, store.part))
    store.after_loss(told)
    no_restarts(lab)


def hidden(lab, store, hide, show):
    """It can't be read for a while: nothing is touched, and in the end it is as it was."""
    store.before_hiding()
    lab.signal("engine", "KILL")
    known, told = store.aside(), len(lab.log("engine"))
    path = store.file()
    hide(path)
    starts_and_judges(lab)
    assert part(lab, store.part)["state"] == "degraded", part(lab, store.part)
    assert path.name in said_of(lab, store.part), said_of(lab, store.part)
    assert any(" storage_failed " in line and path.name in line for line in lab.log("engine")[told:])
    assert store.aside() == known
    store.while_hidden()
    show(path)
    store.when_shown()
    assert store.aside() == known
    no_restarts(lab)


def starts_and_judges(lab):
    begun = time.monotonic()
    lab.start("engine")
    judged(lab)
    took = time.monotonic() - begun
    print(f"    a verdict {took:.1f} s after the start", flush=True)
    assert took < JUDGES_WITHIN_SECONDS, f"{took:.1f} s from the start to a verdict"


def judged(lab):
    """A spam is taken to be held: nobody but the engine could say so."""
    count = held(lab)
    for _ in range(1000):
        try:
            lab.submit("bob@bob.test", ["x@far.test"], spam("judged"), auth=("bob@bob.test", "secret"))
            break
        except Refused as refused:
            assert 400 <= refused.code < 500, refused
    wait_for(lambda: held(lab) == count + 1, DEADLINE_SECONDS, lambda: "a held spam")
    return True


def held(lab):
    return lab.cli_json("emails", "list")["max_count"]


def part(lab, name):
    [found] = [each for each in lab.cli_json("status")["actors"] if each["actor"] == name]
    return found


def said_of(lab, name):
    found = part(lab, name)
    return found["detail"] + " " + found["last_error"]


def no_restarts(lab):
    assert all(each["restarts"] == 0 for each in lab.cli_json("status")["actors"]), lab.cli_json("status")


def copies(lab):
    return sorted(path.name for path in (lab.dir / "data").glob("settings.db.copy-????-??-??"))


def in_force(lab):
    return lab.cli_json("am", "server-settings")


class Statistics:
    part = "statistics"

    def __init__(self, lab):
        self._lab = lab

    def file(self):
        return self._lab.dir / "data/statistics.db"

    def aside(self):
        return asides(self.file())

    def after_loss(self, _):
        counts = self._lab.cli_json("status")["decisions"]
        assert counts["held"] >= 1, counts

    def before_hiding(self):
        self._held = self._lab.cli_json("status")["decisions"]["held"]

    def while_hidden(self):
        code, output, _ = self._lab.cli("am", "stats")
        assert code == 1, output

    def when_shown(self):
        def counted():
            return self._lab.cli_json("status")["decisions"]["held"] == self._held + 1
        wait_for(counted, DEADLINE_SECONDS, lambda: self._lab.cli_json("status"))


class Settings(Statistics):
    part = "settings"

    def file(self):
        return self._lab.dir / "data/settings.db"

    def _copy_is_said(self):
        date = copies(self._lab)[-1].removeprefix("settings.db.copy-")
        assert date in said_of(self._lab, "settings"), said_of(self._lab, "settings")
        return date

    def after_loss(self, told):
        date = self._copy_is_said()
        assert any(" data_damaged " in line and date in line for line in self._lab.log("engine")[told:])
        now = in_force(self._lab)
        assert now["domain"] == 0 and now["account"] == LIMIT, now
        decide_since_the_copy(self._lab)

    def before_hiding(self):
        pass

    def while_hidden(self):
        self._copy_is_said()
        assert in_force(self._lab)["account"] == LIMIT, in_force(self._lab)
        code, output, errors = self._lab.cli("am", "server-settings", "set", "--domain=78")
        assert code == 1 and "can't be changed" in output + errors, (code, output, errors)

    def when_shown(self):
        wait_for(lambda: part(self._lab, "settings")["state"] == "running", DEADLINE_SECONDS,
                 lambda: part(self._lab, "settings"))
        assert in_force(self._lab)["domain"] == 77, in_force(self._lab)


class Limits(Statistics):
    part = "rate_limiter"

    def file(self):
        return sorted((self._lab.dir / "data/limits").glob("*.journal"))[-1]

    def aside(self):
        return {path.name for path in (self._lab.dir / "data/limits").glob("*.damaged-*")}

    def after_loss(self, _):
        pass

    def before_hiding(self):
        pass

    def while_hidden(self):
        pass

    def when_shown(self):
        self._lab.restart("engine")
        assert part(self._lab, "rate_limiter")["state"] == "running", part(self._lab, "rate_limiter")


def asides(path):
    return {each.name.removesuffix("-wal") for each in path.parent.glob(f"{path.name}.damaged-*")}


def in_one_file(path):
    if path.suffix == ".db":
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        path.with_name(path.name + "-wal").unlink(missing_ok=True)


def cut(path):
    in_one_file(path)
    os.truncate(path, path.stat().st_size // 2 + 1)


def fill_with_noise(path):
    in_one_file(path)
    with path.open("r+b") as file:
        file.write(os.urandom(max(path.stat().st_size, 4096)))


DAMAGES = {"cut": cut, "noise": fill_with_noise}


def forbid(path):
    path.chmod(0)


def allow(path):
    path.chmod(0o640)


def put_directory(path):
    path.rename(path.with_name("kept aside"))
    path.mkdir(mode=0o755)


def put_back(path):
    path.rmdir()
    path.with_name("kept aside").rename(path)


HIDDEN = {"no right to read": (forbid, allow), "a directory in its place": (put_directory, put_back)}


def damaged_in_use(lab):
    database = lab.dir / "data/statistics.db"
    known, told = asides(database), len(lab.log("engine"))
    with sqlite3.connect(database) as reader:
        reader.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(database.stat().st_size - 4096))
    lab.cli("am", "stats")
    judged(lab)
    wait_for(lambda: asides(database) != known, DEADLINE_SECONDS, lambda: "statistics.db set aside")
    [aside] = asides(database) - known
    wait_for(lambda: part(lab, "statistics")["state"] == "running", DEADLINE_SECONDS, lambda: part(lab, "statistics"))
    assert aside in said_of(lab, "statistics"), said_of(lab, "statistics")
    assert any(" data_damaged " in line and aside in line for line in lab.log("engine")[told:])
    assert not any("too many restarts" in line for line in lab.log("engine"))
    assert judged(lab)
    no_restarts(lab)
