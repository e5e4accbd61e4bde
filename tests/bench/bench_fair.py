#!/usr/bin/python3
"""One greedy client beside ten polite ones: how long a polite one waits for its operation, alone and in company.

A broker with keys, since clients take turns by the names of their keys; one worker with two executors; noops. A polite
client submits one operation, follows it to its end, and submits the next. The greedy one submits as fast as the broker
takes it, 200 in a message, and waits for none. The latencies are told, never judged: `test_core_fair` and the simulator
hold the promise itself (polite p99 within three times the quiet one) with a clock set by hand.

    bench_fair.py [--seconds S]
"""
import argparse
import os
import statistics
import subprocess
import sys
import threading
import time

import zmq
import zmq.auth

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from client import Client, new_id  # pylint: disable=wrong-import-position
from fleet import Fleet, program

POLITE = 10


def make_keys(folder):
    admitted = os.path.join(folder, "admitted")
    os.mkdir(admitted)
    roles = {"broker": "broker", "worker": "worker", "greedy": "client",
             **{f"polite{n}": "client" for n in range(POLITE)}}
    for name, role in roles.items():
        subprocess.run([program("gpmq"), "keys", "create", name, "--role", role, "--to", folder],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if name != "broker":
            os.rename(os.path.join(folder, name + ".pub"), os.path.join(admitted, name + ".pub"))
    return admitted


class Keyed(Client):
    """A client with a key of its own."""

    def __init__(self, url, folder, name):
        self.own = zmq.auth.load_certificate(os.path.join(folder, name + ".key"))
        self.server = zmq.auth.load_certificate(os.path.join(folder, "broker.pub"))[0]
        super().__init__(url)

    def connect(self):
        self.control, self.status = map(zmq.Context.instance().socket, (zmq.DEALER, zmq.SUB))
        for sock, url in (self.control, self.url), (self.status, self.welcome.get("status_url")):
            sock.linger, sock.sndhwm = 1000, 0
            sock.curve_publickey, sock.curve_secretkey = self.own
            sock.curve_serverkey = self.server
            if url:
                sock.connect(url)
        for topic in self.topics:
            self.status.subscribe("gpmq1." + topic)
        self.heard = dict.fromkeys(self.history, 0.0)


def be_polite(url, folder, name, until, waits):
    client = Keyed(url, folder, name)
    while time.monotonic() < until:
        op, begun = new_id(), time.monotonic()
        client.ask("submit", ops=[{"id": op, "kind": "noop"}])
        client.follow([op])
        waits.append(time.monotonic() - begun)


def be_greedy(url, folder, until, counts):
    client = Keyed(url, folder, "greedy")
    while time.monotonic() < until:
        answers = client.ask("submit", ops=[{"id": new_id(), "kind": "noop"} for _ in range(200)])
        counts.append(sum(not answer.get("code") for answer in answers["answers"]))


def measure(url, folder, seconds, greedy):
    """(waits of the polite, number of operations that the greedy one got accepted)."""
    until, waits, counts = time.monotonic() + seconds, [], []
    threads = [threading.Thread(target=be_polite, args=(url, folder, f"polite{n}", until, waits))
               for n in range(POLITE)]
    if greedy:
        threads.append(threading.Thread(target=be_greedy, args=(url, folder, until, counts)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits, sum(counts)


def tell(name, waits):
    ordered = sorted(waits)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(f"{name:22} {len(ordered):6} operations, median {1000 * statistics.median(ordered):7.1f} ms, "
          f"p99 {1000 * p99:7.1f} ms")
    return p99


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    folder = None
    with Fleet() as probe:  # only for its folder
        folder = probe.path("keys")
        os.mkdir(folder)
        admitted = make_keys(folder)
        with Fleet("--key", os.path.join(folder, "broker.key"), "--keys", admitted) as fleet:
            fleet.worker("worker", "--executors", "2", "--key", os.path.join(folder, "worker.key"),
                         "--server-key", os.path.join(folder, "broker.pub"))
            measure(fleet.control, folder, 2, False)
            quiet, _ = measure(fleet.control, folder, given.seconds, False)
            company, accepted = measure(fleet.control, folder, given.seconds, True)
            alone, beside = tell("polite ones alone", quiet), tell("beside a greedy one", company)
            print(f"the greedy one got {accepted} accepted; polite p99 is {beside / alone:.1f} times the quiet one")


if __name__ == "__main__":
    main()
