"""Mails that cases send. Bytes with LF line ends."""

# What every filter takes for spam, so that filters can be tested (https://spamassassin.apache.org/gtube/).
GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


def mail(subject="hello", body=b"Hello,\n\nhow are you?\n", to="someone@far.test", sender="alice@alice.test", headers=b""):
    """An ordinary mail."""
    return (f"From: Alice <{sender}>\nTo: {to}\nSubject: {subject}\n"
            f"Date: Sun, 22 Nov 2026 08:00:00 +0000\nMessage-ID: <{abs(hash((subject, body)))}@alice.test>\n"
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n").encode() + headers + b"\n" + body


def spam(subject="buy now", body=b"", **parameters):
    """The same with the line that makes it spam."""
    return mail(subject, body + GTUBE + b"\n", **parameters)
