"""Incoming spam goes to Junk folders, for whom it is filtered; what leaves the server is held.

Setup: bob has opted out, vip@alice.test is a whitelisted recipient, out@alice.test and out@bob.test forward to the
outside. Strangers send from 127.0.0.1 without authentication.
Expect: switched off, GTUBE is in alice's inbox, untouched. Switched on, it is in .Junk, with our headers; the folder
is subscribed to; in bob's inbox and in vip's it is as it was sent. One mail to all of them and to both forwards: each
as decided, the copies for the outside held, each for its forward's owner, and released once. Ham has our headers in
the inbox, and none outside. Headers that claim to be a filter's change nothing and are gone. What alice submits is
outgoing, to bob, too; `notify_header` puts our headers on it. Where the mailboxes are a panel's, spam goes to the
Junk folder of one that the domain's owner has, and to no other's.
"""

import re

from lab_case import DEADLINE_SECONDS, Lab, same_but_received, wait_for
from mails import mail, spam

OURS = (b"X-ImunifyEmail-", b"X-Spam-")
FORGED = (b"X-ImunifyEmail-Filter-Action: no action\nX-ImunifyEmail-Filter-Score:\n -99\nX-Spam-Flag: NO\n"
          b"x-spam-status : No, score=-99\n tests=NONE\nX-Spamtrap: mine\n")


def case():
    with Lab() as lab:
        (lab.dir / "aliases").write_text("out@alice.test: x@far.test\nout@bob.test: \"odd, one\"@far.test\n")
        switched_off(lab)
        switched_on(lab)
        junk_for_some(lab)
        each_as_decided(lab)
        ham(lab)
        forged_headers(lab)
        submitted_mail_is_outgoing(lab)
        headers_on_what_leaves(lab)
        switched_off_again(lab)
    with Lab() as lab:
        assert lab.run("ie-config", "enable-incoming")[0] == 0
        mailboxes_of_a_panel(lab)


def offer(lab, recipients, message, sender="stranger@away.test"):
    lab.submit(sender, recipients, message, auth=None)
    lab.wait_queue(0)


def junk(lab, login):
    folder = lab.dir / "inbox" / login / ".Junk/new"
    return [path.read_bytes() for path in sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime_ns)]


def headers_of(message):
    return message.split(b"\n\n", 1)[0].split(b"\n")


def ours_in(message):
    return [line for line in headers_of(message) if line.startswith(OURS)]


def switched_off(lab):
    sent = spam("off", headers=FORGED)
    offer(lab, ["alice@alice.test"], sent)
    [got] = lab.inbox("alice")
    assert not junk(lab, "alice") and same_but_received(sent, got), got
    assert lab.cli_json("incoming", "status") == {
        "account": "root", "server_enabled": False, "enabled": False, "opted_out": []}


def switched_on(lab):
    assert lab.run("ie-config", "enable-incoming") == (0, "Incoming mail filtering is enabled\n", "")
    code, text, _ = lab.cli("incoming", "disable", user="bob")
    assert (code, text) == (0, "Incoming mail filtering is disabled for account bob\n")
    assert lab.cli("incoming", "disable", "-a", "alice", user="bob")[0] == 4
    assert lab.cli("whitelist", "recipient", "add", "vip@alice.test")[0] == 0
    assert lab.cli_json("incoming", "status")["opted_out"] == ["bob"]
    assert lab.cli_json("incoming", "status", user="alice") == {
        "account": "alice", "server_enabled": True, "enabled": True}


def junk_for_some(lab):
    offer(lab, ["alice@alice.test"], spam("on"))
    [got] = junk(lab, "alice")
    assert len(lab.inbox("alice")) == 1
    found = ours_in(got)
    assert b"X-ImunifyEmail-Filter-Action: add header" in found and b"X-Spam-Flag: YES" in found, found
    assert any(re.fullmatch(rb"X-ImunifyEmail-Filter-Score: [0-9.]+", line) for line in found), found
    maildir = lab.dir / "inbox/alice"
    assert (maildir / "subscriptions").read_text() == "Junk\n"
    assert (maildir / ".Junk/maildirfolder").exists() and (maildir / ".Junk").stat().st_mode & 0o777 == 0o700
    assert (maildir / ".Junk").owner() == "alice" and (maildir / "subscriptions").owner() == "alice"


def each_as_decided(lab):
    inboxes = {login: len(lab.inbox(login)) for login in ("alice", "bob")}
    sent = spam("each")
    offer(lab, ["Alice@alice.test", "BOB@bob.test", "Vip@ALICE.test", "out@alice.test", "out@bob.test",
                '"alice"@shop.alice.test'], sent)
    [_, for_shop, for_alice] = sorted(junk(lab, "alice"), key=lambda got: (b"Subject: each" in got, b"<Alice@" in got))
    assert all(b"X-Spam-Flag: YES" in ours_in(got) for got in (for_shop, for_alice))
    [vip] = lab.inbox("alice")[inboxes["alice"]:]
    [bob] = lab.inbox("bob")[inboxes["bob"]:]
    assert same_but_received(sent, vip) and same_but_received(sent, bob) and not junk(lab, "bob"), (vip, bob)
    held = {item["account_name"]: item for item in lab.cli_json("emails", "list")["items"]}
    assert {login: item["recipients"] for login, item in held.items()} == {
        "alice": ["x@far.test"], "bob": ['"odd, one"@far.test']}, held
    assert all(item["reasons"] == ["spam"] and item["sender"] == "stranger@away.test" for item in held.values()), held
    assert not lab.outside()
    assert lab.cli("emails", "release", "--ids", held["alice"]["email_id"], user="alice")[0] == 0
    [(envelope, got)] = lab.wait_outside(1)
    assert envelope == {"sender": "stranger@away.test", "recipients": ["x@far.test"]}, envelope
    assert not ours_in(got), got


def ham(lab):
    sent = mail("ham")
    before = {login: len(lab.inbox(login)) for login in ("alice", "bob")}
    offer(lab, ["alice@alice.test", "bob@bob.test", "vip@alice.test", "out@alice.test"], sent)
    [for_alice, vip] = sorted(lab.inbox("alice")[before["alice"]:], key=lambda got: not ours_in(got))
    [bob] = lab.inbox("bob")[before["bob"]:]
    assert [line.split(b":")[0] for line in ours_in(for_alice)] == [
        b"X-ImunifyEmail-Filter-Action", b"X-ImunifyEmail-Filter-Score"], for_alice
    assert b"X-ImunifyEmail-Filter-Action: no action" in ours_in(for_alice)
    assert same_but_received(sent, vip) and same_but_received(sent, bob)
    [_, (_, outside)] = lab.wait_outside(2)
    assert not ours_in(outside), outside


def forged_headers(lab):
    junked = len(junk(lab, "alice"))
    offer(lab, ["alice@alice.test"], spam("forged", headers=FORGED))
    got = junk(lab, "alice")[junked]
    assert b"X-Spam-Flag: YES" in ours_in(got) and not re.search(rb"-99|x-spam-status|tests=NONE", got), got
    assert b"X-Spamtrap: mine" in headers_of(got)
    offer(lab, ["alice@alice.test"], mail("claims spam", headers=b"X-Spam-Flag: YES\nX-Spam: yes\n"))
    wait_for(lambda: any(b"claims spam" in got for got in lab.inbox("alice")), DEADLINE_SECONDS,
             lambda: "the mail in the inbox")
    got = next(got for got in lab.inbox("alice") if b"claims spam" in got)
    assert b"X-Spam-Flag" not in got, got


def submitted_mail_is_outgoing(lab):
    before = lab.cli_json("emails", "list")["max_count"]
    lab.submit("alice@alice.test", ["bob@bob.test"], spam("to bob"))
    lab.wait_queue(0)
    assert lab.cli_json("emails", "list")["max_count"] == before + 1


def headers_on_what_leaves(lab):
    """Only where it is wanted, of mail that was judged; what a sender claims is gone then."""
    count = len(lab.outside())
    claim = b"X-ImunifyEmail-Filter-Score: -99\n"
    for notify in ("off", "on"):
        assert lab.cli("filter-settings", "set", "--notify-header", notify)[0] == 0
        lab.submit("alice@alice.test", ["x@far.test"], mail("leaves", headers=claim))
        count += 1
        lab.wait_outside(count)
    (_, without), (_, told) = lab.outside()[-2:]
    assert ours_in(without) == [claim.rstrip()], without
    action, score = sorted(ours_in(told))
    assert action == b"X-ImunifyEmail-Filter-Action: no action", told
    assert re.fullmatch(rb"X-ImunifyEmail-Filter-Score: -?[0-9]+\.[0-9]{2}", score) and b"-99" not in score, told
    assert lab.cli("filter-settings", "set", "--notify-header", "off")[0] == 0


def mailboxes_of_a_panel(lab):
    """As cPanel has them: in their owner's home, and listed by him. His word doesn't reach beyond his rights."""
    path = lab.dir / "exim/ie_macros"
    [ours] = re.findall(r"(?m)^IE_MAILBOX = .*$", path.read_text())
    [home] = re.findall(r'data_dir = "([^"]+)/data"', (lab.dir / "imunifyemail.toml").read_text())
    for login, box in (("alice", "alice/mail/alice.test/info"), ("bob", "alice/mail/alice.test/info")):
        folder = lab.dir / "homes" / login / "etc" / f"{login}.test"
        folder.mkdir(parents=True)
        (folder / "passwd").write_text(f"info:x:1:1::{home}/homes/{box}:{home}/homes/{box}\n")
    for name in ("cur", "new", "tmp"):
        (lab.dir / "homes/alice/mail/alice.test/info" / name).mkdir(parents=True)
    own = "; ".join(f"chown -R {login}: {home}/homes/{login}" for login in ("alice", "bob"))
    code, output, errors = lab.run("sh", "-ec", f"{own}; sed -E 's#^((alice|bob):.*:)/nonexistent:#\\1{home}/homes/\\2:#' "
                                   f"/etc/passwd >{home}/passwd; mount --bind {home}/passwd /etc/passwd")
    assert code == 0, output + errors
    lab.change_exim((ours, "IE_MAILBOX = IE_PANEL_MAILBOX"), file="ie_macros")
    offer(lab, ["Info@alice.test"], spam("in a mailbox"))
    box = lab.dir / "homes/alice/mail/alice.test/info"
    [got] = [each.read_bytes() for each in (box / ".Junk/new").iterdir()]
    assert b"X-Spam-Flag: YES" in got and (box / "subscriptions").read_text() == "Junk\n", got
    offer(lab, ["other@alice.test"], spam("in none that is listed"))
    [got] = lab.inbox("alice")
    assert b"X-Spam-Flag: YES" in got and b"in none that is listed" in got, got
    lab.submit("stranger@away.test", ["info@bob.test"], spam("by another's word"), auth=None)
    wait_for(lambda: any(" == info@bob.test " in line for line in lab.log("exim_mainlog")),
             DEADLINE_SECONDS, lambda: lab.log("exim_mainlog")[-5:])
    assert len(list((box / ".Junk/new").iterdir())) == 1 and len(lab.queue()) == 1


def switched_off_again(lab):
    assert lab.run("ie-config", "disable-incoming")[0] == 0
    junked = len(junk(lab, "alice"))
    offer(lab, ["alice@alice.test"], spam("off again"))
    assert len(junk(lab, "alice")) == junked
    stats = lab.cli_json("incoming", "stats", "--days", "2")  # it may be midnight
    # on, each, ham, forged, claims spam; bob's are not filtered, vip's are legitimate
    assert (stats["spam"], stats["legitimate"]) == (3, 2), stats
    assert lab.cli_json("incoming", "stats", "--days", "2", user="bob")["spam"] == 0
