"""An administrator's own ACLs, trusted users and Received line go on counting with the filter in; a clash is refused.

Setup: a split server whose administrator has ACLs for SMTP and for local mail, named by a macro and by an option.
Expect: what his ACLs deny or discard stays so, what they accept is judged as well; his settings are kept; disabled,
all is as before. A router of the filter's name, a macro that would be replaced in its part, and trusted users that
are an expansion are refused with file and line, and nothing changes.
"""

from debian_server import EXIM, GTUBE, DebianServer, differences
from lab_case import Refused

ACLS = """
his_data:
  deny condition = ${if match{$h_subject:}{forbidden}}
       message = his own refusal
  discard condition = ${if match{$h_subject:}{discarded}}
  accept condition = ${if match{$h_subject:}{early}}
  require verify = header_syntax
  accept

his_local:
  deny condition = ${if match{$h_subject:}{forbidden}}
       message = his own refusal
  accept
"""


def case():
    with DebianServer(split=True) as server:
        server.path("conf.d/main/000_localmacros").write_text(
            "MAIN_ACL_CHECK_DATA = his_data\nMAIN_TRUSTED_USERS = uucp : mail\n")
        server.path("conf.d/main/50_his").write_text(
            "acl_not_smtp = his_local\nreceived_header_text = Received: by his own text; id $message_exim_id\n")
        server.path("conf.d/acl/50_his").write_text(ACLS)
        server.must("update-exim4.conf")
        before = server.fingerprint()
        refuses_clashes(server, before)
        for part in ("engine", "hook", "exim"):
            server.start(part)
        server.config("enable")
        both_count(server)
        server.config("disable")
        assert differences(before, server.fingerprint()) == [], differences(before, server.fingerprint())


def refuses_clashes(server, before):
    for name, text, expected in (
            ("router/950_his", "ie_quarantine:\n  driver = accept\n", "950_his:1: there is a router ie_quarantine"),
            ("main/60_his", "HOOK = x\n", "60_his:1: the macro HOOK would be replaced"),
            ("main/60_his", "IE_HOOK_GONE = x\n", "60_his:1: IE_HOOK_GONE is a macro of the filter's")):
        path = server.path("conf.d/" + name)
        path.write_text(text)
        said = server.config("enable", expect=1)
        assert expected in said and "is as it was" in said, said
        path.unlink()
    assert differences(before, server.fingerprint()) == []


def both_count(server):
    assert "uucp" in server.setting("trusted_users") and "_imunifyemail" in server.setting("trusted_users")
    for subject, body, held, arrives in (("plain", "wanted one", 0, True), ("early", GTUBE, 1, False),
                                         ("discarded", "thrown away", 0, False)):
        count = server.held()
        send(server, subject, body)
        server.wait_empty_queue()
        assert server.held() == count + held, subject
        assert (body in server.mailbox("bob")) == arrives, subject
    try:
        send(server, "forbidden", "x")
        raise AssertionError("his refusal doesn't count")
    except Refused as refusal:
        assert "his own refusal" in refusal.text, refusal
    code, said = server.run(EXIM, "-oi", "bob@here.test", text="Subject: forbidden\n\nx\n", login="alice")
    assert code != 0, said
    count = server.held()
    assert server.sendmail("alice", "bob@here.test", GTUBE)[0] == 0
    server.wait_empty_queue()
    assert server.held() == count + 1
    assert "Received: by his own text" in server.mailbox("bob")


def send(server, subject, body):
    with server.session() as session:
        session.send("alice@here.test", ["bob@here.test"], f"Subject: {subject}\n\n{body}\n".encode())
