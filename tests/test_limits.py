#!/usr/bin/python3
"""Every limit of docs/protocol.md, section 10, that a real broker has: reached, refused with a type,
and nobody else hurt. The settings make them small; what they are by default is not asked here."""
import hashlib
import os
import re
import subprocess
import sys
import time

import msgpack
import zmq

import runner
from client import Client, item_id, new_id
from fleet import Fleet, program
from test_client import follow, is_running, noop, submit, wait_for

FLOOD = 300_000          # subscriptions of one client, which once took a broker to 540 MB
FLOOD_MAY_TAKE_MIB = 120
UNREAD_MAY_TAKE_MIB = 60
SANITIZED = os.environ.get("GPMQ_SANITIZE")  # keeps what was freed: its memory says nothing


def memory_mib(made, name="broker", what="VmRSS"):
    """Resident memory now; VmHWM: the most there ever was."""
    with open(f"/proc/{made.processes[name].pid}/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith(what))
    return int(line.split()[1]) / 1024


def wait_until(true, what, timeout_s=30):
    end = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.01)


def logged(made, *words):
    """Waits for a line of the broker's log that has all these words."""
    wait_until(lambda: any(all(word in line for word in words)
                           for line in made.log("broker").splitlines()), f"no line with {words}")


class Wire:
    """A connection without any care: it sends, and reads when it is told to."""

    def __init__(self, url, kind=zmq.DEALER, **options):
        self.socket = zmq.Context.instance().socket(kind)
        self.socket.linger, self.socket.sndtimeo = 0, 10000
        for name, value in options.items():
            setattr(self.socket, name, value)
        self.socket.connect(url)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, word, req, **body):
        self.socket.send(msgpack.packb(dict(body, type=word, req=req)))

    def hear(self, timeout_s=30):
        """The next answer; None: there is none in time."""
        if not self.socket.poll(timeout_s * 1000):
            return None
        return msgpack.unpackb(self.socket.recv())


def still_serves(client):
    """Somebody else is served as ever: submits, follows to the end, cancels."""
    op, = submit(client, noop(steps=3))
    follow(client, [op])
    op, = submit(client, noop(steps=1000, step_ms=100, grace_ms=500))
    wait_for(client, op, is_running)
    assert client.ask("cancel", ids=[op])["answers"][0]["disposition"] == "cancelling"
    follow(client, [op])


def refused(answer, code="full"):
    assert answer and answer.get("code") == code, answer
    assert answer["retry_after_ms"] > 0 and answer["text"], answer


# ---- connections -----------------------------------------------------------------------------


def connections_beyond_the_limit_are_closed_until_one_of_the_others_leaves():
    with Fleet("--connections-max", "8") as made:
        made.worker()
        held = [Wire(made.control) for _ in range(8)]
        for wire in held:
            wire.say("ping", 1)
            assert wire.hear()["type"] == "pong"
        with Wire(made.control) as late:
            late.say("ping", 1)
            logged(made, "connection_shut_out", "socket=control", "too_many_connections")
            assert late.hear(1) is None
            held[0].say("submit", 2, ops=[noop(steps=1000, step_ms=100, grace_ms=500)])
            op = held[0].hear()["answers"][0]["op"]
            held[0].say("cancel", 3, ids=[op])
            assert held[0].hear()["answers"][0]["disposition"].startswith("cancel")
            held.pop().socket.close()
            wait_until(lambda: late.say("ping", 2) or late.hear(0.2), "its place was not given on")
        for wire in held:
            wire.socket.close()


def one_address_has_a_share_of_the_connections():
    with Fleet("--connections-max", "100", "--host-connections-max", "5") as made:
        wires = [Wire(made.control) for _ in range(6)]
        for wire in wires:
            wire.say("ping", 1)
        logged(made, "connection_shut_out", "address=local", "too_many_connections_of_address")
        for wire in wires:
            wire.socket.close()
        assert Client(made.control).ask("ping")["type"] == "pong"


# ---- subscriptions ---------------------------------------------------------------------------


def topics(count, first=0):
    return [b"gpmq1." + item_id(bytes(16), str(n)).hex().encode() * 2
            for n in range(first, first + count)]


def a_flood_of_subscriptions_ends_its_connection_and_costs_the_broker_little():
    with Fleet() as made:
        made.worker()
        client = Client(made.control)
        still_serves(client)
        before = memory_mib(made)
        with Wire(client.welcome["status_url"], zmq.SUB, sndhwm=0) as greedy:
            for topic in topics(FLOOD):
                greedy.socket.subscribe(topic)
            logged(made, "connection_shut_out", "socket=status",
                   "too_many_subscriptions_of_connection")
            still_serves(client)
            took = memory_mib(made, what="VmHWM") - before
            print(f"  {FLOOD} subscriptions took {took:.0f} MiB at most")
            assert SANITIZED or took < FLOOD_MAY_TAKE_MIB, took
        still_serves(client)


def subscriptions_of_all_together_have_a_limit_and_those_that_are_there_stay():
    with Fleet("--subscriptions-max", "50", "--keepalive-ms", "200") as made:
        made.worker()
        client = Client(made.control)
        op, = submit(client, noop(steps=1000, step_ms=20))
        with Wire(client.welcome["status_url"], zmq.SUB, sndhwm=0) as polite, \
                Wire(client.welcome["status_url"], zmq.SUB, sndhwm=0) as late:
            polite.socket.subscribe(b"gpmq1." + bytes(16).hex().encode() + op.hex().encode())
            assert polite.socket.poll(30000)
            for topic in topics(50):
                late.socket.subscribe(topic)
            logged(made, "connection_shut_out", "reason=too_many_subscriptions ")
            polite.socket.recv_multipart()
            for _ in range(20):
                assert polite.socket.poll(30000), "what was there before hears nothing any more"
                polite.socket.recv_multipart()


def a_topic_that_nothing_has_ends_the_connection():
    with Fleet() as made:
        client = Client(made.control)
        with Wire(client.welcome["status_url"], zmq.SUB) as odd:
            odd.socket.subscribe(b"gpmq1." + b"0" * 300)
            logged(made, "connection_shut_out", "topic_too_long")


# ---- watches, answers ------------------------------------------------------------------------


def watches_of_one_connection_have_a_limit_and_an_end_makes_room():
    with Fleet("--connection-watches-max", "3") as made:
        client = Client(made.control)
        ops = submit(client, *[noop() for _ in range(5)])
        with Wire(made.control) as wire:
            wire.say("watch", 7, watches=[{"op": op} for op in ops])
            for op in ops[:3]:
                answer = wire.hear()
                assert (answer["type"], answer["op"]) == ("watching", op), answer
            refused(wire.hear())
            with Wire(made.control) as other:
                other.say("watch", 1, watches=[{"op": ops[3]}])
                assert other.hear()["type"] == "watching"
            wire.say("unwatch", 0, ids=[ops[0]])
            wire.say("watch", 8, watches=[{"op": ops[4]}])
            assert wire.hear()["type"] == "watching"
            assert client.ask("stats")["watches"] == 3
        wait_until(lambda: client.ask("stats").get("watches", 0) == 0, "it left, its watches not")


def watches_of_all_have_a_limit():
    with Fleet("--watches-max", "2") as made:
        ops = submit(Client(made.control), *[noop() for _ in range(3)])
        with Wire(made.control) as wire, Wire(made.control) as other:
            wire.say("watch", 1, watches=[{"op": op} for op in ops[:2]])
            assert [wire.hear()["type"] for _ in range(2)] == ["watching"] * 2
            other.say("watch", 1, watches=[{"op": ops[2]}])
            refused(other.hear())


def answers(wire, count):
    """The next so many answers, by type or code."""
    kinds = {}
    for _ in range(count):
        answer = wire.hear()
        assert answer, f"no more after {kinds}"
        if answer["type"] == "error":
            refused(answer)
        kind = answer.get("code") or answer["type"]
        kinds[kind] = kinds.get(kind, 0) + 1
    return kinds


def large_answers_that_nobody_reads_are_refused_and_fetched_later():
    with Fleet("--connection-unread-kib", "4096") as made:
        made.worker()
        client = Client(made.control)
        op, = submit(client, noop(steps=1, result_bytes=20_000_000))
        follow(client, [op])
        before, count = memory_mib(made), 400
        with Wire(made.control, rcvhwm=1, rcvbuf=65536) as deaf:
            for n in range(count):
                deaf.say("fetch", n + 1, op=op, offset=0)
            wait_until(lambda: int(client.ask("stats")["clients"]) == 2, "it is not there")
            still_serves(client)
            took = memory_mib(made, what="VmHWM") - before
            print(f"  {count} answers of 256 KiB that nobody read took {took:.0f} MiB at most")
            assert SANITIZED or took < UNREAD_MAY_TAKE_MIB, took
            kinds = answers(deaf, count)
            assert kinds["chunk"] >= 1 and kinds["full"] >= count // 2, kinds
            deaf.say("fetch", count + 1, op=op, offset=0)
            assert deaf.hear()["type"] == "chunk", "it has read all, and gets nothing"


def who_reads_all_the_time_is_refused_nothing():
    with Fleet("--connection-unread-kib", "2048", "--unread-kib", "4096") as made:
        made.worker()
        client = Client(made.control)
        op, = submit(client, noop(steps=1, result_bytes=600_000))
        follow(client, [op])
        with Wire(made.control) as wire:
            for n in range(300):          # 75 MiB, and no pause in which anything could settle
                wire.say("fetch", n + 1, op=op, offset=0)
                answer = wire.hear()
                assert answer["type"] == "chunk", (n, answer)


def unread_answers_of_all_have_a_limit():
    with Fleet("--unread-kib", "2048") as made:
        made.worker()
        client = Client(made.control)
        op, = submit(client, noop(steps=1, result_bytes=3_000_000))
        follow(client, [op])
        deaf = [Wire(made.control, rcvhwm=1, rcvbuf=65536) for _ in range(4)]
        for n, wire in enumerate(deaf * 10):
            wire.say("fetch", n + 1, op=op, offset=0)
        still_serves(client)
        kinds = [answers(wire, 10) for wire in deaf]
        assert sum(kind.get("full", 0) for kind in kinds) >= 20, kinds
        for wire in deaf:
            wire.socket.close()


def a_round_answers_what_it_has_room_for():
    with Fleet() as made:
        made.worker()
        client = Client(made.control)
        op, = submit(client, noop(steps=1, result_bytes=300_000))
        follow(client, [op])
        made.freeze("broker")
        wires = [Wire(made.control, rcvhwm=0) for _ in range(4)]
        for n in range(200):
            for wire in wires:
                wire.say("fetch", n + 1, op=op, offset=0)
        made.thaw("broker")
        kinds = [answers(wire, 200) for wire in wires]
        assert any(kind.get("chunk") for kind in kinds), kinds
        assert any(kind.get("full") for kind in kinds), "200 MB were no matter for one round"
        still_serves(client)
        for wire in wires:
            wire.socket.close()


# ---- contents --------------------------------------------------------------------------------


def put(wire, content, size=None):
    """Begins to put content; the first answer."""
    digest = hashlib.blake2b(content, digest_size=32).digest()
    wire.say("put", 1, digest=digest, size=size or len(content), offset=0,
             bytes=content[:256 * 1024])
    return wire.hear()


def contents_of_one_client_have_a_quota_and_what_runs_goes_on():
    with Fleet("--client-content-mib", "1") as made:
        made.worker()
        client = Client(made.control)
        slow, = submit(client, noop(steps=1000, step_ms=100, grace_ms=500))
        with Wire(made.control) as wire:
            assert put(wire, b"a" * 1000)["type"] == "put_ok"
            refused(put(wire, b"b", 1 << 20))
            op, = submit(client, noop(steps=1, result_bytes=3 << 20))
            follow(client, [op])                     # more than the quota, but it was accepted
            wire.say("submit", 2, ops=[noop()])
            refused(wire.hear())
            wire.say("submit_batch", 3, batch=new_id(), template={"kind": "noop"},
                     items=[{"key": "1"}])
            refused(wire.hear())
            made.restart("broker")
            wait_until(lambda: wire.say("submit", 4, ops=[noop()]) or wire.hear(1), "no broker")
            wire.say("cancel", 5, ids=[slow])
            end = time.monotonic() + 30
            while (answer := wire.hear())["type"] != "cancel_answer" and time.monotonic() < end:
                refused(answer)
            assert answer["answers"][0]["disposition"] == "cancelling", answer
            follow(client, [slow])


def contents_of_all_have_a_quota():
    with Fleet("--content-mib", "1") as made, Wire(made.control) as wire:
        assert put(wire, b"a" * 1000, 1 << 19)["type"] == "put_ok"
        refused(put(wire, b"b", 1 << 20))
        assert put(wire, b"c", 1 << 19)["type"] == "put_ok"
        wire.say("submit", 2, ops=[noop()])
        refused(wire.hear())


# ---- operations ------------------------------------------------------------------------------


def operations_have_a_limit_and_can_be_cancelled_at_it():
    with Fleet("--open-max", "4", "--client-open-max", "3") as made:
        client = Client(made.control)
        ops = submit(client, *[noop() for _ in range(3)])
        with Wire(made.control) as wire:
            request = noop()
            wire.say("submit", 1, ops=[request])
            refused(wire.hear()["answers"][0])
            assert client.ask("cancel", ids=[ops[0]])["answers"][0]["disposition"] == "cancelled"
            wire.say("submit", 2, ops=[request])
            assert "code" not in wire.hear()["answers"][0]
        assert {op["state"] for op in client.ask("query", ids=ops[1:])["ops"]} == {"waiting"}


def messages_that_hold_too_much_are_refused_whole():
    with Fleet() as made, Wire(made.control) as wire:
        ids = [new_id() for _ in range(1001)]
        for req, (word, body) in enumerate([
                ("query", {"ids": ids}), ("cancel", {"ids": ids}),
                ("watch", {"watches": [{"op": op} for op in ids]}),
                ("submit", {"ops": [dict(noop(), id=op) for op in ids]}),
                ("submit", {"ops": [dict(noop(), label="x" * 1025)]}),
                ("submit", {"ops": [dict(noop(), after=ids[:17])]}),
                ("submit", {"ops": [dict(noop(), keys=[{"name": str(n), "limit": 1}
                                                       for n in range(9)])]}),
                ("submit", {"ops": [dict(noop(), args=" " * 65537)]}),
                ("put", {"digest": bytes(32), "size": 1 << 20, "bytes": bytes(256 * 1024 + 1)}),
                ], 1):
            wire.say(word, req, **body)
            answer = wire.hear()
            assert answer.get("code") == "too_big", (req, word, answer)
        assert Client(made.control).ask("list", limit=10).get("ops", []) == []


def a_message_of_more_than_a_mebibyte_ends_its_connection():
    with Fleet() as made:
        client = Client(made.control)
        with Wire(made.control) as wire:
            wire.socket.send(b"\0" * (1 << 20) + b"\0")
            assert wire.hear(0.5) is None
        assert client.ask("ping")["type"] == "pong"


def the_document_names_every_limit_and_its_default():
    source = os.environ.get("GPMQ_SOURCE_DIR", os.path.join(os.path.dirname(__file__), ".."))
    with open(os.path.join(source, "broker", "broker_limits.h"), encoding="utf-8") as file:
        rows = re.findall(r'X\(\w+,\s*"([\w-]+)",\s*"N",\s*"[^"]*\((\d+)\)",\s*\d+,\s*\d+,\s*(\d+)\)',
                          file.read().replace("\\\n", ""))
    with open(os.path.join(source, "docs", "protocol.md"), encoding="utf-8") as file:
        limits = file.read().split("## 10. Limits")[1].split("## 11.")[0]
    assert len(rows) == 11, rows
    for option, said, number in rows:
        value = int(number)
        text = f"{value // 1024} MiB" if option.endswith("-kib") else \
            f"{value // 1024} GiB" if option.endswith("-mib") else f"{value:,}"
        assert said == number and text in limits, (option, said, number, text)
        help_text = subprocess.run([program("gpmq-broker"), "--help"], capture_output=True,
                                   text=True, check=True).stdout
        assert f"--{option}=N" in help_text, option


TESTS = [
    the_document_names_every_limit_and_its_default,
    connections_beyond_the_limit_are_closed_until_one_of_the_others_leaves,
    one_address_has_a_share_of_the_connections,
    a_flood_of_subscriptions_ends_its_connection_and_costs_the_broker_little,
    subscriptions_of_all_together_have_a_limit_and_those_that_are_there_stay,
    a_topic_that_nothing_has_ends_the_connection,
    watches_of_one_connection_have_a_limit_and_an_end_makes_room,
    watches_of_all_have_a_limit,
    large_answers_that_nobody_reads_are_refused_and_fetched_later,
    who_reads_all_the_time_is_refused_nothing,
    unread_answers_of_all_have_a_limit,
    a_round_answers_what_it_has_room_for,
    contents_of_one_client_have_a_quota_and_what_runs_goes_on,
    contents_of_all_have_a_quota,
    operations_have_a_limit_and_can_be_cancelled_at_it,
    messages_that_hold_too_much_are_refused_whole,
    a_message_of_more_than_a_mebibyte_ends_its_connection,
]

if __name__ == "__main__":
    sys.exit(runner.run(TESTS, sys.argv[1:]))
