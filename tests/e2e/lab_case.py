"""What end-to-end cases share: a lab of their own, a mail client that sends what it is told, and waiting.

    with Lab(config={"hook": {"fail_open": "defer"}}) as lab:
        lab.submit("alice@alice.test", ["x@far.test"], b"Subject: hello\n\nworld\n")
        [(envelope, got)] = lab.wait_outside(1)
        assert same_but_received(sent, got)

Messages are bytes with LF line ends, both ways; nothing here parses or repairs them. Nothing waits without a deadline.
"""

import base64
import json
import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LAB = REPOSITORY / "tools/lab"
DEADLINE_SECONDS = 60  # says that something comes at all, on a busy machine
sys.path.insert(0, str(REPOSITORY / "tools/lab.d"))

import settings  # noqa: E402  (the lab's own: one TOML writer is enough)
from place import Place, release_port, reserve_port  # noqa: E402


class Refused(Exception):
    """The server said no (or later) to a command; `code` and `text` are its words."""

    def __init__(self, command, code, text):
        super().__init__(f"{command}: {code} {text}")
        self.code, self.text = code, text


class SmtpSession:
    """A client that can do what mail programs don't: raw commands, BDAT, any bytes, a chosen source address."""

    def __init__(self, port, source="127.0.0.1", hello="client.test"):
        self._socket = socket.create_connection(("127.0.0.1", port), DEADLINE_SECONDS, (source, 0))
        self._lines = self._socket.makefile("rb")
        self._read_reply("connect")
        self.features = self.command(f"EHLO {hello}")[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._lines.close()
        self._socket.close()

    def start_tls(self, hello="client.test"):
        self.command("STARTTLS")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._socket = context.wrap_socket(self._socket)
        self._lines = self._socket.makefile("rb")
        self.features = self.command(f"EHLO {hello}")[1]

    def authenticate(self, user, password):
        credentials = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self.command(f"AUTH PLAIN {credentials}")

    def command(self, line):
        """Send a line, return (code, text); Refused unless the code is 2xx or 3xx."""
        self._socket.sendall(_to_bytes(line) + b"\r\n")
        return self._read_reply(line)

    def send(self, sender, recipients, message, mail_parameters="", recipient_parameters="", chunked=False):
        """One transaction, its envelope pipelined. Returns the reply to the message, which names the queue id."""
        lines = [f"MAIL FROM:<{sender}> {mail_parameters}".rstrip()]
        lines += [f"RCPT TO:<{recipient}> {recipient_parameters}".rstrip() for recipient in recipients]
        self._socket.sendall(b"".join(_to_bytes(line) + b"\r\n" for line in lines))
        refusal = None
        for line in lines:
            try:
                self._read_reply(line)
            except Refused as error:
                refusal = refusal or error
        if refusal:
            self.command("RSET")
            raise refusal
        message = message.replace(b"\n", b"\r\n")
        return self._send_chunks(message) if chunked else self._send_data(message)

    def _send_data(self, message):
        self.command("DATA")
        stuffed = re.sub(rb"(?m)^\.", b"..", message)
        end = b".\r\n" if not stuffed or stuffed.endswith(b"\r\n") else b"\r\n.\r\n"
        self._socket.sendall(stuffed + end)
        return self._read_reply("message")

    def _send_chunks(self, message):
        half = len(message) // 2
        for chunk, last in ((message[:half], ""), (message[half:], " LAST")):
            self._socket.sendall(f"BDAT {len(chunk)}{last}\r\n".encode() + chunk)
            reply = self._read_reply("BDAT")
        return reply

    def _read_reply(self, command):
        lines = []
        while not lines or lines[-1][3:4] == "-":
            line = self._lines.readline()
            if not line:
                raise Refused(command, 421, "the server closed the connection")
            lines.append(line.decode("utf-8", "replace").rstrip("\r\n"))
        code, text = int(lines[-1][:3]), "\n".join(line[4:] for line in lines)
        if code >= 400:
            raise Refused(command[:80], code, text)
        return code, text


class Lab:
    """A lab for one case, in a folder that goes with it. `keep` leaves the folder for a look.

    `faulty`: its engine is tests/fault/faulty_engine.cpp, see `arm`.
    """

    def __init__(self, config=None, keep=False, faulty=False):
        self.config = config or {}
        self.dir = Path(tempfile.mkdtemp(prefix="ie-lab-"))
        self.env = {}
        self._keep = keep
        self._spawned, self._ports = [], []
        self._fault = self.dir / "faults" / "armed"
        self._lab_env = dict(os.environ)
        if faulty:
            self._fault.parent.mkdir()
            self._fault.parent.chmod(0o777)  # the engine removes the file
            self._lab_env |= {"IE_LAB_ENGINE": "ie-faulty-engine", "IE_FAULT_FILE": str(self._fault)}

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.down()
        if not self._keep:
            shutil.rmtree(self.dir)

    def up(self):
        overrides = self.dir / "overrides.toml"
        overrides.write_text(settings.to_toml(self.config))
        self._lab("up", "--config", overrides)
        self.env = dict(word.split("=", 1) for word in shlex.split((self.dir / "lab.env").read_text()))

    def down(self):
        while self._spawned:
            child = self._spawned.pop()
            child.terminate()
            child.wait(DEADLINE_SECONDS)
        self._lab("down")
        while self._ports:
            release_port(Place(self.dir), self._ports.pop())

    # Sending

    def session(self, auth=("alice@alice.test", "secret"), source="127.0.0.1"):
        session = SmtpSession(int(self.env["IE_LAB_SMTP_PORT"]), source)
        if auth:
            session.authenticate(*auth)
        return session

    def submit(self, sender, recipients, message, auth=("alice@alice.test", "secret"), **parameters):
        """One mail over a connection of its own; returns Exim's queue id. `parameters` as in SmtpSession.send."""
        with self.session(auth) as session:
            return re.search(r"id=(\S+)", session.send(sender, recipients, message, **parameters)[1])[1]

    def sendmail(self, login, arguments, message):
        """PHP's mail() path; returns Exim's exit code."""
        return subprocess.run([LAB, "sendmail", self.dir, login, *arguments], input=message, capture_output=True,
                              timeout=DEADLINE_SECONDS).returncode

    # Looking

    def outside(self):
        """Each mail that left, oldest first, as (envelope, message)."""
        folder = self.dir / "outside"
        numbers = sorted(int(path.stem) for path in folder.glob("[0-9]*.json"))
        return [(json.loads((folder / f"{n}.json").read_text()), (folder / f"{n}.eml").read_bytes()) for n in numbers]

    def wait_outside(self, count, seconds=DEADLINE_SECONDS):
        wait_for(lambda: len(list((self.dir / "outside").glob("[0-9]*.json"))) >= count, seconds,
                 lambda: f"{count} mails outside, there are {len(self.outside())}; queue: {self.queue()}")
        return self.outside()

    def wait_recipients(self, count, seconds=DEADLINE_SECONDS):
        """Until so many recipients outside, of all mails together, have got one."""
        def reached():
            return sum(len(envelope["recipients"]) for envelope, _ in self.outside())
        wait_for(lambda: reached() >= count, seconds, lambda: f"{count} recipients outside, there are {reached()}; "
                 f"queue: {self.queue()}")
        return self.outside()

    def inbox(self, login):
        """Each mail delivered to the account, in the order of delivery."""
        folder = self.dir / "inbox" / login / "new"
        return [path.read_bytes() for path in sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime_ns)]

    def wait_inbox(self, login, count, seconds=DEADLINE_SECONDS):
        wait_for(lambda: len(self.inbox(login)) >= count, seconds,
                 lambda: f"{count} mails for {login}, there are {len(self.inbox(login))}; queue: {self.queue()}")
        return self.inbox(login)

    def queue(self):
        return self._lab("queue").splitlines()

    def run_queue(self):
        self._lab("queue", "run")

    def drain_queue(self, seconds=DEADLINE_SECONDS):
        """Run the queue until it is empty: a run passes over what another delivery has in its hands."""
        def empty():
            self.run_queue()
            return not self.queue()
        wait_for(empty, seconds, lambda: f"the queue doesn't empty: {self.queue()[:5]}")

    def wait_queue(self, count, seconds=DEADLINE_SECONDS):
        wait_for(lambda: len(self.queue()) == count, seconds, lambda: f"{count} mails in the queue: {self.queue()}")
        return self.queue()

    def log(self, name):
        """All lines of one log, e.g. "engine", "exim_mainlog", "sink"."""
        for path in (self.dir / "log" / name, self.dir / "log" / f"{name}.log"):
            if path.exists():
                return path.read_text(errors="replace").splitlines()
        return []

    # Commands

    def run(self, *command, user=None, timeout=DEADLINE_SECONDS):
        """A command inside the lab; returns (exit code, stdout, stderr)."""
        account = ["--as", user] if user else []
        done = subprocess.run([LAB, "exec", self.dir, *account, *command], capture_output=True, text=True,
                              errors="replace", timeout=timeout, cwd="/")
        return done.returncode, done.stdout, done.stderr

    def cli(self, *arguments, user=None):
        return self.run("ie-cli", *arguments, user=user)

    def cli_json(self, *arguments, user=None):
        code, output, errors = self.cli(*arguments, "--json", user=user)
        try:
            return json.loads(output)
        except ValueError:
            raise AssertionError(f"ie-cli {arguments}: exit code {code}, not JSON: {output}{errors}") from None

    def arm(self, step, number=1, what="kill", path=""):
        """At the number-th such step on the quarantine's disk from now on (where its path has that part): `kill`, `hang`,
        or fail with this errno."""
        written = self._fault.with_suffix(".new")
        written.write_text(f"{step} {number} {what} {path}\n")
        written.rename(self._fault)

    def disarm(self):
        self._fault.unlink(missing_ok=True)

    def has_fired(self):
        return not self._fault.exists()

    def restart(self, part):
        """Ended in good order, if it still runs, and started again."""
        if self._lab_try("signal", part, "TERM"):
            wait_for(lambda: not self._lab_try("signal", part, "CONT"), DEADLINE_SECONDS, lambda: f"{part} doesn't end")
        self.start(part)

    def signal(self, part, name):
        self._lab("signal", part, name)

    def start(self, part):
        self._lab("start", part)

    def spawn(self, *command, answers):
        """A server of somebody else inside the lab, until the lab goes down; returns once `answers()`."""
        log = open(self.dir / "log" / f"{Path(command[0]).name}.log", "wb")
        child = subprocess.Popen([LAB, "exec", self.dir, *command], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self._spawned.append(child)
        wait_for(lambda: child.poll() is not None or answers(), 60, lambda: f"{command[0]} doesn't answer")
        assert child.poll() is None, (command, Path(log.name).read_text(errors="replace")[-2000:])

    def free_port(self):
        """A loopback port of the lab's own, for its life."""
        self._ports.append(reserve_port(Place(self.dir)))
        return self._ports[-1]

    def change_exim(self, *changes, file="exim4.conf"):
        """Replace texts in Exim's configuration, each of which must stand there once, and have Exim read it again."""
        path = self.dir / "exim" / file
        text = path.read_text()
        for old, new in changes:
            assert text.count(old) == 1, (old, text.count(old))
            text = text.replace(old, new)
        path.write_text(text)
        started = self._exim_starts()
        self.signal("exim", "HUP")
        wait_for(lambda: self._exim_starts() > started, DEADLINE_SECONDS,
                 lambda: f"Exim doesn't come back: {self.log('exim_mainlog')[-3:]}")

    def _exim_starts(self):
        return sum(" daemon started" in line for line in self.log("exim_mainlog"))

    def advance(self, duration):
        self._lab("advance", duration)

    def _lab(self, command, *arguments):
        done = self._lab_run(command, *arguments)
        if done.returncode != 0:
            raise AssertionError(f"tools/lab {command} {arguments}: {done.stderr}{done.stdout}")
        return done.stdout

    def _lab_try(self, command, *arguments):
        return self._lab_run(command, *arguments).returncode == 0

    def _lab_run(self, command, *arguments):
        return subprocess.run([LAB, command, self.dir, *arguments], capture_output=True, text=True, errors="replace",
                              timeout=180, env=self._lab_env)


def wait_for(condition, seconds, what):
    """Poll until the condition holds; fail with what() when the time is up."""
    deadline = time.monotonic() + seconds
    while True:
        late = time.monotonic() > deadline  # before it looks, which may take its time
        if condition():
            return
        if late:
            raise AssertionError(f"not within {seconds} s: {what()}")
        time.sleep(0.01)


def listens(port):
    """Somebody accepts connections on that port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def same_but_received(sent, got, count=1):
    """Is `got` what was sent, below `count` new Received lines at its top?"""
    for _ in range(count):
        match = re.match(rb"Received: [^\n]*\n(?:[ \t][^\n]*\n)*", got)
        if not match:
            return False
        got = got[match.end():]
    return got == sent


def _to_bytes(line):
    return line.encode("utf-8", "surrogateescape")
