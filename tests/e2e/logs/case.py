"""Logs can be read, filtered and rotated, and no mail can write into them.

Setup: a running lab; the log files are moved away as logrotate does; a spam has escape sequences in its subject.
Expect: after SIGHUP (engine, hook) new files of the old names; `ie-cli logs` shows a line for each decision, filters
by actor and level; no control character reaches a log or a terminal.
"""

from lab_case import DEADLINE_SECONDS, Lab, wait_for
from mails import mail, spam


def case():
    with Lab() as lab:
        lab.submit("alice@alice.test", ["to@far.test"], mail())
        wait_for(lambda: " mail_judged " in "\n".join(lab.log("engine")), DEADLINE_SECONDS, lambda: lab.log("engine"))
        for part in ("engine", "hook"):
            path = lab.dir / "log" / f"{part}.log"
            path.rename(path.with_suffix(".log.1"))
            lab.signal(part, "HUP")
            wait_for(path.exists, DEADLINE_SECONDS, lambda: f"no new {path}")

        queue_id = lab.submit('"a mail=forged\x0b error"@alice.test', ["to@far.test"], spam("x \x1b[2J \x07"))
        wait_for(lambda: f" mail_quarantined mail={queue_id}" in "\n".join(lab.log("engine")), DEADLINE_SECONDS,
                 lambda: lab.log("engine"))
        _, listed, _ = lab.cli("emails", "list")
        _, shown, _ = lab.cli("logs")
        assert f"mail={queue_id}" in shown, shown
        logged = [(lab.dir / "log" / f"{part}.log").read_text() for part in ("engine", "hook")]
        assert "[2J" in listed, listed
        for text in (listed, shown, *logged):
            assert not any(c in text for c in "\x1b\x07\x0b"), text
        assert not any(line.split()[4] == "mail=forged" for line in lab.log("engine") if len(line.split()) > 4)

        code, shown, _ = lab.cli("logs", "--actor", "quarantine")
        assert code == 0 and shown and all(line.split()[2] == "quarantine" for line in shown.splitlines()), shown
        code, shown, _ = lab.cli("logs", "--level", "error")
        assert code == 0 and not any(line.split()[1] == "info" for line in shown.splitlines()), shown
