# SPDX-License-Identifier: LGPL-2.1-or-later
"""The XenStore protocol over a socket or over a guest's ring file, for tests."""
import mmap
import os
import select
import socket
import struct
import sys
import time

TYPES = """CONTROL DIRECTORY READ GET_PERMS WATCH UNWATCH TRANSACTION_START TRANSACTION_END INTRODUCE RELEASE
GET_DOMAIN_PATH WRITE MKDIR RM SET_PERMS WATCH_EVENT ERROR IS_DOMAIN_INTRODUCED RESUME SET_TARGET RESTRICT
RESET_WATCHES DIRECTORY_PART GET_FEATURE SET_FEATURE GET_QUOTA SET_QUOTA""".split()
NUMBER = {name: i for i, name in enumerate(TYPES)}
EVENT, ERROR = 15, 16


class Closed(Exception):
    pass


class Conn:
    """One connection: ask() sends a request and waits for its reply, events collect aside."""

    def __init__(self):
        self.buf = b""
        self.events = []
        self.req = 100
        self.dead = False

    def parse(self):
        while len(self.buf) >= 16:
            kind, req, tx, length = struct.unpack("<4I", self.buf[:16])
            if len(self.buf) < 16 + length:
                return
            body, self.buf = self.buf[16:16 + length], self.buf[16 + length:]
            if kind == EVENT:
                self.events.append(body)
            else:
                yield kind, req, tx, body

    def ask(self, kind, body, tx=0, length=None, timeout=2.0):
        self.req += 1
        self.send(struct.pack("<4I", kind, self.req, tx, len(body) if length is None else length) + body)
        end = time.monotonic() + timeout
        while time.monotonic() < end and not self.dead:
            self.receive(0.02)
            for reply in self.parse():
                if reply[1] == self.req:
                    return reply
        return None

    def settle(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.dead:
            self.receive(0.005)
            for _ in self.parse():
                pass


class SocketConn(Conn):
    def __init__(self, path):
        super().__init__()
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path)

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            self.dead = True

    def receive(self, timeout):
        if not select.select([self.sock], [], [], timeout)[0]:
            return
        try:
            data = self.sock.recv(65536)
        except OSError:
            data = b""
        self.dead = not data
        self.buf += data


class RingConn(Conn):
    REQ, RSP, REQ_CONS, REQ_PROD, RSP_CONS, RSP_PROD, CONNECTION, ERR = 0, 1024, 2048, 2052, 2056, 2060, 2068, 2072

    def __init__(self, folder, domid):
        super().__init__()
        with open(f"{folder}/ring.{domid}", "r+b") as f:
            self.page = mmap.mmap(f.fileno(), 4096)
        self.kick_to = f"{folder}/evtchn"
        self.domid = domid
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def get(self, at):
        return struct.unpack_from("<I", self.page, at)[0]

    def put(self, at, value):
        # Not pack_into(): it clears the bytes first, and the server may look in between.
        self.page[at:at + 4] = struct.pack("<I", value & 0xffffffff)

    def kick(self):
        self.sock.sendto(struct.pack("<I", 1000 + self.domid), self.kick_to)

    def send(self, data):
        end = time.monotonic() + 1
        while data and time.monotonic() < end:
            prod, room = self.get(self.REQ_PROD), 1024 - (self.get(self.REQ_PROD) - self.get(self.REQ_CONS)) % 2**32
            piece, data = data[:room], data[room:]
            for i, byte in enumerate(piece):
                self.page[self.REQ + (prod + i) % 1024] = byte
            self.put(self.REQ_PROD, prod + len(piece))
            self.kick()
            if data:
                self.receive(0.01)

    def receive(self, timeout):
        end = time.monotonic() + timeout
        while True:
            cons, prod = self.get(self.RSP_CONS), self.get(self.RSP_PROD)
            if cons != prod:
                self.buf += bytes(self.page[self.RSP + i % 1024] for i in range(cons, prod))
                self.put(self.RSP_CONS, prod)
                self.kick()
                return
            if time.monotonic() >= end:
                return
            time.sleep(0.0005)


def add_domain(folder, domid):
    """Makes a domain exist, with a fresh page."""
    with open(f"{folder}/ring.{domid}", "wb") as f:
        f.truncate(4096)


def kill_domain(folder, domid):
    os.unlink(f"{folder}/ring.{domid}")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.sendto(struct.pack("<I", 999), f"{folder}/evtchn")


def ask(conn, op, body, tx=0):
    """The payload of the reply; the program ends when there is none."""
    reply = conn.ask(NUMBER[op], body, tx)
    if reply is None:
        sys.exit(f"{os.path.basename(sys.argv[0])}: no reply to {op} {body!r}")
    return reply[3]


class Process:
    """The server behind DIR, as the kernel sees it."""

    def __init__(self, folder):
        with open(f"{folder}/pid") as f:
            self.pid = int(f.read())

    def read(self, name):
        with open(f"/proc/{self.pid}/{name}", "rb") as f:
            return f.read().decode("latin-1")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def resident(self):
        """Bytes."""
        return int(self.read("statm").split()[1]) * 4096

    def used(self):
        """Nanoseconds of processor time."""
        return int(self.read("schedstat").split()[0])
