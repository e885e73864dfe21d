"""The parts of a lab: how each is started and how one knows that it answers.

In the order in which they start; nobody waits for another, since the real ones must not either.
"""

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import accounts
import exim
import process
import rspamd
from place import LabError

NAMES = ("rspamd", "sink", "engine", "release", "hook", "exim")
REQUIRED_PROGRAMS = ("ie-engine", "ie-exim-hook", "ie-release", "ie-make-folder")
PROGRAMS = (*REQUIRED_PROGRAMS, "ie-cli", "ie-config", "ie-advance-clock")
LOG_LINES_SHOWN = 15
DEADLINE_SECONDS = 60  # for a part to answer, on a busy machine
# What ie-release.socket is where systemd runs.
SOCKET_ACTIVATE = "/usr/bin/systemd-socket-activate"


@dataclass
class Part:
    name: str
    login: str  # the account it is started as
    command: list
    answers: Callable[[], bool]
    deadline_seconds: float
    logs: tuple  # names in DIR/log, looked into when it doesn't answer


class Lab:
    """A lab's place, with the record of its ports, settings and processes."""

    def __init__(self, place):
        self.place = place
        self.state = place.load()

    @property
    def keeper(self):
        keeper = self.state.get("keeper")
        return keeper if process.is_alive(keeper) else None

    def running(self, name):
        """The part's process as recorded, or None if it isn't alive."""
        recorded = self.state.get("parts", {}).get(name)
        return recorded if process.is_alive(recorded) else None

    def environment(self):
        """What lab.env holds, and the lab's programs first on the path."""
        place, ports = self.place, self.state["ports"]
        return {
            "IE_LAB_SMTP_PORT": str(ports["smtp"]),
            "IE_LAB_CONSOLE_URL": "",
            "IE_LAB_INBOX": str(place.dir / "inbox"),
            "IE_LAB_OUTSIDE": str(place.dir / "outside"),
            "IE_LAB_LOG": str(place.dir / "log"),
            "IE_LAB_RSPAMD": f"http://127.0.0.1:{ports['rspamd']}",
            "IE_ENDPOINT": self.state["settings"]["engine"]["endpoint"],
            "IE_CONFIG": str(place.dir / "imunifyemail.toml"),
        }

    def inner_environment(self):
        """The same for a process inside: by names that any account can reach, programs on the path."""
        place = self.place
        inner = {name: value.replace(str(place.dir), str(place.home), 1) if value.startswith(str(place.dir)) else value
                 for name, value in self.environment().items()}
        path = os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        return {**os.environ, **inner, "PATH": f"{place.run}/bin:{path}"}

    def part(self, name):
        ports, config = self.state["ports"], self.place.home / "imunifyemail.toml"
        programs = self.place.run / "bin"
        if name == "rspamd":
            return Part(name, accounts.RSPAMD, rspamd.command(self.place),
                        lambda: rspamd.answers(ports["rspamd"]), 120, ("rspamd.log",))
        if name == "sink":
            command = [sys.executable, Path(__file__).with_name("sink.py"), ports["sink"],
                       self.place.home / "outside", self.place.home / "log/sink.log", "nobody"]
            return Part(name, "root", command, lambda: greets(ports["sink"]), DEADLINE_SECONDS, ())
        if name == "engine":
            command = [programs / "ie-engine", "--config", config, "--allow-clock-advance"]
            return Part(name, accounts.ENGINE, command, self._engine_answers, DEADLINE_SECONDS, ("engine.log", "supervisor.log"))
        if name == "release":
            command = [SOCKET_ACTIVATE, "--accept", "--inetd", f"--listen={self._release_socket}",
                       programs / "ie-release", "--config", config]
            return Part(name, accounts.ENGINE, command, lambda: accepts(self._release_socket), DEADLINE_SECONDS, ())
        if name == "hook":
            command = [programs / "ie-exim-hook", "--config", config]
            return Part(name, accounts.EXIM, command, self._hook_answers, DEADLINE_SECONDS, ("hook.log",))
        if name == "exim":
            return Part(name, "root", [exim.PROGRAM, "-bdf"], lambda: greets(ports["smtp"]), DEADLINE_SECONDS,
                        ("exim_paniclog", "exim_mainlog"))
        raise LabError(f"no part is called {name}: {', '.join(NAMES)}")

    def start(self, name):
        """Start a part without waiting for it; return the child, for `await_part`."""
        part = self.part(name)
        error_file = self.place.dir / "log" / f"{name}.err"
        child, recorded = process.launch(self.keeper, part.command, part.login, error_file, self.inner_environment())
        self.state.setdefault("parts", {})[name] = recorded
        self.place.save(self.state)
        return child

    def await_part(self, name, child=None):
        """Wait until the part answers; say what its logs say if it doesn't."""
        part = self.part(name)
        has_ended = (lambda: child.poll() is not None) if child else (lambda: not self.running(name))
        outcome = process.wait_until(lambda: "answers" if part.answers() else "ended" if has_ended() else None,
                                     part.deadline_seconds)
        if outcome != "answers":
            what = "ended" if outcome else f"did not answer within {part.deadline_seconds:g} s"
            raise LabError(f"{name} {what}\n{self._log_end(part)}")

    def _log_end(self, part):
        shown = []
        for name in (f"{part.name}.err", *part.logs):
            path = self.place.dir / "log" / name
            if path.exists() and (lines := path.read_text(errors="replace").splitlines()):
                shown += [f"--- {path}", *lines[-LOG_LINES_SHOWN:]]
        return "\n".join(shown) or "It logged nothing."

    @property
    def _release_socket(self):
        return self.state["settings"]["courier"]["socket"]

    def _engine_answers(self):
        endpoint = self.state["settings"]["engine"]["endpoint"]
        if not accepts(endpoint.removeprefix("ipc://")):
            return False
        if not (self.place.run / "bin/ie-cli").exists():
            return True
        return self._run_inside(["ie-cli", "status"]) == 0

    def _hook_answers(self):
        hook = self.state["settings"]["hook"]
        return accepts(hook["judge_socket"]) and accepts(hook["lmtp_socket"])

    def _run_inside(self, command):
        return subprocess.run(command, env=self.inner_environment(), preexec_fn=lambda: process.enter(self.keeper),
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=2 * DEADLINE_SECONDS, cwd="/").returncode  # ie-cli gives up by itself


def accepts(path):
    """Does somebody listen on this Unix socket? A file that a dead process left behind doesn't count."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0.5)
        try:
            probe.connect(path)
        except OSError:
            return False
        return True


def greets(port):
    """Does an SMTP server on loopback say hello?"""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5) as probe:
            greeting = probe.recv(100)
            probe.sendall(b"QUIT\r\n")
            probe.recv(100)
            return greeting.startswith(b"220")
    except OSError:
        return False


def find_programs(repository):
    """Path of each program: in IE_BIN_DIR, or in build/IE_PRESET, or in the build that was made last.

    IE_LAB_ENGINE names another program to be the engine, for tests.
    """
    names = {name: name for name in PROGRAMS} | {"ie-engine": os.environ.get("IE_LAB_ENGINE", "ie-engine")}
    if folder := os.environ.get("IE_BIN_DIR"):
        candidates = [Path(folder)]
    else:
        preset = os.environ.get("IE_PRESET")
        builds = [repository / "build" / name for name in ([preset] if preset else ["release", "dev"])]
        candidates = sorted(filter(Path.is_dir, builds), key=_newest_engine, reverse=True)
    for build in candidates:
        found = {name: path for name, wanted in names.items() if (path := _find(build, wanted))}
        if all(name in found for name in REQUIRED_PROGRAMS):
            return found
    looked = ", ".join(map(str, candidates)) or f"{repository}/build"
    wanted = ", ".join(names[name] for name in REQUIRED_PROGRAMS)
    raise LabError(f"{wanted} are not in {looked}: build them with tools/build")


def _newest_engine(build):
    path = _find(build, "ie-engine")
    return path.stat().st_mtime if path else 0


def _find(folder, name):
    matches = [path for path in folder.rglob(name) if path.is_file() and os.access(path, os.X_OK)]
    return matches[0].resolve() if matches else None
