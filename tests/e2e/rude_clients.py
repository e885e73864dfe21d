"""Clients of the engine's socket that take whatever they can get and give nothing back; for tests only.

rude_clients.py SOCKET KIND COUNT [ID…]: as whoever it is started as, until it is ended; KIND is one of
    readers      ask for lists, and for the mails ID, over COUNT connections, and never read
    halves       begin requests over COUNT connections, and never finish them
    crowd        hold as many connections as they get of COUNT, and say nothing
    spin         touch no engine: what the others cost a machine by themselves
Whatever the engine ends is begun again at once. Speaks ZMTP 3.0 by hand.
"""

import resource
import socket
import struct
import sys

GREETING = b"\xff" + b"\0" * 8 + b"\x7f\x03\0" + b"NULL".ljust(20, b"\0") + b"\0" * 32
READY = b"\x05READY\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER"
HELLO = GREETING + bytes([4, len(READY)]) + READY
DEADLINE_MS = 60_000


def packed(value):
    """As msgpack, each value in a form that is always right."""
    if isinstance(value, int):
        return b"\xcf" + struct.pack(">Q", value)
    if isinstance(value, str):
        return b"\xdb" + struct.pack(">I", len(value.encode())) + value.encode()
    return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(packed, value))


def frame(body, more):
    if len(body) < 256:
        return bytes([more, len(body)]) + body
    return bytes([2 | more]) + struct.pack(">Q", len(body)) + body


def request(name, fields, number):
    return frame(b"", 1) + frame(packed([1, name, 1, number, DEADLINE_MS]), 1) + frame(packed(fields), 0)


def list_request(number):
    return request("list_mails", [["", 0, 0, "", "", "", "", ""], 1000, 0], number)


def show_request(number, mail):
    return request("show_mail", [mail, "", 1], number)


class Client:
    """A connection that is made again when it is lost; what doesn't go at once isn't sent."""

    def __init__(self, path):
        self.path, self.socket, self.unsent = path, None, b""

    def push(self, more):
        """Sends what it can of what is left, then of what `more()` gives; reads nothing."""
        try:
            if self.socket is None:
                self.socket = socket.socket(socket.AF_UNIX)
                self.socket.setblocking(False)
                self.socket.connect(self.path)
                self.unsent = HELLO
            if not self.unsent:
                self.unsent = more()
            if self.unsent:
                self.unsent = self.unsent[self.socket.send(self.unsent):]
            elif self.socket.recv(1, socket.MSG_PEEK) == b"":
                self.close()
        except BlockingIOError:
            pass
        except OSError:
            self.close()

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None


def readers(path, count, mails):
    asked = iter(range(1, sys.maxsize))

    def ask():
        number = next(asked)
        return show_request(number, mails[number % len(mails)]) if mails and number % 2 else list_request(number)

    clients = [Client(path) for _ in range(count)]
    while True:
        for client in clients:
            client.push(ask)


def halves(path, count):
    body = b"x" * (250 << 10)
    begun = [b"\x03" + struct.pack(">Q", 64 << 20) + body, b"\x03" + struct.pack(">Q", 256 << 10) + body]
    clients = [(Client(path), iter(())) for _ in range(count)]
    while True:
        for number, (client, told) in enumerate(clients):
            if client.socket is None:
                told = iter([begun[number % len(begun)]])
                clients[number] = (client, told)
            client.push(lambda: next(told, b""))


def crowd(path, count):
    clients = [Client(path) for _ in range(count)]
    while True:
        for client in clients:
            client.push(lambda: b"")


def main():
    path, kind, count, *mails = sys.argv[1:]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if kind == "readers":
        readers(path, int(count), mails)
    elif kind == "halves":
        halves(path, int(count))
    elif kind == "crowd":
        crowd(path, int(count))
    while True:
        pass


if __name__ == "__main__":
    main()
