#!/usr/bin/python3
"""kill -9 at random moments of real work, round after round: is anything lost, or done twice?

A broker with a store on disk and three workers with a folder domain and a repository live through
all rounds. In each, clients submit backups of every GPO, imports into new and into existing GPOs
and a batch of noops; meanwhile kill -9 hits the broker, a worker, an executor or all workers, once
or twice, and what it hit is started again at once (with --freeze: or a broker or worker stands
still for longer than a lease, while its executors go on). Half of the strikes come at any time,
half at the moment when something changes in repository or domain: between an effect and the report
of it. history.py says whether what the clients were told and what lies in repository and domain fit
together, and all ended within 10 s after all was back.
"""
import argparse
import collections
import json
import os
import random
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import msgpack

import effects
import rules
from client import Client, item_id, new_id
from fleet import BUILD, Fleet
from history import Books, Recorder

WORKERS = ("worker-1", "worker-2", "worker-3")
KILLS = ("broker", "worker", "executor", "all workers")
FREEZES = ("frozen broker", "frozen worker")
LEASE_S = 2
GLANCE_S = 0.0001      # between two looks at a folder, when a strike is aimed
BACK_LIMIT_S = 10      # all has ended so long after the last victim was started again
PATIENCE_S = 30        # how much longer we look whether what is late comes at all
LOSS = 0.2             # share of status frames that our clients lose on purpose
IMPORTS_NEW, IMPORTS_INTO, NOOPS = 5, 3, 8
RETRY = {"backoff_ms": 50, "attempts": 3, "grace_ms": 1000}
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "demo-domain")


class Witness(Client):
    """A client that writes down all that it asks and all that it is told."""

    def __init__(self, url, recorder, name, loss=LOSS):
        self.recorder, self.name = recorder, name
        super().__init__(url, keep=lambda client: random.random() >= loss)

    def take(self, *frames):
        for encoded in frames:
            self.recorder.told(self.name, encoded)
        super().take(*frames)

    def submit(self, word, asked, **body):
        """Submits by `submit` or `submit_batch`; asked: what each id stands for."""
        self.recorder.write("invoke", self.name, word=word,
                            asked={op.hex(): what for op, what in asked.items()})
        answers = self.ask(word, **body)["answers"]
        self.recorder.write("ok", self.name, word=word,
                            accepted={answer["op"].hex(): answer["state"] for answer in answers
                                      if not answer.get("code")},
                            refused={answer["op"].hex(): answer["text"] for answer in answers
                                     if answer.get("code")})

    def see_the_end(self, ops, timeout_s, batch=bytes(16)):
        """Follows to the end; what is not there in time is waited for a little longer."""
        self.recorder.write("invoke", self.name, word="follow")
        for patience_s in (timeout_s, PATIENCE_S):
            try:
                self.follow(ops, batch, patience_s)
                return
            except TimeoutError:
                self.recorder.write("info", self.name, word="follow", open=list(self.open))

    def look_again(self, ops):
        """Asks for the states after the end."""
        shown = self.ask("query", ids=list(ops))["ops"]
        self.recorder.write("ok", self.name, word="query", ends=rules.ENDS,
                            states={op["op"].hex(): op["state"] for op in shown})


class Work:
    """The requests of one round, chosen by its seed."""

    def __init__(self, rng, gpos, targets, backups):
        imports = [dict(RETRY, kind="gpo.import", backup=rng.choice(backups), create=True)
                   for _ in range(IMPORTS_NEW)]
        imports += [dict(RETRY, kind="gpo.import", backup=rng.choice(backups), gpo=target)
                    for target in targets for _ in range(IMPORTS_INTO)]
        saves = [dict(RETRY, kind="gpo.backup", gpo=gpo) for gpo in gpos]
        self.requests = imports + saves
        rng.shuffle(self.requests)
        for request in self.requests:
            request.update(id=new_id(), domain="d", repository="r")
            request["comment" if request["kind"] == "gpo.backup" else "name"] = request["id"].hex()
        self.batch, self.items = new_id(), [{"key": str(n)} for n in range(NOOPS)]
        self.noop = dict(RETRY, kind="noop",
                         args=json.dumps({"steps": 10, "step_ms": 40, "messages": 10}))

    def real_ops(self):
        return [request["id"] for request in self.requests]

    def batch_ops(self):
        return [self.batch] + [item_id(self.batch, item["key"]) for item in self.items]

    def do_real(self, client, timeout_s):
        asked = {request["id"]: {key: request[key] for key in ("kind", "gpo", "backup")
                                 if key in request} for request in self.requests}
        client.submit("submit", asked, ops=self.requests)
        client.see_the_end(self.real_ops(), timeout_s)

    def do_batch(self, client, timeout_s):
        asked = {op: {"kind": "noop"} for op in self.batch_ops()}
        client.submit("submit_batch", asked, batch=self.batch, template=self.noop,
                      items=self.items, last=True)
        client.see_the_end(self.batch_ops(), timeout_s, self.batch)


class Killer:
    """kill -9 of one process of a fleet, which is started again at once; or worse."""

    def __init__(self, fleet, recorder, kinds):
        self.fleet, self.recorder, self.kinds = fleet, recorder, kinds
        self.hits, self.newest, self.orphans = collections.Counter(), "", set()

    def strike(self, rng):
        kind, worker = rng.choice(self.kinds), rng.choice(WORKERS)
        executors = self.fleet.children(worker)
        self.recorder.write("kill", "killer", victim=kind, worker=worker, executors=executors)
        if kind == "executor" and executors:
            self.fleet.kill_child(worker, rng.choice(executors))
        elif kind == "broker":
            self.fleet.restart("broker")
        elif kind in FREEZES:
            self.freeze("broker" if kind == "frozen broker" else worker)
        else:
            self.orphans.update(executors)
            self.fleet.restart(*(WORKERS if kind == "all workers" else [worker]))
        self.hits[kind] += 1
        self.newest = kind
        self.recorder.write("back", "killer", victim=kind)

    def freeze(self, name):
        self.fleet.freeze(name)
        threading.Event().wait(1.5 * LEASE_S)
        self.fleet.thaw(name)

    def left_behind(self):
        """Executors that have outlived the worker that was killed."""
        return [pid for pid in self.orphans if is_executor(pid)]


def is_executor(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="latin-1") as stat:
            name, _, rest = stat.read().partition("(")[2].rpartition(")")
            return name.startswith("gpmq-executor"[:15]) and rest.split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Chaos:
    """The fleet with its domain and repository, and the books over all rounds."""

    def __init__(self, seed, kinds):
        self.seed = seed
        self.fleet = Fleet("--lease-ms", str(LEASE_S * 1000), "--keepalive-ms", "200")
        domain, repository = self.fleet.path("domain"), self.fleet.path("repository")
        subprocess.run([os.path.join(BUILD, "tests", "make_domain"), DATA, domain], check=True,
                       stdout=subprocess.DEVNULL)
        os.mkdir(repository)
        for name in WORKERS:
            self.fleet.worker(name, "--executors", "2", "--domain", "d=folder:" + domain,
                              "--repository", "r=" + repository, *self.worker_options())
        self.recorder = Recorder(self.fleet.path("history.jsonl"))
        self.books, self.read_to = Books(repository, domain), 0
        self.killer = Killer(self.fleet, self.recorder, kinds)
        self.gpos = sorted(self.books.before)
        self.longest_s, self.newest_s, self.length_s = 0.0, 0.0, 1.0

    def worker_options(self):
        """What else the workers are to serve."""
        return ()

    def work(self, rng):
        """What is to be done in a round."""
        return Work(rng, self.gpos, self.gpos[:2], sorted(self.books.seen))

    def witness(self, name, loss=LOSS):
        return Witness(self.fleet.control, self.recorder, name, loss)

    def first_backups(self):
        """A round without a strike: something to import, and how long a round takes."""
        begun = time.monotonic()
        work = Work(random.Random(self.seed), self.gpos, (), ["{}"])
        work.requests = [one for one in work.requests if one["kind"] == "gpo.backup"]
        self.play(work, random.Random(self.seed), strikes=0)
        self.length_s = time.monotonic() - begun

    def round(self, number):
        rng = random.Random(f"{self.seed}:{number}")
        self.play(self.work(rng), rng, strikes=rng.choice((1, 1, 2)))

    def play(self, work, rng, strikes):
        """Does the work under strikes, and enters what came of it into the books."""
        self.recorder.write("back", "chaos")
        timeout_s = self.length_s + BACK_LIMIT_S
        with ThreadPoolExecutor(3) as pool:
            clients = [pool.submit(work.do_real, self.witness("real"), timeout_s),
                       pool.submit(work.do_batch, self.witness("batch"), timeout_s)]
            for _ in range(strikes):
                self.wait_for_moment(rng)
                self.killer.strike(rng)
            for client in clients:
                client.result()
        ops = work.real_ops() + work.batch_ops()
        late = self.witness("late", loss=0.0)
        late.look_again(ops)
        late.see_the_end(ops, BACK_LIMIT_S)
        self.judge(ops)

    def wait_for_moment(self, rng):
        """Until any time, or until a folder has changed so many times."""
        aimed, end = rng.random() < 0.5, time.monotonic() + rng.uniform(0, self.length_s)
        folder = rng.choice((self.books.repository, os.path.join(self.books.domain, "Policies")))
        left, newest, never = rng.randrange(1, 20), os.stat(folder).st_mtime_ns, threading.Event()
        while left > 0 and time.monotonic() < (end + self.length_s if aimed else end):
            never.wait(GLANCE_S if aimed else end - time.monotonic())
            changed = os.stat(folder).st_mtime_ns
            left, newest = left - (aimed and changed != newest), changed

    def judge(self, ops):
        events, self.read_to = self.recorder.read(self.read_to)
        self.books.take(events)
        self.books.judge([op.hex() for op in ops], BACK_LIMIT_S)
        ends = [self.books.ops[op.hex()].ended_at or 0.0 for op in ops]
        self.newest_s = max(ends) - self.books.back_at
        self.longest_s = max(self.longest_s, self.newest_s)

    def finish(self):
        """After the last round: the whole repository, by our eyes and by its own verification."""
        self.books.judge_all()
        for pid in self.killer.left_behind():
            self.books.find("unexpected", pid, "an executor outlived its worker")
        client, op = self.witness("verify", loss=0.0), new_id()
        client.ask("submit", ops=[{"id": op, "kind": "backup.verify", "repository": "r",
                                   "read_data": True}])
        end = msgpack.unpackb(client.follow([op], timeout_s=120)[op][-1])
        if end["state"] != "succeeded" or end["result"]["overall_status"] != 0:
            self.books.find("unexpected", op.hex(), f"backup.verify: {end}")


def run(chaos, given):
    """Plays the rounds until one shows something, or cannot go on; how many were clean."""
    try:
        return play_rounds(chaos, given)
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc()
        chaos.books.find("lost", "all", "the round could not go on")
        return 0


def play_rounds(chaos, given):
    """Until the rounds are played, or --kills have hit."""
    chaos.first_backups()
    for number in range(given.first, given.first + given.rounds):
        if chaos.books.findings or given.kills and chaos.killer.hits.total() >= given.kills:
            given.rounds = number - given.first
            break
        chaos.round(number)
        if given.verbose:
            print(f"round {number}: {chaos.books.counts()}; {chaos.killer.newest}; ended "
                  f"{chaos.newest_s:.1f} s after", flush=True)
    chaos.finish()
    return given.rounds - bool(chaos.books.findings)


def report(chaos, given, clean):
    for _, text in chaos.books.findings[:20]:
        print(text)
    hits = ", ".join(f"{kind} {count}" for kind, count in sorted(chaos.killer.hits.items()))
    print(f"{chaos.books.counts()}: {given.rounds} rounds, {len(chaos.books.ops)} operations, "
          f"{hits} hit; all had ended {max(0.0, chaos.longest_s):.1f} s after all was back")
    if chaos.books.findings:
        print(f"seed {chaos.seed}, what happened is in {chaos.fleet.folder}; again: "
              f"tests/chaos.py --rounds {given.rounds} --first {given.first} --seed {chaos.seed}"
              + " --freeze" * given.freeze)
    print(f"{clean} passed, {1 if chaos.books.findings else 0} failed, 0 skipped")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    full = bool(os.environ.get("GPMQ_FULL"))
    parser.add_argument("--rounds", type=int, default=200 if full else 50)
    parser.add_argument("--kills", type=int, default=0,
                        help="play until so many have hit, instead of a number of rounds")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--first", type=int, default=1, help="number of the first round")
    parser.add_argument("--freeze", action="store_true", default=full,
                        help="SIGSTOP for longer than a lease is a hit as well")
    parser.add_argument("--verbose", action="store_true", help="a line for each round")
    given = parser.parse_args()
    if given.kills:
        given.rounds = 10 * given.kills
    random.seed(given.seed)
    chaos = Chaos(given.seed, KILLS + FREEZES if given.freeze else KILLS)
    with chaos.fleet:
        clean = run(chaos, given)
        report(chaos, given, clean)
        chaos.fleet.keep = bool(chaos.books.findings)
    return 1 if chaos.books.findings else 0


if __name__ == "__main__":
    sys.exit(main())
