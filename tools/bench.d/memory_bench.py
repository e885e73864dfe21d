#!/usr/bin/python3
"""The engine's resident memory in a lab: idle; and at its peak while 1,000 mails of 1 MB are offered at once, by 50
clients of the engine's socket with 20 each. All must be answered, with a verdict or with `busy`.

Prints one JSON line a figure; MB are 2^20 bytes."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/e2e"))

from lab_case import Lab  # noqa: E402

MAILS, MAIL_MB = 1_000, 1


def engine_pid(lab):
    return json.loads((lab.dir / "lab.json").read_text())["parts"]["engine"]["pid"]


def memory_mb(pid, key):
    return int(re.search(rf"{key}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def figure(name, value, unit):
    print(json.dumps({"bench": "memory", "figure": name, "value": value, "unit": unit}), flush=True)


def main():
    with Lab() as lab:
        pid = engine_pid(lab)
        lab.cli("status")
        time.sleep(2)  # measured at rest
        figure("idle", round(memory_mb(pid, "VmRSS"), 1), "MB")
        peak, over = [0.0], threading.Event()

        def watch():
            while not over.wait(0.005):
                peak[0] = max(peak[0], memory_mb(pid, "VmRSS"))

        watcher = threading.Thread(target=watch)
        watcher.start()
        program = Path(os.environ.get("IE_BIN_DIR", REPOSITORY / "build/release/bin")) / "offer_mails"
        done = subprocess.run([program, lab.env["IE_ENDPOINT"], str(MAILS), str(MAIL_MB << 20)], capture_output=True,
                              text=True, timeout=600, check=True)
        over.set()
        watcher.join()
        answers = json.loads(done.stdout)
        figure("offered", MAILS, "mails")
        figure("verdicts", answers["verdicts"], "mails")
        figure("busy", answers["busy"], "mails")
        figure("other_answers", answers["other"], "mails")
        figure("unanswered", MAILS - sum(answers.values()), "mails")
        figure("peak", round(peak[0], 1), "MB")


if __name__ == "__main__":
    main()
