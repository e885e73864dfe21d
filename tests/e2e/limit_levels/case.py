"""Each level of sender limits overrides the one before it: server, individual object, whitelist.

Setup: alice sends by SMTP; the server's limit for domains is 2.
Expect: an individual limit, higher, lower, unlimited, counts instead of the server's, and is gone with -1; `reset`
forgets the hour; a whitelisted domain or address isn't limited, but only for mail of the account that owns it. Ids of
another type, unknown ones and bad values are refused and change nothing; account and script can't be whitelisted. bob
sees nothing of it and can't change it: exit code 4, and the audit trail says that he tried.
"""

from lab_case import DEADLINE_SECONDS, Lab, wait_for
from mails import mail, spam


def case():
    with Lab() as lab:
        levels = Levels(lab)
        levels.individual_limits()
        levels.refusals()
        levels.whitelists()
        levels.dry_run()
        levels.bob_may_not()
        levels.survive_a_restart()


class Levels:
    def __init__(self, lab):
        self._lab, self._number = lab, 0

    def run(self, *command, code=0, user=None):
        got, output, errors = self._lab.cli(*command, user=user)
        assert got == code, (command, got, output, errors)
        return output + errors

    def send(self, count, sender="alice@alice.test", auth="alice@alice.test", make=mail):
        """In a new hour, how many of so many arrive outside."""
        self._lab.advance("61m")
        before = len(self._lab.outside()), self._held()
        for _ in range(count):
            self._number += 1
            self._lab.submit(sender, ["to@far.test"], make(f"number {self._number}"), auth=(auth, "secret"))
        done = lambda: len(self._lab.outside()) + self._held() == sum(before) + count  # noqa: E731
        wait_for(done, DEADLINE_SECONDS, lambda: f"{count} mails outside or held")
        return len(self._lab.outside()) - before[0]

    def _held(self):
        return self._lab.cli_json("emails", "list")["max_count"]

    def object_of(self, name, kind="domains"):
        [account] = self._lab.cli_json("am", "stats", "--account-name", "alice", "--since", "10d")["accounts"]
        if kind == "account":
            return account
        return next(each for each in account[kind] if each["name"] == name)

    def individual_limits(self):
        self.run("am", "server-settings", "set", "--domain=2")
        assert self.send(5) == 2
        id = self.object_of("alice.test")["id"]
        for limit, passed in ((4, 4), (1, 1), (0, 5)):
            assert self.run("am", "limit", "set", "--so-type", "domain", "--id", id, f"--limit={limit}") == "OK\n"
            shown = self.object_of("alice.test")
            assert (shown["limit"], shown["exclusion"]) == (limit, True), shown
            assert self.send(5) == passed, limit
        assert id in self.run("am", "limit", "list")
        self.run("am", "limit", "set", "--so-type", "domain", "--id", id, "--limit=-1")
        shown = self.object_of("alice.test")
        assert (shown["limit"], shown["exclusion"]) == (2, False), shown
        assert self.send(5) == 2
        assert self.object_of("alice.test")["rateLimited"] is True
        self.run("am", "limit", "reset", "--id", id)
        assert self.object_of("alice.test")["rateLimited"] is False

    def refusals(self):
        domain, account = self.object_of("alice.test")["id"], self.object_of("", "account")["id"]
        unknown = "00000000-0000-4000-8000-000000000000"
        for id in (f"{domain},{unknown}", f"{domain},{account}"):
            self.run("am", "limit", "set", "--so-type", "domain", "--id", id, "--limit=9", code=1)
        for limit in ("-2", "x", "4294967296", "", "1.5"):
            self.run("am", "limit", "set", "--so-type", "domain", "--id", domain, f"--limit={limit}", code=2)
        assert self.object_of("alice.test")["exclusion"] is False
        for value in ("alice", "contact.php", "alice.test/contact.php", "@alice.test", "a b@alice.test"):
            words = self.run("whitelist", "sender", "add", "good.test", value, code=1)
            assert value in words and "good.test" not in self.run("whitelist", "sender", "list"), words
        self.run("whitelist", "authuser", "add", "alice.test", code=1)

    def whitelists(self):
        assert self.run("whitelist", "sender", "add", "alice.test", "boss@shop.alice.test").endswith("OK\n")
        assert self.object_of("alice.test")["whitelisted"] is True
        assert self.send(5) == 5
        assert self.send(3, make=spam) == 3
        assert self.send(5, sender="boss@shop.alice.test") == 5
        assert self.send(5, sender="other@shop.alice.test") == 2
        # bob gains nothing by it; with --any-submitter he does.
        assert self.send(3, auth="bob@bob.test", make=spam) == 0
        assert self.send(5, auth="bob@bob.test") == 2
        self.run("whitelist", "sender", "add", "--any-submitter", "alice.test")
        assert self.send(3, auth="bob@bob.test", make=spam) == 3
        self.run("whitelist", "sender", "remove", "alice.test", "boss@shop.alice.test")
        assert self.send(5) == 2
        self.run("whitelist", "authuser", "add", "alice@alice.test")
        assert self.send(5) == 5
        assert self.send(5, auth="alice@shop.alice.test") == 2
        self.run("whitelist", "authuser", "delete", "alice@alice.test")
        self.run("whitelist", "authuser", "remove", "alice@alice.test", code=1)

    def dry_run(self):
        self.run("am", "server-settings", "set", "--dry-run", "on")
        assert self.send(5) == 5
        judged = [line for line in self._lab.log("engine") if " mail_judged " in line][-5:]
        assert sum("limits=none" not in line for line in judged) == 3, judged
        assert all("dry_run=true" in line for line in judged), judged
        self.run("am", "server-settings", "set", "--dry-run", "off")
        self.run("filter-settings", "--ratelimit", "off")
        assert self.send(5) == 5
        self.run("filter-settings", "--ratelimit", "on")
        self.run("filter-settings", "--spam", "off")
        assert self.send(2, make=spam) == 2
        self.run("filter-settings", "--spam", "on")

    def bob_may_not(self):
        id = self.object_of("alice.test")["id"]
        for command in (["am", "limit", "set", "--so-type", "domain", "--id", id, "--limit=0"],
                        ["am", "limit", "reset", "--id", id], ["am", "server-settings", "set", "--domain=0"],
                        ["whitelist", "sender", "add", "bob.test"], ["filter-settings", "--spam", "off"],
                        ["audit", "list"], ["am", "stats", "-a", "alice"], ["am", "stats", "-a", "root"]):
            assert "alice.test" not in self.run(*command, code=4, user="bob"), command
        own = self._lab.cli_json("am", "stats", "--since", "30d", user="bob")["accounts"]
        assert [account["name"] for account in own] == ["bob"], own
        assert own[0]["domains"][0]["remaining"] == 2 and own[0]["last_held"]["reasons"], own
        tried = self._lab.cli_json("audit", "list", "--who", "bob", "--limit", "100")["items"]
        actions = {item["action"] for item in tried}
        assert {"change_limits", "reset_counts", "change_settings", "change_whitelist", "list_audit",
                "get_activity"} <= actions, actions
        assert all(item["result"] != "done" and item["interface"] == "local" for item in tried), tried
        assert self.object_of("alice.test")["exclusion"] is False

    def survive_a_restart(self):
        id = self.object_of("alice.test")["id"]
        self.run("am", "limit", "set", "--so-type", "domain", "--id", id, "--limit=3")
        self.run("whitelist", "recipient", "add", "M\u00fcller.test")
        self._lab.signal("engine", "KILL")
        self._lab.start("engine")
        assert self.object_of("alice.test")["id"] == id and self.object_of("alice.test")["limit"] == 3
        assert "xn--mller-kva.test" in self.run("whitelist", "recipient", "list")
        assert self.send(5) == 3
        root = self._lab.cli_json("audit", "list", "--action", "change_limits", "--limit", "100")["items"]
        assert [item for item in root if item["result"] == "done" and item["to"] == "3" and item["uid"] == 0], root
