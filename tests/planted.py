#!/usr/bin/python3
"""planted.py BUILD - puts known bugs into queue and store, one at a time, and says who finds each.

A bug is put in by a switch at run time, in the test programs alone: the simulator's --plant, and
GPMQ_PLANT for tests of the SQLite store (store_plant.c).
A table is printed; exit code 1 when one is not found, or is found by something else.
"""
import os
import re
import subprocess
import sys
import time

SEEDS = 5000
# The bug, in words; the switch; what the finder has to say.
SIM = (
    ("the answer leaves before the commit", "ack_before_commit", "published and not stored"),
    ("a commit without fsync", "no_fsync", "stuck|not stored|refuses|history"),
    ("a commit that failed is tried again", "commit_retried", "refuses|stuck|not stored"),
    ("a report of an old attempt is taken", "stale_fence", "fence"),
    ("a report is taken twice", "no_dedupe", "is next|after"),
    ("leases by the wall clock", "lease_on_wall_clock", "at once|change the same GPO"),
    ("what is created is named at run time", "id_at_run_time", "takes effect twice"),
    ("a cancel is lost in a restart", "cancel_forgotten", "cancel"),
    ("progress behind the end", "progress_after_end", "after the final"),
    ("a fence is given out again", "fence_reused", "is given out again"),
    ("a frame is published and not stored", "frame_not_stored", "frame"),
    ("leases hold no keys after a restart", "key_ignored", "at once|a key that allows|same GPO"),
    ("what has ended runs again", "second_end", "result|after its end|refuses"),
    ("dependencies are lost in a restart", "dependency_forgotten", "depends on|waiting, not"),
    ("pauses are lost in a restart", "pause_forgotten", "paused"),
    ("attempts are counted anew", "attempts_forgotten", "tried again after"),
    ("that a dead one was run again is lost", "fate_forgotten", "says so"),
    ("first come, first served", "unfair", "passed over"),
)
# The bug, in words; the switch; the program; the test that has to fail.
STORE = (
    ("SQLite commits without fsync", "no_fsync", "test_store_power",
     "every_round_that_was_committed_survives_a_power_cut"),
    ("records without a checksum", "no_checksum", "test_store_sqlite",
     "a_flipped_byte_never_gives_a_wrong_answer"),
)


def in_simulator(build, plant):
    """The sentence that finds it, or nothing."""
    run = subprocess.run([os.path.join(build, "tests/sim/sim"), f"--seeds={SEEDS}",
                          f"--plant={plant}"], capture_output=True, text=True, check=False)
    found = re.match(r"(seed \d+), \d+ ms, step \d+: (.*)", run.stdout)
    return f"{found[1]}: {found[2]}" if found and run.returncode == 0 else ""


def in_store(build, plant, program):
    """The tests that fail, in words."""
    run = subprocess.run([os.path.join(build, "tests", program)], capture_output=True, text=True,
                         check=False, env=dict(os.environ, GPMQ_PLANT=plant))
    failed = dict.fromkeys(re.findall(r"^\[  FAILED  \] (?:sqlite: )?(\w{12,})", run.stdout + run.stderr,
                                      re.MULTILINE))
    return f"{program}: {', '.join(failed)}" if failed and run.returncode else ""


def main(build):
    missed, rows = 0, [(words, lambda plant=plant: in_simulator(build, plant), wanted)
                       for words, plant, wanted in SIM]
    rows += [(words, lambda plant=plant, program=program: in_store(build, plant, program), wanted)
             for words, plant, program, wanted in STORE]
    print(f"{'planted bug':42}{'s':>5}  found by")
    for words, look, wanted in rows:
        begun = time.monotonic()
        said = look()
        right = bool(re.search(wanted, said))
        missed += not right
        print(f"{words:42}{time.monotonic() - begun:5.1f}  {said[:100] if said else '-'}"
              f"{'' if right else '   NOT FOUND'}", flush=True)
    print(f"{len(rows) - missed} of {len(rows)} found\n"
          f"{len(rows) - missed} passed, {missed} failed, 0 skipped")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
