#!/usr/bin/python3
"""What verdicts and memory suffer from local users who take whatever they can get at the engine's socket: as `nobody`
and as alice clients who ask and don't read, 64 connections with half a request, 3,000 connections, for a minute in all.
Compared with as many processes that spin and touch no engine, in turns.

Prints one JSON line a figure; MB are 2^20 bytes. doors_bench.py [SECONDS A ROUND, 10] [ROUNDS, 3]"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tests/e2e"), str(REPOSITORY / "tests/e2e/doors")]

from case import CROWDS, engine_of, memory_mb, rude_clients  # noqa: E402
from lab_case import Lab, wait_for  # noqa: E402
from mails import spam  # noqa: E402

SPINNING = tuple(("spin", 0) for _ in CROWDS)
LOGINS = ("nobody", "alice")


def figure(name, value, unit, **more):
    print(json.dumps({"bench": "doors", "figure": name, "value": value, "unit": unit, **more}), flush=True)


def times(lab, seconds):
    """Of verdicts by the door that the hook uses."""
    program = Path(os.environ.get("IE_BIN_DIR", REPOSITORY / "build/release/bin")) / "verdict_times"
    endpoint = f"ipc://{lab.env['IE_ENDPOINT'].removeprefix('ipc://').replace('engine.sock', 'trusted/engine.sock')}"
    done = subprocess.run([program, endpoint, str(seconds)], capture_output=True, text=True, timeout=600, check=True)
    measured = json.loads(done.stdout)
    assert measured["verdicts"] > 0 and measured["refused"] == 0, measured
    return measured


def main():
    seconds, rounds = [int(word) for word in (sys.argv[1:] + ["10", "3"][len(sys.argv) - 1:])][:2]
    with Lab() as lab:
        engine = engine_of(lab)
        for number in range(200):
            lab.sendmail("alice", ["-f", "alice@alice.test", "x@far.test"], spam(f"held {number}"))
        wait_for(lambda: lab.cli_json("emails", "list")["max_count"] == 200, 120, lambda: "not all are held")
        figure("at_rest", round(memory_mb(engine), 1), "MB")
        attacked, beside = [], []
        for _ in range(rounds):
            with rude_clients(lab, LOGINS, SPINNING):
                beside.append(times(lab, seconds))
            with rude_clients(lab, LOGINS, CROWDS):
                attacked.append(times(lab, seconds))
        for name in ("p50_us", "p99_us"):
            figure(f"beside_spinning_{name[:3]}", statistics.median(each[name] for each in beside), "us")
            ratio = statistics.median(one[name] / other[name] for one, other in zip(attacked, beside))
            figure(f"attacked_{name[:3]}", statistics.median(each[name] for each in attacked), "us", ratio=round(ratio, 2))
        figure("peak", round(memory_mb(engine), 1), "MB")
        assert engine_of(lab) == engine, "the engine was started again"


if __name__ == "__main__":
    main()
