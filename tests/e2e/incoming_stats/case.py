"""`incoming stats` equals a recount, by day and account.

Setup: 300 mails from outside, spam and ham, to one to four recipients each of three accounts; vip@carol.test is
whitelisted, bob opts out for a while. Half of them come the next day.
Expect: each account's and the server's numbers are those counted here, a mail once for each account; what was counted
survives the engine's restart; an owner sees his own.
"""

import random
from collections import Counter

from lab_case import Lab
from mails import mail, spam

MAILS = 300
RECIPIENTS = ("a@alice.test", "b@shop.alice.test", "alice@server.lab.test", "b@bob.test", "c@carol.test",
              "vip@carol.test")
OWNERS = {"a@alice.test": "alice", "b@shop.alice.test": "alice", "alice@server.lab.test": "alice", "b@bob.test": "bob",
          "c@carol.test": "carol", "vip@carol.test": "carol"}


def case():
    seed = random.randrange(1 << 32)
    print(f"  seed {seed}", flush=True)
    chance = random.Random(seed)
    with Lab() as lab:
        assert lab.run("ie-config", "enable-incoming")[0] == 0
        assert lab.cli("whitelist", "recipient", "add", "vip@carol.test")[0] == 0
        days = [send_a_day(lab, chance)]
        lab.advance("24h")
        days.append(send_a_day(lab, chance))
        for who in ("root", "alice", "bob", "carol"):
            items = lab.cli_json("incoming", "stats", "-a", who, "--days", "3")["items"]
            expected = [days[1][who], days[0][who], Counter()]
            assert [(item["spam"], item["legitimate"]) for item in items] == [
                (each["spam"], each["legitimate"]) for each in expected], (who, items, expected)
            assert len({item["date"] for item in items}) == 3, items
        before = lab.cli("incoming", "stats", user="carol")
        assert before == lab.cli("incoming", "stats", "-a", "carol") and before[0] == 0
        lab.restart("engine")
        lab.advance("24h")  # a new engine goes by the machine's clock again
        assert lab.cli_json("incoming", "stats", "--days", "3")["spam"] == sum(day["root"]["spam"] for day in days)


def send_a_day(lab, chance):
    """150 mails; the numbers that they must make, by account."""
    counts = {who: Counter() for who in ("root", "alice", "bob", "carol")}
    with lab.session(auth=None) as session:
        for number in range(MAILS // 2):
            if number == 50:
                assert lab.cli("incoming", "disable", user="bob")[0] == 0
            if number == 100:
                assert lab.cli("incoming", "enable", "-a", "bob")[0] == 0
            is_spam = chance.random() < 0.4
            recipients = chance.sample(RECIPIENTS, chance.randint(1, 4))
            session.send("x@away.test", recipients, (spam if is_spam else mail)(f"number {number}"))
            count(counts, recipients, is_spam, bob_is_out=50 <= number < 100)
    lab.wait_queue(0)
    return counts


def count(counts, recipients, is_spam, bob_is_out):
    by_account = {}
    for each in recipients:
        if not (bob_is_out and OWNERS[each] == "bob"):
            by_account.setdefault(OWNERS[each], []).append(is_spam and each != "vip@carol.test")
    if by_account:
        by_account["root"] = [any(words) for words in by_account.values()]
    for account, words in by_account.items():
        counts[account]["spam" if any(words) else "legitimate"] += 1
