#!/usr/bin/python3
"""The quarantine: mails held durably a second against a bare loop (durable_holds.cpp), on the file system of the
temporary folder and on ext4 with its journal, as servers have it (an image on that folder's disk); and an engine with a
million held mails of 1,000 accounts: from its start to the first verdict, its memory, the accounts' list, and how late
verdicts come while 500 mails are evicted, against the same time without. The million stand on /dev/shm.

quarantine_bench.py [MAILS, 1000000]. Prints one JSON line a figure; MB are 2^20 bytes."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/e2e"))

from lab_case import Lab, wait_for  # noqa: E402

from memory_bench import engine_pid, memory_mb  # noqa: E402

PROGRAMS = Path(os.environ.get("IE_BIN_DIR", REPOSITORY / "build/release/bin"))
ACCOUNT = "account7"  # of those that fill_quarantine makes
EVICTED = 500
WATCH_SECONDS = 5
EXT4_BYTES = 16 << 30  # taken as it is written


def figure(name, value, unit):
    print(json.dumps({"bench": "quarantine", "figure": name, "value": round(value, 2), "unit": unit}), flush=True)


def main():
    mails = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        durable_holds(folder)
    with tempfile.TemporaryDirectory() as folder, ext4(folder) as mounted:
        durable_holds(mounted, "2", "3", "_ext4")
    tempfile.tempdir = "/dev/shm"
    with Lab() as lab:
        lab.signal("engine", "KILL")
        with (lab.dir / "userdomains").open("a") as domains:
            domains.write(f"{ACCOUNT}.example: {ACCOUNT}\n")
        fill(lab, mails)
        start(lab)
        wait_for(lambda: f"held={mails}" in quarantine(lab)["detail"], 60, lambda: quarantine(lab))
        time.sleep(10)  # the folders are looked through meanwhile
        figure("resident", memory_mb(engine_pid(lab), "VmRSS"), "MB")
        evict(lab)


def durable_holds(folder, *arguments):
    subprocess.run([PROGRAMS / "durable_holds", folder, *arguments], check=True)


@contextlib.contextmanager
def ext4(folder):
    """Made with Debian's defaults; its reads and writes go past the page cache of the file system below."""
    image, mounted = Path(folder) / "image", Path(folder) / "mounted"
    mounted.mkdir()
    with image.open("wb") as file:
        file.truncate(EXT4_BYTES)
    run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image)
    device = run("losetup", "--find", "--show", "--direct-io=on", image).strip()
    try:
        run("mount", device, mounted)
        try:
            yield mounted
        finally:
            run("umount", mounted)
    finally:
        run("losetup", "--detach", device)


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def fill(lab, mails):
    data = lab.dir / "data"
    subprocess.run(f"rm -rf {data}/quarantine {data}/quarantine.db*; {PROGRAMS}/fill_quarantine {data} {mails}; "
                   f"chown -R --reference={data} {data}", shell=True, check=True)


def quarantine(lab):
    [part] = [part for part in lab.cli_json("status")["actors"] if part["actor"] == "quarantine"]
    return part


def start(lab):
    """From the process's first moment to its first verdict."""
    starter = subprocess.Popen([REPOSITORY / "tools/lab", "start", lab.dir, "engine"])
    first = None
    while first is None:
        done = subprocess.run([PROGRAMS / "offer_mails", lab.env["IE_ENDPOINT"], "1", "8000"], capture_output=True)
        if done.returncode == 0 and json.loads(done.stdout)["verdicts"] == 1:
            first = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert starter.wait() == 0
    ticks = int(Path(f"/proc/{engine_pid(lab)}/stat").read_text().rpartition(")")[2].split()[19])
    figure("start_to_first_verdict", (first - ticks / os.sysconf("SC_CLK_TCK")) * 1000, "ms")


def evict(lab):
    """The longest that a verdict took while nothing else happened, and while mails were evicted."""
    figure("verdict_max_at_rest", longest_verdict_ms(lab), "ms")
    [space] = lab.cli_json("accounts", "list", "--name", ACCOUNT)["items"]
    held = lab.cli_json("emails", "list", "-a", ACCOUNT, "--limit", "1")["max_count"]
    limit = space["used_bytes"] * (held - EVICTED) // held
    assert lab.cli("accounts", "edit", "-a", ACCOUNT, f"--limit={limit}")[0] == 0
    figure("verdict_max_evicting", longest_verdict_ms(lab), "ms")
    gone = held - lab.cli_json("emails", "list", "-a", ACCOUNT, "--limit", "1")["max_count"]
    assert gone >= EVICTED * 0.9, gone
    figure("evicted", gone, "mails")


def longest_verdict_ms(lab):
    path = next(line.split('"')[1] for line in (lab.dir / "imunifyemail.toml").read_text().splitlines()
                if line.startswith("judge_socket"))
    question = ("judge 1\nid=1nFEym-0005TO-Qs\nprotocol=esmtpa\nuid=102\nauth=\nclient=127.0.0.1\nport=1\nhelo=\n"
                "sender=YUBhbGljZS50ZXN0\nrecipients=YkBmYXIudGVzdA==\nheaders=U3ViamVjdDogeAo=\nEND\n").encode()
    longest, until = 0, time.monotonic() + WATCH_SECONDS
    while time.monotonic() < until:
        begun = time.monotonic()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.sendall(question)
            while client.recv(4096):
                pass
        longest = max(longest, (time.monotonic() - begun) * 1000)
    return longest


if __name__ == "__main__":
    main()
