#!/usr/bin/python3
"""Stands in for `exim -bs`: speaks SMTP on its standard streams and keeps what it was given.

It writes beside itself FOLDER/got.json (arguments, sender line, recipients) and FOLDER/got.eml (the mail, line ends
as LF); FOLDER is the environment's or, since the courier passes none, the folder of this file. A file `behave`
there says what to do: hang | hang-at-answer | die-at-answer | refuse-data | chatter | quit-early; a recipient that
begins with "no-" is refused.
"""

import json
import os
import sys
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
READ, WRITE = sys.stdin.buffer, sys.stdout.buffer


def behaviour():
    try:
        with open(os.path.join(FOLDER, "behave")) as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


def say(text):
    WRITE.write(text.encode() + b"\r\n")
    WRITE.flush()


def take_mail():
    lines = []
    while True:
        line = READ.readline()
        if not line or line == b".\r\n":
            break
        assert line.endswith(b"\r\n"), line
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(line[:-2] + b"\n" for line in lines)


def finish(behave, got, mail):
    if behave == "hang-at-answer":
        time.sleep(600)
    if behave == "die-at-answer":
        sys.exit(1)
    with open(os.path.join(FOLDER, "got.eml"), "wb") as file:
        file.write(mail)
    with open(os.path.join(FOLDER, "got.json"), "w") as file:
        json.dump(got, file)
    say("250 OK id=1nFEym-0005TO-Qs")


def session(behave):
    got = {"arguments": sys.argv[1:], "recipients": []}
    while line := READ.readline():
        command = line.decode("utf-8", "surrogateescape").strip()
        verb = command.split(" ")[0].upper()
        if verb == "EHLO":
            say("250-fake.test Hello\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 HELP")
        elif verb == "MAIL":
            got["mail"] = command
            say("250 OK")
        elif verb == "RCPT" and "<no-" in command:
            say("550-unrouteable\r\n550 address")
        elif verb == "RCPT":
            got["recipients"].append(command)
            say("250 Accepted")
        elif verb == "DATA" and behave == "refuse-data":
            say("451 not now")
        elif verb == "DATA":
            say("354 go on")
            if behave == "quit-early":
                sys.exit(1)
            finish(behave, got, take_mail())
        elif verb == "QUIT":
            say("221 bye")
            return
        else:
            say("500 what?")


if __name__ == "__main__":
    how = behaviour()
    if how == "hang":
        time.sleep(600)
    if how == "chatter":
        sys.stderr.write("exim: permission denied\n" * 1000)
        sys.exit(1)
    say("220 fake.test ESMTP")
    session(how)
