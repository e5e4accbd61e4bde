#!/usr/bin/python3
"""Nothing grows: a broker and a worker after many operations, and after many connections, are as large
as they were before: resident memory and descriptors."""
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import runner
from client import Client, new_id
from fleet import Fleet
from test_client import follow, noop, submit
from test_limits import SANITIZED, Wire, memory_mib, wait_until

OPERATIONS = 100_000
CLIENTS = 4
ROUNDS = 10
WARM_UP = 70_000           # till then SQLite's cache, 64 MiB, is full
PIECE = 1000
CONNECTIONS = 10_000
MAY_GROW_MIB = 10
MAY_GROW_FILES = 4


class Size:
    """How large the processes are now."""

    def __init__(self, made, *names):
        self.mib = {name: memory_mib(made, name) for name in names}
        self.files = {name: len(os.listdir(f"/proc/{made.processes[name].pid}/fd"))
                      for name in names}

    def __str__(self):
        return ", ".join(f"{name} {self.mib[name]:.0f} MiB and {self.files[name]} files"
                         for name in self.mib)

    def is_no_larger_than(self, before):
        for name in self.mib:
            assert SANITIZED or self.mib[name] <= before.mib[name] + MAY_GROW_MIB, (name, str(self))
            assert self.files[name] <= before.files[name] + MAY_GROW_FILES, (name, str(self))


def run_batch(client, count):
    """One client's share of a round: a batch of noops, followed to its end."""
    batch = new_id()
    for first in range(0, count, PIECE):
        items = [{"key": str(n)} for n in range(first, first + PIECE)]
        answers = client.ask("submit_batch", batch=batch, template={"kind": "noop"}, items=items,
                             last=first + PIECE == count)["answers"]
        assert not any("code" in answer for answer in answers), answers[0]
    wait_until(lambda: client.ask("query", ids=[batch])["ops"][0]["state"] == "succeeded",
               "a batch does not end", 120)


def a_hundred_thousand_operations_leave_nothing_behind_in_memory():
    with Fleet() as made, ThreadPoolExecutor(CLIENTS) as pool:
        made.worker("worker-1", "--executors", "2", "--credit", "200")
        clients = [Client(made.control) for _ in range(CLIENTS)]
        share = OPERATIONS // ROUNDS // CLIENTS // PIECE * PIECE or PIECE
        done, size, warm = 0, None, None
        while done < OPERATIONS:
            count = min(share, OPERATIONS - done)
            list(pool.map(lambda client: run_batch(client, count), clients))
            done += count * CLIENTS
            size = Size(made, "broker", "worker-1")
            print(f"  after {done}: {size}", flush=True)
            warm = warm or (size if done >= WARM_UP else None)
        stats = clients[0].ask("stats")
        assert stats.get("open", 0) == 0 and stats["stored_ended"] > OPERATIONS, stats
        size.is_no_larger_than(warm)


def ten_thousand_connections_leave_nothing_behind():
    with Fleet() as made:
        made.worker()
        client = Client(made.control)
        op, = submit(client, noop())
        follow(client, [op])
        warm = None
        for n in range(1, CONNECTIONS + 1):
            with Wire(made.control) as wire:
                wire.say("watch", 1, watches=[{"op": op}])
                assert wire.hear()["type"] == "watching"
            if n == CONNECTIONS // 5:
                warm = Size(made, "broker")
        wait_until(lambda: client.ask("stats")["clients"] <= 3, "they left, the broker keeps them")
        size = Size(made, "broker")
        print(f"  at first {warm}; after {CONNECTIONS} connections {size}")
        size.is_no_larger_than(warm)


TESTS = [
    a_hundred_thousand_operations_leave_nothing_behind_in_memory,
    ten_thousand_connections_leave_nothing_behind,
]

if __name__ == "__main__":
    sys.exit(runner.run(TESTS, sys.argv[1:]))
