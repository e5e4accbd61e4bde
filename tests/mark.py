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
import signal
import sys
import time

STEPS, STEP_S = 5, 0.025


def status(pid):
    """What the kernel says of a process; nothing when it is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="latin-1") as file:
            return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    except (FileNotFoundError, ProcessLookupError):
        return {}


def is_killed(pid):
    """Whether a process is gone, or does nothing more than end: on a busy machine one that was
    killed may stand in a call to the disk for a while."""
    found = status(pid)
    pending = int(found.get("SigPnd", "0"), 16) | int(found.get("ShdPnd", "0"), 16)
    return not found or found["State"][0] in "ZX" or bool(pending & 1 << signal.SIGKILL - 1)


def is_dying(pid):
    """The same of a process or of those it dies with: its executor, its worker."""
    while not is_killed(pid):
        name, pid = status(pid).get("Name", ""), int(status(pid).get("PPid", "0"))
        if name == "gpmq-worker":
            return False
        if not status(pid).get("Name", "").startswith("gpmq-"):
            return True  # nobody's child any more
    return True


def holders(path):
    """The processes that have the lock of a file."""
    inode = str(os.stat(path).st_ino)
    with open("/proc/locks", encoding="ascii") as file:
        lines = [line.split() for line in file]
    return [int(words[4]) for words in lines
            if words[1] == "FLOCK" and words[5].split(":")[-1] == inode]


def take(path):
    """The descriptor that has the lock of a file, or None: somebody else has it, and lives."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return fd
        except BlockingIOError:
            if not all(map(is_dying, holders(path))):
                os.close(fd)
                return None
        time.sleep(STEP_S)


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

    slots = (take(os.path.join(marks, f"{args['key'].replace('/', '_')}.{n}"))
             for n in range(args["limit"]))
    if next((fd for fd in slots if fd is not None), None) is None:  # no more than one is tried for
        overlap(f"{args['limit']} others with the key '{args['key']}' live")
    for step in range(STEPS):
        if args["gpo"] and is_changed(os.path.join(policies_state, args["gpo"])):
            overlap(f"another changes {args['gpo']}")
        os.write(3, f"progress {step} {STEPS}\n".encode())
        time.sleep(STEP_S)
    with open(os.path.join(marks, "ran"), "a", encoding="ascii") as file:
        file.write(f"{request['op']} {args['key']}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
