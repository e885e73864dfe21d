"""Nobody shuts the filter down: what local users may make the engine hold is bounded, and mail doesn't notice.

Setup: some mail of alice's in the quarantine, one of it large. As `nobody` and as alice at once: connections that ask
and never read, 64 that begin requests and never finish them, 3,000 that say nothing; whatever the engine ends is begun
again at once. IE_DOORS_SECONDS says for how long.
Expect: the engine is never started again and stays below 256 MB (with the sanitizers' own needs, below 1 GB); spam by
alice and bob is held meanwhile; root's list and show are answered. Afterwards alice's own list is, too.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from lab_case import LAB, REPOSITORY, Lab, wait_for
from mails import spam

SECONDS = float(os.environ.get("IE_DOORS_SECONDS", "12"))
RUDE = (REPOSITORY / "tests/e2e/rude_clients.py").read_text()
CROWDS = (("readers", 24), ("halves", 64), ("crowd", 3_000))
LARGE_BYTES = 4 << 20
FEW = 40


def case():
    with Lab() as lab:
        engine = engine_of(lab)
        for number in range(FEW):
            lab.sendmail("alice", ["-f", "alice@alice.test", "x@far.test"], spam(f"held {number}"))
        lab.submit("alice@alice.test", ["x@far.test"], spam("large", b"0123456789abcdef0123456789abcdef0123456789abcdef012345678901234\n" * (LARGE_BYTES // 64)))
        wait_for(lambda: held(lab) == FEW + 1, 60, lambda: f"{held(lab)} are held")
        large = max(listed(lab)["items"], key=lambda item: item["size_bytes"])["email_id"]
        with rude_clients(lab, ("nobody", "alice"), CROWDS, [large]):
            count = FEW + 1
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                for login in ("alice", "bob"):
                    lab.submit(f"{login}@{login}.test", ["x@far.test"], spam(f"by {login}"),
                               auth=(f"{login}@{login}.test", "secret"))
                count += 2
                wait_for(lambda: held(lab) == count, 30, lambda: f"{held(lab)} of {count} are held")
                code, output, errors = lab.cli("emails", "show", "--id", large, "--raw")
                assert code == 0 and len(output) >= LARGE_BYTES, (code, len(output), errors)
        assert engine_of(lab) == engine, "the engine was started again"
        peak_mb = memory_mb(engine)
        print(f"the engine's peak: {peak_mb:.0f} MB", file=sys.stderr)
        assert peak_mb < (1_024 if has_sanitizers(engine) else 256), peak_mb
        assert not any("policy_applied" in line for line in lab.log("hook")), lab.log("hook")[-3:]
        assert lab.outside() == []
        wait_for(lambda: lab.cli("emails", "list", user="alice")[0] == 0, 30, lambda: "alice isn't served")


def listed(lab):
    code, output, errors = lab.cli("emails", "list", "--limit", "1000", "--json")
    assert code == 0, (code, errors, output)
    return json.loads(output)


def held(lab):
    return listed(lab)["max_count"]


def engine_of(lab):
    return json.loads((lab.dir / "lab.json").read_text())["parts"]["engine"]["pid"]


def memory_mb(pid):
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def has_sanitizers(pid):
    return b"__asan_init" in Path(f"/proc/{pid}/exe").read_bytes()


@contextlib.contextmanager
def rude_clients(lab, logins, kinds, mails=()):
    """All kinds, as each of the logins, until the end."""
    path = lab.env["IE_ENDPOINT"].removeprefix("ipc://")
    running = [subprocess.Popen([LAB, "exec", lab.dir, "--as", login, sys.executable, "-c", RUDE, path, kind,
                                 str(count), *mails], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
               for login in logins for kind, count in kinds]
    try:
        yield
        for each in running:
            assert each.poll() is None, each.stderr.read().decode()[-2_000:]
    finally:
        for each in running:
            each.terminate()
            each.wait()
            each.stderr.close()
