#!/usr/bin/python3
"""tests/client.py against real brokers and workers: what a stranger gets from docs/protocol.md."""
import hashlib
import json
import random
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import msgpack

import rules
from client import Client, item_id, new_id
from fleet import Fleet

KEEPALIVE_MS = 200
GRACE_MS = 500
CANCEL_BOUND_S = GRACE_MS / 1000 + 5


def fleet(workers=1, *options):
    """A broker with workers; each test has its own."""
    made = Fleet("--keepalive-ms", str(KEEPALIVE_MS), "--lease-ms", "2000")
    for n in range(workers):
        made.worker(f"worker-{n + 1}", *options)
    return made


def noop(**args):
    fields = {key: args.pop(key) for key in ("grace_ms", "attempts", "backoff_ms") if key in args}
    return dict(fields, id=new_id(), kind="noop", args=json.dumps(args))


def submit(client, *requests):
    answers = client.ask("submit", ops=list(requests))["answers"]
    assert [answer["op"] for answer in answers] == [request["id"] for request in requests], answers
    assert not any("code" in answer for answer in answers), answers
    return [request["id"] for request in requests]


def follow(client, ops, **how):
    """Follows to the end, and holds every history to the rules of the document."""
    histories = client.follow(ops, **how)
    for op in ops:
        assert not rules.broken(histories[op]), "\n".join(rules.broken(histories[op]))
    return histories


def last(history):
    return msgpack.unpackb(history[-1])


def wait_for(client, op, wanted, timeout_s=30):
    """Asks until an operation is as wanted; every question waits for its answer."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        shown = client.ask("query", ids=[op])["ops"][0]
        if wanted(shown):
            return shown
    raise TimeoutError(f"still {shown}")


def is_running(shown):
    return shown["state"] == "running"


def the_same_submit_twice_is_one_operation_and_another_body_is_refused():
    with fleet() as made:
        client, request = Client(made.control), noop(steps=2)
        submit(client, request)
        follow(client, [request["id"]])
        again = client.ask("submit", ops=[request])["answers"][0]
        other = client.ask("submit", ops=[dict(request, label="another")])["answers"][0]
        assert again["known"] and again["state"] == "succeeded", again
        assert other["code"] == "conflict", other
        assert len(client.ask("list", limit=10)["ops"]) == 1


class Subscriber:
    """One way to follow badly. keep() counts what came and what was lost."""

    def __init__(self, loss=0.0, slow_ms=0, reconnect_after=0, from_seq=0):
        self.loss, self.slow_ms, self.reconnect_after = loss, slow_ms, reconnect_after
        self.from_seq, self.came, self.lost, self.random = from_seq, 0, 0, random.Random(1)

    def keep(self, client):
        self.came += 1
        client.control.poll(self.slow_ms)
        if self.reconnect_after and self.came % self.reconnect_after == 0:
            client.connect()
        if self.random.random() < self.loss:
            self.lost += 1
            return False
        return True

    def run(self, url, ops):
        client = Client(url, self.keep)
        for op in ops:
            wait_for(client, op, lambda shown: shown["seq"] >= self.from_seq)
        return follow(client, ops)


def every_subscriber_ends_with_the_history_of_an_undisturbed_one():
    ways = {"undisturbed": Subscriber(), "30 % lost": Subscriber(loss=0.3),
            "all lost": Subscriber(loss=1.0), "late": Subscriber(from_seq=60),
            "late and 30 % lost": Subscriber(loss=0.3, from_seq=60),
            "slow": Subscriber(slow_ms=15), "slow and 30 % lost": Subscriber(0.3, slow_ms=15),
            "reconnecting": Subscriber(reconnect_after=25),
            "reconnecting and 30 % lost": Subscriber(loss=0.3, reconnect_after=25)}
    with fleet() as made, ThreadPoolExecutor(len(ways)) as pool:
        ops = submit(Client(made.control), noop(steps=30, step_ms=40, messages=600),
                     noop(steps=5, step_ms=200, messages=99))
        running = {name: pool.submit(way.run, made.control, ops) for name, way in ways.items()}
        histories = {name: future.result() for name, future in running.items()}
        histories["after the end"] = Subscriber().run(made.control, ops)
    wanted = histories.pop("undisturbed")
    assert min(len(wanted[op]) for op in ops) > 90, {op: len(wanted[op]) for op in ops}
    assert ways["undisturbed"].came > 90, "it heard next to nothing on the status socket"
    frames = sum(len(wanted[op]) for op in ops)
    for name, way in ways.items():
        assert (way.lost > 0) == (way.loss > 0), (name, way.came, way.lost)
        assert not way.slow_ms or way.came < frames, f"{name}: it kept up with {frames} frames"
    for name, histories in histories.items():
        assert histories == wanted, name


def an_operation_that_fails_says_so_in_its_final_frame():
    with fleet() as made:
        client = Client(made.control)
        op, = submit(client, noop(steps=2, fail="access", attempts=1))
        end = last(follow(client, [op])[op])
        assert end["state"] == "failed" and end["hr_status"] < 0, end
        assert end["result"]["overall_status"] == end["hr_status"], end


def an_executor_that_always_crashes_ends_dead():
    with fleet() as made:
        client = Client(made.control)
        op, = submit(client, noop(steps=2, crash=True, backoff_ms=10))
        assert last(follow(client, [op])[op])["state"] == "dead"


def dead_ids(client):
    return [op["op"] for op in client.ask("list", dead_only=True).get("ops", ())]


def what_is_dead_is_listed_run_again_and_dropped():
    with fleet() as made:
        client = Client(made.control)
        dead, = submit(client, noop(steps=2, crash=True, backoff_ms=10))
        final = follow(client, [dead])[dead]
        assert dead_ids(client) == [dead]
        answer, = client.ask("dead", ids=[dead])["answers"]
        again = answer["op"]
        assert again != dead and "code" not in answer, answer
        assert last(follow(client, [again])[again])["state"] == "dead", "its input is as it was"
        first, second = client.ask("query", ids=[dead, again])["ops"]
        assert (first["fate"], first["retried_as"]) == ("retried", again), first
        assert second["retry_of"] == dead and second["crashes"] == 3, second
        assert dead_ids(client) == [again]
        made.restart("broker")
        client = Client(made.control)
        answer, = client.ask("dead", ids=[dead])["answers"]
        assert (answer["op"], answer["known"], answer["state"]) == (again, True, "dead"), answer
        client.ask("dead", ids=[again], drop=True)
        assert dead_ids(client) == []
        assert client.ask("query", ids=[again])["ops"][0]["fate"] == "dropped"
        assert follow(client, [dead])[dead] == final, "its history is as it was"


def an_operation_that_reaches_its_deadline_ends_expired():
    with fleet() as made:
        client = Client(made.control)
        now = client.welcome["time_unix_ms"]
        op, = submit(client, dict(noop(steps=100, step_ms=100), deadline_unix_ms=now + 500))
        assert last(follow(client, [op])[op])["state"] == "expired"


def a_queued_operation_is_cancelled_at_once():
    with fleet(workers=0) as made:
        client = Client(made.control)
        op, = submit(client, noop(steps=1))
        answer, = client.ask("cancel", ids=[op])["answers"]
        assert (answer["op"], answer["disposition"]) == (op, "cancelled"), answer
        assert last(follow(client, [op], timeout_s=2)[op])["state"] == "cancelled"


def cancel_running(**args):
    with fleet() as made:
        client = Client(made.control)
        op, = submit(client, noop(steps=1000, step_ms=100, grace_ms=GRACE_MS, **args))
        wait_for(client, op, is_running)
        asked = time.monotonic()
        answer, = client.ask("cancel", ids=[op], grace_ms=GRACE_MS)["answers"]
        assert answer["disposition"] == "cancelling", answer
        assert 0 < answer["deadline_ms"] <= CANCEL_BOUND_S * 1000, answer
        end = last(follow(client, [op])[op])
        assert time.monotonic() - asked < CANCEL_BOUND_S
        assert end["state"] == "cancelled", end
        assert end["result"]["overall_status"] == end["hr_status"], end


def a_running_operation_is_cancelled_within_its_grace():
    cancel_running()


def a_running_operation_that_does_not_listen_is_killed_after_its_grace():
    cancel_running(ignore_stop=True)


def a_finished_operation_is_too_late_to_cancel_and_an_unknown_one_is_not_found():
    with fleet() as made:
        client = Client(made.control)
        op, = submit(client, noop(steps=1))
        follow(client, [op])
        late, unknown = client.ask("cancel", ids=[op, new_id()])["answers"]
        assert (late["disposition"], late["state"]) == ("too_late", "succeeded"), late
        assert unknown["disposition"] == "not_found", unknown


def submit_batch(client, count, **args):
    batch, items = new_id(), [{"key": str(n), "label": f"item {n}"} for n in range(count)]
    body = dict(batch=batch, template={"kind": "noop", "args": json.dumps(args)}, last=True)
    answers = client.ask("submit_batch", items=items, **body)["answers"]
    assert [answer["op"] for answer in answers] == [item_id(batch, item["key"]) for item in items]
    again = client.ask("submit_batch", items=items, **body)["answers"]
    assert all(answer["known"] for answer in again), again
    return batch, [answer["op"] for answer in answers]


def a_batch_has_a_progress_of_its_own_under_loss_as_well():
    with fleet(workers=2) as made:
        client = Client(made.control, Subscriber(loss=0.3).keep)
        batch, ops = submit_batch(client, 40, steps=4, step_ms=20, messages=2)
        histories = follow(client, [batch] + ops, batch=batch)
        assert len(histories[batch]) > 5, len(histories[batch])
        assert last(histories[batch])["state"] == "succeeded"
        shown = client.ask("query", ids=[batch])["ops"][0]
        assert (shown["total"], shown["succeeded"], shown["closed"]) == (40, 40, True), shown
        assert histories == follow(Client(made.control), [batch] + ops, batch=batch)


def a_batch_is_cancelled_as_one():
    with fleet() as made:
        client = Client(made.control)
        batch, ops = submit_batch(client, 30, steps=1000, step_ms=100)
        wait_for(client, ops[0], is_running)
        answer, = client.ask("cancel", ids=[batch], grace_ms=GRACE_MS)["answers"]
        assert answer["disposition"] == "cancelling", answer
        histories = follow(client, [batch] + ops, batch=batch)
        assert {last(histories[op])["state"] for op in [batch] + ops} == {"cancelled"}


def a_client_goes_on_when_the_broker_is_killed_and_comes_back():
    with fleet(workers=2) as made:
        restarts = iter([30, 90])
        killed = []

        def show(frame):
            if frame["kind"] == "message" and frame["seq"] >= threshold[0]:
                killed.append(frame["seq"])
                threshold[0] = next(restarts, 10**9)
                made.restart("broker")

        threshold = [next(restarts)]
        client = Client(made.control, show=show)
        ops = submit(client, *(noop(steps=30, step_ms=60, messages=150) for _ in range(3)))
        histories = follow(client, ops)
        assert len(killed) == 2, killed
        assert all(last(histories[op])["state"] == "succeeded" for op in ops)
        assert histories == follow(Client(made.control), ops)


def a_watch_of_a_thousand_operations_is_answered_a_thousand_times():
    with fleet(workers=0) as made:
        client, answered = Client(made.control), set()
        ops = submit(client, *(noop() for _ in range(1000)))
        client.tell("watch", watches=[{"op": op} for op in ops])
        client.end = time.monotonic() + 10
        while len(answered) < len(ops):
            reply = client.pump()
            if reply.get("type") == "watching":
                answered.add(reply["op"])
        assert answered == set(ops)


def a_result_that_is_large_is_fetched_in_pieces():
    with fleet() as made:
        client = Client(made.control)
        op, = submit(client, noop(steps=1, result_bytes=600_000))
        result, content = last(follow(client, [op])[op])["result"], b""
        while len(content) < result["size"]:
            chunk = client.ask("fetch", op=op, offset=len(content))
            assert chunk.get("offset", 0) == len(content) and chunk["size"] == result["size"]
            content += chunk["bytes"]
        assert hashlib.blake2b(content, digest_size=32).digest() == result["digest"]


def an_input_is_put_before_the_request_that_names_it():
    content = bytes(range(256)) * 3000
    digest = hashlib.blake2b(content, digest_size=32).digest()
    with fleet() as made:
        client, offset = Client(made.control), 0
        request = dict(noop(), input_size=len(content), input_digest=digest)
        for wanted, text in ((request, "not_found"), (dict(noop(), input_size=7), "input")):
            try:
                refused = client.ask("submit", ops=[wanted])["answers"][0]
                assert text in refused["text"], refused
            except RuntimeError as error:
                assert text in str(error), error
        while offset < len(content):
            offset = client.ask("put", digest=digest, size=len(content), offset=offset,
                                bytes=content[offset:offset + 262144])["offset"]
        assert client.ask("put", digest=digest, size=len(content), offset=0, bytes=content[:10])["offset"] == len(content)
        op, = submit(client, request)
        made.restart("broker")
        again, = submit(client, dict(request, id=new_id()))
        histories = follow(client, [op, again])
        assert all(last(history)["state"] == "succeeded" for history in histories.values()), histories


def what_makes_no_sense_is_answered_with_a_typed_error():
    with fleet(workers=0) as made:
        client = Client(made.control)
        for word, body, code in (("dance", {}, "unsupported"), ("submit", {"ops": 7}, "malformed"),
                                 ("submit", {"ops": [noop(), {"kind": "x" * 65}]}, "too_big"),
                                 ("replay", {"op": new_id(), "from": 1}, "not_found")):
            try:
                raise AssertionError(client.ask(word, **body))
            except RuntimeError as refused:
                assert f": {code}: " in str(refused), refused


TESTS = (the_same_submit_twice_is_one_operation_and_another_body_is_refused,
         every_subscriber_ends_with_the_history_of_an_undisturbed_one,
         an_operation_that_fails_says_so_in_its_final_frame,
         an_executor_that_always_crashes_ends_dead,
         what_is_dead_is_listed_run_again_and_dropped,
         an_operation_that_reaches_its_deadline_ends_expired,
         a_queued_operation_is_cancelled_at_once,
         a_running_operation_is_cancelled_within_its_grace,
         a_running_operation_that_does_not_listen_is_killed_after_its_grace,
         a_finished_operation_is_too_late_to_cancel_and_an_unknown_one_is_not_found,
         a_batch_has_a_progress_of_its_own_under_loss_as_well,
         a_batch_is_cancelled_as_one,
         a_client_goes_on_when_the_broker_is_killed_and_comes_back,
         a_watch_of_a_thousand_operations_is_answered_a_thousand_times,
         a_result_that_is_large_is_fetched_in_pieces,
         an_input_is_put_before_the_request_that_names_it,
         what_makes_no_sense_is_answered_with_a_typed_error)


def main(words):
    passed, failed = 0, 0
    for test in (test for test in TESTS if not words or any(w in test.__name__ for w in words)):
        begun = time.monotonic()
        try:
            test()
            passed += 1
            print(f"ok      {test.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            traceback.print_exc()
            print(f"FAILED  {test.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
