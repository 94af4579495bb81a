#!/usr/bin/python3
"""usage: screen.py HOST PORT

What a VNC server shows to somebody without a password, as one JSON object: the
ways to log in that it offers, its name, the size of the screen, and how many
colours there are on it.
"""
import json
import socket
import struct
import sys


def need(s, n):
    data = b""
    while len(data) < n:
        more = s.recv(n - len(data))
        if not more:
            sys.exit("the server hung up")
        data += more
    return data


def main():
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=10)
    if not need(s, 12).startswith(b"RFB 003.008"):
        sys.exit("that is no VNC server")
    s.sendall(b"RFB 003.008\n")
    said = {"logins": sorted(need(s, need(s, 1)[0]))}
    if 1 not in said["logins"]:
        print(json.dumps(said))
        return
    s.sendall(b"\1")
    if struct.unpack(">I", need(s, 4))[0] != 0:
        sys.exit("the server does not let us in")
    s.sendall(b"\1")
    width, height = struct.unpack(">HH", need(s, 4))
    depth = need(s, 16)[0] // 8
    name = need(s, struct.unpack(">I", need(s, 4))[0]).decode()
    # Raw pixels only, and all of them.
    s.sendall(struct.pack(">BxHi", 2, 1, 0) + struct.pack(">BBHHHH", 3, 0, 0, 0, width, height))
    if need(s, 1)[0] != 0:
        sys.exit("the server sends something else than pixels")
    colours = set()
    for _ in range(struct.unpack(">xH", need(s, 3))[0]):
        _, _, w, h, encoding = struct.unpack(">HHHHi", need(s, 12))
        if encoding != 0:
            sys.exit("the server sends pixels that are not raw")
        pixels = need(s, w * h * depth)
        colours.update(pixels[i : i + depth] for i in range(0, len(pixels), depth))
    said.update(name=name, width=width, height=height, colours=len(colours))
    print(json.dumps(said))


main()
