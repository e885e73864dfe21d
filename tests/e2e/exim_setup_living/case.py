"""The filter put in and taken out of a server that lives: mail comes in, packages and administrators change files.

Expect: no mail that was acknowledged is lost while the filter goes in and out; Debian's own files may be replaced while
it is in; what an administrator changed meanwhile is kept by `disable`, which says so; held mail in Exim's queue is handed
over before the filter goes, or keeps it from going, or stays frozen where that is forced. So is incoming spam that would be
forwarded outside; what no mailbox here takes keeps nothing from going.
"""

import os
import re
import shutil
import threading

from debian_server import EXIM, GTUBE, DebianServer
from lab_case import Refused
import accounts

ROUNDS = 3


def case():
    with DebianServer(split=True) as server:
        for part in ("engine", "hook", "exim"):
            server.start(part)
        loses_no_mail(server)
        held_in_queue(server)
        incoming_spam_in_queue(server)
        package_files_replaced(server)
    with DebianServer(split=False) as server:
        template_replaced_and_edited(server)


def loses_no_mail(server):
    taken, ended = [], threading.Event()

    def stream(number):
        sent = 0
        while not ended.is_set():
            sent += 1
            try:
                with server.session() as session:
                    session.send("alice@here.test", ["bob@here.test"], f"Subject: s\n\nmail {number}.{sent}.\n".encode())
                    taken.append(f"mail {number}.{sent}.")
            except (Refused, OSError):
                pass  # never acknowledged

    streams = [threading.Thread(target=stream, args=(number,)) for number in range(3)]
    for each in streams:
        each.start()
    for _ in range(ROUNDS):
        server.config("enable")
        server.config("disable")
    ended.set()
    for each in streams:
        each.join()
    server.wait_empty_queue()
    mailbox = server.mailbox("bob")
    lost = [each for each in taken if mailbox.count(each) != 1]
    assert taken and not lost, (len(taken), lost[:5])


def queue_spam(server):
    assert server.run(EXIM, "-odq", "-oi", "bob@here.test", text=f"Subject: x\n\n{GTUBE}\n", login="alice")[0] == 0


def held_in_queue(server):
    held = server.held()
    server.config("enable")
    queue_spam(server)
    assert "1 held mail in Exim's queue would be handed" in server.config("disable", "--dry-run")
    server.config("disable")
    assert server.held() == held + 1, "it wasn't handed over"
    comes_while_it_goes(server)

    server.config("enable")
    queue_spam(server)
    server.stop("hook")
    said = server.config("disable", expect=1)
    assert "1 held mail in Exim's queue can't be handed" in said and queue_ids(server)[0] in said, said
    assert "acl_ie" in server.setting("acl_smtp_data")
    thawed_where_it_fails(server)
    said = server.config("disable", "--force")
    assert "1 held mail stays frozen" in said, said
    stays_frozen(server)
    server.config("disable")
    server.config("disable", "--force")
    stays_frozen(server)
    server.must(EXIM, "-Mrm", *queue_ids(server))
    server.start("hook")


def incoming_spam_in_queue(server):
    server.config("enable-incoming")
    server.config("enable")
    mailbox = server.dir / "mail/carol"
    mailbox.mkdir()  # no mail can be appended to that
    queue_incoming_spam(server, "carol@here.test")
    said = server.config("disable")
    assert "1 held mail stays frozen" in said, said
    server.must(EXIM, "-Mrm", *queue_ids(server))
    mailbox.rmdir()

    passwd, home = server.dir / "passwd", server.dir / "lib/home"
    before = passwd.read_text()
    passwd.write_text(re.sub(r"(?m)^(bob:.*):/:", r"\1:/var/lib/home:", before))
    home.mkdir()
    (home / ".forward").write_text("x@far.test\n")
    os.chown(home / ".forward", accounts.uid("bob"), accounts.gid("bob"))
    server.config("enable")
    queue_incoming_spam(server, "bob@here.test")
    server.stop("hook")
    said = server.config("disable", expect=1)
    assert "1 held mail in Exim's queue can't be handed" in said, said
    server.start("hook")
    held = server.held()
    server.config("disable")
    assert server.held() == held + 1 and not queue_ids(server)
    passwd.write_text(before)
    shutil.rmtree(home)
    server.config("disable-incoming")


def queue_incoming_spam(server, recipient):
    server.must(EXIM, "-bs", "-odq", "-oMa", "192.0.2.7.1025", "-oMi", "127.0.0.1.25", text=(
        f"EHLO away.test\nMAIL FROM:<>\nRCPT TO:<{recipient}>\nDATA\nSubject: in\n\n{GTUBE}\n.\nQUIT\n"))
    assert len(queue_ids(server)) == 1, server.must(EXIM, "-bp")


def comes_while_it_goes(server):
    """update-exim4.conf, run when the queue has been looked at, sources a file that queues spam."""
    conf = server.path("update-exim4.conf.conf")
    text = conf.read_text()
    server.config("enable")
    (server.dir / "mail/spam").write_text(f"From: alice@here.test\nSubject: x\n\n{GTUBE}\n")
    conf.write_text(text + f"{EXIM} -odq -oi -f alice@here.test bob@here.test < /var/mail/spam\n")
    said = server.config("disable")
    conf.write_text(text)
    assert "1 held mail stays frozen" in said, said
    stays_frozen(server)
    server.must(EXIM, "-Mrm", *queue_ids(server))


def thawed_where_it_fails(server):
    """update-exim4.conf fails, but not in the trial, which has a spool of its own."""
    conf = server.path("update-exim4.conf.conf")
    text = conf.read_text()
    conf.write_text(text + "[ ! -d /var/spool/exim4/input ] || exit 1\n")
    server.must("sh", "-c", "test -d /var/spool/exim4/input")
    server.config("disable", "--force", expect=1)
    conf.write_text(text)
    assert "frozen" not in server.must(EXIM, "-bp")
    assert "acl_ie" in server.setting("acl_smtp_data")


def queue_ids(server):
    return [line.split()[2] for line in server.must(EXIM, "-bpr").splitlines() if "<" in line]


def stays_frozen(server):
    server.must(EXIM, "-q")
    assert "*** frozen ***" in server.must(EXIM, "-bp") and len(queue_ids(server)) == 1
    assert GTUBE not in server.mailbox("bob")


def package_files_replaced(server):
    server.config("enable")
    for name in ("conf.d/main/02_exim4-config_options", "conf.d/router/00_exim4-config_header"):
        path = server.path(name)
        new = path.with_suffix(".dpkg-new")
        new.write_text(path.read_text() + "\n# a newer one\n")
        new.rename(path)
    server.must("update-exim4.conf")
    assert "enabled" in server.config("status", expect=1)
    assert "nothing to change" in server.config("enable")
    server.config("disable")


def template_replaced_and_edited(server):
    template = server.path("exim4.conf.template")
    stock = template.read_text()
    server.config("enable")
    template.write_text(stock)
    server.must("update-exim4.conf")
    assert "disabled; run 'ie-config enable'" in server.config("status", expect=1)
    server.config("enable")
    assert re.search(r"(?m)^exim filter +running +enabled", server.config("status", expect=1))
    template.write_text(template.read_text().replace("acl_ie_judge:\n", "acl_ie_judge: # x\n", 1))
    assert "altered: " in server.config("status", expect=1)
    server.config("enable")
    template.write_text(template.read_text() + "# his own line\n")
    said = server.config("disable")
    assert "keeps those changes" in said, said
    assert template.read_text() == stock + "# his own line\n"
