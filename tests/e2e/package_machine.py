"""The machine of the case `packages`: made ready, and asked and told what an administrator and his users would."""

import contextlib
import json
import re

from lab_case import DEADLINE_SECONDS, wait_for
from mails import spam

SERVICES = ("ie-engine.service", "ie-exim-hook.service")
# Nothing is looked up in the DNS, and Rspamd has one worker.
RSPAMD_OVERRIDES = {
    "options.inc": 'dns { nameserver = ["127.0.0.1:9"]; timeout = 0.05s; retransmits = 1; }\n',
    "worker-normal.inc": "count = 1;\n", "worker-proxy.inc": "count = -1;\n", "worker-controller.inc": "count = -1;\n",
    **{f"{module}.conf": "enabled = false;\n" for module in ("rbl", "surbl", "asn", "dkim", "spf", "dmarc", "fuzzy_check",
                                                            "phishing", "rspamd_update", "mx_check", "dkim_signing")},
}


def prepare(container):
    for name, text in RSPAMD_OVERRIDES.items():
        container.path(f"etc/rspamd/override.d/{name}").write_text(text)
    # The administrator has a file of his own where we have one, too.
    container.path("etc/rspamd/local.d/actions.conf").write_text("reject = 999; # mine\n")
    for name, old, new in (("update-exim4.conf.conf", "dc_other_hostnames='.*'", "dc_other_hostnames='server.test'"),
                           ("../mailname", ".*\n", "server.test\n")):
        path = container.path(f"etc/exim4/{name}")
        path.write_text(re.sub(old, new, path.read_text()))


def install(container, folder):
    packages = [f"/root/{folder.name}/{path.name}" for path in folder.iterdir()]
    return container.check("apt-get", "install", "-y", "-q", "-o", "Dpkg::Options::=--force-confold", *packages,
                           timeout=300)


def exim_configuration(container):
    """Each file's checksum."""
    return container.check("sh", "-c", "find /etc/exim4 -type f -exec sha256sum {} + | sort")


def all_running(container):
    last = {}

    def runs():
        last["status"] = container.run("ie-config", "status")
        return last["status"][0] == 0
    wait_for(runs, 120, lambda: f"{last['status']}")


def send(container, subject, to="bob@server.test"):
    code, output, errors = container.run("/usr/sbin/sendmail", to, user="alice",
                                         stdin=spam(subject, sender="alice@server.test", to=to))
    assert code == 0, output + errors


def listed(container):
    output = container.check("ie-cli", "emails", "list", "--limit", "1000", "--json")
    return {item["subject"]: item["email_id"] for item in json.loads(output)["items"]}


def mailbox(container, login):
    path = container.path(f"var/mail/{login}")
    return path.read_bytes() if path.exists() else b""


def release(container, held, subject):
    code, output, errors = container.run("ie-cli", "emails", "release", "--ids", held[subject])
    assert code == 0, output + errors + logs(container)
    wait_for(lambda: f"Subject: {subject}\n".encode() in mailbox(container, "bob"), DEADLINE_SECONDS,
             lambda: f"{subject} isn't delivered: {mailbox(container, 'bob')} {logs(container)}")


def logs(container):
    return container.run("sh", "-c", "tail -n 20 /var/log/imunifyemail/*.log /var/log/exim4/*; journalctl -n 40 --no-pager")[1]


@contextlib.contextmanager
def without(container, *programs):
    """The packages' scripts can do without what some systems lack."""
    paths = [container.path(f"usr/bin/{name}") for name in programs]
    for path in paths:
        path.rename(path.with_suffix(".away"))
    yield
    for path in paths:
        path.with_suffix(".away").rename(path)


def number_of_restarts(container, unit):
    return int(container.check("systemctl", "show", "-p", "NRestarts", "--value", unit))
