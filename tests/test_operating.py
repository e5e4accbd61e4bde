#!/usr/bin/python3
"""What an operator does to a broker and its workers while they run: copy, check, reload, drain."""
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading

import zmq

import runner
from client import Client, new_id
from fleet import Fleet, program
from test_client import follow, is_running, last, noop, submit, wait_for
from test_limits import Wire, logged, refused, wait_until


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


# ---- logs ------------------------------------------------------------------------------------


def every_line_about_an_operation_has_its_attempt_and_its_trace():
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with Fleet("--log-level", "debug") as made:
        made.worker("worker-1", "--executors", "1", "--log-level", "debug")
        client = Client(made.control)
        good, bad, lost = (dict(noop(steps=2, **how), trace=trace) for how in
                           ({}, {"fail": "access"}, {"crash": True, "backoff_ms": 10}))
        ops = submit(client, good, bad, lost)
        follow(client, ops)
        logs = made.log("broker") + made.log("worker-1")      # executors write into their worker's
        for request in (good, bad, lost):
            lines = [line for line in logs.splitlines() if uuid_text(request["id"]) in line]
            for line in lines:
                assert f"op={uuid_text(request['id'])} attempt=" in line, line
                assert f" trace={trace}" in line, line
            said = " ".join(line.split(" op=")[0].split()[-1] for line in lines)
            for word in ("operation_assigned", "operation_begins", "operation_ended"):
                assert word in said, (word, said)
        assert "operation_lost" in said and "executor_ended" in said, said
        ends = {uuid_text(request["id"]): state for request, state in
                ((good, "succeeded"), (bad, "failed"), (lost, "dead"))}
        for op, state in ends.items():
            assert any(f"op={op} " in line and f"state={state} " in line for line in
                       made.log("broker").splitlines()), (op, state)


def uuid_text(op):
    """As the logs and the command line write an id."""
    return op.hex()


# ---- SIGHUP ----------------------------------------------------------------------------------


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def reload(made, name="broker", word="reloaded"):
    """SIGHUP; returns when the log has one more line with the word."""
    before = made.log(name).count(word)
    made.processes[name].send_signal(signal.SIGHUP)
    wait_until(lambda: made.log(name).count(word) > before, f"{name} did not say {word}")


class Settings(Fleet):
    """A broker with a file of settings."""

    def __init__(self, text):
        self.file = os.path.join(tempfile.mkdtemp(prefix="gpmq-"), "broker.yaml")
        write(self.file, text)
        super().__init__("--config", self.file, folder=os.path.dirname(self.file))


def a_broker_takes_over_settings_that_may_change_and_names_those_that_may_not():
    with Settings("open_max: 2\n") as made:
        client = Client(made.control)
        submit(client, noop(), noop())
        with Wire(made.control) as wire:
            wire.say("submit", 1, ops=[noop()])
            refused(wire.hear()["answers"][0])
            write(made.file, "open_max: 3\nlog_level: debug\nlease_ms: 5000\n")
            reload(made)
            assert "setting_needs_restart setting=lease_ms" in made.log("broker")
            wire.say("submit", 2, ops=[noop()])
            assert "code" not in wire.hear()["answers"][0]
            write(made.file, "open_max: 4\nopen_mix: 5\n")
            reload(made, word="reload_refused")
            assert "broker.yaml:" in made.log("broker").splitlines()[-1], made.log("broker")
            wire.say("submit", 3, ops=[noop()])
            refused(wire.hear()["answers"][0])
        assert len(client.ask("list", limit=10)["ops"]) == 3


def a_worker_takes_over_other_places_while_it_runs():
    with Fleet() as made:
        settings, places = made.path("worker.yaml"), {}
        for name in ("one", "two"):
            places[name] = made.path(name)
            subprocess.run([program("gpmq"), "domain", "create", places[name], "--dns-name",
                            f"{name}.test"], check=True, capture_output=True)

        def serve(*names, more=""):
            lines = [f"  - name: {name}\n    url: folder:{places[name]}" for name in names]
            write(settings, "domains:\n" + "\n".join(lines) + "\n" + more)

        serve("one")
        made.worker("worker-1", "--config", settings, "--executors", "2")
        client = Client(made.control)
        listing = lambda name: {"id": new_id(), "kind": "gpo.list", "domain": name}
        first, slow, second = submit(client, listing("one"), noop(steps=20, step_ms=100),
                                     listing("two"))
        follow(client, [first])
        wait_for(client, slow, is_running)
        wait_for(client, second, lambda shown: shown["state"] == "waiting")
        serve("two", more="executors: 3\nlog_level: debug\n")
        reload(made, "worker-1")
        follow(client, [second])
        gone, = submit(client, listing("one"))
        shown = wait_for(client, gone, lambda shown: shown["state"] == "waiting")
        assert shown["reason"] == "no_worker", shown
        end = last(follow(client, [slow])[slow])
        assert end["state"] == "succeeded" and end["attempt"] == 1, end
        serve("one", more="plugins: [/nowhere.so]\n")
        reload(made, "worker-1", "reload_refused")
        follow(client, submit(client, listing("two")))
        serve("one", "two")
        reload(made, "worker-1")
        follow(client, [gone])


def make_key(made, name, role):
    """A key in the fleet's folder, its public half admitted; its two texts."""
    ran = subprocess.run([program("gpmq"), "keys", "create", name, "--role", role,
                          "--to", made], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    with open(os.path.join(made, name + ".key"), encoding="ascii") as file:
        words = dict(line.split(" = ", 1) for line in file if " = " in line)
    return {key.strip(): value.strip().strip('"').encode() for key, value in words.items()}


def keys_that_are_taken_away_end_their_connections_and_new_ones_are_admitted():
    folder = tempfile.mkdtemp(prefix="gpmq-")
    admitted = os.path.join(folder, "admitted")
    os.mkdir(admitted, 0o700)
    server = make_key(folder, "broker", "broker")
    keys = {name: make_key(folder, name, "client") for name in ("anna", "bert", "carl")}

    def admit(name):
        os.rename(os.path.join(folder, name + ".pub"), os.path.join(admitted, name + ".pub"))

    def connect(name, url, kind=zmq.DEALER):
        return Wire(url, kind, sndtimeo=500, curve_publickey=keys[name]["public-key"],
                    curve_secretkey=keys[name]["secret-key"],
                    curve_serverkey=server["public-key"])

    def answers(wire):
        try:
            wire.say("ping", 1)
        except zmq.Again:       # who was refused in the handshake has no connection to send to
            return False
        return wire.hear(1) is not None

    admit("anna")
    admit("bert")
    with Fleet("--key", os.path.join(folder, "broker.key"), "--keys", admitted,
               folder=folder) as made:
        anna, bert = connect("anna", made.control), connect("bert", made.control)
        listens = connect("anna", made._url("status"), zmq.SUB)
        listens.socket.subscribe(b"gpmq1.")
        wait_until(lambda: answers(anna) and answers(bert), "they are not admitted")
        wait_until(lambda: bert.say("submit", 2, ops=[noop()]) or bert.hear() and
                   listens.socket.poll(100), "she does not listen")
        os.remove(os.path.join(admitted, "anna.pub"))
        admit("carl")
        reload(made)
        for socket in ("control", "status"):
            logged(made, "connection_shut_out", f"socket={socket}", "key_changed")
        logged(made, "connection_refused", "unknown_key")      # she tried again
        assert not answers(anna)
        assert answers(bert), "he had nothing to do with it"
        carl = connect("carl", made.control)
        wait_until(lambda: answers(carl), "he is not admitted")
        for wire in (anna, bert, carl, listens):
            wire.socket.close()


TESTS = [
    every_line_about_an_operation_has_its_attempt_and_its_trace,
    a_broker_takes_over_settings_that_may_change_and_names_those_that_may_not,
    a_worker_takes_over_other_places_while_it_runs,
    keys_that_are_taken_away_end_their_connections_and_new_ones_are_admitted,
    a_copy_of_a_busy_broker_has_all_that_was_accepted_before,
    a_check_says_what_is_wrong_by_its_exit_code,
]

if __name__ == "__main__":
    sys.exit(runner.run(TESTS, sys.argv[1:]))
