"""Real and hostile MIME goes through hook, scanner and quarantine whole.

Setup: a threshold below any score, so that Rspamd's verdict holds every mail, but for recipients outside only; the
hard messages of the test data (IE_TEST_DATA, by default ../shared/data beside the project) are each submitted to one
recipient outside and one here.
Expect: each is held; what is held, and what `--raw` writes, equals byte for byte the copy that Exim delivered here at
the same time; the list and each mail's details are valid JSON, `--text` is UTF-8 with nothing in it that steers a
terminal; of those released each comes out as that copy, too; no part has been restarted.
"""

import base64
import json
import os
import re
import subprocess
import tempfile
import unicodedata
from pathlib import Path

from lab_case import REPOSITORY, Lab

DATA = Path(os.environ.get("IE_TEST_DATA", REPOSITORY.parent / "shared/data"))
EXIM_RECEIVED_MAX = 30  # what has passed more servers Exim takes for a loop, and bounces
RELEASED_EVERY = 10  # one in so many goes the rest of the way, too


def case():
    config = {"filter": {"spam_threshold": -1000.0, "hold_scope": "remote"}}
    with tempfile.TemporaryDirectory() as folder, Lab(config=config) as lab:
        subprocess.run(["tar", "-x", "--use-compress-program=zstd -d --long=27", "-f", DATA / "mime/public.tar.zst"],
                       cwd=folder, check=True)
        messages = [path.read_bytes().replace(b"\r\n", b"\n") for path in sorted(Path(folder).glob("**/*.eml"))]
        messages = [message for message in messages if message.count(b"Received:") < EXIM_RECEIVED_MAX]
        assert len(messages) > 800, len(messages)
        with lab.session() as session:
            for number, message in enumerate(messages):
                session.send("alice@alice.test", [f"n{number}@far.test", "copy@bob.test"], message)
        lab.wait_queue(0, seconds=300)
        copies = {queue_id(copy): copy for copy in lab.inbox("bob")}
        assert len(copies) == len(messages), len(copies)

        listed = lab.cli_json("emails", "list", "--limit", "1000")
        assert listed["max_count"] == len(listed["items"]) == len(messages), listed["max_count"]
        changed = [item["subject"] for item in listed["items"] if not is_held_whole(lab, item, copies)]
        assert not changed, f"{len(changed)} are held changed, such as {changed[:3]}"
        show_all(lab, listed["items"], copies)

        some = listed["items"][::RELEASED_EVERY]
        ids = ",".join(item["email_id"] for item in some)
        code, output, errors = lab.run("ie-cli", "emails", "release", "--timeout", "280", "--ids", ids, timeout=300)
        assert (code, output) == (0, "OK\n"), errors
        changed = [envelope for envelope, got in lab.wait_outside(len(some), 300) if got != copies[queue_id(got)]]
        assert not changed, f"{len(changed)} came out changed: {changed[:3]}"
        assert all(part["restarts"] == 0 for part in lab.cli_json("status")["actors"])


def show_all(lab, items, copies):
    """Each mail in each of its views, all asked for from within the lab at once."""
    shown = lab.dir / "shown"
    shown.mkdir()
    views = "; ".join(f"ie-cli emails show --{view} --id $1 >{shown}/$1.{view} || echo $1 {view}"
                      for view in ("raw", "text", "json"))
    ids = "\n".join(item["email_id"] for item in items)
    code, failed, errors = lab.run("sh", "-c", f"echo '{ids}' | xargs -P2 -n1 sh -c '{views}' shown", timeout=1500)
    assert (code, failed, errors) == (0, "", ""), (failed, errors)
    for item in items:
        path = shown / item["email_id"]
        raw = path.with_suffix(".raw").read_bytes()
        assert raw == copies[queue_id(raw)], item
        text = path.with_suffix(".text").read_bytes().decode()
        steers = [c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"]
        assert not steers, (item, steers[:5])
        details = json.loads(path.with_suffix(".json").read_bytes())
        assert all(details[key] == item[key] for key in ("subject", "size_bytes", "recipients")), item
        assert raw.endswith(base64.b64decode(details["body"])), item


def queue_id(mail):
    """Exim's id for it, from the Received line that Exim put at its top."""
    return re.match(rb"Received: from [^;]*?\n\tid (\S+)", mail)[1]


def is_held_whole(lab, item, copies):
    """The quarantine's file is a record of its own, then the mail."""
    stored = (lab.dir / "data/quarantine" / item["email_id"][:2] / item["email_id"]).read_bytes()
    mail = stored[stored.index(b"Received: from "):]
    return mail == copies[queue_id(mail)] and len(mail) == item["size_bytes"]
