#!/usr/bin/python3
"""The rate limiter: with a million sender objects (limiter_bench), and its decisions a second over the real interface
against Rspamd's `ratelimit` with Redis and Exim's `ratelimit` condition (limiter_decisions). Rspamd does nothing else,
Exim hears only MAIL FROM and RSET. Rspamd and Redis leave behind what we do: a line a mail in a log, and each count in
a file that is written at once and synced each second. Exim syncs its database with each mail: it has it in memory, so
that no disk holds it up. The servers are started here, in folders of their own, and ended by process id.

Prints one JSON line a figure; fails where a rival hasn't counted what it was asked."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tools/lab.d"))

import accounts  # noqa: E402
import exim  # noqa: E402
import parts  # noqa: E402
import place  # noqa: E402
import rspamd  # noqa: E402
from process import wait_until  # noqa: E402

PROGRAMS = Path(os.environ.get("IE_BIN_DIR", REPOSITORY / "build/release/bin"))
ROUND_SECONDS = os.environ.get("IE_BENCH_SECONDS", "3")
ROUNDS = os.environ.get("IE_BENCH_ROUNDS", "7")
# Compiling its list of domains costs Rspamd half a minute, where no lab has done so before.
START_SECONDS = 90
# What a rival must have counted at least, of what its median rate makes of all rounds together.
SURELY = 0.3
EXIM_DUMPDB = "/usr/sbin/exim_dumpdb"

# Its own two limits for outgoing mail: of a sender, and of a user. The buckets hardly leak, so that they tell how many
# mails were counted.
RSPAMD = """
options {{
    filters = "";
    url_tld = "/usr/share/rspamd/effective_tld_names.dat";
    hs_cache_dir = "{cache}";
    pidfile = "{data}/rspamd.pid";
    control_socket = "{data}/control.sock mode=0600";
    tempdir = "{data}";
    dns {{ nameserver = ["127.0.0.1:9"]; timeout = 0.05s; retransmits = 1; }}
}}
logging {{ type = "file"; filename = "{data}/rspamd.log"; level = "info"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
modules {{ path = "/usr/share/rspamd/plugins/ratelimit.lua"; }}
redis {{ servers = "{data}/redis.sock"; }}
ratelimit {{
    rates {{
        from = {{ bucket = {{ burst = 1000000000; rate = "1 / 1d"; }} }}
        user = {{ bucket = {{ burst = 1000000000; rate = "1 / 1d"; }} }}
    }}
}}
"""

EXIM = """
primary_hostname = bench.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
disable_ipv6
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
keep_environment =
spool_directory = {spool}
log_file_path = {spool}/exim_%slog
pid_file_path = {spool}/exim.pid
notifier_socket =
smtp_accept_max = 200
smtp_accept_max_per_connection = 0
smtp_accept_max_nonmail_hosts =
acl_smtp_mail = acl_check_mail

begin acl

acl_check_mail:
  defer ratelimit = 1000000000 / 1h / per_cmd / strict / $sender_address
  accept
"""


class Servers:
    """Private servers in a folder; those that still run are ended, the last one first."""

    def __init__(self, folder):
        self.folder = folder
        self._place = place.Place(folder)
        self._running = []
        self._ports = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in reversed(self._running):
            child.terminate()
            child.wait(timeout=20)
        for port in self._ports:
            place.release_port(self._place, port)

    def port(self):
        self._ports.append(place.reserve_port(self._place))
        return self._ports[-1]

    def start(self, command, answers, login=None):
        with open(self.folder / "errors", "a") as errors:
            account = {"user": login, "group": accounts.gid(login), "extra_groups": []} if login else {}
            child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=errors,
                                     stderr=errors, cwd="/", **account)
        self._running.append(child)
        if not wait_until(lambda: answers() or child.poll() is not None, START_SECONDS) or child.poll() is not None:
            raise SystemExit(f"{command[0]} doesn't answer:\n" + (self.folder / "errors").read_text()[-2000:])


def redis(folder, *words):
    command = ["redis-cli", "--raw", "-s", folder / "data/redis.sock", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()


def start_rspamd(servers):
    data = servers.folder / "data"
    for path in (data, rspamd.CACHE):
        path.mkdir(parents=True, exist_ok=True)
        shutil.chown(path, accounts.RSPAMD, accounts.RSPAMD)
    servers.start(["redis-server", "--port", "0", "--unixsocket", data / "redis.sock", "--dir", data,
                   "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"],
                  lambda: redis(servers.folder, "ping") == ["PONG"], accounts.RSPAMD)
    port = servers.port()
    config = servers.folder / "rspamd.conf"
    config.write_text(RSPAMD.format(cache=rspamd.CACHE, data=data, port=port))
    servers.start([rspamd.PROGRAM, "-f", "-c", config], lambda: rspamd.answers(port), accounts.RSPAMD)
    return f"http://127.0.0.1:{port}"


def start_exim(servers, spool):
    shutil.chown(spool, accounts.EXIM, accounts.EXIM)
    port = servers.port()
    config = servers.folder / "exim.conf"
    config.write_text(EXIM.format(spool=spool, port=port))
    servers.start([exim.PROGRAM, "-C", config, "-bdf"], lambda: parts.greets(port))
    return port


def check_rspamd(folder, mails):
    """Each of the two buckets must hold about as many mails as Rspamd was asked about."""
    buckets = redis(folder, "keys", "*")
    held = [float(redis(folder, "hget", bucket, "b")[0]) for bucket in buckets]
    if len(held) != 2 or min(held) < SURELY * mails:
        raise SystemExit(f"Rspamd has not counted {mails} mails in Redis: {dict(zip(buckets, held))}")


def check_exim(spool, mails):
    """Its database must have the sender, with the mails in an hour, which is smoothed, as its rate."""
    dump = subprocess.run([EXIM_DUMPDB, spool, "ratelimit"], capture_output=True, text=True,
                          check=False).stdout
    rates = [float(rate) for rate in re.findall(r"rate:\s+([0-9.]+)\s+key:.*/shop@daemon\.test", dump)]
    if len(rates) != 1 or rates[0] < SURELY * mails:
        raise SystemExit(f"Exim has not counted {mails} mails: {dump!r}")


def mails_asked(figures, rival):
    [a_second] = [figure["value"] for figure in figures if figure["figure"] == rival]
    return round(a_second * int(ROUND_SECONDS) * int(ROUNDS))


def measure_decisions():
    with tempfile.TemporaryDirectory(prefix="ie-bench-") as name, \
            tempfile.TemporaryDirectory(prefix="ie-bench-", dir="/dev/shm") as in_memory:
        folder, spool = Path(name), Path(in_memory)
        folder.chmod(0o755)
        with Servers(folder) as servers:
            url, port = start_rspamd(servers), start_exim(servers, spool)
            done = subprocess.run([PROGRAMS / "limiter_decisions", url, str(port), ROUND_SECONDS, ROUNDS],
                                  stdout=subprocess.PIPE, text=True, check=True)
            found = [json.loads(line) for line in done.stdout.splitlines()]
            check_rspamd(folder, mails_asked(found, "rspamd_decisions"))
            check_exim(spool, mails_asked(found, "exim_decisions"))
    print(done.stdout, end="", flush=True)


def main():
    subprocess.run([PROGRAMS / "limiter_bench"], check=True)
    measure_decisions()


if __name__ == "__main__":
    main()
