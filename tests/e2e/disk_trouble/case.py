"""A disk that is full, read-only or held up by somebody: what can't be stored waits in Exim's queue, verdicts go on.

Setup: the data folder on a tmpfs of 12 MB. It is filled with spam, and the engine killed; made larger. The message files' folder is made
read-only, then the whole of it while the engine starts; somebody locks quarantine.db for longer than the engine waits.
Expect: each spam is held or in the queue, ordinary mail passes at once; a full store can be emptied; the engine says
what is wrong; when the trouble is over all spam comes in with a run of the queue, and `ie-config check` is content.
"""

import concurrent.futures
import re

from lab_case import DEADLINE_SECONDS, Lab, wait_for
from mails import mail, spam

LARGE = (b"x" * 70 + b"\n") * 14_000  # 1 MB


def case():
    with Lab() as lab:
        data = re.search(r'data_dir = "([^"]+)"', (lab.dir / "imunifyemail.toml").read_text())[1]
        lab.signal("engine", "KILL")
        inside(lab, f"mkdir /run/ie-lab-data; cp -a {data}/. /run/ie-lab-data && mount -t tmpfs -o size=12m none {data} && "
               f"cp -a /run/ie-lab-data/. {data} && chown --reference=/run/ie-lab-data {data}; rm -r /run/ie-lab-data")
        lab.start("engine")
        for trouble in (full_disk, read_only_files, read_only_disk, locked_database):
            print(f"  {trouble.__name__}", flush=True)
            trouble(lab, data)
            code, output, errors = lab.run("ie-config", "check")
            assert code == 0, output + errors
            assert lab.cli("emails", "remove", "--all-matching")[0] == 0


def full_disk(lab, data):
    sent = 16
    ids = [lab.submit("alice@alice.test", ["to@far.test"], spam(f"large {number}", body=LARGE)) for number in range(sent)]

    def untold():
        log = "\n".join(lab.log("exim_mainlog"))
        return [queue_id for queue_id in ids if f" {queue_id} => " not in log and f" {queue_id} == " not in log]
    wait_for(lambda: not untold(), DEADLINE_SECONDS, untold)
    wait_for(lambda: held(lab) + len(lab.queue()) == sent, DEADLINE_SECONDS, lambda: f"{held(lab)}, {lab.queue()}")
    assert lab.queue() and held(lab) > 3
    assert any("No space left on device" in line for line in lab.log("engine")), lab.log("engine")[-5:]
    passes(lab)
    assert any("defer" in line and "451" in line for line in lab.log("exim_mainlog")), lab.log("exim_mainlog")[-5:]
    lab.signal("engine", "KILL")
    lab.start("engine")
    wait_for(lambda: held(lab) + len(lab.queue()) == sent, DEADLINE_SECONDS, lambda: f"{held(lab)}, {lab.queue()}")
    passes(lab)
    ids = [item["email_id"] for item in lab.cli_json("emails", "list")["items"]]
    assert lab.cli("emails", "remove", "--ids", ",".join(ids[:3])) == (0, "OK\n", "")
    kept = held(lab)

    def more():
        lab.run_queue()
        return held(lab) > kept
    wait_for(more, DEADLINE_SECONDS, lambda: f"nothing comes in where room was made: {lab.log('engine')[-5:]}")
    inside(lab, f"mount -o remount,size=64m {data}")
    all_held(lab, sent - 3)


def read_only_files(lab, data):
    inside(lab, f"mount --bind {data}/quarantine {data}/quarantine && mount -o remount,bind,ro {data}/quarantine")
    lab.submit("alice@alice.test", ["to@far.test"], spam("waits"))
    wait_for(lambda: any("Read-only file system" in line for line in lab.log("engine")), DEADLINE_SECONDS,
             lambda: f"not told: {lab.log('engine')[-5:]}")
    passes(lab)
    assert held(lab) == 0 and len(lab.queue()) == 1
    inside(lab, f"umount {data}/quarantine")
    all_held(lab, 1)


def read_only_disk(lab, data):
    lab.signal("engine", "KILL")
    inside(lab, f"mount -o remount,ro {data}")
    code, _, errors = lab.run("ie-engine", "--config", str(lab.dir / "imunifyemail.toml"))
    assert code == 1 and "Read-only file system" in errors and data in errors, errors
    passes(lab, judged=False)
    inside(lab, f"mount -o remount,rw {data}")
    lab.start("engine")
    lab.submit("alice@alice.test", ["to@far.test"], spam("held again"))
    all_held(lab, 1)


def locked_database(lab, data):
    locked, enough = lab.dir / "locked", lab.dir / "enough"
    script = f"""python3 -c '
import pathlib, sqlite3, time
database = sqlite3.connect("{data}/quarantine.db", timeout=60, isolation_level=None)
database.execute("BEGIN IMMEDIATE")
pathlib.Path("{locked}").touch()
while not pathlib.Path("{enough}").exists():
    time.sleep(0.01)
database.execute("ROLLBACK")'"""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        locker = pool.submit(inside, lab, script)
        try:
            wait_for(locked.exists, DEADLINE_SECONDS, lambda: "not locked")
            lab.submit("alice@alice.test", ["to@far.test"], spam("waits for the lock"))
            passes(lab)
            wait_for(lambda: any("locked" in line for line in lab.log("engine")), DEADLINE_SECONDS,
                     lambda: f"not told: {lab.log('engine')[-5:]}")
            assert len(lab.queue()) == 1
        finally:
            enough.touch()
        locker.result()
    all_held(lab, 1)


def passes(lab, judged=True):
    count = len(lab.outside())
    queue_id = lab.submit("alice@alice.test", ["to@far.test"], mail())
    lab.wait_outside(count + 1)
    assert judged == any(f" mail_judged mail={queue_id} " in line for line in lab.log("engine"))


def held(lab):
    return lab.cli_json("emails", "list", "-a", "alice")["max_count"]


def all_held(lab, count):
    def done():
        lab.run_queue()
        return held(lab) == count and not lab.queue()
    wait_for(done, DEADLINE_SECONDS, lambda: f"{held(lab)} of {count} held, queue: {lab.queue()}")


def inside(lab, script):
    code, output, errors = lab.run("sh", "-ec", script, timeout=DEADLINE_SECONDS * 5)
    assert code == 0, output + errors
