"""A Debian of its own with systemd as its first process, for cases that install packages.

    with Container(["exim4-daemon-heavy", "rspamd"]) as container:
        container.boot()
        code, output, errors = container.run("systemctl", "is-active", "rspamd")

Its files are a copy of a base that debootstrap makes once and /var/cache/ie-lab keeps: what it and the packages
named need comes from the mirror that this machine's apt uses. It has a network of its own, which is loopback alone.
"""

import contextlib
import fcntl
import hashlib
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

CACHE = Path("/var/cache/ie-lab")
SUITE = "bookworm"
FIRST = ("systemd", "systemd-sysv", "dbus")  # else it isn't a machine that boots
BOOT_SECONDS = 180


class Container:
    def __init__(self, packages):
        self.root = Path(tempfile.mkdtemp(prefix="ie-container-", dir=CACHE)) / "root"
        self._nspawn = None
        self._leader = None
        subprocess.run(["cp", "-a", "--reflink=auto", base(packages), self.root], check=True)
        self.path("etc/hostname").write_text("server.test\n")
        self.path("etc/hosts").write_text("127.0.0.1 localhost server.test\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.root.parent)

    def boot(self):
        log = self.root.parent / "boot.log"
        with log.open("wb") as out:
            self._nspawn = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--private-network",
                 "-D", self.root],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        deadline = time.monotonic() + BOOT_SECONDS
        while self.run("systemctl", "is-system-running", "--quiet")[0] != 0 and not self._is_degraded():
            if self._nspawn.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the container doesn't boot: {log.read_text(errors='replace')}")
            time.sleep(0.1)

    def stop(self):
        if self._nspawn is None:
            return
        self._nspawn.send_signal(signal.SIGTERM)  # nspawn has it shut down in order
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._nspawn.wait(BOOT_SECONDS)
        if self._nspawn.poll() is None:
            self._nspawn.kill()
            self._nspawn.wait()
        self._nspawn = self._leader = None

    def run(self, *command, user=None, stdin=b"", timeout=120):
        """(exit code, stdout, stderr) of a command inside."""
        leader = self._find_leader()
        if leader is None:
            return -1, "", "it isn't booted"
        login = ["runuser", "-u", user, "--"] if user else []
        done = subprocess.run(
            ["nsenter", f"--target={leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd",
             "/usr/bin/env", "-i", "PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
             "DEBIAN_FRONTEND=noninteractive", *login, *map(str, command)],
            input=stdin, capture_output=True, timeout=timeout)
        return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")

    def check(self, *command, **options):
        """What it prints; it must succeed."""
        code, output, errors = self.run(*command, **options)
        if code != 0:
            raise AssertionError(f"{command}: exit code {code}\n{output}{errors}")
        return output

    def path(self, inside):
        return self.root / inside.lstrip("/")

    def _is_degraded(self):
        return self.run("systemctl", "is-system-running")[1].strip() == "degraded"

    def _find_leader(self):
        if self._leader is None and self._nspawn is not None:
            children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children")
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a process that has just ended
                for pid in children.read_text().split():
                    if Path(f"/proc/{pid}/comm").read_text() == "systemd\n":
                        self._leader = pid
        return self._leader


def base(packages):
    """The folder of a Debian with these packages; no service of theirs has been started."""
    wanted = (*FIRST, *packages)
    name = hashlib.sha256(" ".join(wanted).encode()).hexdigest()[:12]
    made = CACHE / f"{SUITE}-{name}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "base.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.is_dir():
            making = made.with_name(made.name + ".new")
            if making.exists():
                shutil.rmtree(making)
            _make_base(making, wanted)
            making.rename(made)
    return made


def _make_base(folder, packages):
    mirror = _mirror()
    subprocess.run(["debootstrap", "--variant=minbase", f"--include={','.join(FIRST)}", SUITE, folder, mirror],
                   check=True, stdout=subprocess.DEVNULL)
    (folder / "etc/apt/apt.conf.d/90test").write_text('APT::Install-Recommends "false";\n')
    policy = folder / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    subprocess.run(["chroot", folder, "apt-get", "install", "-y", "-q", *packages],
                   check=True, stdout=subprocess.DEVNULL, env=environment)
    subprocess.run(["chroot", folder, "apt-get", "clean"], check=True, env=environment)
    policy.unlink()


def _mirror():
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE) $(CODENAME)", "Created-By: Packages"],
                             check=True, capture_output=True, text=True).stdout
    for line in targets.splitlines():
        site, _, codename = line.rpartition(" ")
        if codename == SUITE:
            return site
    raise AssertionError(f"this machine's apt knows no mirror of {SUITE}")
