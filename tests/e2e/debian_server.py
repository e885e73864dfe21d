"""A stock Debian mail server in a folder: exim4-config's own files, a real Exim daemon, ie-engine and ie-exim-hook.

    with DebianServer(split=True) as server:
        server.config("enable")
        server.submit("alice", GTUBE)

Everything lives in a mount namespace in which the folder's parts lie over /etc/exim4, /var/lib, /var/spool/exim4,
/var/log/exim4, /var/mail, /run and /etc/imunifyemail's settings come from IE_CONFIG, so that nothing of the machine
is touched. Exim listens on a loopback port. Rspamd isn't needed: the engine's own rule knows GTUBE.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import mails
from lab_case import REPOSITORY, SmtpSession, settings, wait_for

sys.path.insert(0, str(REPOSITORY / "tools/lab.d"))
import accounts  # noqa: E402
import parts  # noqa: E402
import process  # noqa: E402
from place import Place, release_port, reserve_port  # noqa: E402

EXIM = "/usr/sbin/exim4"
GTUBE = mails.GTUBE.decode()
DEADLINE_SECONDS = 60
UPDATE_EXIM4_CONF = """\
dc_eximconfig_configtype='internet'
dc_other_hostnames='here.test'
dc_local_interfaces='127.0.0.1'
dc_readhost=''
dc_relay_domains=''
dc_minimaldns='false'
dc_relay_nets=''
dc_smarthost=''
CFILEMODE='644'
dc_use_split_config='{split}'
dc_hide_mailname=''
dc_mailname_in_oh='true'
dc_localdelivery='mail_spool'
"""


class DebianServer:
    def __init__(self, split):
        accounts.ensure()
        self.dir = Path(tempfile.mkdtemp(prefix="ie-debian-"))
        self.dir.chmod(0o755)
        self._split = split
        self._children = {}
        self._keeper = None
        self.port = reserve_port(Place(self.dir))
        self.fragments = self.dir / "fragments"

    def __enter__(self):
        try:
            self._make_folders()
            self._make_settings()
            self._keeper = process.make_namespace(
                [(self.dir / name, target) for name, target in (
                    ("etc", "/etc/exim4"), ("lib", "/var/lib"), ("spool", "/var/spool/exim4"),
                    ("log", "/var/log/exim4"), ("mail", "/var/mail"), ("run", "/run"),
                    ("passwd", "/etc/passwd"))])
            self.must("update-exim4.conf")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._keeper:
            process.sweep(process.namespace_of(self._keeper["pid"]), self._keeper, DEADLINE_SECONDS)
        for child in self._children.values():
            child.wait()
        release_port(Place(self.dir), self.port)
        shutil.rmtree(self.dir)

    def _make_folders(self):
        exim, engine = accounts.EXIM, accounts.ENGINE
        self._folder("lib/exim4", "root")
        self._folder("spool", exim, 0o750)
        self._folder("log", exim, 0o750)
        self._folder("mail", "root", 0o1777)
        self._folder("run/exim4", exim, 0o750)
        self._folder("run/imunifyemail", engine, 0o777)
        self._folder("run/imunifyemail/trusted", engine, 0o750)
        os.chown(self.dir / "run/imunifyemail/trusted", -1, accounts.gid(exim))  # the hook's way to the engine
        self._folder("data", engine, 0o700)
        self._folder("logs", engine, 0o777)
        # Exim delivers to a mailbox from its owner's home, which the accounts lack.
        (self.dir / "passwd").write_text(Path("/etc/passwd").read_text().replace(":/nonexistent:", ":/:"))
        shutil.copytree(REPOSITORY / "config/system/exim", self.fragments)
        copy_stock(self.dir / "etc")
        (self.dir / "etc/update-exim4.conf.conf").write_text(
            UPDATE_EXIM4_CONF.format(split="true" if self._split else "false"))

    def _folder(self, name, login, mode=0o755):
        folder = self.dir / name
        folder.mkdir(parents=True)
        os.chown(folder, accounts.uid(login), accounts.gid(login))
        folder.chmod(mode)

    def _make_settings(self):
        self.settings = {
            "engine": {"data_dir": f"{self.dir}/data"},
            "log": {"dir": f"{self.dir}/logs"},
            "accounts": {"provider": "passwd", "domain_map": "", "home_base": ""},
            "rspamd": {"url": "http://127.0.0.1:9", "timeout_ms": 200},
            "hook": {"judge_timeout_ms": 30_000},  # for a busy machine, as labs have it
            "filter": {"judge_timeout_ms": 25_000},
        }
        self.write_settings()

    def write_settings(self):
        (self.dir / "imunifyemail.toml").write_text(settings.to_toml(self.settings))

    # Processes

    def start(self, name):
        command, login = {
            "exim": ([EXIM, "-bdf", "-oX", f"127.0.0.1:{self.port}", "-oP", "/run/exim4/exim.pid"], "root"),
            "engine": ([self.program("ie-engine"), "--config", self.dir / "imunifyemail.toml"], accounts.ENGINE),
            "hook": ([self.program("ie-exim-hook"), "--config", self.dir / "imunifyemail.toml"], accounts.EXIM),
        }[name]
        child, _ = process.launch(self._keeper, command, login, self.dir / f"{name}.err", self._environment())
        self._children[name] = child
        ready = {"exim": lambda: parts.greets(self.port),
                 "engine": lambda: self.run(self.program("ie-cli"), "status")[0] == 0,
                 "hook": lambda: parts.accepts(str(self.dir / "run/imunifyemail/lmtp.sock"))}[name]
        wait_for(ready, DEADLINE_SECONDS, lambda: f"{name}: {(self.dir / f'{name}.err').read_text()}")

    def stop(self, name):
        child = self._children.pop(name)
        child.send_signal(signal.SIGTERM)
        child.wait(DEADLINE_SECONDS)

    def run(self, *command, text=None, login="root", environment=None, timeout=120):
        """A command in the server; returns (exit code, standard output and error)."""
        def prepare():
            process.enter(self._keeper)
            if login != "root":
                process.become(login)
            os.umask(0o022)
        done = subprocess.run([str(word) for word in command], input=text, capture_output=True, text=True, cwd="/",
                              errors="replace", timeout=timeout, preexec_fn=prepare,
                              env=self._environment() | (environment or {}))
        return done.returncode, done.stdout + done.stderr

    def must(self, *command, **more):
        code, said = self.run(*command, **more)
        assert code == 0, f"{command}: {code}: {said}"
        return said

    def config(self, command, *arguments, expect=0, **more):
        """ie-config; enable is told where the fragments are."""
        fragments = ["--fragments", self.fragments] if command in ("enable", "status") else []
        code, said = self.run(self.program("ie-config"), command, *fragments, *arguments, **more)
        assert code == expect, f"ie-config {command} {arguments}: {code}: {said}"
        return said

    def program(self, name):
        return parts.find_programs(REPOSITORY)[name]

    def _environment(self):
        return {**os.environ, "IE_CONFIG": str(self.dir / "imunifyemail.toml"),
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}

    def keeper_pid(self):
        """A process in whose root are the server's files, for who is in another namespace."""
        return self._keeper["pid"]

    # Mail

    def sendmail(self, login, recipient, body="hello"):
        return self.run(EXIM, "-oi", recipient, text=f"Subject: test\n\n{body}\n", login=login)

    def session(self):
        return SmtpSession(self.port)

    def mailbox(self, login):
        path = self.dir / "mail" / login
        return path.read_text(errors="replace") if path.exists() else ""

    def wait_empty_queue(self):
        """A delivery that didn't get the mailbox's lock leaves its mail to the next run of the queue."""
        def is_empty():
            self.must(EXIM, "-qf")
            return self.must(EXIM, "-bpc").strip() == "0"
        wait_for(is_empty, DEADLINE_SECONDS,
                 lambda: f"an empty queue: {self.must(EXIM, '-bp')}{(self.dir / 'log/mainlog').read_text()}")

    def held(self):
        return int(self.must(self.program("ie-cli"), "emails", "list").split("Max Count")[1].split()[0])

    def setting(self, name):
        return self.must(EXIM, "-bP", name).strip()

    # Files

    def path(self, name):
        """/etc/exim4/NAME as the test sees it."""
        return self.dir / "etc" / name

    def fingerprint(self):
        """Everything that can be compared: each file's content, owner, mode and time; folders by their names."""
        found = {}
        for root in (self.dir / "etc", self.dir / "lib"):
            for path in sorted(root.rglob("*")):
                name, stat = str(path.relative_to(self.dir)), path.lstat()
                found[name] = os.readlink(path) if path.is_symlink() else "folder" if path.is_dir() else (
                    hashlib.sha256(path.read_bytes()).hexdigest(), stat.st_uid, stat.st_gid, stat.st_mode,
                    0 if name == "lib/exim4/config.autogenerated" else stat.st_mtime_ns)
        return found


def differences(before, after):
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def copy_stock(target):
    """exim4-config's files as its package has them: this machine's, each checked against the package's checksum."""
    listing = subprocess.run(["dpkg-query", "--show", "--showformat=${Conffiles}", "exim4-config"], check=True,
                             capture_output=True, text=True).stdout
    for line in filter(None, map(str.strip, listing.splitlines())):
        path, checksum = line.split()[:2]
        if not path.startswith("/etc/exim4/"):
            continue
        content = Path(path).read_bytes()
        assert hashlib.md5(content).hexdigest() == checksum, f"{path} isn't as exim4-config installs it"
        copy = target / Path(path).relative_to("/etc/exim4")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
