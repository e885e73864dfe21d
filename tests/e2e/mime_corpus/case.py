"""Real and hostile MIME goes through hook, scanner and quarantine whole.

Setup: a threshold below any score, so that Rspamd's verdict holds every mail; the hard messages of the test data
(IE_TEST_DATA, by default ../shared/data beside the project) are submitted one after another.
Expect: each is held as it went in but for Exim's Received line; the list and mails' details are valid JSON; of those
released each comes out as it went in; no part has been restarted.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from lab_case import REPOSITORY, Lab, same_but_received

RELEASED_EVERY = 10  # one in so many goes the rest of the way, too
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

        stored = {item["recipients"][0]: message_file(lab, item["email_id"]) for item in listed["items"]}
        different = [number for number, message in enumerate(messages)
                     if not stored[f"n{number}@far.test"].endswith(b"\n" + message)]
        assert not different, "\n".join(
            [f"{len(different)} are held changed"] + [first_difference(messages[number], stored[f"n{number}@far.test"])
                                                     for number in different[:8]])

        some = listed["items"][::RELEASED_EVERY]
        ids = ",".join(item["email_id"] for item in some)
        code, output, errors = lab.run("ie-cli", "emails", "release", "--ids", ids, timeout=300)
        assert (code, output) == (0, "OK\n"), errors
        for envelope, got in lab.wait_outside(len(some), 120):
            number = int(envelope["recipients"][0].removeprefix("n").partition("@")[0])
            assert same_but_received(messages[number], got), f"came out changed: {messages[number][:300]}"
        assert all(part["restarts"] == 0 for part in lab.cli_json("status")["actors"])


def first_difference(message, stored):
    """Where the end of what is stored differs first, read backwards."""
    at = next((n for n in range(1, min(len(message), len(stored))) if message[-n] != stored[-n]), len(message))
    return f"  sent …{message[-at - 60:][:100]!r}\n  held …{stored[-at - 60:][:100]!r}"


def message_file(lab, email_id):
    """What the quarantine holds: a record of its own, then the mail with Exim's Received line."""
    return (lab.dir / "data/quarantine" / email_id[:2] / email_id).read_bytes()


def as_exim_stores_it(message):
    """Exim ends every line and the mail with LF alone, takes a bare CR for a line's end, and leaves out the headers
    that belong to a final delivery (its return_path_remove, envelope_to_remove, delivery_date_remove)."""
    message = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    headers, blank, body = message.partition(b"\n\n")
    headers = re.sub(rb"(?im)^(?:return-path|envelope-to|delivery-date)[ \t]*:.*\n?(?:[ \t].*\n?)*", b"", headers + b"\n")
    message = headers + (b"\n" + body if blank else b"")
    return message if message.endswith(b"\n") else message + b"\n"
