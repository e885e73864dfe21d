"""Nobody gets more than his limit by the engine's death.

Setup: random mail of three accounts under low limits, while the engine is killed at random moments and started again;
mail that can't be judged is deferred. `IE_MAILS` says how many (1500), `IE_KILLS` how often (15).
Expect: of no object more has arrived outside than its limit, all within the hour; nothing that was taken is lost.
"""

import collections
import concurrent.futures
import os
import random
import time

from lab_case import Lab
from traffic import Traffic

MAILS = int(os.environ.get("IE_MAILS", "1500"))
KILLS = int(os.environ.get("IE_KILLS", "15"))
SEED = int(os.environ.get("IE_SEED", random.randrange(1 << 32)))
LIMITS = {"account": 120, "domain": 60, "address": 15}


def case():
    print(f"  {MAILS} mails, {KILLS} kills, seed {SEED}", flush=True)
    with Lab(config={"hook": {"fail_open": "defer", "judge_timeout_ms": 2000}}) as lab:
        flags = [f"--account={LIMITS['account']}", f"--domain={LIMITS['domain']}",
                 f"--sender-email={LIMITS['address']}"]
        assert lab.cli("am", "server-settings", "set", *flags)[0] == 0
        # A local submission can't be deferred, so what passes unjudged there is the policy's.
        traffic = Traffic(lab, SEED, sendmail_share=0)
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            killer = pool.submit(kill_at_random, lab)
            while not killer.done():
                traffic.send(MAILS // 10)
            killer.result()
        traffic.send(MAILS // 5)  # however few came through meanwhile
        traffic.settle()
        assert time.monotonic() - begun < 3600, "not within the hour"
        account_for(traffic)


def kill_at_random(lab):
    chance = random.Random(SEED)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.1, 1.0))  # the moment is what is random here
        lab.signal("engine", "KILL")
        lab.start("engine")


def account_for(traffic):
    passed = [each for each in traffic.taken.values() if not each.held]
    print(f"  {len(traffic.taken)} taken, {len(passed)} outside", flush=True)
    for kind, limit in LIMITS.items():
        counts = collections.Counter((each.account, getattr(each, kind)) for each in passed)
        assert all(count <= limit for count in counts.values()), (kind, counts.most_common(5))
    # It was about something: the limits were reached.
    accounts = collections.Counter(each.account for each in passed)
    assert max(accounts.values()) > LIMITS["account"] // 2, accounts
