"""`ie-config enable` and `disable` on cPanel's layout, which can't be run here: a folder with its files, and a stand-in
for its scripts that records how it is called and makes exim.conf of the sources as their documentation says.

Expect: the recorded calls and no others; the filter in exim.conf where it belongs; enabled again, nothing is called or
changed; disabled, every source is what it was, byte for byte; refused by --acl_dry_run, or unable to expand something,
the sources are put back. After a kill at any step the next call ends the work, and held mail in Exim's queue is treated
as on Debian.
"""

import hashlib
import os
import shutil
import subprocess
import socket
import tempfile
import threading
from pathlib import Path

from lab_case import REPOSITORY
import accounts
import parts

LOCAL = """\
@AUTH@

@BEGINACL@

@CONFIG@
message_size_limit = 50M
hide trusted_users = mail : uucp

@PREROUTERS@

@PREVIRTUALUSER@

@TRANSPORTSTART@
"""
OPTIONS = "acl_0tracksenders=0\nacl_custom_begin_not_smtp=0\nsmarthost_routelist=\n"
ACLS = "usr/local/cpanel/etc/exim/acls/"
DATA_ACL = ACLS + "ACL_CHECK_MESSAGE_PRE_BLOCK/custom_begin_check_message_pre"
LOCAL_ACL = ACLS + "ACL_NOT_SMTP_BLOCK/custom_begin_not_smtp"

BUILD = r"""#!/usr/bin/python3
import re, sys
root = @ROOT@
open(root + "/calls", "a").write("buildeximconf " + " ".join(sys.argv[1:]) + "\n")
read = lambda name: open(root + name).read()
if "--acl_dry_run" in sys.argv:
    sys.exit("the dry run found a broken ACL") if "broken" in read("/@DATA_ACL@") else sys.exit(0)
parts = re.split(r"(?m)^@(\w+)@\n", read("/etc/exim.conf.local"))
section = dict(zip(parts[1::2], parts[2::2]))
custom = lambda name, path: read(path) if f"{name}=1" in read("/etc/exim.conf.localopts").splitlines() else ""
config = section.get("CONFIG", "")
text = "spool_directory = " + root + "/spool\nlog_file_path = " + root + "/log/%slog\nkeep_environment =\n"
text += "domainlist local_domains = lsearch;/etc/localdomains\nhostlist loopback = 127.0.0.1\n"
text += "acl_smtp_data = check_message\nacl_not_smtp = acl_not_smtp\n"
text += config if "trusted_users" in config else config + "trusted_users = mail\n"
text += "begin acl\n" + section.get("BEGINACL", "") + "check_message:\n"
text += custom("acl_custom_begin_check_message_pre", "/@DATA_ACL@") + "  accept\nacl_not_smtp:\n"
text += custom("acl_custom_begin_not_smtp", "/@LOCAL_ACL@") + "  accept\n"
text += "begin routers\n" + section.get("PREROUTERS", "") + "democheck:\n  driver = redirect\n  data = :fail: x\n"
text += "begin transports\n" + section.get("TRANSPORTSTART", "") + "remote_smtp:\n  driver = smtp\n"
text += "begin retry\n* * F,1h,1m\n"
open(root + "/etc/exim.conf", "w").write(text)
"""
EXIM = """#!/bin/sh
exec /usr/sbin/exim4 -C @ROOT@/etc/exim.conf "$@"
"""
GTUBE_ANSWER = b"hold\nall\nticket\nheld by the test\n"
STEPS_MAX = 100
RESTART = """#!/bin/sh
echo "restartsrv_exim $*" >> @ROOT@/calls
"""
CALLS = ["buildeximconf --acl_dry_run", "buildeximconf ", "restartsrv_exim "]


class Panel:
    def __enter__(self):
        self.dir = Path(tempfile.mkdtemp(prefix="ie-cpanel-"))
        for path, text in (("etc/exim.conf.local", LOCAL), ("etc/exim.conf.localopts", OPTIONS), (DATA_ACL, ""),
                           (LOCAL_ACL, "  warn\n    set acl_m_his = 1\n"), ("usr/local/cpanel/cpanel", ""),
                           ("scripts/buildeximconf", BUILD), ("scripts/restartsrv_exim", RESTART), ("scripts/exim", EXIM), ("calls", "")):
            file = self.dir / path
            file.parent.mkdir(parents=True, exist_ok=True)
            root = repr(str(self.dir)) if path.endswith("buildeximconf") else str(self.dir)
            file.write_text(text.replace("@ROOT@", root).replace("@DATA_ACL@", DATA_ACL)
                            .replace("@LOCAL_ACL@", LOCAL_ACL))
            file.chmod(0o755 if path.startswith("scripts/") else 0o644)
        self.dir.chmod(0o755)
        for name in ("spool", "log"):
            (self.dir / name).mkdir(mode=0o750)
            os.chown(self.dir / name, accounts.uid(accounts.EXIM), accounts.gid(accounts.EXIM))
        self.fragments = self.dir / "fragments"
        shutil.copytree(REPOSITORY / "config/system/exim", self.fragments)
        subprocess.run([self.dir / "scripts/buildeximconf"], check=True)
        (self.dir / "calls").write_text("")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir)

    def config(self, command, *arguments, expect=0, environment=None):
        fragments = ["--fragments", self.fragments] if command == "enable" else []
        done = subprocess.run([parts.find_programs(REPOSITORY)["ie-config"], command, "--root", self.dir, *fragments,
                               *arguments], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "IE_CONFIG": str(self.settings()), **(environment or {})})
        assert expect in (done.returncode, None), (command, done.returncode, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def settings(self):
        path = self.dir / "ie.toml"
        path.write_text(f'[courier]\nexim = "{self.dir}/scripts/exim"\n[hook]\njudge_socket = "{self.dir}/judge.sock"\n'
                        f'lmtp_socket = "{self.dir}/lmtp.sock"\n')
        return path

    def exim(self, *arguments, text=None):
        return subprocess.run([self.dir / "scripts/exim", *arguments], input=text, capture_output=True, text=True,
                              check=True).stdout

    def calls(self):
        recorded = (self.dir / "calls").read_text().splitlines()
        (self.dir / "calls").write_text("")
        return recorded

    def sources(self):
        return {path: (hashlib.sha256((self.dir / path).read_bytes()).hexdigest(),
                       (self.dir / path).stat().st_mtime_ns, (self.dir / path).stat().st_mode)
                for path in ("etc/exim.conf.local", "etc/exim.conf.localopts", DATA_ACL, LOCAL_ACL)}

    def built(self):
        return (self.dir / "etc/exim.conf").read_text()


def case():
    accounts.ensure()
    with Panel() as panel:
        before, built = panel.sources(), panel.built()
        shown = panel.config("enable", "--dry-run")
        assert "+ acl_custom_begin_not_smtp=1" in shown and panel.calls() == [] and panel.sources() == before, shown
        panel.config("enable")
        assert panel.calls() == CALLS
        is_in(panel)
        enabled = panel.sources()
        assert "nothing to change" in panel.config("enable")
        assert panel.calls() == [] and panel.sources() == enabled
        panel.config("disable")
        assert panel.calls() == CALLS
        assert panel.sources() == before and panel.built() == built
        assert not (panel.dir / "var/lib/imunifyemail").exists()
        mends_what_was_built(panel)
        puts_back_what_can_not_be_expanded(panel)
        keeps_held_mail(panel)
        for command in ("enable", "disable"):
            survives_kills(panel, command, before, built)
        puts_back_what_the_dry_run_refuses(panel)


def is_in(panel):
    """Exim itself reads what was built."""
    text = panel.built()
    assert "trusted_users = mail : uucp : _imunifyemail\n" in text, text
    assert text.index("\nie_release:") < text.index("\ndemocheck:")
    config = panel.dir / "exim.conf"
    config.write_text(text)
    done = subprocess.run(["/usr/sbin/exim4", "-C", config, "-bV"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def puts_back_what_the_dry_run_refuses(panel):
    (panel.dir / DATA_ACL).write_text("  broken\n")
    before, built = panel.sources(), panel.built()
    said = panel.config("enable", expect=1)
    assert "the dry run found a broken ACL" in said, said
    assert panel.sources() == before
    assert not (panel.dir / "var/lib/imunifyemail").exists()
    assert panel.calls() == ["buildeximconf --acl_dry_run"], "exim.conf was touched"
    assert panel.built() == built


def puts_back_what_can_not_be_expanded(panel):
    before, built = panel.sources(), panel.built()
    fragment = panel.fragments / "ie_acl"
    text = fragment.read_text()
    fragment.write_text(text.replace("${extract{2}{\\n}{$acl_m_ie}}", "${extrakt{2}{\\n}{$acl_m_ie}}"))
    said = panel.config("enable", expect=1)
    fragment.write_text(text)
    assert "can't be expanded" in said, said
    assert panel.sources() == before and panel.built() == built
    assert panel.calls() == CALLS[:2] + CALLS[1:2], "Exim was restarted"
    assert not (panel.dir / "var/lib/imunifyemail").exists()


def mends_what_was_built(panel):
    """exim.conf is made anew where it isn't as its sources have the filter."""
    before, built = panel.sources(), panel.built()
    panel.config("enable")
    panel.calls()
    (panel.dir / "etc/exim.conf").write_text(built)
    panel.config("enable")
    assert panel.calls() == CALLS
    is_in(panel)
    enabled = panel.built()
    panel.config("disable")
    (panel.dir / "etc/exim.conf").write_text(enabled)
    panel.calls()
    panel.config("disable")
    assert panel.calls() == CALLS and panel.built() == built and panel.sources() == before


def keeps_held_mail(panel):
    panel.config("enable")
    with socket.socket(socket.AF_UNIX) as judge:
        judge.bind(f"{panel.dir}/judge.sock")
        os.chmod(panel.dir / "judge.sock", 0o777)
        judge.listen()
        threading.Thread(target=answer, args=(judge,), daemon=True).start()
        panel.exim("-odq", "-oi", "bob@here.test", text="Subject: x\n\nspam\n")
    (panel.dir / "judge.sock").unlink()
    said = panel.config("disable", expect=1)
    assert "1 held mail in Exim's queue can't be handed" in said, said
    is_in(panel)
    said = panel.config("disable", "--force")
    assert "1 held mail stays frozen" in said, said
    panel.config("disable")
    panel.config("disable", "--force")
    queue = panel.exim("-bp")
    assert "*** frozen ***" in queue, queue
    panel.exim("-Mrm", queue.split()[2])
    panel.calls()


def answer(judge):
    connection, _ = judge.accept()
    with connection:
        asked = b""
        while not asked.endswith(b"END\n"):
            asked += connection.recv(65536)
        connection.sendall(GTUBE_ANSWER)


def survives_kills(panel, command, before, built):
    for step in range(1, STEPS_MAX):
        if command == "disable":
            panel.config("enable")
        panel.calls()
        shim = parts.find_programs(REPOSITORY)["ie-config"].parent / "libie-kill-shim.so"
        assert shim.exists(), f"{shim} is missing: build ie-kill-shim"
        said = panel.config(command, expect=None, environment={
            "LD_PRELOAD": str(shim), "IE_KILL_AT": str(step), "ASAN_OPTIONS": "verify_asan_link_order=0"})
        if step % 2:
            panel.config("enable")
            is_in(panel)
            assert "restartsrv_exim " in panel.calls(), (command, step)
        panel.config("disable")
        if step % 2 or command == "disable":
            assert "restartsrv_exim " in panel.calls(), (command, step)
        assert panel.built() == built and without_times(panel.sources()) == without_times(before), (command, step)
        left = [path for path in panel.dir.rglob("*") if "imunifyemail" in str(path) and path.is_file()]
        assert left == [], (command, step, left)
        if f"filter is {'in' if command == 'enable' else 'out of'} Exim" in said:
            assert step > 5
            return
    raise AssertionError(f"{command} has no end")


def without_times(sources):
    return {path: (checksum, mode) for path, (checksum, _, mode) in sources.items()}
