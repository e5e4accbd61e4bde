#!/usr/bin/python3
"""standalone_test.py BIN MAKE_DOMAIN DEMO_DOMAIN - commands without a broker: folders for names, two at once, the owner's
end, kill -9 of everything in the middle of a backup. Each account has a state folder of its own."""
import json, os, pathlib, random, shutil, signal, subprocess, sys, tempfile, time

BIN, MAKE_DOMAIN, DEMO = map(os.path.abspath, sys.argv[1:4])
GPMQ = os.path.join(BIN, "gpmq")
GPO = "{31B2F340-016D-11D2-945F-00C04FB984F9}"
GPOS = 42
KILLS = 10
TEMPLATE = """<policyDefinitions xmlns="x"><policies><policy name="P" class="Machine" displayName="Named by our folder"
 key="Software\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU" valueName="UseWUServer"/></policies></policyDefinitions>"""
results = {"passed": 0, "failed": 0, "skipped": 0}


def check(sentence, true, why=""):
    results["passed" if true else "failed"] += 1
    print("ok:" if true else "FAILED:", sentence, "" if true else why, flush=True)


class Account:
    """A fresh home without configuration, and a domain."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gpmq-alone-"))
        self.environment = {"HOME": str(self.folder), "XDG_STATE_HOME": str(self.folder / "state"), "LC_ALL": "C.UTF-8",
                            "PATH": os.environ["PATH"]}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "TMPDIR"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        subprocess.run([MAKE_DOMAIN, DEMO, self.folder / "domain"], check=True, stdout=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill_all()
        shutil.rmtree(self.folder)

    def start(self, *words):
        return subprocess.Popen([GPMQ, *words], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, start_new_session=True)

    def run(self, *words):
        command = self.start(*words)
        out, err = command.communicate(timeout=120)
        return command.returncode, out, err

    def lines(self, *words):
        return [json.loads(line) for line in self.run(*words, "--json")[1].splitlines()]

    def expect(self, sentence, code, text, *words):
        got, out, err = self.run(*words)
        check(sentence, got == code and text in out + err, f"exit {got}, not {code}, or no '{text}' in:\n{out}{err}")

    def processes(self, word=b""):
        """All that lives of this account: what has its state folder in the environment."""
        mark = f"XDG_STATE_HOME={self.folder}/state".encode()
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    if word in (entry / "cmdline").read_bytes():
                        found.append(int(entry.name))
            except OSError:
                pass
        return found

    def kill_all(self):
        while pids := self.processes():
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def until(self, true, seconds=20):
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                return False
            time.sleep(0.002)
        return True

    def log(self):
        return "".join(path.read_text() for path in (self.folder / "state/gpmq").glob("*.log"))


def fresh_account():
    with Account() as account:
        account.expect("with neither broker nor folder there are examples", 2, "--domain ./contoso --to ./backups", "ops")
        check("and nothing was made", not (account.folder / "state").exists())
        account.expect("--detach needs a broker", 2, "--detach needs a broker", "backup", "--all", "--domain", "domain",
                       "--to", "repo", "--detach")
        account.expect("what is no folder is said so", 2, "no folder 'contoso.test'", "list", "gpos", "--domain",
                       "contoso.test")
        long = account.folder / ("x" * 150) / ("y" * 150)
        long.mkdir(parents=True)
        account.expect("a path that is too long for a name is refused", 2, "more than 256 bytes", "list", "backups",
                       "--from", str(long))
        account.expect("a domain is needed", 2, "which domain", "backup", "--all", "--to", "repo")
        account.expect("a whole domain is backed up", 0, f"{GPOS} of {GPOS} succeeded", "backup", "--all", "--domain",
                       "domain", "--to", "repo")
        check("only its owner may enter the state folder", (account.folder / "state/gpmq").stat().st_mode & 0o777 == 0o700)
        account.expect("GPOs are listed", 0, GPO, "list", "gpos", "--domain", "domain")
        account.expect("backups are listed", 0, "Default Domain Policy", "list", "backups", "--from", "repo")
        account.expect("a repository is verified", 0, f"{GPOS} of {GPOS}", "verify", "repo", "--read-data")
        account.expect("a backup is imported", 0, "succeeded", "import", "Default Domain Policy", "--from", "repo",
                       "--create", "--name", "Again", "--domain", "./domain/")
        account.expect("a restore tells first what it would do", 0, "would change", "restore", "--all", "--from", "repo",
                       "--domain", "domain", "--dry-run")
        account.expect("a whole domain is restored", 0, f"{GPOS} of {GPOS} succeeded", "restore", "--all", "--from",
                       "repo", "--domain", "domain")
        account.run("domain", "create", "second", "--dns-name", "second.test")
        account.expect("a GPO is copied into another folder", 0, "succeeded", "copy", "Default Domain Policy",
                       "--to-domain", "second", "--domain", "domain")
        account.expect("where it is found", 0, "Copy of Default Domain Policy", "list", "gpos", "--domain", "second")
        account.expect("a migration table is made of a repository", 0, f"entries from {GPOS} backups", "migration-table",
                       "create", "--from", "repo", "-o", "a.migtable")
        account.expect("and validated in a domain", 0, "DestinationSameAsSource", "migration-table", "validate",
                       "a.migtable", "--domain", "second")
        account.expect("a folder of which the parent is missing is not made", 1, "cannot make the folder", "backup",
                       "--all", "--domain", "domain", "--to", "no/such")
        configured = account.folder / ".config/gpmq/gpmq.yaml"
        configured.parent.mkdir(parents=True)
        configured.write_text(f"templates: {account.folder}/admx\n")
        (account.folder / "admx").mkdir()
        (account.folder / "admx/update.admx").write_text(TEMPLATE)
        account.expect("a report has names from the templates of gpmq.yaml", 0, "Name>Named by our folder<", "report",
                       "Workstations - Windows Update", "--domain", "domain", "--xml")
        configured.unlink()
        op = account.lines("ops", "--limit", "1")[0]["op"]
        for verb, code in ("show", 0), ("wait", 0), ("watch", 0), ("cancel", 1):
            account.expect(f"{verb} finds what another command did", code, op, verb, op, "--json")
        account.expect("ping asks for a broker that is not ours", 2, "no broker is named", "ping")
        check("nothing is left running", account.processes() == [], account.log())
        os.chmod(account.folder / "state/gpmq", 0o755)
        account.expect("a state folder that others may enter is refused", 1, "chmod 700", "ops")


def two_at_once():
    with Account() as account:
        commands = [account.start("backup", "--all", "--domain", "domain", "--to", f"repo-{i}") for i in range(3)]
        ends = [command.communicate() for command in commands]
        check("three commands at once all succeed", all(command.returncode == 0 for command in commands), f"{ends}")
        batches = [op for op in account.lines("ops", "--limit", "1000") if op.get("kind") == "batch"]
        check("in one queue", len(batches) == 3 and all(op["state"] == "succeeded" for op in batches), str(batches))
        check("and nothing is left running", account.until(lambda: account.processes() == []))


def the_owner_ends():
    with Account() as account:
        owner = account.start("backup", GPO, "--domain", "domain", "--to", "repo", "--timeout", "60")
        account.until(lambda: account.processes(b"--as-broker\0") and account.processes(b"--as-worker\0"))
        os.kill(account.processes(b"--as-worker\0")[0], signal.SIGSTOP)
        named = int((account.folder / "state/gpmq/lock").read_text())
        check("the lock names the broker", named in account.processes(b"--as-broker\0"))
        other = account.start("backup", "--all", "--domain", "domain", "--to", "other")
        account.until(lambda: (account.folder / "other").exists() and len(account.processes(b"--as-worker\0")) == 2)
        for pid in [owner.pid, *account.processes(b"--as-worker\0standalone\0"), named]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        out, err = other.communicate(timeout=60)
        owner.communicate()
        check("another command survives the end of the owner and its broker", other.returncode == 0, out + err)
        check("and nothing is left running", account.until(lambda: account.processes() == []))


def the_command_is_killed():
    with Account() as account:
        command = account.start("backup", "--all", "--domain", "domain", "--to", "repo")
        account.until(lambda: account.processes(b"gpmq-executor\0"))
        command.kill()
        command.communicate()
        check("kill -9 of a command ends all that it started", account.until(lambda: account.processes() == []),
              account.log())


def reports():
    with Account() as account:
        account.expect("a report needs no broker", 0, "policy.html", "report", GPO, "--domain", "domain", "-o", "policy.html")
        check("and is a page", (account.folder / "policy.html").read_text().startswith("<!DOCTYPE html>"))
        account.run("backup", GPO, "--domain", "domain", "--to", "repo")
        code, out, err = account.run("report", "--backup", "Default Domain Policy", "--from", "repo", "--xml")
        check("a backup's report is on stdout alone", code == 0 and out.startswith("<?xml") and out.rstrip().endswith("</GPO>"),
              err + out[-200:])


def leaving():
    with Account() as account:
        command = account.start("backup", GPO, "--domain", "domain", "--to", "repo")
        account.until(lambda: account.processes(b"--as-worker\0"))
        os.kill(account.processes(b"--as-worker\0")[0], signal.SIGSTOP)
        account.until(lambda: int(next(line for line in pathlib.Path(f"/proc/{command.pid}/status").read_text().splitlines()
                                       if line.startswith("SigCgt")).split()[1], 16) & 2)
        command.send_signal(signal.SIGINT)
        _, err = command.communicate(timeout=60)
        check("Ctrl-C cancels and waits", command.returncode == 4 and "cancel" in err, err)
        command = account.start("backup", GPO, "--domain", "domain", "--to", "repo", "--timeout", "1")
        account.until(lambda: account.processes(b"--as-worker\0"))
        os.kill(account.processes(b"--as-worker\0")[0], signal.SIGSTOP)
        _, err = command.communicate(timeout=60)
        check("who leaves is told who goes on", command.returncode == 8 and "the next command goes on" in err, err)
        check("and leaves nothing running", account.processes() == [])
        account.expect("the next command does", 0, "1 operation was interrupted", "ops")


def leaving_twice():
    with Account() as account:
        slow = account.folder / "domain/Policies" / GPO / "Machine/slow.bin"  # its copy outlasts our look at /proc
        slow.parent.mkdir(exist_ok=True)
        with open(slow, "wb") as file:
            file.truncate(1 << 29)
        command = account.start("backup", GPO, "--domain", "domain", "--to", "repo", "--json")
        account.until(lambda: account.processes(b"gpmq-executor\0"))
        for pid in account.processes(b"gpmq-executor\0"):
            os.kill(pid, signal.SIGSTOP)
        seen = ""
        for line in command.stdout:
            seen += line
            if '"running"' in line:
                command.send_signal(signal.SIGINT)
            elif '"disposition"' in line:
                command.send_signal(signal.SIGINT)
                break
        check("the first Ctrl-C is answered while the operation is being stopped", '"cancelling"' in seen, seen)
        _, err = command.communicate(timeout=60)
        check("the second leaves", command.returncode == 4 and "the next command goes on with the cancel" in err, err)
        check("and nothing is left running", account.until(lambda: account.processes() == []), account.log())
        account.run("list", "gpos", "--domain", "domain")
        states = [op["state"] for op in account.lines("ops") if op.get("kind") == "gpo.backup"]
        check("the cancel is durable: the next command settles it", states == ["cancelled"], f"{states}{account.log()}")
        account.expect("and nothing was published", 0, "", "list", "backups", "--from", "repo")
        check("no backup is there", list((account.folder / "repo").glob("{*}")) == [])


def kill_everything(seed):
    chance = random.Random(seed)
    with Account() as account:
        told = 0
        for _ in range(KILLS):
            account.start("backup", "--all", "--domain", "domain", "--to", "repo")
            account.until(lambda: account.processes(b"--as-worker\0"))
            time.sleep(0.05 + 0.35 * chance.random())
            account.kill_all()
            code, out, err = account.run("list", "gpos", "--domain", "domain")
            interrupted = "interrupted; finishing first" in err
            told += interrupted
            if code != 0 or ("what was interrupted is finished" in err) != interrupted:
                check("the next command does its work", False, f"exit {code}\n{out}{err}{account.log()}")
                return
        ops = [line for line in account.lines("ops", "--limit", "100000") if line.get("kind") == "gpo.backup"]
        ids = [line["id"] for line in account.lines("list", "backups", "--from", "repo") if line["type"] == "backup"]
        ends = {op["state"] for op in ops}
        check(f"after {KILLS} kills of everything all has ended well", ends == {"succeeded"}, f"{ends}")
        check(f"the next command told of it ({told} times)", told >= 1)
        check(f"there is exactly one backup per GPO and operation ({len(ops)})", len(ids) == len(set(ids)) == len(ops),
              f"{len(ids)} backups")
        account.expect("and all of them are whole", 0, f"{len(ops)} of {len(ops)}", "verify", "repo", "--read-data")
        check("nothing is left running", account.until(lambda: account.processes() == []))


def main():
    seed = int(os.environ.get("GPMQ_SEED", random.randrange(1 << 30)))
    print(f"seed {seed} (GPMQ_SEED repeats it)")
    for part in fresh_account, two_at_once, the_owner_ends, the_command_is_killed, reports, leaving, leaving_twice:
        part()
    kill_everything(seed)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**results))
    return 1 if results["failed"] else 0


sys.exit(main())
