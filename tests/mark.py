#!/usr/bin/python3
"""mark.py MARKS STATE - an operation of one's own that proves with locks of the kernel that it does not run beside
others: it takes one of `limit` lock files of its key, and looks again and again whether the GPO of
its key is being changed. What it finds goes into MARKS/overlaps.

The request's args: {"key": name, "limit": n, "gpo": GUID or ""}. A process that is killed loses its
locks with its life, so there is nothing to clean up and nothing to believe.
"""
import fcntl
import json
import os
import sys
import time

STEPS, STEP_S = 5, 0.025


def take(path):
    """The descriptor that has the lock of a file, or None: somebody else has it."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return fd
    except BlockingIOError:
        os.close(fd)
        return None


def is_changed(state):
    """Whether a writer is at the GPO whose state folder this is. Whoever finishes an interrupted
    commit has the lock as well, and leaves `intent` there until he is done."""
    if not os.path.exists(os.path.join(state, "write.lock")):
        return False
    interrupted = os.path.exists(os.path.join(state, "intent"))
    fd = take(os.path.join(state, "write.lock"))
    if fd is not None:
        os.close(fd)
    return fd is None and not interrupted and not os.path.exists(os.path.join(state, "intent"))


def main(marks, policies_state):
    request = json.loads(sys.stdin.readline())
    args = request["args"]

    def overlap(text):
        with open(os.path.join(marks, "overlaps"), "a", encoding="ascii") as file:
            file.write(f"{request['op']} fence {request['fence']}: {text}\n")

    slots = [take(os.path.join(marks, f"{args['key'].replace('/', '_')}.{n}"))
             for n in range(args["limit"])]
    mine = [fd for fd in slots if fd is not None]
    if not mine:
        overlap(f"{args['limit']} others with the key '{args['key']}' live")
    for fd in mine[1:]:
        os.close(fd)
    for step in range(STEPS):
        if args["gpo"] and is_changed(os.path.join(policies_state, args["gpo"])):
            overlap(f"another changes {args['gpo']}")
        os.write(3, f"progress {step} {STEPS}\n".encode())
        time.sleep(STEP_S)
    with open(os.path.join(marks, "ran"), "a", encoding="ascii") as file:
        file.write(f"{request['op']} {args['key']}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
