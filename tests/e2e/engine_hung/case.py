"""An engine that hangs costs each mail no more than the configured deadline.

Setup: hook.judge_timeout_ms = 1000; the engine is stopped with SIGSTOP.
Expect: each of five mails is through by the hook's own decision; with SIGCONT the next spam is held.
"""

import time

from lab_case import Lab
from mails import mail, spam

SECONDS_MAX = 15  # of a busy machine; Exim's own wait for the hook would not leave a line in the hook's log


def case():
    with Lab(config={"hook": {"judge_timeout_ms": 1000}}) as lab:
        lab.signal("engine", "STOP")
        for number in range(5):
            began = time.monotonic()
            lab.submit("alice@alice.test", ["to@far.test"], mail(f"number {number}"))
            took = time.monotonic() - began
            assert took < SECONDS_MAX, took
        lab.wait_recipients(5)
        assert sum(" policy_applied " in line for line in lab.log("hook")) == 5, lab.log("hook")
        lab.signal("engine", "CONT")
        for _ in range(50):  # until the hook's connection is back
            lab.submit("alice@alice.test", ["to@far.test"], spam())
            lab.wait_queue(0)
            if lab.cli_json("emails", "list")["max_count"] == 1:
                return
        raise AssertionError("no spam was held after the engine went on")
