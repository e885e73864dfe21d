"""With the hook killed, Exim's own configuration applies the policy.

Setup: a lab for each policy; the hook is killed.
Expect: `accept`: mail passes. `defer`: 451 on the network, sendmail goes through. After `start hook` spam is held.
"""

from lab_case import Lab, Refused
from mails import mail, spam


def case():
    with Lab() as lab:
        lab.signal("hook", "KILL")
        lab.submit("alice@alice.test", ["to@far.test"], mail())
        lab.wait_recipients(1)
        lab.start("hook")
        lab.submit("alice@alice.test", ["to@far.test"], spam())
        lab.wait_queue(0)
        assert lab.cli_json("emails", "list")["max_count"] == 1

    with Lab(config={"hook": {"fail_open": "defer"}}) as lab:
        lab.signal("hook", "KILL")
        try:
            lab.submit("alice@alice.test", ["to@far.test"], mail())
            raise AssertionError("a mail was taken that should have been deferred")
        except Refused as refusal:
            assert refusal.code == 451, refusal
        assert lab.sendmail("alice", ["to@far.test"], mail()) == 0
        lab.wait_recipients(1)
