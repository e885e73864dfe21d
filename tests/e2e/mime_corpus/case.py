"""Real and hostile MIME goes through hook, scanner and quarantine whole.

Setup: a threshold below any score, so that Rspamd's verdict holds every mail; the hard messages of the test data
(IE_TEST_DATA, by default ../shared/data beside the project) are submitted one after another.
Expect: each is held; the list and each mail's details are valid JSON; released all at once, each comes out as it
went in but for Exim's Received line; no part has been restarted.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from lab_case import REPOSITORY, Lab, same_but_received

EXIM_RECEIVED_MAX = 30  # what has passed more servers Exim takes for a loop, and bounces
DATA = Path(os.environ.get("IE_TEST_DATA", REPOSITORY.parent / "shared/data"))


def case():
    with tempfile.TemporaryDirectory() as folder, Lab(config={"filter": {"spam_threshold": -1000.0}}) as lab:
        subprocess.run(["tar", "-x", "--use-compress-program=zstd -d --long=27", "-f", DATA / "mime/public.tar.zst"],
                       cwd=folder, check=True)
        messages = [as_exim_stores_it(path.read_bytes()) for path in sorted(Path(folder).glob("**/*.eml"))]
        messages = [message for message in messages if message.count(b"Received:") < EXIM_RECEIVED_MAX]
        assert len(messages) > 800, len(messages)
        with lab.session() as session:
            for number, message in enumerate(messages):
                session.send("alice@alice.test", [f"n{number}@far.test"], message)
        lab.wait_queue(0, seconds=120)

        listed = lab.cli_json("emails", "list", "--limit", "1000")
        assert listed["max_count"] == len(listed["items"]) == len(messages), listed["max_count"]
        for item in listed["items"][::40]:
            shown = lab.cli_json("emails", "show", "--id", item["email_id"])
            assert shown["subject"] == item["subject"] and shown["size_bytes"] == item["size_bytes"], shown["subject"]
            code, text, errors = lab.cli("emails", "show", "--text", "--id", item["email_id"])
            assert code == 0 and not any(c in text for c in "\x1b\x07\x9b"), (item, errors)

        code, output, errors = lab.run("ie-cli", "emails", "release", "--all-matching", timeout=600)
        assert (code, output) == (0, "OK\n"), errors
        got = {envelope["recipients"][0]: bytes_got for envelope, bytes_got in lab.wait_outside(len(messages), 120)}
        different = [number for number, message in enumerate(messages)
                     if not same_but_received(message, got[f"n{number}@far.test"])]
        assert not different, f"{len(different)} came out changed, such as {messages[different[0]][:300]}"
        assert all(part["restarts"] == 0 for part in lab.cli_json("status")["actors"])


def as_exim_stores_it(message):
    """Exim ends every line and the mail with LF alone, and takes a bare CR for a line's end."""
    message = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return message if message.endswith(b"\n") else message + b"\n"
