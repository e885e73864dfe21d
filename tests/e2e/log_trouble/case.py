"""Logs that can't be written end nothing: mail is judged and held all the while, and `status` says what is wrong.

Setup: the logs of engine and hook in a folder of their own. What logrotate leaves isn't theirs to write, as its file
and as the folder; then HUP, USR1 and a restart of both. A folder or a FIFO stands in the file's place; the folder's
file system is full.
Expect: each spam is held, each other mail judged; lines go on into the file that was open before, or to standard
error; `ie-cli status` and `ie-config status` name file and cause; once it is over the next lines are in the file, by
themselves, and after a full disk with the number of those that were lost.
"""

import json
import shutil
import tempfile
from pathlib import Path

from lab_case import DEADLINE_SECONDS, Lab, wait_for
from mails import mail, spam

DAEMONS = ("engine", "hook")


def case():
    logs = Path(tempfile.mkdtemp(prefix="ie-logs-"))
    try:
        logs.chmod(0o1777)
        with Lab(config={"log": {"dir": str(logs)}}) as lab:
            flows(lab)
            for trouble in (unwritable_files, unwritable_folder, other_things, full_disk):
                print(f"  {trouble.__name__}", flush=True)
                trouble(lab, logs)
    finally:
        shutil.rmtree(logs)


def unwritable_files(lab, logs):
    for signal in ("USR1", "HUP"):
        for part in DAEMONS:
            path = log_of(logs, part)
            path.rename(path.with_suffix(".log.1"))
            path.touch(0o600)  # root's
            lab.signal(part, signal)
        lab_says(lab, "Permission denied", "lines go to the file that was open before")
        moved = log_of(logs, "engine").with_suffix(".log.1")
        held = flows(lab)
        wait_for(lambda: f" mail_quarantined mail={held} " in moved.read_text(), DEADLINE_SECONDS, moved.read_text)
        for part in DAEMONS:
            log_of(logs, part).unlink()
        recovers(lab, logs)
    for part in DAEMONS:
        log_of(logs, part).unlink()
        log_of(logs, part).touch(0o600)
        lab.restart(part)
    on_standard_error(lab)
    for part in DAEMONS:
        log_of(logs, part).unlink()
    recovers(lab, logs)


def unwritable_folder(lab, logs):
    for part in DAEMONS:
        log_of(logs, part).rename(log_of(logs, part).with_suffix(".log.1"))
    logs.chmod(0o755)
    for part in DAEMONS:
        lab.signal(part, "HUP")
    lab_says(lab, "Permission denied", "lines go to the file that was open before")
    flows(lab)
    for part in DAEMONS:
        lab.restart(part)
    on_standard_error(lab)
    logs.chmod(0o1777)
    recovers(lab, logs)


def other_things(lab, logs):
    def folder(path):
        path.mkdir()

    def fifo(path):
        lab.run("mkfifo", "-m", "666", str(path))

    for make, words in ((folder, "Is a directory"), (fifo, "No such device or address")):
        for part in DAEMONS:
            log_of(logs, part).unlink()
            make(log_of(logs, part))
            lab.signal(part, "HUP")
        lab_says(lab, words)
        flows(lab)
        for part in DAEMONS:
            lab.restart(part)
        flows(lab)
        for part in DAEMONS:
            path = log_of(logs, part)
            path.rmdir() if path.is_dir() else path.unlink()
        recovers(lab, logs)


def full_disk(lab, logs):
    """A small file system, in the lab's mount namespace only."""
    inside(lab, f"mount -t tmpfs -o size=64k,mode=1777 none {logs}")
    for part in DAEMONS:
        lab.restart(part)
    flows(lab)
    inside(lab, f"head -c 1m /dev/zero > {logs}/filler || true")
    for _ in range(20):  # until the file's last page is full, too
        flows(lab)
        if log_row(lab)["state"] == "degraded":
            break
    lab_says(lab, "No space left on device", "lines lost so far", hook=False)
    for part in DAEMONS:
        lab.restart(part)
    flows(lab)
    inside(lab, f"rm {logs}/filler")
    held = flows(lab)

    def text():
        return inside(lab, f"cat {logs}/engine.log")
    wait_for(lambda: f" mail_quarantined mail={held} " in text(), DEADLINE_SECONDS, text)
    assert " log log_lines_lost count=" in text(), text()
    assert log_row(lab)["state"] == "running", log_row(lab)
    for part in DAEMONS:
        lab.signal(part, "KILL")  # or its file keeps the file system busy
    inside(lab, f"umount {logs}")
    for part in DAEMONS:
        lab.start(part)
    flows(lab)


def flows(lab):
    """A mail passes judged, a spam is held; both processes are the same as before. Returns the spam's queue id."""
    judged = decisions(lab)
    outside, kept = len(lab.outside()), held(lab)
    lab.submit("alice@alice.test", ["to@far.test"], mail())
    lab.wait_outside(outside + 1)
    queue_id = lab.submit("alice@alice.test", ["to@far.test"], spam())
    wait_for(lambda: held(lab) == kept + 1, DEADLINE_SECONDS, lambda: f"{held(lab)} held, queue: {lab.queue()}")
    wait_for(lambda: decisions(lab) == judged + 2, DEADLINE_SECONDS, lambda: decisions(lab))
    return queue_id


def on_standard_error(lab):
    """Started without a file: the lines of a mail are where the service's standard error goes."""
    lab_says(lab, "Permission denied", "lines go to standard error")
    queue_id = flows(lab)
    path = lab.dir / "log/engine.err"
    wait_for(lambda: f" mail_quarantined mail={queue_id} " in path.read_text(), DEADLINE_SECONDS, path.read_text)


def recovers(lab, logs):
    """By themselves, each daemon with a line or a question."""
    wait_for(lambda: log_row(lab)["state"] == "running" and "hook log" not in config_status(lab), DEADLINE_SECONDS,
             lambda: f"{log_row(lab)} {config_status(lab)}")
    queue_id, path = flows(lab), log_of(logs, "engine")
    wait_for(lambda: f" mail_quarantined mail={queue_id} " in path.read_text(), DEADLINE_SECONDS, path.read_text)
    assert log_of(logs, "hook").exists()


def lab_says(lab, *words, hook=True):
    """Both statuses name the trouble."""
    def told():
        row, shown = log_row(lab), config_status(lab)
        engine_told = row["state"] == "degraded" and all(word in row["last_error"] for word in words)
        hook_told = not hook or ("hook log" in shown and words[0] in shown["hook log"])
        return engine_told and words[0] in shown["log"] and hook_told
    wait_for(told, DEADLINE_SECONDS, lambda: f"{words}: {log_row(lab)} {config_status(lab)}")


def log_row(lab):
    return next(each for each in lab.cli_json("status")["actors"] if each["actor"] == "log")


def config_status(lab):
    """What `ie-config status` says of the logs."""
    _, shown, errors = lab.run("ie-config", "status", "--json")
    assert shown, errors
    return {each["name"]: each["text"] for each in json.loads(shown)["items"] if each["name"] in ("log", "hook log")}


def decisions(lab):
    counts = lab.cli_json("status")["decisions"]
    return counts["accepted"] + counts["held"]


def held(lab):
    return lab.cli_json("emails", "list", "-a", "alice")["max_count"]


def log_of(logs, part):
    return logs / f"{part}.log"


def inside(lab, script):
    code, output, errors = lab.run("sh", "-ec", script)
    assert code == 0, output + errors
    return output
