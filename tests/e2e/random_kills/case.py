"""No mail is lost and none is released twice, whatever is killed when.

Setup: steady traffic of numbered mails, every third one spam, by four senders; held ones are released and removed all
the time, and the oldest go for lack of room; engine or hook are killed with SIGKILL at random moments and started
again. `IE_KILLS` says how often (30). The queue is run all the time, so that mail which Exim kept comes in while the
engine starts.
Expect: when all is quiet and the queue has been run, each mail that Exim took is outside, held, or was removed or
evicted, and only one of these; none that was released arrived twice; what is listed is there, whole; each was said to
be held once; `ie-config check` finds nothing amiss.
"""

import collections
import contextlib
import os
import random
import re
import sqlite3
import threading
import time

from lab_case import DEADLINE_SECONDS, Lab, Refused, wait_for
from mails import mail, spam

KILLS = int(os.environ.get("IE_KILLS", "30"))
RELEASING, REMOVED = 1, 3  # of the column mails.state
SHOWN = 20  # of what is held at the end
SPACE_BYTES = 60_000  # some 60 of these mails
SEED = int(os.environ.get("IE_SEED", random.randrange(1 << 32)))


def case():
    print(f"  {KILLS} kills, seed {SEED}", flush=True)
    with Lab(config={"hook": {"judge_timeout_ms": 1000}}) as lab:
        assert lab.cli("accounts", "edit", "-a", "alice", f"--limit={SPACE_BYTES}")[0] == 0
        traffic = Traffic(lab)
        traffic.start()
        chance = random.Random(SEED)
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.05, 0.6))  # the moment is what is random here
            part = chance.choice(["engine", "engine", "hook"])
            lab.signal(part, "KILL")
            lab.start(part)
        taken = traffic.stop()
        account_for_all(lab, taken)


class Traffic:
    """Four senders, one who releases and one who runs the queue, until stopped."""

    def __init__(self, lab):
        self._lab, self._over, self._lock = lab, threading.Event(), threading.Lock()
        self._next, self._taken, self._failures = 0, [], []
        self._threads = [threading.Thread(target=self._guard, args=(work,)) for work in
                         [self._send] * 4 + [self._release, self._run_queue]]

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._over.set()
        for thread in self._threads:
            thread.join()
        assert not self._failures, self._failures[:3]
        return self._taken

    def _guard(self, work):
        try:
            work()
        except Exception as failure:
            self._failures.append(repr(failure))

    def _send(self):
        while not self._over.is_set():
            with self._lock:
                number, self._next = self._next, self._next + 1
            make = spam if number % 3 == 0 else mail
            try:
                self._lab.submit("alice@alice.test", ["to@far.test"], make(f"number {number};"))
            except Refused:
                continue  # not taken: the sender still has it
            with self._lock:
                self._taken.append(number)

    def _run_queue(self):
        while not self._over.wait(0.5):
            self._lab.run_queue()

    def _release(self):
        while not self._over.is_set():
            code, output, _ = self._lab.cli("emails", "list", "--json", "--limit", "10")
            ids = re.findall(r'"email_id": "([^"]+)"', output) if code == 0 else []
            if ids:
                third = len(ids) // 3 + 1
                self._lab.cli("emails", "release", "--timeout", "10", "--ids", ",".join(ids[:third]))
                self._lab.cli("emails", "remove", "--timeout", "10", "--ids", ",".join(ids[-third:]))


def numbers(texts):
    return [int(number) for text in texts for number in re.findall(r"number (\d+);", text)]


def arrived(lab):
    return numbers(re.search(rb"Subject: ([^\n]*)", got)[1].decode() for _, got in lab.outside())


def all_held(lab):
    items, page = [], True
    while page:
        page = lab.cli_json("emails", "list", "--limit", "1000", "--offset", str(len(items)))["items"]
        items += page
    return items


def subjects_in(lab, state):
    with contextlib.closing(sqlite3.connect(lab.dir / "data/quarantine.db", timeout=10)) as database:
        return numbers(subject for subject, in database.execute("SELECT subject FROM mails WHERE state = ?", (state,)))


def held_ids(lab):
    """The queue id of each mail that Exim was told is held, as often as it was told."""
    return [match[1] for line in lab.log("exim_mainlog") if (match := re.search(r"(\S+) => .* T=ie_quarantine", line))]


def account_for_all(lab, taken):
    def quiet():
        lab.run_queue()
        return not lab.queue()
    wait_for(quiet, DEADLINE_SECONDS * 6, lambda: f"the queue doesn't empty: {lab.queue()[:5]}")

    # A release that a kill interrupted is taken up again.
    wait_for(lambda: not subjects_in(lab, RELEASING), DEADLINE_SECONDS * 3,
             lambda: f"being released: {subjects_in(lab, RELEASING)}")

    def both():
        return set(numbers(item["subject"] for item in all_held(lab))) & set(arrived(lab))

    wait_for(lambda: not both(), DEADLINE_SECONDS * 3, lambda: f"held and outside: {both()}")
    items = all_held(lab)
    held = numbers(item["subject"] for item in items)
    gone = subjects_in(lab, REMOVED)
    wait_for(lambda: set(taken) <= set(held) | set(gone) | set(arrived(lab)), DEADLINE_SECONDS,
             lambda: f"lost: {sorted(set(taken) - set(held) - set(gone) - set(arrived(lab)))[:20]}")
    assert not set(gone) & (set(held) | set(arrived(lab))), "removed, yet held or outside"
    for item in random.sample(items, min(SHOWN, len(items))):
        code, raw, errors = lab.cli("emails", "show", "--raw", "--id", item["email_id"])
        assert code == 0 and numbers([raw]) == numbers([item["subject"]]), (item, errors)
    twice = [number for number, count in collections.Counter(arrived(lab)).items() if count > 1]
    assert not twice, f"arrived twice: {twice}"
    acknowledged = collections.Counter(held_ids(lab))
    assert set(acknowledged.values()) <= {1}, [each for each in acknowledged.items() if each[1] > 1]
    code, output, errors = lab.run("ie-config", "check")
    assert code == 0, output + errors
    print(f"  {len(taken)} mails taken, {len(held)} held, {len(gone)} removed or evicted, {len(arrived(lab))} outside",
          flush=True)
