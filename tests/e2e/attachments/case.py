"""Mail with a Windows program in it is held as winexec, whatever it is packed in; its neighbours arrive.

Setup: the hard messages of the test data (IE_TEST_DATA, by default ../shared/data beside the project) and the list of
verdicts on them (tests/unit/golden/attachments.tsv); a threshold above any score, so that nothing is spam; long deadlines.
alice sends all that are held and as many that pass, each to a recipient outside; then a program in a GTUBE mail over a
limit; at last archive bombs, and bob a program in an archive beside them.
Expect: what the list says, of each; log and `emails show` say what was found; a mail with three reasons lists them all;
after `filter-settings --winexec off` programs arrive; bob's mail waits for none of alice's bombs and is held.
"""

import base64
import concurrent.futures
import gzip
import io
import os
import subprocess
import tarfile
import tempfile
import threading
import zipfile
from pathlib import Path

from lab_case import DEADLINE_SECONDS, REPOSITORY, Lab, wait_for
from mails import GTUBE

DATA = Path(os.environ.get("IE_TEST_DATA", REPOSITORY.parent / "shared/data"))
VERDICTS = REPOSITORY / "tests/unit/golden/attachments.tsv"
# Time for a flood of bombs to last.
CONFIG = {"filter": {"spam_threshold": 999.0, "judge_timeout_ms": 20_000}, "hook": {"judge_timeout_ms": 25_000},
          "attachments": {"timeout_ms": 6_000}}
FLOOD = 12  # bombs at a time
EXIM_RECEIVED_MAX = 30  # what has passed more servers Exim takes for a loop, and bounces


def case():
    with Lab(config=CONFIG) as lab:
        judges_the_hard_messages(lab)
        lists_all_reasons(lab)
        lets_programs_pass_when_told_to(lab)
        finds_programs_beside_a_flood_of_bombs(lab)


def judges_the_hard_messages(lab):
    verdicts, messages = listed_verdicts(), {}
    for name, message in hard_messages():
        messages.setdefault(verdicts[name][0], {})[name] = message
    held = messages["held"]
    passing = dict(sorted(messages["passes"].items(), key=lambda item: item[0].find("att"))[-len(held):])
    assert len(held) > 50, len(held)
    ids = {}
    with lab.session() as session:
        for name, message in (held | passing).items():
            reply = session.send("alice@alice.test", ["someone@far.test"], message)[1]
            ids[reply.split("id=")[1].split()[0]] = name
    wait_for(lambda: len(judged(lab)) >= len(ids), 300, lambda: f"{len(judged(lab))} of {len(ids)} judged")
    wrong = [(ids[mail], line) for mail, line in judged(lab).items()
             if ("winexec" in line) != (ids[mail] in held) or (ids[mail] in held) != ("action=hold" in line)]
    assert not wrong, f"{len(wrong)} are judged wrongly: {wrong[:3]}"
    untold = [ids[mail] for mail, line in judged(lab).items() if ids[mail] in held and "attachments=none" in line]
    assert not untold, untold
    lab.wait_queue(0, seconds=300)
    found = lab.cli_json("emails", "list", "--reason", "winexec", "--limit", "1000")
    assert found["max_count"] == len(held), found["max_count"]
    shows_what_was_found(lab, ids, verdicts)


def shows_what_was_found(lab, ids, verdicts):
    stored = [line for line in lab.log("engine") if " mail_quarantined " in line]
    assert stored
    for line in stored:
        name = ids[line.split("mail=")[1].split()[0]]
        shown = lab.cli_json("emails", "show", "--id", line.split("email_id=")[1].split()[0])
        assert "; ".join(shown["attachment_findings"]) == verdicts[name][1], (name, shown["attachment_findings"])
        headers = shown["headers"]["X-ImunifyEmail-Filter-Attachment"]
        assert headers == shown["attachment_findings"], (name, headers)


def lists_all_reasons(lab):
    set_up(lab, "am", "server-settings", "set", "--account=1")
    set_up(lab, "filter-settings", "set", "--spam-threshold", "6")
    lab.submit("alice@alice.test", ["someone@far.test"], with_program(b"three reasons", GTUBE + b"\n"))
    wait_for(lambda: reasons_of(lab, "three reasons"), DEADLINE_SECONDS, lambda: "a mail with three reasons is held")
    assert sorted(reasons_of(lab, "three reasons")) == ["ratelimit", "spam", "winexec"], reasons_of(lab, "three reasons")
    set_up(lab, "am", "server-settings", "set", "--account=0")
    set_up(lab, "filter-settings", "set", "--spam-threshold", "999")


def lets_programs_pass_when_told_to(lab):
    set_up(lab, "filter-settings", "set", "--winexec", "off")
    before = len(lab.outside())
    lab.submit("alice@alice.test", ["someone@far.test"], with_program(b"allowed"))
    lab.wait_outside(before + 1)
    set_up(lab, "filter-settings", "set", "--winexec", "on")
    lab.submit("alice@alice.test", ["someone@far.test"], with_program(b"forbidden"))
    wait_for(lambda: reasons_of(lab, "forbidden") == ["winexec"], DEADLINE_SECONDS, lambda: "a program is held again")


def finds_programs_beside_a_flood_of_bombs(lab):
    message = with_archive(b"bomb", b"bomb.tgz", bomb())
    over = threading.Event()

    def go_on():
        while not over.is_set():
            lab.submit("alice@alice.test", ["someone@far.test"], message)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("run.exe", "x")
    with concurrent.futures.ThreadPoolExecutor(FLOOD) as pool:
        flood = [pool.submit(go_on) for _ in range(FLOOD)]
        try:
            wait_for(lambda: waiting_looks(lab) > 2, DEADLINE_SECONDS, lambda: "bombs wait for each other")
            lab.submit("bob@bob.test", ["someone@far.test"], with_archive(b"beside bombs", b"a.zip", inner.getvalue()),
                       auth=("bob@bob.test", "secret"))
            wait_for(lambda: reasons_of(lab, "beside bombs") == ["winexec"], DEADLINE_SECONDS,
                     lambda: "bob's program is held")
            wait_for(lambda: any("bomb.tgz: no time left" in line for line in lab.log("engine")), DEADLINE_SECONDS,
                     lambda: "no bomb took too long")
        finally:
            over.set()
        for each in flood:
            each.result()


def bomb():
    """A tar with an entry of 4 GB of zeros in 4 MB, which takes more than a second to skip."""
    member = tarfile.TarInfo("a.bin")
    zeros = gzip.compress(bytes(64 << 20))
    times = 64
    member.size = times * (64 << 20)
    return gzip.compress(member.tobuf(tarfile.USTAR_FORMAT)) + zeros * times


def waiting_looks(lab):
    return next(each["queue"] for each in lab.cli_json("status")["actors"] if each["actor"] == "attachments")


def with_archive(subject, name, content):
    return (b"From: a@alice.test\nTo: someone@far.test\nSubject: " + subject + b"\nMIME-Version: 1.0\n"
            b"Content-Type: application/octet-stream; name=" + name + b"\nContent-Transfer-Encoding: base64\n\n" +
            base64.encodebytes(content))


def set_up(lab, *command):
    code, output, errors = lab.cli(*command)
    assert code == 0, (command, output, errors)


def reasons_of(lab, subject):
    items = lab.cli_json("emails", "list", "--subject", subject)["items"]
    return items[0]["reasons"] if items else []


def with_program(subject, text=b"hello\n"):
    return (b"From: alice@alice.test\nTo: someone@far.test\nSubject: " + subject + b"\nMIME-Version: 1.0\n"
            b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + text + b"--b\n"
            b"Content-Type: application/octet-stream; name*0=\"invoice.pdf.e\"; name*1=\"xe\"\n\nx\n--b--\n")


def judged(lab):
    """The log's line of each verdict, by queue id."""
    lines = [line for line in lab.log("engine") if " mail_judged " in line]
    return {line.split("mail=")[1].split()[0]: line for line in lines}


def listed_verdicts():
    rows = [line.split("\t") for line in VERDICTS.read_text().splitlines()]
    return {name: (verdict, findings) for name, verdict, findings in rows}


def hard_messages():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "-x", "--use-compress-program=zstd -d --long=27", "-f", DATA / "mime/public.tar.zst"],
                       cwd=folder, check=True)
        for path in sorted(Path(folder).glob("**/*.eml")):
            message = path.read_bytes().replace(b"\r\n", b"\n")
            if message.count(b"Received:") < EXIM_RECEIVED_MAX:
                yield path.name, message
