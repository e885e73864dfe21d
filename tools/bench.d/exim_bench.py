#!/usr/bin/python3
"""Mail through a real Exim: (a) no filter, (b) Rspamd by Exim's own `spam =` ACL, (c) our hook and engine with the
same Rspamd. Eight connections send real ham (IE_TEST_DATA, by default ../shared/data beside the project); the three
take turns, round after round, in one lab. Per round and kind: messages a second from the first connection to the
last 250, and the CPU of all server processes until the queue is empty, counted by a control group.

Prints one JSON line a figure: medians over the rounds; `ratio` is of the medians (c)/(b)."""

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

from lab_case import Lab, SmtpSession, wait_for  # noqa: E402

CONNECTIONS = 8
MAILS = int(os.environ.get("IE_BENCH_MAILS", "800"))  # a round
ROUNDS = int(os.environ.get("IE_BENCH_ROUNDS", "7"))
DATA = Path(os.environ.get("IE_TEST_DATA", REPOSITORY.parent / "shared/data"))
ACL = "acl_check_data:\n  require acl = acl_ie_judge\n  accept\n"
KINDS = {
    "none": ("", "acl_check_data:\n  accept\n"),
    # What Exim's own documentation suggests, on outgoing mail; spam is refused.
    "exim_acl": ("spamd_address = 127.0.0.1 {port} variant=rspamd\n",
                 "acl_check_data:\n  deny spam = nobody:true\n       condition = ${{if eq{{$spam_action}}{{reject}}}}\n"
                 "  accept\n"),
    "ours": ("", ACL),
}


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


def real_ham():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "-x", "--use-compress-program=zstd -d --long=27", "-C", folder, "-f",
                        DATA / "spamassassin/dev.tar.zst"], check=True)
        columns, *rows = [line.split("\t") for line in
                          next(Path(folder).glob("**/*manifest*")).read_text(errors="replace").splitlines()]
        label, name = columns.index("label"), columns.index("file")
        ham = [(Path(folder) / row[name]).read_bytes() for row in rows if row[label] == "ham"]
    return [message.replace(b"\r\n", b"\n").replace(b"\r", b"\n") for message in ham]


def use(lab, kind):
    """Switch Exim to one of the three configurations."""
    main, acl = KINDS[kind]
    port = lab.env["IE_LAB_RSPAMD"].rsplit(":", 1)[1].rstrip("/")
    path = lab.dir / "exim/exim4.conf"
    text = lab.stock.replace(ACL, acl.format(port=port) if kind == "exim_acl" else acl)
    assert text.count("acl_check_data:\n") == 1
    path.write_text(text.replace("\nbegin acl\n", "\n" + main.format(port=port) + "\nbegin acl\n", 1))
    started = sum(" daemon started" in line for line in lab.log("exim_mainlog"))
    lab.signal("exim", "HUP")
    wait_for(lambda: sum(" daemon started" in line for line in lab.log("exim_mainlog")) > started, 20,
             lambda: "Exim doesn't come back")


def send(lab, messages, failures):
    try:
        session = SmtpSession(int(lab.env["IE_LAB_SMTP_PORT"]))
        session.authenticate("alice@alice.test", "secret")
        for message in messages:
            session.send("alice@alice.test", ["friend@far.test"], message)
        session.close()
    except Exception as failure:
        failures.append(failure)


def one_round(lab, cpu, ham):
    shares = [[ham[n % len(ham)] for n in range(first, MAILS, CONNECTIONS)] for first in range(CONNECTIONS)]
    failures, before, began = [], cpu.seconds(), time.monotonic()
    threads = [threading.Thread(target=send, args=(lab, share, failures)) for share in shares]
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


def main():
    ham = real_ham()
    with Lab(config={"filter": {"spam_threshold": 1000.0}}) as lab:
        lab.stock = (lab.dir / "exim/exim4.conf").read_text()
        cpu = CpuCounter(server_pids(lab))
        rates, costs = {kind: [] for kind in KINDS}, {kind: [] for kind in KINDS}
        for number in range(ROUNDS + 1):
            order = list(KINDS)
            # Each kind has each place in turn: logs and folders grow from round to round.
            for kind in order[number % len(order):] + order[:number % len(order)]:
                use(lab, kind)
                rate, cost = one_round(lab, cpu, ham)
                if number:  # the first round warms up
                    rates[kind].append(rate)
                    costs[kind].append(cost)
        lab.down()
        cpu.close()
    for kind in KINDS:
        print(json.dumps({"bench": "exim", "figure": f"{kind}_messages_per_second", "unit": "1/s",
                          "value": round(statistics.median(rates[kind]), 1)}))
        print(json.dumps({"bench": "exim", "figure": f"{kind}_cpu_per_message", "unit": "ms",
                          "value": round(statistics.median(costs[kind]), 3)}))
    for figure, values in (("messages_per_second", rates), ("cpu_per_message", costs)):
        pairs = [ours / theirs for ours, theirs in zip(values["ours"], values["exim_acl"])]
        print(json.dumps({"bench": "exim", "figure": f"{figure}_ours_to_exim_acl", "unit": "ratio",
                          "value": round(statistics.median(pairs), 3)}))


if __name__ == "__main__":
    main()
