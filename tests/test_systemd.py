#!/usr/bin/env python3
"""The daemons under a service manager, which here is a socket; and the units, as systemd-analyze judges them."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from runner import Skip, run

BUILD = Path(os.environ["GPMQ_BUILD_DIR"])
UNITS = BUILD / "packaging"
SOURCE_UNITS = Path(os.environ["GPMQ_SOURCE_DIR"]) / "packaging/systemd"
# The highest exposure of a unit, in tenths.
EXPOSURE_MAX = {"gpmq-broker.service": 15, "gpmq-worker@.service": 25, "gpmq-backup@.service": 15}


class Manager:
    """A service manager: starts a daemon and hears what it tells."""

    def __init__(self, *command):
        self.folder = tempfile.TemporaryDirectory(prefix="gpmq-test-")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"{self.folder.name}/notify")
        self.socket.settimeout(20)
        environment = dict(os.environ, NOTIFY_SOCKET=f"{self.folder.name}/notify", WATCHDOG_USEC="300000")
        words = [word.format(folder=self.folder.name) for word in command]
        self.daemon = subprocess.Popen([BUILD / "bin" / words[0], *words[1:]], env=environment,
                                       stderr=subprocess.DEVNULL)

    def hears(self, wanted):
        """Waits for a message; what comes before it is passed over."""
        while (heard := self.socket.recv(1024).decode()) != wanted:
            assert heard in ("WATCHDOG=1", "STATUS=no broker"), f"{heard}, not {wanted}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.daemon.kill()
        self.daemon.wait()
        self.socket.close()
        self.folder.cleanup()


BROKER = ("gpmq-broker", "--store=memory:", "--control=ipc://{folder}/control", "--worker=ipc://{folder}/worker",
          "--status=ipc://{folder}/status")


def lives_and_ends(manager):
    """Ready, then signs of life from its loop, then the end that it was told to come to."""
    manager.hears("READY=1")
    for _ in range(3):
        manager.hears("WATCHDOG=1")
    manager.daemon.send_signal(signal.SIGTERM)
    manager.hears("STOPPING=1")
    assert manager.daemon.wait(20) == 0


def a_broker_tells_that_it_is_ready_lives_and_ends():
    with Manager(*BROKER) as manager:
        lives_and_ends(manager)


def a_worker_does_too_also_without_a_broker():
    with Manager("gpmq-worker", "--broker=ipc://{folder}/nobody", "--drain-s=1") as manager:
        lives_and_ends(manager)


def a_worker_tells_when_the_broker_knows_it():
    with Manager(*BROKER) as manager:
        manager.hears("READY=1")
        with Manager("gpmq-worker", f"--broker=ipc://{manager.folder.name}/worker") as worker:
            worker.hears("READY=1")
            worker.hears("STATUS=the broker knows us")


def analyze(*words):
    """Runs systemd-analyze; its exit code and what it said."""
    if not shutil.which("systemd-analyze"):
        raise Skip("systemd-analyze is not installed")
    done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def no_service_is_more_exposed_than_it_must_be():
    for unit, most in EXPOSURE_MAX.items():
        code, said = analyze("security", "--no-pager", "--offline=yes", f"--threshold={most}", str(UNITS / unit))
        print("  " + unit, *re.findall(r"Overall exposure level.*: ([\d.]+ \w+)", said))
        assert code == 0, said


def systemd_understands_every_line():
    with tempfile.TemporaryDirectory(prefix="gpmq-test-") as folder:
        for unit in EXPOSURE_MAX:
            shutil.copy(UNITS / unit, folder)
        shutil.copy(SOURCE_UNITS / "gpmq-backup@.timer", folder)
        units = [str(path).replace("@.", "@contoso.example.") for path in Path(folder).iterdir()]
        _, said = analyze("verify", "--man=no", *units)
        ours = [line for line in said.splitlines() if "gpmq-" in line and "is not executable" not in line]
        assert not ours, "\n".join(ours)


def what_a_worker_needs_to_drain_is_within_the_time_it_has():
    text = (UNITS / "gpmq-worker@.service").read_text(encoding="utf-8")
    assert int(re.search(r"^TimeoutStopSec=(\d+)s$", text, re.M).group(1)) > 300 + 5


if __name__ == "__main__":
    sys.exit(run([a_broker_tells_that_it_is_ready_lives_and_ends, a_worker_does_too_also_without_a_broker,
                  a_worker_tells_when_the_broker_knows_it, no_service_is_more_exposed_than_it_must_be,
                  systemd_understands_every_line, what_a_worker_needs_to_drain_is_within_the_time_it_has],
                 sys.argv[1:]))
