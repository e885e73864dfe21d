"""Processes of a lab: its mount namespace, starting and ending what lives in it.

Exim reads a private configuration as root only from its compiled-in path. So each lab has a mount namespace in
which that path holds the lab's own file. A keeper process holds the namespace open, and everything a lab starts
lives in it: that is also how `down` finds what Exim has forked meanwhile. A process is remembered by its id and
the time it started, so that an id which the kernel has used again is never taken for ours.
"""

import ctypes
import grp
import os
import pwd
import signal
import subprocess
import time
from pathlib import Path

from place import LabError

_CLONE_NEWNS = 0x00020000
_libc = ctypes.CDLL(None, use_errno=True)


def identity(pid):
    """The process as it can be recorded, or None if it doesn't live (a zombie doesn't, unless a thread of it does)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    is_dead = fields[0] in "ZX" and int(fields[17]) <= 1
    return None if is_dead else {"pid": pid, "started": int(fields[19])}


def is_alive(process):
    return process is not None and identity(process["pid"]) == process


def namespace_of(pid):
    try:
        return os.readlink(f"/proc/{pid}/ns/mnt")
    except OSError:
        return None


def make_namespace(binds):
    """Start a keeper in a new mount namespace with each (source, target) bound; return its identity."""
    script = 'while [ $# -gt 0 ]; do mount --bind "$1" "$2" || exit 1; shift 2; done; echo; exec sleep infinity'
    arguments = [str(path) for pair in binds for path in pair]
    keeper = subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "keeper", *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd="/", start_new_session=True)
    if not keeper.stdout.readline():
        raise LabError(f"no mount namespace: {keeper.stderr.read().decode().strip()}")
    keeper.stdout.close()
    keeper.stderr.close()
    return identity(keeper.pid)


def enter(keeper):
    """Move this process into the lab's mount namespace. The working directory becomes /."""
    descriptor = os.open(f"/proc/{keeper['pid']}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    if _libc.setns(descriptor, _CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "setns")
    os.close(descriptor)


def become(login):
    """Take on the account's uid and all its groups, for good."""
    account = pwd.getpwnam(login)
    os.setgroups(os.getgrouplist(login, account.pw_gid))
    os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
    os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)


def launch(keeper, command, login, error_file, environment):
    """Start a lasting process inside the lab, in a session of its own, that outlives us."""
    def prepare():
        enter(keeper)
        if login != "root":
            become(login)
        os.umask(0o022)

    with open(error_file, "ab") as errors:
        child = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
            cwd="/", env=environment, start_new_session=True, preexec_fn=prepare)
    return child, identity(child.pid)


def send(process, number, group=False):
    """Signal a recorded process, or all of its group; quietly nothing if it is gone."""
    if not is_alive(process):
        return False
    try:
        (os.killpg if group else os.kill)(process["pid"], number)
    except ProcessLookupError:
        return False
    return True


def members(namespace):
    """Every process in that mount namespace but us and our parents."""
    ours = _ancestry(os.getpid())
    pids = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
    return [pid for pid in pids if pid not in ours and namespace_of(pid) == namespace]


def _ancestry(pid):
    line = set()
    while pid > 0:
        line.add(pid)
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return line


def wait_until(condition, seconds, pause=0.005):
    """Poll until the condition holds or the time is up; return what it said last."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()) and time.monotonic() < deadline:
        time.sleep(pause)
    return answer


def sweep(namespace, keeper, seconds):
    """Kill whatever is left in the namespace; the keeper, who proves that it is ours, goes last."""
    def is_empty():
        rest = [pid for pid in members(namespace) if pid != keeper["pid"]]
        for pid in rest:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return not rest

    if not wait_until(is_empty, seconds):
        raise LabError(f"processes that don't end: {members(namespace)}")
    send(keeper, signal.SIGKILL)
    wait_until(lambda: not is_alive(keeper), 1)


def group_id(name):
    return grp.getgrnam(name).gr_gid
