"""A spam that an account sends by authenticated SMTP is held, listed, shown and released.

Setup: a lab as it is. alice submits a GTUBE mail to two addresses outside, one of them a Bcc.
Expect: accepted at SMTP, nothing outside, one item in the list, of account alice and reason spam; released, it
reaches both recipients, byte for byte but for Exim's Received line; then the list is empty, and so is the queue.
"""

from lab_case import Lab, same_but_received
from mails import mail, spam


def case():
    with Lab() as lab:
        sent = spam(to="to@far.test")
        queue_id = lab.submit("alice@alice.test", ["to@far.test", "bcc@away.test"], sent)
        lab.wait_queue(0)
        assert lab.outside() == [], lab.outside()

        listed = lab.cli_json("emails", "list")
        assert listed["max_count"] == 1, listed
        item = listed["items"][0]
        assert item["account_name"] == "alice" and item["reasons"] == ["spam"], item
        assert item["recipients"] == ["to@far.test", "bcc@away.test"], item
        assert item["subject"] == "buy now" and item["sender"] == "alice@alice.test", item

        shown = lab.cli_json("emails", "show", "--id", item["email_id"])
        assert shown["headers"]["Subject"] == ["buy now"], shown
        code, raw, _ = lab.cli("emails", "show", "--raw", "--id", item["email_id"])
        assert code == 0 and same_but_received(sent, raw.encode()), raw

        assert lab.cli("emails", "release", "--ids", item["email_id"]) == (0, "OK\n", "")
        outside = lab.wait_recipients(2)
        assert sorted(recipient for envelope, _ in outside for recipient in envelope["recipients"]) == [
            "bcc@away.test", "to@far.test"], outside
        for envelope, got in outside:
            assert envelope["sender"] == "alice@alice.test", envelope
            assert same_but_received(sent, got), got
            assert b"ie-release" not in got and item["email_id"].encode() not in got, got
        assert lab.cli_json("emails", "list") == {"items": [], "max_count": 0}
        lab.wait_queue(0)

        held = [line for line in lab.log("engine") if " mail_quarantined " in line]
        assert len(held) == 1 and f"mail={queue_id}" in held[0] and "account=alice" in held[0], held

        # An ordinary mail isn't delayed by any of this.
        lab.submit("alice@alice.test", ["to@far.test"], mail("ham"))
        lab.wait_recipients(3)

