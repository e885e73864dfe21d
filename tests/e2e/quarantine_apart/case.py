"""A quarantine that can't start, or waits for its disk, keeps nobody from a verdict.

Setup: the message files' folder is no folder when the engine starts; later a step of a hold hangs, as on a disk that
doesn't answer.
Expect: ordinary mail is judged and passes, spam waits in Exim's queue, `status` says what is wrong; the quarantine comes
by itself once the folder is there. Where a step hangs, the engine can be asked and stopped all the same, and the spam is
held once by the next one.
"""

from lab_case import DEADLINE_SECONDS, Lab, wait_for
from mails import mail, spam


def case():
    with Lab(faulty=True) as lab:
        for trouble in (cant_start, hangs):
            print(f"  {trouble.__name__}", flush=True)
            trouble(lab)


def cant_start(lab):
    folder = lab.dir / "data/quarantine"
    lab.signal("engine", "KILL")
    folder.rename(folder.with_name("away"))
    folder.write_text("")
    lab.start("engine")
    passes(lab)
    queue_id = lab.submit("alice@alice.test", ["to@far.test"], spam("waits"))
    wait_for(lambda: deferred(lab, queue_id), DEADLINE_SECONDS, lambda: lab.log("exim_mainlog")[-5:])
    row = quarantine(lab)
    assert row["state"] == "restarting" and str(folder.name) in row["last_error"], row
    assert lab.cli("emails", "list")[0] != 0
    folder.unlink()
    folder.with_name("away").rename(folder)
    wait_for(lambda: quarantine(lab)["state"] == "running", DEADLINE_SECONDS, lambda: quarantine(lab))
    assert quarantine(lab)["restarts"] > 0
    assert all(each["restarts"] == 0 for each in parts(lab) if each["actor"] != "quarantine"), parts(lab)
    lab.drain_queue()
    assert held(lab) == 1


def hangs(lab):
    lab.arm("append", what="hang")
    lab.submit("alice@alice.test", ["to@far.test"], spam("hangs"))
    wait_for(lab.has_fired, DEADLINE_SECONDS, lambda: "the step wasn't reached")
    wait_for(lambda: quarantine(lab)["state"] == "silent", DEADLINE_SECONDS, lambda: quarantine(lab))
    for _ in range(3):
        passes(lab)
    lab.restart("engine")
    assert any("without waiting for a part that is stuck" in line for line in lab.log("engine")), lab.log("engine")[-9:]
    passes(lab)
    lab.drain_queue()
    assert held(lab) == 2


def passes(lab):
    count = len(lab.outside())
    queue_id = lab.submit("alice@alice.test", ["to@far.test"], mail())
    lab.wait_outside(count + 1)
    assert any(f" mail_judged mail={queue_id} " in line for line in lab.log("engine")), lab.log("engine")[-5:]


def deferred(lab, queue_id):
    return any(f" {queue_id} == " in line for line in lab.log("exim_mainlog"))


def parts(lab):
    return lab.cli_json("status")["actors"]


def quarantine(lab):
    return next(each for each in parts(lab) if each["actor"] == "quarantine")


def held(lab):
    return lab.cli_json("emails", "list", "-a", "alice")["max_count"]
