"""With the engine killed, mail flows on or waits, as configured, and nothing is lost.

Setup: a lab for each policy; the engine is killed while a held mail's LMTP is under way or not.
Expect: `accept`: mail passes at once, and the hook's own verdict takes under 20 ms. `defer`: a client on the
network gets 451, sendmail still exits 0 and the mail goes out. After `start engine` the next spam is held; a mail
that Exim kept, since LMTP failed, comes in with a run of the queue.
"""

import re
import socket
import time

from lab_case import DEADLINE_SECONDS, Lab, Refused, wait_for
from mails import mail, spam


def case():
    with Lab() as lab:
        lab.signal("engine", "KILL")
        with lab.session() as session:
            for number in range(20):
                session.send("alice@alice.test", ["to@far.test"], mail(f"number {number}"))
        lab.wait_recipients(20)
        assert sum(" policy_applied " in line for line in lab.log("hook")) == 20
        waited_ms = sorted(ask_hook(lab) for _ in range(200))
        assert waited_ms[100] < 20, waited_ms[100:]  # the median: the rest may be the machine's
        lab.start("engine")
        lab.submit("alice@alice.test", ["to@far.test"], spam())
        lab.wait_queue(0)
        assert lab.cli_json("emails", "list")["max_count"] == 1
        kept_by_exim(lab)

    with Lab(config={"hook": {"fail_open": "defer"}}) as lab:
        lab.signal("engine", "KILL")
        try:
            lab.submit("alice@alice.test", ["to@far.test"], mail())
            raise AssertionError("a mail was taken that should have been deferred")
        except Refused as refusal:
            assert refusal.code == 451, refusal
        assert lab.sendmail("alice", ["to@far.test"], mail("local")) == 0
        lab.submit("", ["to@far.test"], mail("bounce"))
        lab.wait_recipients(2)
        lab.start("engine")
        lab.submit("alice@alice.test", ["to@far.test"], mail("again"))
        lab.wait_recipients(3)


def ask_hook(lab):
    """Milliseconds that the hook's answer to Exim's question takes."""
    path = re.search(r'judge_socket = "([^"]+)"', (lab.dir / "imunifyemail.toml").read_text())[1]
    question = ("judge 1\nid=1nFEym-0005TO-Qs\nprotocol=esmtpa\nuid=102\nauth=\nclient=127.0.0.1\nport=1\nhelo=\n"
                "sender=YUBhbGljZS50ZXN0\nrecipients=YkBmYXIudGVzdA==\nheaders=U3ViamVjdDogeAo=\nEND\n")
    with socket.socket(socket.AF_UNIX) as client:
        began = time.monotonic()
        client.connect(path)
        client.sendall(question.encode())
        answer = b""
        while part := client.recv(4096):
            answer += part
        assert answer.startswith(b"accept\n"), answer
        return (time.monotonic() - began) * 1000


def kept_by_exim(lab):
    """The verdict is out, then nobody can take the mail: Exim keeps it and tries again."""
    data_dir = lab.dir / "data" / "quarantine"
    data_dir.rename(data_dir.with_name("away"))
    data_dir.write_text("")  # not a folder: nothing can be stored
    queue_id = lab.submit("alice@alice.test", ["to@far.test"], spam("kept"))
    wait_for(lambda: any(f" {queue_id} == " in line for line in lab.log("exim_mainlog")), DEADLINE_SECONDS,
             lambda: lab.log("exim_mainlog")[-5:])
    assert len(lab.queue()) == 1
    assert lab.cli_json("emails", "list")["max_count"] == 1
    data_dir.unlink()
    data_dir.with_name("away").rename(data_dir)
    lab.drain_queue()
    assert lab.cli_json("emails", "list")["max_count"] == 2
