#!/usr/bin/python3
"""What an operator does to a broker and its workers while they run: copy, check, reload, drain."""
import sqlite3
import subprocess
import sys
import threading

import runner
from client import Client
from fleet import Fleet, program
from test_client import follow, noop, submit


def broker(*options):
    """gpmq-broker as a command; its exit code and all it said."""
    ran = subprocess.run([program("gpmq-broker"), *options], capture_output=True, text=True,
                         timeout=120, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def a_copy_of_a_busy_broker_has_all_that_was_accepted_before():
    with Fleet() as made:
        made.worker()
        client = Client(made.control)
        before = submit(client, *[noop(steps=3) for _ in range(200)])
        stop = threading.Event()

        def keep_busy():
            other = Client(made.control)
            while not stop.is_set():
                submit(other, *[noop(steps=2, messages=5) for _ in range(50)])

        busy = threading.Thread(target=keep_busy)
        busy.start()
        try:
            copies = [made.path(f"copy-{n}.db") for n in range(5)]
            for copy in copies:
                code, said = broker("--store", "sqlite:" + made.path("queue.db"), "--backup-to", copy)
                assert code == 0 and " operations, " in said, said
        finally:
            stop.set()
            busy.join()
        follow(client, before)
        for copy in copies:
            code, said = broker("--store", "sqlite:" + copy, "--check")
            assert code == 0 and "the store is whole" in said, said
        with Fleet(folder=made.path("second"), store=copies[0]) as second:
            second.worker()
            again = Client(second.control)
            assert len(again.ask("query", ids=before)["ops"]) == len(before)
            follow(again, before)                     # and the copy ends what it had


def a_check_says_what_is_wrong_by_its_exit_code():
    with Fleet() as made:
        made.worker()
        client = Client(made.control)
        op, = submit(client, noop(steps=2))
        follow(client, [op])
        store = "sqlite:" + made.path("queue.db")
        assert broker("--store", store, "--check")[0] == 0, "while it runs"
        code, said = broker("--store", "sqlite:" + made.path("none.db"), "--check")
        assert code == 0 and "good" in said, (code, said)
        assert broker("--store", store, "--check", "--keys", "/nowhere")[0] == 2
        assert broker("--store", store, "--check", "--open-max", "0")[0] == 2
        made.kill("broker")
        with sqlite3.connect(made.path("queue.db")) as database:
            database.execute("UPDATE frame SET bytes = x'00' WHERE seq = 2")
        database.close()
        code, said = broker("--store", store, "--check")
        assert code == 9 and "table frame: frame 2 of" in said, (code, said)
        code, said = broker("--store", store, "--backup-to", made.path("copy.db"))
        assert code == 9 and "table frame" in said, (code, said)
        made.start("broker")


TESTS = [
    a_copy_of_a_busy_broker_has_all_that_was_accepted_before,
    a_check_says_what_is_wrong_by_its_exit_code,
]

if __name__ == "__main__":
    sys.exit(runner.run(TESTS, sys.argv[1:]))
