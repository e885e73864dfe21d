"""Where a lab keeps its things: the folder's paths, its ports, its record of what runs, its lock.

A lab owns DIR and /run/ie-lab/<hash of DIR>, which holds the sockets (a Unix socket's path must be short) and
the programs. Processes of other accounts can only reach DIR if every folder above it lets them pass; where one
doesn't, they see DIR bound at /run/ie-lab/<hash>/dir inside the lab's mount namespace: `home` is the name that
works for them, `dir` the one that works for whoever asked for the lab.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import random
import re
import socket
from pathlib import Path

RUN_ROOT = Path("/run/ie-lab")
# Below the kernel's range for outgoing connections, so that no client can hold one of them.
PORTS = range(20000, 32000)


class LabError(Exception):
    """Something a person can act on; the text says what."""


class Place:
    def __init__(self, folder):
        self.dir = Path(folder).resolve()
        digest = hashlib.sha256(os.fsencode(self.dir)).hexdigest()[:8]
        self.run = RUN_ROOT / digest
        self.env_file = self.dir / "lab.env"
        self._state_file = self.dir / "lab.json"

    @property
    def home(self):
        """DIR by the name that every account's processes inside the lab can use."""
        return self.dir if self._is_reachable() else self.run / "dir"

    def _is_reachable(self):
        plain = re.fullmatch(r"[A-Za-z0-9._/+-]+", str(self.dir)) is not None
        return plain and all(parent.stat().st_mode & 0o001 for parent in self.dir.parents)

    def load(self):
        """The record of what `up` started; empty where nothing was."""
        try:
            return json.loads(self._state_file.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise LabError(f"{self._state_file} is damaged: {error}") from error

    def save(self, state):
        temporary = self._state_file.with_suffix(".new")
        temporary.write_text(json.dumps(state, indent=2) + "\n")
        temporary.rename(self._state_file)

    @contextlib.contextmanager
    def locked(self):
        """One up, down or start at a time."""
        with locked(self.dir / ".lock"):
            yield


@contextlib.contextmanager
def locked(path):
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def reserve_port(place, wanted=None):
    """A loopback port that no other lab takes, although nobody listens on it yet.

    The reservation is a file named after the port: between trying a port and a server's bind another lab
    could otherwise pick the same one. `wanted` is the port of the lab's last life, kept if possible.
    """
    folder = RUN_ROOT / "ports"
    folder.mkdir(parents=True, exist_ok=True)
    candidates = ([wanted] if wanted else []) + random.sample(PORTS, 200)
    for port in candidates:
        try:
            with open(folder / str(port), "x") as reservation:
                reservation.write(str(place.dir))
        except FileExistsError:
            continue
        if _is_free(port):
            return port
        (folder / str(port)).unlink()
    raise LabError(f"no free port found between {PORTS.start} and {PORTS.stop}; see {folder}")


def release_port(place, port):
    reservation = RUN_ROOT / "ports" / str(port)
    with contextlib.suppress(FileNotFoundError):
        if reservation.read_text() == str(place.dir):
            reservation.unlink()


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
