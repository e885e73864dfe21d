"""The packages on a Debian of their own, with its own systemd: installed, upgraded, removed, purged.

Setup: a container with Exim and Rspamd; the packages of tools/package, and the same again as an earlier version.
Expect: lintian and rpmlint are silent, .deb and .rpm have the same files; the services run in their sandboxes, tell
systemd that they live, and are started again where they don't; a spam is held and, released, is delivered; nothing of
the administrator's in Rspamd's local.d or in /etc/imunifyemail is touched; an upgrade migrates a database of an
earlier schema, keeps it, and loses no mail. A signed license takes the filter out of Exim, stops the services, and
brings all of it back. While the filter can't be taken out of Exim nothing is removed; a removal leaves Exim's
configuration as it was, a purge deletes only what was asked for; the deploy script does all of that, too.
"""

import concurrent.futures
import contextlib
import re
import shutil
import sqlite3
import subprocess
import threading

from container import Container
from lab_case import DEADLINE_SECONDS, REPOSITORY, wait_for
from license_issuer import Issuer
from package_files import NAMES, copied, dependencies, one, repacked, well_made
from package_machine import (SERVICES, all_running, exim_configuration, install, listed, logs, mailbox,
                             number_of_restarts, prepare, release, send, without)

EARLIER = "0.0.1"
UNITS = (*SERVICES, "ie-release.socket")
TIMER = "ie-license.timer"
EXPOSURE_MAX = 2.5
WATCHDOG_SECONDS = 10  # instead of the units' own, which are longer
SCHEMA_BEFORE = 3  # of quarantine.db, to migrate from
HELD = 12


def case():
    subprocess.run([REPOSITORY / "tools/package"], check=True, stdout=subprocess.DEVNULL, cwd="/")
    debs = {name: one(f"{name}_*.deb") for name in NAMES}
    rpms = {name: one(f"{name}-[0-9]*.rpm") for name in NAMES}
    step("the packages themselves")
    well_made(debs, rpms)
    with Container(dependencies(debs)) as container:
        prepare(container)
        earlier = repacked(debs, EARLIER, container.path("root/earlier"))
        current = copied(debs, container.path("root/current"))
        container.boot()
        before = exim_configuration(container)
        step("installing an earlier version")
        with without(container, "systemd-sysusers", "systemd-tmpfiles"):
            install(container, earlier)
        installed(container)
        step("the services in their sandboxes")
        sandboxed(container)
        step("a mail's way")
        held = hold_and_release(container)
        step("status, watchdog, rotation")
        status_says_what_to_do(container)
        watched(container)
        rotated(container)
        step("licenses")
        licensed(container, before)
        step("upgrade")
        upgraded(container, current, held)
        step("removal and purge")
        removed(container, current, before)


def step(what):
    print(f"  {what}", flush=True)


# The machine


def installed(container):
    stat = container.check("stat", "-c", "%n %a %U:%G", "/var/imunifyemail", "/var/imunifyemail/quarantine",
                           "/var/imunifyemail/dec-node", "/run/imunifyemail", "/var/log/imunifyemail")
    assert stat.splitlines() == [
        "/var/imunifyemail 700 _imunifyemail:_imunifyemail",
        "/var/imunifyemail/quarantine 700 _imunifyemail:_imunifyemail",
        "/var/imunifyemail/dec-node 755 _imunifyemail:_imunifyemail",
        "/run/imunifyemail 1775 _imunifyemail:_imunify",
        "/var/log/imunifyemail 1770 _imunifyemail:_imunify"], stat
    assert "_imunify" in container.check("id", "-nG", "_imunifyemail").split()
    for unit in UNITS:
        container.check("systemctl", "is-enabled", unit)
        assert container.run("systemctl", "is-active", unit)[0] == 0, unit + logs(container)
    assert container.path("etc/rspamd/local.d/actions.conf").read_text() == "reject = 999; # mine\n"
    assert container.path("etc/rspamd/local.d/settings.conf").exists()
    for shell, path in {"bash": "bash-completion/completions/ie-config", "zsh": "zsh/vendor-completions/_ie-config",
                        "fish": "fish/vendor_completions.d/ie-config.fish"}.items():
        assert "status" in container.path(f"usr/share/{path}").read_text(), shell
    container.check("systemctl", "restart", "rspamd")
    for login in ("alice", "bob"):
        container.check("useradd", "--create-home", login)
    container.check("ie-config", "enable")
    all_running(container)


def sandboxed(container):
    container.check("systemd-analyze", "verify", "--man=no", *(f"/lib/systemd/system/{unit}" for unit in UNITS))
    for unit in SERVICES:
        told = container.check("systemd-analyze", "security", "--no-pager", unit)
        exposure = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", told)[1])
        print(f"    {unit}: {exposure}", flush=True)
        assert exposure <= EXPOSURE_MAX, told
        pid = container.check("systemctl", "show", "-p", "MainPID", "--value", unit).strip()
        status = container.check("cat", f"/proc/{pid}/status")
        assert re.search(r"(?m)^Seccomp:\s*2$", status) and re.search(r"(?m)^NoNewPrivs:\s*1$", status), status
        assert re.search(r"(?m)^CapBnd:\s*0+$", status), status


def hold_and_release(container):
    for number in range(HELD):
        send(container, f"number {number}")
    wait_for(lambda: len(listed(container)) == HELD, DEADLINE_SECONDS, lambda: f"{listed(container)} {logs(container)}")
    held = listed(container)
    release(container, held, "number 0")
    return {subject: mail_id for subject, mail_id in held.items() if subject != "number 0"}


# Living


def status_says_what_to_do(container):
    container.check("systemctl", "stop", "ie-exim-hook.service")
    code, output, _ = container.run("ie-config", "status")
    assert code == 1 and "'systemctl start ie-exim-hook.service' starts it" in output, output
    container.check("systemctl", "start", "ie-exim-hook.service")
    for name in ("ie-quarantine", "ie-notification", "ie-dec-node", "ie-release", "ie-exim-hook", "rspamd"):
        wait_for(lambda: container.run("ie-config", "status", name)[0] == 0, DEADLINE_SECONDS,
                 lambda: container.run("ie-config", "status", name))
    container.check("systemctl", "reload", *SERVICES)
    all_running(container)


def watched(container):
    """A process that is stopped pings no more, and one that is killed is gone: systemd starts both again."""
    drop_ins = [container.path(f"etc/systemd/system/{unit}.d/watchdog.conf") for unit in SERVICES]
    for drop_in in drop_ins:
        drop_in.parent.mkdir(parents=True, exist_ok=True)
        drop_in.write_text(f"[Service]\nWatchdogSec={WATCHDOG_SECONDS}s\nTimeoutAbortSec=1s\n")
    container.check("systemctl", "daemon-reload")
    container.check("systemctl", "restart", *SERVICES)
    for unit in SERVICES:
        restarts = number_of_restarts(container, unit)
        container.check("sleep", str(WATCHDOG_SECONDS + 2))  # it pings
        assert number_of_restarts(container, unit) == restarts, logs(container)
        for name in ("STOP", "KILL"):
            restarts = number_of_restarts(container, unit)
            container.check("systemctl", "kill", "--kill-who=main", f"--signal={name}", unit)
            wait_for(lambda: number_of_restarts(container, unit) > restarts, DEADLINE_SECONDS, lambda: f"{unit} {name}")
            wait_for(lambda: container.run("systemctl", "is-active", unit)[0] == 0, DEADLINE_SECONDS,
                     lambda: f"{unit} after {name}")
    for drop_in in drop_ins:
        drop_in.unlink()
    container.check("systemctl", "daemon-reload")
    container.check("systemctl", "restart", *SERVICES)
    all_running(container)


def rotated(container):
    """Each line is in one of the files, and both processes write to new ones."""
    folder = container.path("var/log/imunifyemail")
    for number in range(2):
        container.check("logrotate", "--force", "/etc/logrotate.d/imunify-email-quarantine")
        wait_for(lambda: all((folder / name).exists() and b" log_reopened" in (folder / name).read_bytes()
                             for name in ("engine.log", "hook.log")), DEADLINE_SECONDS,
                 lambda: f"{sorted(folder.iterdir())}")
    names = sorted(path.name for path in folder.iterdir())
    assert {"engine.log.1", "engine.log.2.gz", "hook.log.1", "hook.log.2.gz"} <= set(names), names
    told = container.check("sh", "-c", "cd /var/log/imunifyemail; cat engine.log engine.log.1; zcat engine.log.2.gz")
    assert told.count(" mail_quarantined ") == HELD, told


# Licenses


def licensed(container, before):
    """A license takes the filter out and stops the services, and brings them back; what its issuer hasn't signed, what is
    older and what is about another server changes nothing; what the administrator does meanwhile stays."""
    issuer = Issuer(container.path("root/issuer"))
    enabled = exim_configuration(container)
    server = container.check("cat", "/etc/machine-id").strip()
    depends = "DEPENDS_ON_LOWER_LEVEL"

    def apply(*flags):
        return container.run("ie-config", "update-license", *flags, timeout=180)

    code, _, errors = apply()
    assert code == 1 and "/etc/imunifyemail/license.json is missing" in errors, errors
    issuer.sign(1, account="DISABLED")
    issuer.put(container)
    path = container.path("etc/imunifyemail/license.json")
    path.write_text(path.read_text().replace("1", "2"))
    code, _, errors = apply()
    assert code == 1 and "the signature is not the issuer's; nothing was changed" in errors, errors
    issuer.sign(3, account=depends, keys={"K": depends}, servers={"other": {"key": "K", "imunify_email": "DISABLED"}})
    issuer.put(container)
    code, _, errors = apply()
    assert code == 1 and f"doesn't name this server, {server}; nothing was changed" in errors, errors
    assert exim_configuration(container) == enabled
    for unit in UNITS:
        container.check("systemctl", "is-active", unit)

    issuer.sign(5, account=depends, keys={"K": depends}, servers={server: {"key": "K", "imunify_email": "DISABLED"}})
    issuer.put(container)
    code, output, errors = apply()
    assert code == 0 and output.endswith("disabled for this server (license serial 5)\n"), output + errors
    assert exim_configuration(container) == before
    for unit in UNITS:
        assert container.run("systemctl", "is-active", unit)[0] != 0, unit
        assert container.run("systemctl", "is-enabled", unit)[0] != 0, unit
    send(container, "without a filter")
    wait_for(lambda: b"Subject: without a filter\n" in mailbox(container, "bob"), DEADLINE_SECONDS,
             lambda: logs(container))
    code, output, _ = container.run("ie-config", "status")
    assert code == 1 and "disabled for this server (license serial 5)" in output, output

    issuer.sign(4, account="ENABLED")
    issuer.put(container)
    code, _, errors = apply()
    assert code == 1 and "has serial 4, and 5 has been applied" in errors, errors
    issuer.sign(6, account=depends, keys={"K": "ENABLED"}, servers={server: {"key": "K", "imunify_email": "DISABLED"}})
    issuer.put(container)
    container.check("systemctl", "start", "ie-license.service", timeout=180)  # as its timer does
    assert exim_configuration(container) == enabled, logs(container)
    all_running(container)
    assert len(listed(container)) == HELD - 1

    container.check("ie-config", "disable")
    container.check("systemctl", "start", "ie-license.service", timeout=180)
    assert exim_configuration(container) == before
    code, output, errors = apply()
    assert code == 0 and output.endswith("enabled for all servers of the key (license serial 6), as before\n"), output
    assert exim_configuration(container) == enabled
    for check in ("is-active", "is-enabled"):
        container.check("systemctl", check, TIMER)


# Later versions


def upgraded(container, folder, held):
    settings = container.path("etc/imunifyemail/imunifyemail.toml")
    settings.write_text(settings.read_text().replace("#retention_days = 30", "retention_days = 31"))
    options = container.path("etc/rspamd/local.d/options.inc")
    options.write_text(options.read_text() + "# mine\n")
    container.path("etc/rspamd/local.d/greylist.conf").unlink()
    with sending(container) as sent:
        install(container, folder)
    subjects = {f"meanwhile {number}" for number in range(len(sent))}

    def lost():  # while nobody could judge, mail passed; while nobody could hold it, it waited in the queue
        container.check("exim4", "-qff")
        passed = {subject for subject in subjects if f"Subject: {subject}\n".encode() in mailbox(container, "bob")}
        return subjects - listed(container).keys() - passed
    all_running(container)
    wait_for(lambda: not lost(), 60, lambda: f"{lost()} {container.run('exim4', '-bp')} {logs(container)}")
    caught = [mail_id for subject, mail_id in listed(container).items() if subject in subjects]
    if caught:
        container.check("ie-cli", "emails", "remove", "--ids", ",".join(caught))
    assert listed(container) == held
    container.check("systemctl", "stop", *SERVICES)
    earlier_schema(container.path("var/imunifyemail/quarantine.db"))
    container.check("systemctl", "start", *SERVICES)
    all_running(container)
    assert listed(container) == held
    too_new(container)
    code, output, _ = container.run("ie-config", "check")
    assert code == 0, output
    release(container, held, "number 1")
    kept = container.path(f"var/imunifyemail/quarantine.db.schema-{SCHEMA_BEFORE}.bak")
    with sqlite3.connect(kept) as database:
        assert database.execute("SELECT COUNT(*) FROM mails WHERE state = 0").fetchone() == (len(held),)
    assert "retention_days = 31" in settings.read_text()
    assert options.read_text().endswith("# mine\n")
    assert not container.path("etc/rspamd/local.d/greylist.conf").exists()
    assert container.path("etc/rspamd/local.d/actions.conf").read_text() == "reject = 999; # mine\n"


@contextlib.contextmanager
def sending(container):
    """Mail after mail, until it ends; yields what was accepted."""
    sent = []
    over = threading.Event()

    def go_on():
        while not over.is_set():
            send(container, f"meanwhile {len(sent)}")
            sent.append(len(sent))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        sender = pool.submit(go_on)
        try:
            yield sent
        finally:
            over.set()
        sender.result()
    assert sent


def too_new(container):
    """A database of a later version: the engine doesn't touch it, and says so where an administrator looks."""
    path = container.path("var/imunifyemail/quarantine.db")
    with sqlite3.connect(path) as database:
        [[version]] = database.execute("PRAGMA user_version")
    container.check("systemctl", "stop", "ie-engine.service")
    set_version(path, 99)
    container.run("systemctl", "restart", "--no-block", "ie-engine.service")
    log = container.path("var/log/imunifyemail/engine.log")
    wait_for(lambda: "has schema 99" in log.read_text(), 60, log.read_text)
    container.check("systemctl", "stop", "ie-engine.service")
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (99,)
    set_version(path, version)
    container.check("systemctl", "start", "ie-engine.service")
    all_running(container)


def set_version(path, version):
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {version}")
    database.close()


def earlier_schema(path):
    """As an engine of that schema left it."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE recipients (mail INTEGER NOT NULL REFERENCES mails(number) ON DELETE CASCADE, "
                         "position INTEGER NOT NULL, address TEXT NOT NULL, PRIMARY KEY (mail, position)) WITHOUT ROWID")
        for number, lines in database.execute("SELECT number, recipients FROM mails").fetchall():
            database.executemany("INSERT INTO recipients VALUES (?, ?, ?)",
                                 [(number, place, line) for place, line in enumerate(lines.splitlines())])
        database.execute("ALTER TABLE mails DROP COLUMN recipients")
        database.execute("ALTER TABLE mails DROP COLUMN attachment_findings")
        database.execute(f"PRAGMA user_version = {SCHEMA_BEFORE}")
    database.close()


def refused(container):
    """Where the filter can't be taken out of Exim all stays as it is, and mail is judged as before."""
    container.check("mount", "--bind", "/etc/exim4", "/etc/exim4")
    container.check("mount", "-o", "remount,bind,ro", "/etc/exim4")
    code, output, errors = container.run("apt-get", "remove", "-y", "-q", "imunify-email-quarantine")
    assert code != 0 and "the filter is still in Exim's configuration, so this package wasn't removed" in errors + output, output
    for unit in UNITS:
        container.check("systemctl", "is-active", unit)
    send(container, "still judged")
    wait_for(lambda: "still judged" in listed(container), DEADLINE_SECONDS, lambda: logs(container))
    container.check("umount", "/etc/exim4")
    all_running(container)


def removed(container, folder, before):
    refused(container)
    container.check("dpkg", "--remove", *NAMES)
    assert exim_configuration(container) == before
    for unit in UNITS:
        assert container.run("systemctl", "is-active", unit)[0] != 0, unit
    assert not container.path("usr/sbin/ie-engine").exists()
    assert not container.path("etc/rspamd/local.d/settings.conf").exists()
    assert container.path("etc/rspamd/local.d/options.inc").exists()
    told = container.check("dpkg", "--purge", *NAMES)
    assert container.path("var/imunifyemail/quarantine.db").exists(), told
    for gone in ("etc/imunifyemail", "var/log/imunifyemail", "etc/rspamd/local.d/options.inc", "var/lib/imunifyemail"):
        assert not container.path(gone).exists(), gone
    assert container.path("etc/rspamd/local.d/actions.conf").read_text() == "reject = 999; # mine\n"
    deployed(container, folder)
    purged_when_told(container, folder)
    assert exim_configuration(container) == before


def deployed(container, folder):
    """The script installs, once more without harm, finds what was kept, and removes all of it when told so."""
    deploy = ("bash", "/root/deploy.sh")
    shutil.copy(REPOSITORY / "tools/imunifyemail-deploy.sh", container.path(deploy[1]))
    output = container.check(*deploy, "--from", f"/root/{folder.name}", "--no-exim", timeout=300)
    assert "exim filter" not in output, output
    for _ in range(2):
        container.check(*deploy, "--from", f"/root/{folder.name}", timeout=300)
    assert len(listed(container)) == HELD - 1
    issuer = Issuer(container.path("root/issuer-of-deploy"))
    license_flags = [f"/root/{issuer.folder.name}/license.{ending}" for ending in ("json", "pub")]
    for serial, choice, active in ((1, "DISABLED", False), (2, "ENABLED", True)):
        issuer.sign(serial, account=choice)
        output = container.check(*deploy, "--from", f"/root/{folder.name}", "--license", license_flags[0], "--license-key",
                                 license_flags[1], timeout=300)
        assert ("its license says so" in output) != active, output
        assert (container.run("systemctl", "is-active", UNITS[0])[0] == 0) == active, output
    code, _, errors = container.run(*deploy, "--uninstall", "--purge")
    assert code == 2 and "add --yes" in errors, errors
    container.check(*deploy, "--uninstall")
    assert container.path("var/imunifyemail/quarantine.db").exists()
    container.check(*deploy, "--uninstall", "--purge", "--yes")
    for gone in ("var/imunifyemail", "etc/imunifyemail", "usr/sbin/ie-engine"):
        assert not container.path(gone).exists(), gone


def purged_when_told(container, folder):
    """Debian's own way to say that held mail may go."""
    install(container, folder)
    wait_for(lambda: container.path("var/imunifyemail/quarantine.db").exists(), 60, lambda: logs(container))
    container.check("debconf-set-selections",
                    stdin=b"imunify-email-quarantine imunify-email-quarantine/purge-data boolean true\n")
    container.check("dpkg", "--purge", *NAMES)
    assert not container.path("var/imunifyemail").exists()
