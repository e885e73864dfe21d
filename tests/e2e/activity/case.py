"""What `am stats` says is what was sent and held, number by number.

Setup: random mail of three accounts, in phases with hours and days between them, under limits that some of it exceeds,
with spam, scripts, and senders outside the accounts' domains. `IE_MAILS` says how many (5000).
Expect: for each of four `--since`, and with each filter and page, the numbers of a recount of all that was sent.
"""

import os
import random

from lab_case import Lab
from traffic import Traffic, count_again, said

MAILS = int(os.environ.get("IE_MAILS", "5000"))
SEED = int(os.environ.get("IE_SEED", random.randrange(1 << 32)))
# How far the clock is moved after each phase, and the `--since` that begins with the phase after that.
PHASES = (("20d", "100d"), ("26h", "10d"), ("100m", "10h"), ("0s", "30m"))


def case():
    print(f"  {MAILS} mails, seed {SEED}", flush=True)
    with Lab() as lab:
        limits = ["--account=400", "--domain=250", "--sender-email=60", "--script=20"]
        assert lab.cli("am", "server-settings", "set", *limits)[0] == 0
        traffic = Traffic(lab, SEED)
        for number, (step, _) in enumerate(PHASES):
            traffic.phase = number
            traffic.send(MAILS // len(PHASES))
            if step != "0s":
                lab.advance(step)
        traffic.settle()
        mails = list(traffic.taken.values())
        print(f"  {len(mails)} taken, {sum(each.held for each in mails)} held", flush=True)
        for first, (_, since) in enumerate(PHASES):
            compare(lab, since, [each for each in mails if each.phase >= first])
        filters(lab, mails)
        pages(lab)


def compare(lab, since, mails):
    expected = count_again(mails)
    got = said(lab.cli_json("am", "stats", "--since", since))
    assert got == expected, f"--since {since}: got {got}\nexpected {expected}"


def filters(lab, mails):
    whole = count_again(mails)

    def stats(*flags):
        return said(lab.cli_json("am", "stats", "--since", "100d", *flags))
    assert stats("--account-name", "Alice") == {"alice": whole["alice"]}
    counts, domains, _ = whole["alice"]
    assert stats("--domain", "SHOP.alice.test") == {
        "alice": (counts, {"shop.alice.test": domains["shop.alice.test"]}, {})}
    totals, addresses = domains["elsewhere.test"]
    assert stats("--sender-email", "info@elsewhere.test") == {
        "alice": (counts, {"elsewhere.test": (totals, {"info@elsewhere.test": addresses["info@elsewhere.test"]})}, {})}
    assert stats("--script-name", "contact.php") == {
        account: (own, {}, {"contact.php": scripts["contact.php"]})
        for account, (own, _, scripts) in whole.items() if "contact.php" in scripts}
    assert stats("--account-name", "nobody") == {}


def pages(lab):
    whole = lab.cli_json("am", "stats", "--since", "100d")["accounts"]
    assert [each["messages"] for each in whole] == sorted((each["messages"] for each in whole), reverse=True)
    for offset in range(4):
        page = lab.cli_json("am", "stats", "--since", "100d", "--limit", "1", "--offset", str(offset))["accounts"]
        assert page == whole[offset:offset + 1], offset
