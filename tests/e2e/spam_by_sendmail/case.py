"""A spam that a local user hands to sendmail, as PHP's mail() does, is held under that user's account.

Setup: a lab as it is. alice pipes a GTUBE mail with a Bcc header into `sendmail -t`; so does a system user.
Expect: exit code 0 both times; alice's is listed under alice, the system user's under root; released, alice's
reaches all recipients, Bcc included and without its Bcc line, as Exim would have sent it.
"""

from lab_case import Lab, same_but_received
from mails import spam


def case():
    with Lab() as lab:
        sent = spam(to="to@far.test")
        with_bcc = sent.replace(b"Subject:", b"Bcc: bcc@away.test\nSubject:", 1)
        assert lab.sendmail("alice", ["-t"], with_bcc) == 0
        assert lab.sendmail("nobody", ["to@far.test"], sent) == 0
        lab.wait_queue(0)
        assert lab.outside() == []

        by_account = {item["account_name"]: item for item in lab.cli_json("emails", "list")["items"]}
        assert set(by_account) == {"alice", "root"}, by_account
        judged = [line for line in lab.log("engine") if " mail_judged " in line and "account=root" in line]
        assert len(judged) == 1 and "domain=UNMANAGED" in judged[0], judged

        item = by_account["alice"]
        assert sorted(item["recipients"]) == ["bcc@away.test", "to@far.test"], item
        assert lab.cli("emails", "release", "--ids", item["email_id"], "-a", "root") == (0, "OK\n", "")
        for _, got in lab.wait_recipients(2):
            assert same_but_received(sent, got), got
        assert lab.cli_json("emails", "list")["max_count"] == 1
