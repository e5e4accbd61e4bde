"""A broker and its workers as processes in a folder of their own, over ipc, for the tests."""
import os
import shutil
import signal
import subprocess
import tempfile

BUILD = os.environ.get("GPMQ_BUILD_DIR", os.path.join(os.path.dirname(__file__), "..", "build"))


def program(name):
    return os.path.join(BUILD, "bin", name)


class Fleet:
    """Starts processes by name, kills them by pid, and starts them again as they were. They do not
    outlive us. The folder goes with them, unless an exception or `keep` leaves it to be looked at.
    """

    def __init__(self, *broker_options, folder=None, store=None):
        self.folder = folder or tempfile.mkdtemp(prefix="gpmq-")
        os.makedirs(self.folder, exist_ok=True)
        self.processes, self.commands, self.keep = {}, {}, False
        self.control = self._url("control")
        self.start("broker", program("gpmq-broker"), "--control", self.control,
                   "--worker", self._url("worker"), "--status", self._url("status"),
                   "--store", "sqlite:" + (store or self.path("queue.db")), *broker_options)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for name in list(self.processes):
            self.kill(name)
        if kind is None and not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def _url(self, name):
        return "ipc://" + self.path(name)

    def worker(self, name="worker-1", *options):
        self.start(name, program("gpmq-worker"), "--broker", self._url("worker"), "--name", name,
                   *options)

    def start(self, name, *command):
        self.commands[name] = ("setpriv", "--pdeathsig", "KILL", *command) if command \
            else self.commands[name]
        with open(self.path(name + ".log"), "ab") as log:
            self.processes[name] = subprocess.Popen(self.commands[name], stdout=log, stderr=log,
                                                    stdin=subprocess.DEVNULL, cwd=self.folder)

    def kill(self, name):
        """kill -9; returns when it is gone."""
        process = self.processes.pop(name)
        process.kill()
        process.wait(timeout=30)

    def stop(self, name):
        """Asks it to end; returns when it has, and the broker knows."""
        process = self.processes.pop(name)
        process.terminate()
        process.wait(timeout=30)

    def restart(self, *names):
        for name in names:
            self.kill(name)
        for name in names:
            self.start(name)

    def freeze(self, name):
        """SIGSTOP: it is there and does nothing; its children go on."""
        self.processes[name].send_signal(signal.SIGSTOP)

    def thaw(self, name):
        self.processes[name].send_signal(signal.SIGCONT)

    def children(self, name):
        """The pids of a process's children: a worker's executors."""
        pid = self.processes[name].pid
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as children:
                return [int(child) for child in children.read().split()]
        except FileNotFoundError:
            return []

    def kill_child(self, name, pid):
        """kill -9 of one of its children, unless it has gone meanwhile."""
        if pid in self.children(name):
            os.kill(pid, signal.SIGKILL)

    def log(self, name):
        with open(self.path(name + ".log"), encoding="utf-8", errors="replace") as log:
            return log.read()
