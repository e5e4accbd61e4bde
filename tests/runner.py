"""Runs tests that are functions, and counts."""
import time
import traceback


class Skip(Exception):
    """A test cannot be run here; the text says why."""


def run_one(test):
    """The word for how a test ended; what failed is printed."""
    try:
        test()
        return "ok"
    except Skip as why:
        print(f"  {why}")
        return "skipped"
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc()
        return "FAILED"


def run(tests, words):
    """Runs those whose name has one of the words, or all. Returns the exit code."""
    counts = {"ok": 0, "FAILED": 0, "skipped": 0}
    for test in (test for test in tests if not words or any(w in test.__name__ for w in words)):
        begun = time.monotonic()
        end = run_one(test)
        counts[end] += 1
        print(f"{end:8}{test.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
    print(f"{counts['ok']} passed, {counts['FAILED']} failed, {counts['skipped']} skipped")
    return 1 if counts["FAILED"] else 0
