#!/usr/bin/python3
"""The lab's Internet: an SMTP server on loopback that keeps each mail it is given.

A mail becomes N.eml, the message as Exim sent it with the dots of the transport undone and CRLF written as LF,
and then N.json, its envelope; whoever sees N.json can read both. The log gets one line a mail with the envelope's
commands, parameters included. A recipient whose local part begins with "reject" is refused, "later" is put off.
"""

import asyncio
import json
import os
import pwd
import re
import sys
from pathlib import Path

LINE_BYTES_MAX = 1 << 20
GREETING = b"220 outside.test ESMTP\r\n"
FEATURES = (b"250-outside.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n"
            b"250 SIZE 104857600\r\n")
PATH = re.compile(r'[^:]*:\s*<((?:"(?:[^"\\]|\\.)*"|[^">])*)>')


class Store:
    """The folder of mails; numbers them onwards from what is there."""

    def __init__(self, folder, log):
        self._folder = folder
        self._log = log
        self._last = max((int(path.stem) for path in folder.glob("*.json") if path.stem.isdigit()), default=0)

    def keep(self, message, sender, recipients, commands):
        self._last += 1
        number = self._last
        self._write(f"{number}.eml", message)
        self._write(f"{number}.json", json.dumps({"sender": sender, "recipients": recipients}).encode())
        self._log.write(json.dumps({"mail": number, "commands": commands}) + "\n")
        self._log.flush()
        return number

    def _write(self, name, content):
        temporary = self._folder / f".{name}.new"
        temporary.write_bytes(content)
        temporary.rename(self._folder / name)


class Session(asyncio.Protocol):
    def __init__(self, store):
        self._store = store
        self._buffer = bytearray()
        self._in_data = False
        self._scanned = 0  # bytes of the message that hold no end; searching again would be quadratic
        self._reset()

    def _reset(self):
        self._sender = None
        self._recipients = []
        self._commands = []

    def connection_made(self, transport):
        self._transport = transport
        transport.write(GREETING)

    def data_received(self, data):
        self._buffer += data
        replies = []
        while (reply := self._data_step() if self._in_data else self._command_step()) is not None:
            replies.append(reply)
        if replies:
            self._transport.write(b"".join(replies))
        if replies and replies[-1].startswith(b"221"):
            self._transport.close()

    def _command_step(self):
        end = self._buffer.find(b"\n")
        if end < 0:
            if len(self._buffer) > LINE_BYTES_MAX:
                self._transport.abort()
            return None
        line = self._buffer[:end].rstrip(b"\r").decode("utf-8", "surrogateescape")
        del self._buffer[:end + 1]
        return self._reply_to(line)

    def _reply_to(self, line):
        verb = line[:4].upper()
        if verb == "MAIL":
            return self._on_mail(line)
        if verb == "RCPT":
            return self._on_recipient(line)
        if verb == "DATA":
            return self._on_data()
        if verb == "RSET":
            self._reset()
        simple = {"EHLO": FEATURES, "HELO": b"250 outside.test\r\n", "RSET": b"250 OK\r\n", "NOOP": b"250 OK\r\n",
                  "QUIT": b"221 outside.test\r\n"}
        return simple.get(verb, b"500 unknown command\r\n")

    def _on_mail(self, line):
        match = PATH.match(line)
        if not match:
            return b"501 no address\r\n"
        self._reset()
        self._sender = match[1]
        self._commands.append(line)
        return b"250 OK\r\n"

    def _on_recipient(self, line):
        match = PATH.match(line)
        if not match or self._sender is None:
            return b"501 no address\r\n" if not match else b"503 MAIL first\r\n"
        local_part = match[1].lstrip('"').lower()
        if local_part.startswith("reject"):
            return b"550 5.1.1 no such user\r\n"
        if local_part.startswith("later"):
            return b"451 4.2.1 try again later\r\n"
        self._recipients.append(match[1])
        self._commands.append(line)
        return b"250 OK\r\n"

    def _on_data(self):
        if not self._recipients:
            return b"503 no recipients\r\n"
        # The message's end looks for the CRLF before it, and an empty message has none of its own.
        self._buffer[:0] = b"\r\n"
        self._in_data, self._scanned = True, 0
        return b"354 go on\r\n"

    def _data_step(self):
        end = self._buffer.find(b"\r\n.\r\n", self._scanned)
        if end < 0:
            self._scanned = max(0, len(self._buffer) - 4)
            return None
        message = bytes(self._buffer[2:end + 2])
        del self._buffer[:end + 5]
        self._in_data = False
        if message.startswith(b"."):
            message = message[1:]
        message = message.replace(b"\r\n.", b"\r\n").replace(b"\r\n", b"\n")
        number = self._store.keep(message, self._sender, self._recipients, self._commands)
        self._reset()
        return b"250 kept as %d\r\n" % number


async def serve(port, store):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Session(store), "127.0.0.1", port, backlog=500)
    await server.serve_forever()


def main(port, folder, log_file, login):
    log = open(log_file, "a", encoding="utf-8", errors="surrogateescape")
    account = pwd.getpwnam(login)
    os.setgroups([])
    os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
    os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)
    asyncio.run(serve(int(port), Store(Path(folder), log)))


if __name__ == "__main__":
    main(*sys.argv[1:])
