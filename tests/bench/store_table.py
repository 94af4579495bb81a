# SPDX-License-Identifier: LGPL-2.1-or-later
"""Medians of the "name value" lines that tests/bench/store collected, and the ratios that are asked for."""
import os
import platform
import statistics
import sys

LISTS = 16  # requests that a listing takes: one that is too large to answer, and the parts
KINDS = ["domo", "xenstored", "oxenstored", "stub"]
ROWS = [
    ("read", "synchronous read, µs"), ("write", "synchronous write, µs"), ("pipelined-read", "pipelined read, µs"),
    ("pipelined-rate", "pipelined reads per second"), ("write-no-watches", "write, no watches, µs"),
    ("write-10k-watches", "write, 10,000 watches elsewhere, µs"),
    ("drop-10-connections", "drop 10 connections with 1,000 watches each, µs"),
    ("disjoint-create", "transaction of 3 creates, 8 clients, µs"), ("disjoint-retries", "retries of these, %"),
    ("create-rm-small", "create + remove in a directory of 10, µs"),
    ("create-rm-10k", "create + remove in a directory of 10,000, µs"), ("list-10k-ms", "list 10,000 children, ms (wall)"),
    ("list-10k-cpu-ms", "list 10,000 children, ms"),
    ("list-10k-client-ms", "the same, libxenstore's own time when all answers wait in its socket, ms"),
    ("list-10k-raw-ms", "list 10,000 children, a client with one write a request, ms (wall)"),
    ("create-100k", "create, up to 100,000 nodes, µs"), ("bytes-per-node", "bytes per node beside its value"),
    ("rm-100k-reply-ms", "remove 100,000 nodes while another reads: reply after, ms (wall)"),
    ("rm-100k-stall-ms", "longest wait of that other client, ms (wall)"),
    ("rm-100k-cpu-ms", "remove 100,000 nodes, all work, ms"),
    ("write-500-idle", "write, 500 idle connections, µs"), ("idle-us-per-s", "500 idle connections, µs per second"),
    ("flood-quiet-p99-ms", "read, 99th percentile, others quiet, ms (wall)"),
    ("flood-pipeline-p99-ms", "the same while another sends requests without pause"),
    ("flood-bytes-p99-ms", "while another sends garbage, connection after connection"),
    ("flood-mute-p99-ms", "while another sends without pause and never reads"),
    ("flood-ring-p99-ms", "while a guest keeps its ring full"),
]


def load(folder, kind):
    values = {}
    path = f"{folder}/{kind}.out"
    if os.path.exists(path):
        with open(path) as f:
            for line in f:
                name, value = line.split()
                values.setdefault(name, []).append(float(value))
    return {name: statistics.median(v) for name, v in values.items()}


def load_average(folder):
    with open(f"{folder}/load") as f:
        return " and ".join(f.read().split())


def main():
    v = {kind: load(sys.argv[1], kind) for kind in KINDS}
    print("# The store server: measurements\n")
    print(f"Made by `tests/bench/store` on {platform.system()} {platform.release()}; client and server pinned to one core, "
          f"servers in turn, medians of {sys.argv[2]} rounds. µs and ms are the server's own processor time per operation "
          "unless marked wall. The stub answers fixed bytes: the floor for this client. Synchronous rows are made with "
          f"libxenstore. Load average of the machine ({os.cpu_count()} cores) before and after: {load_average(sys.argv[1])}.\n")
    print("| figure | domo-stored | xenstored 4.17 | oxenstored 4.17 | stub |\n|---|---|---|---|---|")
    for name, text in ROWS:
        cells = [f"{v[k][name]:,.0f}" if v[k].get(name, 0) >= 1000 else f"{v[k][name]:.2f}" if name in v[k] else "–"
                 for k in KINDS]
        print(f"| {text} | {' | '.join(cells)} |")
    d, c, o, s = (v[k] for k in KINDS)
    goals = [
        ("synchronous read / xenstored", lambda: d["read"] / c["read"], "<=", 0.8),
        ("synchronous write / xenstored", lambda: d["write"] / c["write"], "<=", 0.8),
        ("synchronous read / stub", lambda: d["read"] / s["read"], "<=", 1.2),
        ("synchronous write / stub", lambda: d["write"] / s["write"], "<=", 1.2),
        ("pipelined read rate / xenstored", lambda: d["pipelined-rate"] / c["pipelined-rate"], ">=", 20),
        ("write with 10,000 watches / none", lambda: d["write-10k-watches"] / d["write-no-watches"], "<=", 1.1),
        ("retries of disjoint creates, %", lambda: d["disjoint-retries"], "<=", 0),
        ("create + remove, 10,000 / small", lambda: d["create-rm-10k"] / d["create-rm-small"], "<=", 1.25),
        ("remove 100,000 nodes / oxenstored", lambda: d["rm-100k-cpu-ms"] / o["rm-100k-cpu-ms"], "<=", 1),
        ("longest stall meanwhile / xenstored", lambda: d["rm-100k-stall-ms"] / c["rm-100k-stall-ms"], "<=", 0.1),
        ("list 10,000 children / xenstored, server", lambda: d["list-10k-cpu-ms"] / c["list-10k-cpu-ms"], "<=", 0.5),
        ("list 10,000 children / xenstored, wall, plain client", lambda: d["list-10k-raw-ms"] / c["list-10k-raw-ms"],
         "<=", 0.5),
        ("list 10,000 children / xenstored, wall, libxenstore", lambda: d["list-10k-ms"] / c["list-10k-ms"], "<=", 0.5),
        ("bytes per node", lambda: d["bytes-per-node"], "<=", 110),
        ("drop 10 connections / oxenstored", lambda: d["drop-10-connections"] / o["drop-10-connections"], "<=", 1),
        ("idle connections, µs per second", lambda: d["idle-us-per-s"], "<=", 1),
    ]
    print("\n| goal | asked | measured | |\n|---|---|---|---|")
    for text, ratio, sign, limit in goals:
        try:
            r = ratio()
        except KeyError:
            print(f"| {text} | {sign} {limit} | – | not measured |")
            continue
        met = r <= limit if sign == "<=" else r >= limit
        print(f"| {text} | {sign} {limit} | {r:.2f} | {'met' if met else 'MISSED'} |")
    try:
        alone, theirs, stub = s["list-10k-client-ms"], c["list-10k-ms"], s["list-10k-ms"]
    except KeyError:
        return
    print(f"\nListing with libxenstore is mostly libxenstore: of the {theirs:.2f} ms with xenstored it needs {alone:.2f} ms itself, "
          f"even if all answers wait in its socket. For half of {theirs:.2f} ms a server would have {(theirs / 2 - alone) / LISTS * 1e3:.1f} "
          f"µs for each of the {LISTS} requests, which come in two or three writes each, with the kernel's part and the changes "
          f"between the two processes; the stub, which answers fixed bytes, reaches {stub / theirs:.2f} of xenstored's time. The "
          "plain client's row shows the server's part.")


if __name__ == "__main__":
    main()
