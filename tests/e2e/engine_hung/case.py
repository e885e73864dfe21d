"""An engine that hangs costs each mail no more than the configured deadline.

Setup: hook.judge_timeout_ms = 1000; the engine is stopped with SIGSTOP.
Expect: each of five mails is through within the deadline and a little; with SIGCONT the next spam is held.
"""

import time

from lab_case import Lab
from mails import mail, spam

DEADLINE_SECONDS = 1.0
EXIM_SECONDS = 1.0  # what submitting takes besides, on a busy machine


def case():
    with Lab(config={"hook": {"judge_timeout_ms": int(DEADLINE_SECONDS * 1000)}}) as lab:
        lab.signal("engine", "STOP")
        for number in range(5):
            began = time.monotonic()
            lab.submit("alice@alice.test", ["to@far.test"], mail(f"number {number}"))
            took = time.monotonic() - began
            assert took < DEADLINE_SECONDS + EXIM_SECONDS, took
        lab.wait_recipients(5)
        lab.signal("engine", "CONT")
        for _ in range(50):  # until the hook's connection is back
            lab.submit("alice@alice.test", ["to@far.test"], spam())
            lab.wait_queue(0)
            if lab.cli_json("emails", "list")["max_count"] == 1:
                return
        raise AssertionError("no spam was held after the engine went on")
