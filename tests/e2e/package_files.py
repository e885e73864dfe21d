"""The .deb and .rpm files that tools/package makes: what is in them, what they need, and the same of another version."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from lab_case import REPOSITORY

NAMES = ("imunify-email", "imunify-email-cli", "imunify-email-dec-node", "imunify-email-quarantine",
         "imunify-email-rspamd")
PACKAGES = REPOSITORY / "build/packages"


def one(pattern):
    found = list(PACKAGES.glob(pattern))
    assert len(found) == 1, (pattern, found)
    return found[0]


def well_made(debs, rpms):
    lint("lintian", "--fail-on", "error,warning", *debs.values())
    lint("rpmlint", "--strict", "-c", REPOSITORY / "config/system/packages/rpmlint.toml", *rpms.values())
    for name in NAMES:
        subprocess.run(["rpm", "-K", rpms[name]], check=True, stdout=subprocess.DEVNULL)
        of_deb, of_rpm = files_of_deb(debs[name]), files_of_rpm(rpms[name])
        assert of_deb == of_rpm, f"{name}: only in one of the packages: {sorted(of_deb ^ of_rpm)}"
    assert "/usr/sbin/ie-engine" in files_of_deb(debs["imunify-email-quarantine"])


def lint(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, f"{command[0]}:\n{done.stdout}{done.stderr}"


def files_of_deb(path):
    listing = subprocess.run(["dpkg-deb", "--fsys-tarfile", path], check=True, capture_output=True).stdout
    names = subprocess.run(["tar", "-t"], input=listing, check=True, capture_output=True).stdout.decode().splitlines()
    return {name.lstrip(".") for name in names if not name.endswith("/")}


def files_of_rpm(path):
    """By Debian's names: zsh looks elsewhere for completions there."""
    listing = subprocess.run(["rpm", "-qp", "--qf", "[%{FILEMODES:perms} %{FILENAMES}\n]", path], check=True,
                             capture_output=True, text=True).stdout
    lines = [line.split(" ", 1) for line in listing.splitlines()]
    # A folder that a package has gets that package's owner and mode: those of the services are tmpfiles' alone.
    assert not [name for mode, name in lines if mode.startswith("d") and name.startswith("/var/")], listing
    names = [name for mode, name in lines if not mode.startswith("d")]
    return {name.replace("/zsh/site-functions/", "/zsh/vendor-completions/") for name in names}


def dependencies(debs):
    """What Debian itself has of what the packages need, and what they are tried with."""
    wanted = {"exim4-daemon-heavy", "rspamd", "logrotate"}
    for path in debs.values():
        depends = subprocess.run(["dpkg-deb", "-f", path, "Depends"], check=True, capture_output=True, text=True).stdout
        for relation in depends.split(","):
            name = relation.split("|")[0].split("(")[0].strip()
            if name and not name.startswith(("imunify-email", "exim4-daemon")):
                wanted.add(name)
    return sorted(wanted)


def repacked(debs, version, folder):
    """The same packages as of another version."""
    folder.mkdir()
    with tempfile.TemporaryDirectory() as work:
        for name, path in debs.items():
            tree = Path(work) / name
            subprocess.run(["dpkg-deb", "-R", path, tree], check=True)
            control = tree / "DEBIAN/control"
            text = control.read_text()
            current = re.search(r"(?m)^Version: (.*)$", text)[1]
            control.write_text(text.replace(f"Version: {current}", f"Version: {version}").replace(
                f"(= {current})", f"(= {version})"))
            subprocess.run(["dpkg-deb", "-b", "-Zgzip", "-z1", tree, folder / f"{name}_{version}.deb"], check=True,
                           stdout=subprocess.DEVNULL)
    return folder


def copied(debs, folder):
    folder.mkdir()
    for name, path in debs.items():
        shutil.copy(path, folder)
    return folder
