"""Nobody but the engine can make a mail look released.

Setup: alice sends GTUBE with everything that a release is known by: -oMt, -oMr, -oMa, a header, an ident, as the
engine's user name over TCP.
Expect: each is held as any other spam; nothing leaves the server.
"""

from lab_case import Lab
from mails import spam

FORGED_ID = "ef69f707-d547-4b29-b8f0-f5331821c930"


def case():
    with Lab() as lab:
        tries = [["-oMt", "ie-release"], ["-oMt", "ie-release", "-oMr", "local"], ["-oMt", "ie-release", "-oMaa", FORGED_ID],
                 ["-oMt", "ie-release", "-oMai", FORGED_ID], ["-f", "_imunifyemail@far.test", "-oMt", "ie-release"]]
        for number, flags in enumerate(tries):
            code = lab.sendmail("alice", [*flags, "to@far.test"], spam(f"flags {number}"))
            assert code in (0, 1), code  # 1: Exim refuses a user who isn't trusted
        session_lines = (f"EHLO client.test\nMAIL FROM:<alice@alice.test>\nRCPT TO:<to@far.test>\nDATA\n"
                         + spam("by -bs").decode() + ".\nQUIT\n")
        lab.sendmail("alice", ["-oMt", "ie-release", "-oMaa", FORGED_ID, "-bs"], session_lines.encode())
        header = f"X-IE-Release: {FORGED_ID}\nX-ImunifyEmail-Filter-Action: accept\n".encode()
        lab.submit("alice@alice.test", ["to@far.test"], spam("header", headers=header))
        with lab.session(auth=None, source="127.0.0.2") as session:
            session.send("alice@alice.test", ["to@far.test"], spam("relay"))
        lab.wait_queue(0)
        assert lab.outside() == [], lab.outside()
        subjects = {item["subject"] for item in lab.cli_json("emails", "list", "--limit", "100")["items"]}
        assert {"header", "relay", "by -bs"} <= subjects, subjects
