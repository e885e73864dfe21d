"""An owner releases so many mails an hour, root as many as he wants.

Setup: nine held mails of alice, the default allowance of five in any hour.
Expect: alice releases five; the sixth is refused with the minute of the next, and stays held; a limit of 50 by root
lifts that at once, back at the default it is refused again; 61 minutes later it goes. Root is never limited. All of it
is in the audit trail.
"""

import re

from lab_case import Lab
from mails import spam

HELD, ALLOWED = 9, 5


def case():
    with Lab() as lab:
        for number in range(HELD):
            lab.submit("alice@alice.test", ["to@far.test"], spam(f"number {number}"))
        lab.wait_queue(0)
        ids = [item["email_id"] for item in lab.cli_json("emails", "list")["items"]]

        for number in range(ALLOWED):
            assert release(lab, ids[number], "alice") == (0, "OK\n", "")
        refused(lab, ids[5])
        lab.wait_recipients(ALLOWED)
        edit(lab, "50")
        assert release(lab, ids[5], "alice") == (0, "OK\n", "")
        edit(lab, "-1")
        refused(lab, ids[6])
        assert release(lab, ids[7], None) == (0, "OK\n", "")
        lab.advance("61m")
        assert release(lab, ids[6], "alice") == (0, "OK\n", "")
        lab.wait_recipients(8)
        assert [item["email_id"] for item in lab.cli_json("emails", "list")["items"]] == [ids[8]]

        trail = [item for item in lab.cli_json("audit", "list", "--limit", "100")["items"]
                 if item["action"] == "release_mails"]
        assert sum("limit_reached" in item["result"] for item in trail) == 2, trail
        assert sum(item["result"].startswith("done") for item in trail) == 8, trail


def release(lab, mail_id, user):
    return lab.cli("emails", "release", "--ids", mail_id, user=user)


def edit(lab, limit):
    assert lab.cli("accounts", "edit", "-a", "alice", f"--releases-limit={limit}") == (0, "OK\n", "")


def refused(lab, mail_id):
    code, output, errors = release(lab, mail_id, "alice")
    assert code == 1 and "OK" not in output, (code, output)
    assert re.search(rf"{mail_id}.*\b{ALLOWED}\b.*\d\d:\d\d", errors), errors
    assert lab.cli("emails", "show", "--id", mail_id)[0] == 0, "refused, and gone"
