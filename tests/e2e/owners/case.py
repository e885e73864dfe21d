"""Each account sees and settles its own mail only, known by its Unix uid.

Setup: one held mail each of alice and bob.
Expect: each lists one, their own; carol none; a user who is no account gets exit code 4 from every command; alice
can neither count, show, release nor remove bob's, nor change or empty a space, by any id or flag; root sees both. Only
root reads the logs. Each attempt is in the audit trail.
"""

from lab_case import Lab
from mails import spam


def case():
    with Lab() as lab:
        for login in ("alice", "bob"):
            lab.submit(f"{login}@{login}.test", ["to@far.test"], spam(f"of {login}", sender=f"{login}@{login}.test"),
                       auth=(f"{login}@{login}.test", "secret"))
        lab.wait_queue(0)
        ids = {item["account_name"]: item["email_id"] for item in lab.cli_json("emails", "list")["items"]}
        assert set(ids) == {"alice", "bob"}, ids

        for login in ("alice", "bob"):
            listed = lab.cli_json("emails", "list", user=login)
            assert [item["email_id"] for item in listed["items"]] == [ids[login]], listed
            assert listed["max_count"] == 1, listed
        assert lab.cli_json("emails", "list", user="carol") == {"items": [], "max_count": 0}

        strangers_and_others_get_nothing(lab, ids)

        # Their own they may settle.
        assert lab.cli("emails", "remove", "--ids", ids["bob"], user="bob") == (0, "OK\n", "")
        assert lab.cli("emails", "release", "--ids", ids["alice"], user="alice") == (0, "OK\n", "")
        lab.wait_recipients(1)
        assert lab.cli_json("emails", "list")["max_count"] == 0


def strangers_and_others_get_nothing(lab, ids):
    for command in (["list"], ["show", "--id", ids["alice"]], ["release", "--ids", ids["alice"]],
                    ["remove", "--ids", ids["alice"]]):
        code, output, errors = lab.cli("emails", *command, user="nobody")
        assert code == 4 and output == "" and errors, (command, code, output, errors)
        for account in ("bob", "root"):
            code, output, _ = lab.cli("emails", *command, "-a", account, user="alice")
            assert code in (1, 4) and ids["bob"] not in output and (code == 4 or command != ["list"]), (command, code)
    for login in ("alice", "nobody"):
        code, output, errors = lab.cli("logs", user=login)
        assert code == 4 and output == "" and errors, (login, code, output, errors)
    for command in (["show", "--id"], ["release", "--ids"], ["remove", "--ids"]):
        code, output, errors = lab.cli("emails", *command, ids["bob"], user="alice")
        assert code == 1 and "OK" not in output and errors, (command, code, output, errors)
    for command in (["accounts", "list", "--name", "bob"], ["accounts", "edit", "-a", "alice", "--limit=1"],
                    ["accounts", "edit", "-a", "bob", "--state=block"], ["accounts", "remove", "-a", "bob"],
                    ["quarantine-defaults", "set", "-r", "50"]):
        code, output, errors = lab.cli(*command, user="alice")
        assert code == 4 and "bob" not in output and errors, (command, code, output, errors)
    assert [item["name"] for item in lab.cli_json("accounts", "list", user="alice")["items"]] == ["alice"]
    for flags in (["--sender", "bob"], ["--subject", "of bob"], ["--offset", "1"], ["--reason", "spam", "--sender", "bob"]):
        listed = lab.cli_json("emails", "list", *flags, user="alice")
        assert listed["items"] == [] and listed["max_count"] == (1 if "--offset" in flags else 0), listed
    code, _, _ = lab.cli("emails", "remove", "--all-matching", "--sender", "bob", user="alice")
    assert lab.outside() == [] and lab.cli_json("emails", "list")["max_count"] == 2
    for action in ("list_mails", "show_mail", "release_mails", "remove_mails", "list_accounts", "edit_account",
                   "purge_account", "set_settings"):
        refusals = [item for item in lab.cli_json("audit", "list", "--limit", "100", "--action", action)["items"]
                    if item["result"].startswith("not_permitted") and item["name"] == "alice"]
        assert refusals, action
