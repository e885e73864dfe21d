"""Random mail of three accounts, by SMTP and by sendmail, and what became of each: for cases that count again."""

import collections
import dataclasses
import pwd
import random
import re
import threading

from lab_case import Refused, wait_for
from mails import mail, spam

LOGINS = ("alice", "bob", "carol")
DOMAINS = {"alice": ("alice.test", "shop.alice.test", "elsewhere.test"), "bob": ("bob.test", "gmail.test"),
           "carol": ("carol.test",)}
LOCAL_PARTS = ("info", "shop", "Info", '"odd, one"', "news+spring", "boss")
SCRIPTS = ("contact.php", "mailer.php")
THREADS = 4


@dataclasses.dataclass
class Sent:
    """A mail that Exim took, and what is known of it before anybody is asked."""
    number: int
    account: str
    domain: str
    address: str
    script: str
    recipients: int
    phase: int
    held: bool = False


class Traffic:
    """`send` hands in so many mails, and remembers those that were taken. The seed gives the same mails again."""

    def __init__(self, lab, seed, sendmail_share=0.04, spam_share=0.1):
        self._lab, self._random, self._lock = lab, random.Random(seed), threading.Lock()
        self._sendmail_share, self._spam_share = sendmail_share, spam_share
        self._uids = {login: pwd.getpwnam(login).pw_uid for login in LOGINS}
        self._numbers, self._failures = iter(range(1 << 30)), []
        self.phase, self.taken = 0, {}

    def send(self, count):
        jobs = [self._job() for _ in range(count)]
        threads = [threading.Thread(target=self._run, args=(jobs[i::THREADS],)) for i in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not self._failures, self._failures[:3]

    def _job(self):
        chance = self._random
        login = chance.choice(LOGINS)
        domain = chance.choice(DOMAINS[login])
        local = chance.choice(LOCAL_PARTS)
        by_sendmail = chance.random() < self._sendmail_share
        script = chance.choice(SCRIPTS) if by_sendmail else ""
        sent = Sent(next(self._numbers), login, domain, f"{local.lower()}@{domain}", script,
                    chance.choice((1, 1, 1, 1, 2, 5)), self.phase)
        headers = f"X-PHP-Originating-Script: {self._uids[login]}:{script}\n".encode() if script else b""
        make = spam if chance.random() < self._spam_share else mail
        return sent, f"{local}@{domain}", make(f"number {sent.number};", headers=headers)

    def _run(self, jobs):
        """Over one connection an account, anew where it broke."""
        sessions = {}
        try:
            for sent, sender, message in jobs:
                if self._hand_in(sessions, sent, sender, message):
                    with self._lock:
                        self.taken[sent.number] = sent
        except Exception as failure:
            self._failures.append(repr(failure))
        finally:
            for session in sessions.values():
                session.close()

    def _hand_in(self, sessions, sent, sender, message):
        to = [f"r{i}@far.test" for i in range(sent.recipients)]
        if sent.script:
            return self._lab.sendmail(sent.account, ["-f", sender, *to], message) == 0
        try:
            if sent.account not in sessions:
                who = f"{sent.account}@{sent.account}.test"
                sessions[sent.account] = self._lab.session((who, "secret"))
            sessions[sent.account].send(sender, to, message)
            return True
        except (Refused, OSError):
            if broken := sessions.pop(sent.account, None):
                broken.close()
            return False

    def settle(self, seconds=60):
        """Wait until each mail is outside or held, and note which."""
        held = set()

        def done():
            nonlocal held
            held = self._held()
            if set(self.taken) <= held | self._outside():
                return True
            self._lab.run_queue()  # what Exim kept while nobody took it
            return False
        wait_for(done, seconds, lambda: f"neither outside nor held: "
                 f"{sorted(set(self.taken) - held - self._outside())[:20]}; queue: {self._lab.queue()[:5]}")
        for number, sent in self.taken.items():
            sent.held = number in held

    def _held(self):
        items, page = [], True
        while page:
            page = self._lab.cli_json("emails", "list", "--limit", "1000", "--offset", str(len(items)))["items"]
            items += page
        return {int(match[1]) for item in items if (match := re.search(r"number (\d+);", item["subject"]))}

    def _outside(self):
        return {int(match[1]) for _, got in self._lab.outside()
                if (match := re.search(rb"\nSubject: number (\d+);", got))}


def count_again(mails):
    """What `am stats` must say of these: {account: (counts, {domain: (counts, {address: counts})}, {script: counts})}."""
    def counts(of):
        return {"messages": sum(not each.held for each in of), "quarantined": sum(each.held for each in of)}

    def by(key, of):
        groups = collections.defaultdict(list)
        for each in of:
            if key(each):
                groups[key(each)].append(each)
        return groups
    return {account: (counts(own),
                      {domain: (counts(below), {address: counts(leaf) for address, leaf in
                                                by(lambda each: each.address, below).items()})
                       for domain, below in by(lambda each: each.domain, own).items()},
                      {script: counts(leaf) for script, leaf in by(lambda each: each.script, own).items()})
            for account, own in by(lambda each: each.account, mails).items()}


def said(report):
    """A report of `am stats` in the form of count_again()."""
    def counts(each):
        return {"messages": each["messages"], "quarantined": each["quarantined"]}
    return {account["name"]: (counts(account),
                              {domain["name"]: (counts(domain), {leaf["name"]: counts(leaf)
                                                                 for leaf in domain["sender_emails"] or []})
                               for domain in account["domains"] or []},
                              {script["name"]: counts(script) for script in account["scripts"] or []})
            for account in report["accounts"]}
