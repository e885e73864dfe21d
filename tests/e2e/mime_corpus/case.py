"""Real and hostile MIME goes through hook, scanner and quarantine whole.

Setup: a threshold below any score, so that Rspamd's verdict holds every mail, but for recipients outside only; the
hard messages of the test data (IE_TEST_DATA, by default ../shared/data beside the project) are each submitted to one
recipient outside and one here.
Expect: each is held; what is held equals, byte for byte, the copy that Exim delivered here at the same time; the list
and mails' details are valid JSON, `--text` has nothing that steers a terminal; of those released each comes out as
that copy, too; no part has been restarted.
"""

import os
import re
import subprocess
import tempfile
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
        lab.wait_queue(0, seconds=120)
        copies = {queue_id(copy): copy for copy in lab.inbox("bob")}
        assert len(copies) == len(messages), len(copies)

        listed = lab.cli_json("emails", "list", "--limit", "1000")
        assert listed["max_count"] == len(listed["items"]) == len(messages), listed["max_count"]
        changed = [item["subject"] for item in listed["items"] if not is_held_whole(lab, item, copies)]
        assert not changed, f"{len(changed)} are held changed, such as {changed[:3]}"
        for item in listed["items"][::40]:
            shown = lab.cli_json("emails", "show", "--id", item["email_id"])
            assert shown["subject"] == item["subject"] and shown["size_bytes"] == item["size_bytes"], shown["subject"]
            code, text, errors = lab.cli("emails", "show", "--text", "--id", item["email_id"])
            assert code == 0 and not any(c in text for c in "\x1b\x07\x9b"), (item, errors)

        some = listed["items"][::RELEASED_EVERY]
        ids = ",".join(item["email_id"] for item in some)
        code, output, errors = lab.run("ie-cli", "emails", "release", "--ids", ids, timeout=300)
        assert (code, output) == (0, "OK\n"), errors
        changed = [envelope for envelope, got in lab.wait_outside(len(some), 120) if got != copies[queue_id(got)]]
        assert not changed, f"{len(changed)} came out changed: {changed[:3]}"
        assert all(part["restarts"] == 0 for part in lab.cli_json("status")["actors"])


def queue_id(mail):
    """Exim's id for it, from the Received line that Exim put at its top."""
    return re.match(rb"Received: from [^;]*?\n\tid (\S+)", mail)[1]


def is_held_whole(lab, item, copies):
    """The quarantine's file is a record of its own, then the mail."""
    stored = (lab.dir / "data/quarantine" / item["email_id"][:2] / item["email_id"]).read_bytes()
    mail = stored[stored.index(b"Received: from "):]
    return mail == copies[queue_id(mail)] and len(mail) == item["size_bytes"]
