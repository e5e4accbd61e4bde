#!/usr/bin/python3
"""A domain controller that is away, slow, or says no: a typed error in bounded time, the right decision whether
to try again, and nothing half done."""
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time

from dc_desk import DOMAIN, URL, Desk, remove_gpos, samba
from fleet import program
from runner import Skip, run

DC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dc", "samba-dc")
PATIENCE_S = 60  # an error comes long before
QUICK = ("--attempts", "1")


def need_dc():
    if not URL:
        raise Skip("no domain controller")


def url_with(**changes):
    """The domain's URL with other values; None leaves one out."""
    name, _, query = URL.partition("?")
    pairs = dict(pair.split("=", 1) for pair in query.split("&"))
    pairs.update({key.replace("_", "-"): value for key, value in changes.items()})
    return name + "?" + "&".join(f"{key}={value}" for key, value in pairs.items() if value)


def dc_tree():
    """The controller's processes."""
    with open(os.path.join(os.environ["GPMQ_DC_DIR"], "dc.pid"), encoding="ascii") as file:
        found = [int(file.read())]
    for pid in found:
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                    found += [int(child) for child in file.read().split()]
        except FileNotFoundError:
            pass
    return found


@contextlib.contextmanager
def frozen_dc():
    """It is there, takes connections, and says nothing."""
    pids = dc_tree()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def password_file(desk, word):
    path = desk.path("password")
    with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600),
              encoding="ascii") as file:
        file.write(word + "\n")
    return path


def leftovers():
    policies = os.path.join(os.environ["GPMQ_DC_DIR"], "state/sysvol", DOMAIN, "Policies")
    return [name for name in os.listdir(policies) if name.startswith(".")]


def submitted(desk, *words):
    """The id of what is submitted and left."""
    return re.search(r"^[0-9a-f]{32}$", desk.gpmq(*words, "--detach"), re.M).group()


def refused(desk, words, *texts, codes=(1, 6, 7)):
    """A command that fails in bounded time and says why."""
    begun = time.monotonic()
    for code in codes:
        try:
            said = desk.gpmq(*words, code=code, timeout_s=PATIENCE_S)
            break
        except AssertionError as why:
            last = why
    else:
        raise last
    for text in texts:
        assert text in said, f"no '{text}' in {said}"
    assert time.monotonic() - begun < PATIENCE_S
    return said


def a_wrong_password_is_denied():
    need_dc()
    with Desk("r") as desk:
        desk.stop("worker-1")
        desk.worker("worker-2", "--domain", f"{DOMAIN}=" + url_with(
            password_file=password_file(desk, "not this")), "--repository", "r=" + desk.path("r"))
        said = refused(desk, ("backup", "Default Domain Policy", "--to", "r", "--domain", DOMAIN),
                       "Administrator@EXAMPLE.TEST")
        assert "wrong password" in said or "Preauthentication failed" in said, said


def a_controller_that_is_not_there_is_unreachable_and_the_next_one_is_asked():
    need_dc()
    with Desk("r", url=url_with(server="127.0.0.2", timeout="2")) as desk:
        refused(desk, ("backup", "{31B2F340-016D-11D2-945F-00C04FB984F9}", "--to", "r", "--domain",
                       DOMAIN, *QUICK), "127.0.0.2")
    with Desk("r", url=url_with(server="127.0.0.2,dc1.example.test", timeout="2")) as desk:
        desk.gpmq("backup", "Default Domain Policy", "--to", "r", "--domain", DOMAIN)


def a_frozen_controller_costs_an_attempt_and_the_next_one_succeeds():
    need_dc()
    with Desk("r", url=url_with(timeout="2")) as desk:
        desk.gpmq("list", "gpos", "--domain", DOMAIN)
        with frozen_dc():
            op = submitted(desk, "backup", "{31B2F340-016D-11D2-945F-00C04FB984F9}", "--to", "r",
                           "--domain", DOMAIN, "--attempts", "9")
            end = time.monotonic() + PATIENCE_S
            while not any(one.get("attempt", 0) > 1 or one.get("state") == "retry_wait"
                          for one in desk.lines("show", op)):
                assert time.monotonic() < end, desk.gpmq("show", op)
                threading.Event().wait(0.2)
        desk.gpmq("wait", op)


def a_controller_that_is_restarted_in_a_batch_loses_nothing():
    need_dc()
    with Desk("r", url=url_with(timeout="5")) as desk:
        op = submitted(desk, "backup", "--all", "--to", "r", "--domain", DOMAIN, "--attempts", "9")
        subprocess.run([DC, "restart"], check=True, stdout=subprocess.DEVNULL)
        desk.gpmq("wait", op)
        desk.gpmq("verify", "r", "--read-data")


def who_may_only_read_changes_nothing():
    need_dc()
    with Desk("r") as desk:
        remove_gpos(desk)
        desk.gpmq("backup", "Default Domain Policy", "--to", "r", "--domain", DOMAIN)
        listed = samba("user", "list")
        if "reader" not in listed.split():
            samba("user", "create", "reader", "P@ssw0rd.reader1")
        desk.stop("worker-1")
        desk.worker("worker-2", "--domain", f"{DOMAIN}=" + url_with(
            user="reader", password_file=password_file(desk, "P@ssw0rd.reader1")),
            "--repository", "r=" + desk.path("r"))
        desk.gpmq("list", "gpos", "--domain", DOMAIN)
        desk.gpmq("backup", "Default Domain Policy", "--to", "r", "--domain", DOMAIN)
        for words in (("import", "Default Domain Policy", "--from", "r", "--create", "--name", "No"),
                      ("import", "Default Domain Policy", "--from", "r", "--into",
                       "Default Domain Controllers Policy"),
                      ("copy", "Default Domain Policy", "--as", "No")):
            refused(desk, (*words, "--domain", DOMAIN))
        assert leftovers() == [], leftovers()
        assert "No" not in desk.gpos().values()


def an_executor_that_is_killed_leaves_no_ticket():
    need_dc()
    with Desk("r") as desk:
        desk.stop("worker-1")
        os.mkdir(desk.path("runtime"))
        desk.start("worker-2", "env", "RUNTIME_DIRECTORY=" + desk.path("runtime"), program("gpmq-worker"),
                   "--broker", "ipc://" + desk.path("worker"), "--name", "worker-2", "--executors", "1", "--domain",
                   f"{DOMAIN}={URL}")

        def holders():
            return {int(name.split("-")[1]) for _, _, names in os.walk(desk.path("runtime")) for name in names}

        desk.gpmq("list", "gpos", "--domain", DOMAIN)
        victim, = holders()
        desk.kill_child("worker-2", victim)
        desk.gpmq("list", "gpos", "--domain", DOMAIN)
        assert len(holders()) == 1 and victim not in holders(), (victim, holders())


if __name__ == "__main__":
    sys.exit(run([a_wrong_password_is_denied,
                  a_controller_that_is_not_there_is_unreachable_and_the_next_one_is_asked,
                  a_frozen_controller_costs_an_attempt_and_the_next_one_succeeds,
                  a_controller_that_is_restarted_in_a_batch_loses_nothing,
                  who_may_only_read_changes_nothing,
                  an_executor_that_is_killed_leaves_no_ticket], sys.argv[1:]))
