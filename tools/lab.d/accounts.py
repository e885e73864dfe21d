"""The lab's Unix accounts and who owns which domain."""

import pwd
import subprocess

from place import RUN_ROOT, LabError, locked

DOMAINS = {"alice.test": "alice", "shop.alice.test": "alice", "bob.test": "bob", "carol.test": "carol"}
LOGINS = ("alice", "bob", "carol")
ENGINE = "_imunifyemail"
EXIM = "Debian-exim"
RSPAMD = "_rspamd"
# The server's own name: cron's and PHP's mail comes from LOGIN@ it.
HOSTNAME = "server.lab.test"


def ensure():
    """Create the accounts that are missing. Labs that start at the same time wait for each other."""
    RUN_ROOT.mkdir(parents=True, exist_ok=True)
    with locked(RUN_ROOT / "accounts.lock"):
        for login in (EXIM, RSPAMD):
            if not _exists(login):
                raise LabError(f"the account {login} doesn't exist: run tools/setup, which installs its package")
        if not _exists(ENGINE):
            _add("--system", "--user-group", ENGINE)
        for login in LOGINS:
            if not _exists(login):
                _add("--user-group", login)


def uid(login):
    return pwd.getpwnam(login).pw_uid


def gid(login):
    return pwd.getpwnam(login).pw_gid


def _exists(login):
    try:
        pwd.getpwnam(login)
    except KeyError:
        return False
    return True


def _add(*arguments):
    command = ["useradd", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    done = subprocess.run(command + list(arguments), capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(f"useradd {arguments[-1]}: {done.stderr.strip()}")
