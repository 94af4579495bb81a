#!/usr/bin/python3
"""usage: rogue.py MANNER ...

A device model that does not do what it should. It finds its monitor's socket
where QEMU does. MANNER: "garbage" greets with nonsense, "endless" with a line
that never ends, "hang" accepts and says nothing, "deaf" greets and answers
nothing, "flood" answers with events only, "dies" ends while it starts.
"""
import json
import os
import signal
import socket
import sys
import time

GREETING = {"QMP": {"version": {"qemu": {"major": 7, "minor": 2, "micro": 0}, "package": ""}, "capabilities": []}}


def flood(c):
    event = json.dumps({"event": "RTC_CHANGE", "data": {"offset": 1}, "timestamp": {"seconds": 1, "microseconds": 2}})
    while True:
        c.sendall((event + "\r\n").encode() * 100)


def main():
    manner = sys.argv[1]
    print("rogue:", manner, flush=True)
    if manner == "dies":
        time.sleep(0.3)
        print("rogue: no room for the guest's memory", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    c, _ = socket.socket(fileno=3).accept()
    if manner == "garbage":
        c.sendall(b"\xff\xfe{]}\r\n")
    elif manner == "endless":
        while True:
            c.sendall(b"x" * 65536)
    elif manner != "hang":
        c.sendall((json.dumps(GREETING) + "\r\n").encode())
        if manner == "flood":
            flood(c)
    time.sleep(1000)


main()
