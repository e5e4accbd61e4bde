#!/usr/bin/python3
"""Keys hold under kill -9: never more operations at once than a key allows, never two that change
one GPO.

The fleet, the kills and the books are those of chaos.py. Besides backups and imports the workers
run mark.py, which carries keys of its own and those of the GPOs that the imports change. Each such
process proves by locks of the kernel that it is not one too many: nothing is asked of the queue.
With --plant the requests carry a key that is too wide, or another than the GPO's: this has to be
found, which shows that the test can fail.
"""
import argparse
import json
import os
import random
import sys

import chaos
from client import new_id

KEYS = {"dc1": (2, 8), "dc2": (1, 5)}  # how many at once, how many operations in a round
AT_A_GPO = 4                           # marks for each GPO that is imported into
KINDS = ("broker", "worker", "executor", "all workers")
HERE = os.path.dirname(os.path.abspath(__file__))


def gpo_key(gpo):
    """The key that the broker takes for what changes a GPO of the domain "d"."""
    return f"gpo:d:{gpo.lower()}"


class KeyWork(chaos.Work):
    """A round's work: some of chaos.py's, and marks."""

    def __init__(self, rng, gpos, targets, backups, plant):
        super().__init__(rng, gpos, targets, backups)
        self.requests = [one for one in self.requests if one.get("gpo") in targets]
        self.noop["args"] = json.dumps({"steps": 1})
        marks = [self.mark(name, limit, "", limit + (plant == "limit"), name)
                 for name, (limit, count) in KEYS.items() for _ in range(count)]
        for gpo in targets:
            marks += [self.mark("any", len(marks), gpo, 1, f"not the GPO's {n}")
                      if plant == "gpo" else self.mark(gpo_key(gpo), 1, gpo, 1, gpo_key(gpo))
                      for n in range(AT_A_GPO)]
        self.requests += marks
        rng.shuffle(self.requests)

    @staticmethod
    def mark(key, limit, gpo, asked_limit, asked_key):
        return dict(chaos.RETRY, id=new_id(), kind="site.mark",
                    keys=[{"name": asked_key, "limit": asked_limit}],
                    args=json.dumps({"key": key, "limit": limit, "gpo": gpo}))


class KeysHold(chaos.Chaos):
    """Chaos whose workers serve marks as well."""

    def __init__(self, seed, plant):
        self.plant, self.overlaps = plant, 0
        super().__init__(seed, KINDS)

    def marks(self):
        return self.fleet.path("marks")

    def worker_options(self):
        os.makedirs(self.marks(), exist_ok=True)
        state = os.path.join(self.fleet.path("domain"), ".gpmq")
        command = ["/usr/bin/python3", os.path.join(HERE, "mark.py"), self.marks(), state]
        with open(self.fleet.path("worker.yaml"), "w", encoding="ascii") as file:
            file.write("programs:\n  - kind: site.mark\n    sandbox: \"off\"\n    repeatable: true\n"
                       f"    command: {json.dumps(command)}\n")
        return "--config", self.fleet.path("worker.yaml")

    def work(self, rng):
        return KeyWork(rng, self.gpos, self.gpos[:2], sorted(self.books.seen), self.plant)

    def judge(self, ops):
        super().judge(ops)
        for text in self.lines("overlaps")[self.overlaps:]:
            self.books.find("unexpected", text.split()[0], text)
        self.overlaps = len(self.lines("overlaps"))

    def lines(self, name):
        path = os.path.join(self.marks(), name)
        if not os.path.exists(path):
            return []
        with open(path, encoding="ascii") as file:
            return file.read().splitlines()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--first", type=int, default=1, help="number of the first round")
    parser.add_argument("--plant", choices=("limit", "gpo"), help="a bug that is to be found")
    parser.add_argument("--verbose", action="store_true", help="a line for each round")
    given = parser.parse_args()
    given.freeze = False
    random.seed(given.seed)
    held = KeysHold(given.seed, given.plant)
    with held.fleet:
        clean = chaos.run(held, given)
        print(f"{len(held.lines('ran'))} marks ran to their end, {held.overlaps} found another")
        if not held.plant:
            chaos.report(held, given, clean)
            held.fleet.keep = bool(held.books.findings)
    found = held.overlaps > 0 if held.plant else not held.books.findings
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
