"""The lab's Rspamd: the configuration we ship, one worker, and nothing that needs a network."""

import os
import shutil
import urllib.error
import urllib.request
from pathlib import Path

import accounts

PROGRAM = "/usr/bin/rspamd"
# Compiling its patterns costs Rspamd 15 s, once: every lab of a machine shares the outcome.
CACHE = Path("/var/cache/ie-lab/rspamd")

# Modules that ask another machine, or Redis.
NETWORKED = ("antivirus", "arc", "asn", "bimi", "clickhouse", "dcc", "dkim", "dkim_signing", "dmarc", "elastic",
             "emails", "external_services", "fuzzy_check", "history_redis", "multimap", "mx_check", "neural", "p0f",
             "phishing", "rbl", "replies", "reputation", "rspamd_update", "spf", "surbl", "url_redirector")

OPTIONS = """
hs_cache_dir = "{cache}";
dns {{
    nameserver = ["127.0.0.1:9"];
    timeout = 0.05s;
    retransmits = 1;
}}
"""


def configure(place, port, shipped):
    """Write DIR/rspamd: local.d as we ship it, override.d to keep it on this machine."""
    folder = place.dir / "rspamd"
    shutil.rmtree(folder / "local.d", ignore_errors=True)
    shutil.copytree(shipped / "local.d", folder / "local.d", copy_function=shutil.copyfile)
    override = folder / "override.d"
    override.mkdir(exist_ok=True)
    for module in NETWORKED:
        (override / f"{module}.conf").write_text("enabled = false;\n")
    for worker in ("controller", "proxy", "fuzzy"):
        (override / f"worker-{worker}.inc").write_text("enabled = false;\ncount = -1;\n")
    (override / "worker-normal.inc").write_text(f'bind_socket = "127.0.0.1:{port}";\ncount = 1;\n')
    (override / "options.inc").write_text(OPTIONS.format(cache=CACHE))
    data = folder / "data"
    data.mkdir(exist_ok=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    for path in (data, CACHE):
        os.chown(path, accounts.uid(accounts.RSPAMD), accounts.gid(accounts.RSPAMD))


def command(place):
    folder = place.home / "rspamd"
    variables = {"LOCAL_CONFDIR": folder, "DBDIR": folder / "data", "RUNDIR": folder / "data",
                 "LOGDIR": place.home / "log"}
    return [PROGRAM, "-f", "-c", "/etc/rspamd/rspamd.conf",
            *(f"--var={name}={value}" for name, value in variables.items())]


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=0.5) as reply:
            return reply.read().startswith(b"pong")
    except (OSError, urllib.error.URLError):
        return False
