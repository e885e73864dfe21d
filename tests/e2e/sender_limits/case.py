"""Nobody sends more than his limit in any 60 minutes, and who is held is told why.

Setup: a limit of 3 for each account; alice sends by SMTP.
Expect: of 5 mails 3 arrive and 2 are held with the reason, the object, its limit and its count. A minute before the
first is an hour old nothing more passes, a minute later as many as there were; after 61 minutes 3 again. By recipients, a mail
to 5 is held whole. A spam that is held uses up nothing; a released mail is neither limited nor counted again.
"""

import time

from lab_case import DEADLINE_SECONDS, Lab, wait_for
from mails import mail, spam

HOUR = 3600
MARGIN = 60  # seconds, for a busy machine; the exact moment is the unit tests'


def case():
    with Lab() as lab:
        limits = Limits(lab)
        limits.set("--account=3")
        limits.says_why()
        limits.slides()
        limits.counts_recipients()
        limits.spam_uses_up_nothing()
        limits.released_mail_is_not_limited()


class Limits:
    def __init__(self, lab):
        self._lab, self._number = lab, 0

    def set(self, *flags):
        code, output, errors = self._lab.cli("am", "server-settings", "set", *flags)
        assert code == 0, (flags, output, errors)

    def send(self, count=1, make=mail, recipients=("to@far.test",)):
        """How many of so many mails arrived outside; the others are held."""
        before, held = len(self._lab.outside()), self._held()
        for _ in range(count):
            self._number += 1
            self._lab.submit("alice@alice.test", list(recipients), make(f"number {self._number}"))
        done = lambda: len(self._lab.outside()) - before + self._held() - held == count  # noqa: E731
        wait_for(done, DEADLINE_SECONDS, lambda: f"{count} mails outside or held")
        return len(self._lab.outside()) - before

    def _held(self):
        return self._lab.cli_json("emails", "list")["max_count"]

    def says_why(self):
        assert self.send(5) == 3
        items = self._lab.cli_json("emails", "list")["items"]
        assert [item["reasons"] for item in items] == [["ratelimit"]] * 2, items
        for item in items:
            shown = self._lab.cli_json("emails", "show", "--id", item["email_id"])
            assert shown["limits"] == [{"type": "account", "name": "alice", "limit": 3, "count": 3, "mode": "messages",
                                        "window_s": HOUR}], shown
        code, text, _ = self._lab.cli("emails", "show", "--id", items[0]["email_id"])
        assert code == 0 and "account alice: 3 of 3 messages in 60 minutes" in text, text
        self._lab.advance("61m")
        assert self.send(3) == 3

    def slides(self):
        self._lab.advance("61m")
        begun = time.monotonic()
        assert self.send(3) == 3
        sent = time.monotonic()
        # At most an hour after the first of them, then at least an hour after the last.
        early = time.monotonic()
        self._lab.advance(f"{int(HOUR - MARGIN - (early - begun))}s")
        passed = self.send(1)
        took = time.monotonic() - early
        assert took < MARGIN, f"this machine is too slow for the test: {took} s"
        assert passed == 0
        self._lab.advance(f"{int(sent - begun) + MARGIN + 1}s")
        assert self.send(4) == 3

    def counts_recipients(self):
        self._lab.advance("61m")
        self.set("--limit-mode=2")
        to = [f"{name}@far.test" for name in "abcde"]
        assert self.send(recipients=to) == 0
        assert self.send(recipients=to[:2]) == 1
        assert self.send(recipients=to[:2]) == 0
        assert self.send(recipients=to[:1]) == 1
        assert self.send(recipients=to[:1]) == 0
        self.set("--limit-mode=1")

    def spam_uses_up_nothing(self):
        self._lab.advance("61m")
        assert self.send(3, make=spam) == 0
        assert self.send(4) == 3

    def released_mail_is_not_limited(self):
        """At the limit, with one mail of each reason."""
        before = self._messages()
        outside = len(self._lab.outside())
        ids = [item["email_id"] for item in self._lab.cli_json("emails", "list", "--limit", "2")["items"]]
        code, output, errors = self._lab.cli("emails", "release", "--ids", ",".join(ids))
        assert (code, output) == (0, "OK\n"), errors
        self._lab.wait_outside(outside + 2)
        self._lab.wait_queue(0)
        assert self._messages() == before
        self._lab.advance("61m")
        assert self.send(4) == 3

    def _messages(self):
        report = self._lab.cli_json("am", "stats", "--since", "30d")
        return [account["messages"] for account in report["accounts"]]
