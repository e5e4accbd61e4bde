#!/usr/bin/python3
"""history.py finds what it is there to find: each fault, planted in a clean run, is counted as what
it is. The run is made here: a repository, a domain of two GPOs, and what a client was told.
"""
import contextlib
import os
import shutil
import sys
import tempfile
import traceback

import msgpack

import effects
from client import new_id
from history import Books, Recorder

TARGET = "{00000000-0000-4000-8000-000000000001}"
LIMIT_S = 10


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def info(backup, gpo, comment):
    return ('<BackupInst xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest">'
            f"<GPOGuid>{gpo}</GPOGuid><ID>{backup}</ID><Comment>{comment}</Comment></BackupInst>")


class Run:
    """A small run that is clean until a test spoils it."""

    def __init__(self, folder):
        self.folder, self.recorder = folder, Recorder(os.path.join(folder, "history.jsonl"))
        self.repository, self.domain = os.path.join(folder, "r"), os.path.join(folder, "d")
        os.makedirs(self.repository)
        self.put_gpo(TARGET, 5 * effects.BOTH_HALVES, "setup")
        self.books = Books(self.repository, self.domain)
        self.save, self.create, self.into = new_id(), new_id(), new_id()
        self.ops = {self.save: {"kind": "gpo.backup", "gpo": TARGET},
                    self.create: {"kind": "gpo.import"},
                    self.into: {"kind": "gpo.import", "gpo": TARGET}}
        self.put_backup(effects.derived_guid(self.save, "backup"), TARGET, self.save.hex())
        self.put_gpo(effects.derived_guid(self.create, "gpo"), effects.BOTH_HALVES,
                     self.create.hex())
        self.put_gpo(TARGET, 6 * effects.BOTH_HALVES, "setup")
        self.ask()

    def put_backup(self, backup, gpo, comment):
        write(os.path.join(self.repository, backup, "bkupInfo.xml"), info(backup, gpo, comment))

    def put_gpo(self, gpo, version, creator):
        policies = os.path.join(self.domain, "Policies")
        write(os.path.join(policies, gpo + ".ldif"),
              f"version: 1\n\ndn: CN={gpo},\n CN=Policies\ndisplayName: a\n"
              f"versionNumber: {version}\ngpmqCreator: {creator}\n\ndn: CN=User,CN={gpo}\n")
        write(os.path.join(policies, gpo, "GPT.INI"), f"[General]\r\nVersion={version}\r\n")

    def ask(self):
        asked = {op.hex(): what for op, what in self.ops.items()}
        self.recorder.write("invoke", "test", asked=asked)
        self.recorder.write("ok", "test", accepted=dict.fromkeys(asked, "queued"), refused={})
        self.recorder.write("back", "test")

    def tell(self, op, seq, kind="state", state="running", fence=1):
        self.recorder.told("test", msgpack.packb({"op": op, "seq": seq, "kind": kind,
                                                  "state": state, "fence": fence}))

    def end(self, op, state="succeeded"):
        self.tell(op, 1)
        self.tell(op, 2, "final", state)

    def end_all(self):
        for op in self.ops:
            self.end(op)

    def verdict(self):
        events, _ = self.recorder.read()
        self.books.take(events)
        self.books.judge([op.hex() for op in self.ops], LIMIT_S)
        return self.books.counts()


@contextlib.contextmanager
def a_run():
    folder = tempfile.mkdtemp(prefix="gpmq-")
    try:
        yield Run(folder)
    finally:
        shutil.rmtree(folder)


def counts(**found):
    names = ("lost", "duplicated", "unexpected", "regressed", "stuck")
    return ", ".join(f"{found.get(name, 0)} {name}" for name in names)


def a_clean_run_has_no_findings(run):
    run.end_all()
    return counts()


def an_operation_without_an_end_is_lost(run):
    run.end(run.save)
    run.end(run.create)
    run.tell(run.into, 1)
    run.put_gpo(TARGET, 5 * effects.BOTH_HALVES, "setup")
    return counts(lost=1)


def a_backup_that_is_not_there_is_lost(run):
    run.end_all()
    shutil.rmtree(os.path.join(run.repository, effects.derived_guid(run.save, "backup")))
    return counts(lost=1)


def an_import_that_did_nothing_is_lost(run):
    run.end_all()
    run.put_gpo(TARGET, 5 * effects.BOTH_HALVES, "setup")
    return counts(lost=1)


def a_new_gpo_that_is_not_there_is_lost(run):
    run.end_all()
    os.remove(os.path.join(run.domain, "Policies",
                           effects.derived_guid(run.create, "gpo") + ".ldif"))
    return counts(lost=1)


def a_second_backup_is_a_duplicate(run):
    run.end_all()
    run.put_backup("{00000000-0000-4000-8000-00000000000B}", TARGET, run.save.hex())
    return counts(duplicated=1)


def a_version_that_was_counted_twice_is_a_duplicate(run):
    run.end_all()
    run.put_gpo(TARGET, 7 * effects.BOTH_HALVES, "setup")
    return counts(duplicated=1)


def a_second_gpo_is_a_duplicate_that_nobody_asked_for(run):
    run.end_all()
    run.put_gpo("{00000000-0000-4000-8000-00000000000C}", effects.BOTH_HALVES, run.create.hex())
    return counts(duplicated=1, unexpected=1)


def a_backup_for_no_operation_is_unexpected(run):
    run.end_all()
    run.put_backup("{00000000-0000-4000-8000-00000000000B}", TARGET, "somebody else")
    return counts(unexpected=1)


def another_end_than_success_is_unexpected(run):
    run.end(run.save, "failed")
    run.end(run.create)
    run.end(run.into)
    return counts(unexpected=2)  # also the backup that it left all the same


def a_frame_that_is_told_in_two_ways_is_a_regression(run):
    run.end_all()
    run.tell(run.save, 1, state="queued")
    run.tell(run.save, 1, kind="progress")
    return counts(regressed=2)


def a_frame_behind_the_final_one_is_a_regression(run):
    run.end_all()
    run.tell(run.save, 3)
    return counts(regressed=1)


def a_hole_is_a_regression(run):
    run.end(run.create)
    run.end(run.into)
    run.tell(run.save, 1)
    run.tell(run.save, 3, "final", "succeeded")
    return counts(regressed=1)


def a_second_final_frame_is_a_regression(run):
    run.end_all()
    run.tell(run.save, 2, "final", "failed")
    return counts(regressed=1)


def an_answer_other_than_the_end_is_a_regression(run):
    run.end_all()
    run.recorder.write("ok", "test", states={run.save.hex(): "running"}, ends=["succeeded"])
    return counts(regressed=1)


def an_end_that_comes_late_is_stuck(run):
    run.end_all()
    events, _ = run.recorder.read()
    run.books.take(events)
    run.books.ops[run.save.hex()].ended_at += LIMIT_S + 1
    return counts(stuck=1)


TESTS = [value for value in list(globals().values())
         if callable(value) and getattr(value, "__code__", None)
         and value.__code__.co_varnames[:1] == ("run",)]


def main():
    failed = 0
    for test in TESTS:
        try:
            with a_run() as run:
                wanted = test(run)
                found = run.verdict()
                assert found == wanted, f"{found}; wanted {wanted}: {run.books.findings}"
            print(f"ok      {test.__name__}")
        except Exception:  # pylint: disable=broad-except
            failed += 1
            traceback.print_exc()
            print(f"FAILED  {test.__name__}", flush=True)
    print(f"{len(TESTS) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
