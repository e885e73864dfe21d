"""Rounds of mail through one lab's Exim in several configurations that take turns, and what each costs: messages a
second from the first connection to the last reply, and the CPU of all server processes until the queue is empty,
counted by a control group. Prints one JSON line a figure: medians over the rounds, and of the rounds' ratios."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/e2e"))

from lab_case import SmtpSession, wait_for  # noqa: E402

CONNECTIONS = 8
MAILS = int(os.environ.get("IE_BENCH_MAILS", "800"))  # a round
ROUNDS = int(os.environ.get("IE_BENCH_ROUNDS", "7"))
DATA = Path(os.environ.get("IE_TEST_DATA", REPOSITORY.parent / "shared/data"))
ACL = "acl_check_data:\n  require acl = acl_ie_judge\n  accept\n"


class CpuCounter:
    """CPU seconds of processes and of all that they start from now on."""

    def __init__(self, pids):
        # Where the first version of control groups counts CPU, the second one can't.
        self._counts = Path("/sys/fs/cgroup/cpuacct").is_dir()
        folder = Path("/sys/fs/cgroup/cpuacct" if self._counts else "/sys/fs/cgroup")
        self._group = folder / f"ie-bench-{os.getpid()}"
        self._group.mkdir()
        for pid in pids:
            (self._group / "cgroup.procs").write_text(str(pid))

    def seconds(self):
        if self._counts:
            return int((self._group / "cpuacct.usage").read_text()) / 1e9
        return int((self._group / "cpu.stat").read_text().split()[1]) / 1e6  # usage_usec N

    def close(self):
        subprocess.run(["rmdir", self._group], check=False)


def real_mail(*labels):
    """The development messages of these labels, with LF line ends."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "-x", "--use-compress-program=zstd -d --long=27", "-C", folder, "-f",
                        DATA / "spamassassin/dev.tar.zst"], check=True)
        columns, *rows = [line.split("\t") for line in
                          next(Path(folder).glob("**/*manifest*")).read_text(errors="replace").splitlines()]
        label, name = columns.index("label"), columns.index("file")
        mail = [(Path(folder) / row[name]).read_bytes() for row in rows if row[label] in labels]
    return [message.replace(b"\r\n", b"\n").replace(b"\r", b"\n") for message in mail]


def use(lab, stock, kind):
    """Switch Exim to a configuration: (lines of its main section, its acl_check_data), {port} being Rspamd's."""
    port = lab.env["IE_LAB_RSPAMD"].rsplit(":", 1)[1].rstrip("/")
    main, acl = (text.replace("{port}", port) for text in kind)
    text = stock.replace(ACL, acl)
    assert text.count("acl_check_data:\n") == 1
    (lab.dir / "exim/exim4.conf").write_text(text.replace("\nbegin acl\n", "\n" + main + "\nbegin acl\n", 1))
    started = sum(" daemon started" in line for line in lab.log("exim_mainlog"))
    lab.signal("exim", "HUP")
    wait_for(lambda: sum(" daemon started" in line for line in lab.log("exim_mainlog")) > started, 20,
             lambda: "Exim doesn't come back")


def send(lab, envelope, messages, failures):
    auth, sender, recipient = envelope
    try:
        session = SmtpSession(int(lab.env["IE_LAB_SMTP_PORT"]))
        if auth:
            session.authenticate(auth, "secret")
        for message in messages:
            session.send(sender, [recipient], message)
        session.close()
    except Exception as failure:
        failures.append(failure)


def one_round(lab, cpu, envelope, mail):
    shares = [[mail[n % len(mail)] for n in range(first, MAILS, CONNECTIONS)] for first in range(CONNECTIONS)]
    failures, before, began = [], cpu.seconds(), time.monotonic()
    threads = [threading.Thread(target=send, args=(lab, envelope, share, failures)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    assert not failures, failures[0]
    wait_for(lambda: not lab.queue(), 120, lambda: f"{len(lab.queue())} mails still in the queue")
    return MAILS / took, (cpu.seconds() - before) / MAILS * 1000


def server_pids(lab):
    """Of Exim, Rspamd, engine and hook; the sink stands for others' servers."""
    wanted = ("exim4", "rspamd", "ie-engine", "ie-exim-hook")
    keeper = os.stat(f"/proc/{lab_keeper(lab)}/ns/mnt").st_ino
    pids = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.stat(entry / "ns/mnt").st_ino == keeper and (entry / "comm").read_text().startswith(wanted):
                pids.append(int(entry.name))
        except OSError:
            continue
    return pids


def lab_keeper(lab):
    return json.loads((lab.dir / "lab.json").read_text())["keeper"]["pid"]


def compare(bench, lab, kinds, envelope, mail):
    """`kinds`: name → configuration; `ours` is compared with `exim_acl`. `envelope`: who authenticates (or None),
    sender, recipient."""
    stock = (lab.dir / "exim/exim4.conf").read_text()
    cpu = CpuCounter(server_pids(lab))
    rates, costs = {kind: [] for kind in kinds}, {kind: [] for kind in kinds}
    for number in range(ROUNDS + 1):
        order = list(kinds)
        # Each kind has each place in turn: logs and folders grow from round to round.
        for kind in order[number % len(order):] + order[:number % len(order)]:
            use(lab, stock, kinds[kind])
            rate, cost = one_round(lab, cpu, envelope, mail)
            if number:  # the first round warms up
                rates[kind].append(rate)
                costs[kind].append(cost)
    lab.down()
    cpu.close()

    def tell(figure, unit, value):
        print(json.dumps({"bench": bench, "figure": figure, "unit": unit, "value": value}))

    for kind in kinds:
        tell(f"{kind}_messages_per_second", "1/s", round(statistics.median(rates[kind]), 1))
        tell(f"{kind}_cpu_per_message", "ms", round(statistics.median(costs[kind]), 3))
    for figure, values in (("messages_per_second", rates), ("cpu_per_message", costs)):
        pairs = [ours / theirs for ours, theirs in zip(values["ours"], values["exim_acl"])]
        tell(f"{figure}_ours_to_exim_acl", "ratio", round(statistics.median(pairs), 3))
