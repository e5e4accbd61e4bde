#!/usr/bin/python3
"""What the status socket tells of real operations on the demo domain: that IGPMAsyncProgress::Status is
mirrored, and what becomes of a GPO with a file that the executor may not read."""
import json
import os
import re
import shutil
import subprocess
import sys

import msgpack

import rules
from client import Client, item_id, new_id
from fleet import BUILD, Fleet, program
from runner import run

SOURCE = os.environ.get("GPMQ_SOURCE_DIR", os.path.join(os.path.dirname(__file__), ".."))
NOBODY = 65534
ACCESS_DENIED = rules.hresult(0x80070005)
FAIL = rules.hresult(0x80004005)
PARTIAL = rules.hresult(0x8007012B)
FILE = "User/Scripts/Logon/logon.cmd"
BROKEN, WHOLE = "Users - Logon script", "Workstations - Startup scripts"


class Domain(Fleet):
    """The demo domain, a repository, and a worker for both who is not root: root reads everything. It
    runs copies of the programs, since another uid may not see the folder they were built in."""

    def __init__(self):
        super().__init__("--keepalive-ms", "200")
        os.chmod(self.folder, 0o755)
        subprocess.run([os.path.join(BUILD, "tests", "make_domain"),
                        os.path.join(SOURCE, "tests", "data", "demo-domain"), self.path("domain")],
                       check=True, stdout=subprocess.DEVNULL)
        os.mkdir(self.path("backups"))
        os.chmod(self.path("backups"), 0o777)
        self.client = Client(self.control)
        os.chmod(self.path("worker"), 0o777)  # its socket: it is there when the broker has answered
        for name in ("gpmq-worker", "gpmq-executor"):
            shutil.copy(program(name), self.path(name))
        self.start("worker-1", *as_nobody(), self.path("gpmq-worker"), "--broker",
                   "ipc://" + self.path("worker"), "--name", "worker-1", "--domain",
                   "demo=" + self.path("domain"), "--repository", "store=" + self.path("backups"),
                   "--executor", self.path("gpmq-executor"))
        listed = self.finish(self.request("gpo.list"))
        self.gpos = {gpo["display_name"]: gpo["id"] for gpo in json.loads(listed["result"]["data"])}

    def hide(self, name, path):
        """Takes the right to read a file of a GPO from everybody but root."""
        os.chmod(os.path.join(self.path("domain"), "Policies", self.gpos[name], path), 0)

    def request(self, kind, gpo=None, **more):
        body = dict(more, id=new_id(), kind=kind, domain="demo", repository="store")
        return dict(body, gpo=self.gpos[gpo]) if gpo else body

    def frames(self, *requests):
        """Submits them and follows all to the end; every history is as the document says."""
        answers = self.client.ask("submit", ops=list(requests))["answers"]
        assert not any("code" in answer for answer in answers), answers
        return self.follow([request["id"] for request in requests])

    def follow(self, ops, batch=bytes(16)):
        histories = self.client.follow(ops, batch=batch)
        for op in ops:
            assert not rules.broken(histories[op]), "\n".join(rules.broken(histories[op]))
        return [[msgpack.unpackb(encoded) for encoded in histories[op]] for op in ops]

    def finish(self, request):
        """The final frame, its result with all of its content."""
        final = self.frames(request)[0][-1]
        if "size" in final["result"] and "data" not in final["result"]:
            final["result"]["data"] = self.fetch(request["id"], final["result"]["size"])
        return final

    def fetch(self, op, size):
        content = b""
        while len(content) < size:
            content += self.client.ask("fetch", op=op, offset=len(content))["bytes"]
        return content

    def repository(self):
        """What lies in the repository, leftovers too."""
        return sorted(set(os.listdir(self.path("backups"))) - {"manifest.xml", ".gpmq-lock"})

    def gpmq(self, *words):
        """Runs the command line."""
        return subprocess.run([program("gpmq"), *words, "--broker", self.control], timeout=60,
                              capture_output=True, text=True, check=False)


def as_nobody():
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def extensions_of(folder, backup):
    """How many extension handlers Backup.xml has."""
    with open(os.path.join(folder, backup, "Backup.xml"), encoding="utf-8") as file:
        return len(re.findall("<GroupPolicyExtension ", file.read()))


# ---- Status is mirrored -----------------------------------------------------------------------

def the_denominator_follows_the_extensions_of_every_gpo():
    with Domain() as domain:
        requests = [domain.request("gpo.backup", name) for name in domain.gpos]
        assert len(requests) >= 40, len(requests)
        parts, by_extensions, told = set(), {}, 0
        for history in domain.frames(*requests):
            final = history[-1]
            assert final["state"] == "succeeded", final
            count = extensions_of(domain.path("backups"), final["result"]["properties"]["id"])
            running = {frame["progress_denominator"] for frame in history
                       if frame["state"] == "running" and frame["kind"] == "progress"}
            if not running:  # of what takes no time the end may be all that is told: one of one
                assert final["progress_denominator"] >= 1, final
                continue
            told += 1
            assert running == {final["progress_denominator"]}, running
            by_extensions.setdefault(count, set()).update(running)
            parts.add(final["progress_denominator"] / (count + 2))
        assert told > len(requests) / 2, told
        assert len(by_extensions) > 1, by_extensions  # GPOs differ
        assert len(parts) == 1, by_extensions  # and each extension counts for the same


def the_final_frame_alone_has_a_result_and_equal_progress():
    with Domain() as domain:
        history, = domain.frames(domain.request("gpo.backup", WHOLE, comment="five arguments"))
        *before, final = history
        assert before, history
        for frame in before:
            assert frame["result"] is None and frame["kind"] != "final", frame
            assert frame["progress_numerator"] < frame["progress_denominator"], frame
        assert final["progress_numerator"] == final["progress_denominator"], final
        assert final["hr_status"] == 0 and final["result"]["overall_status"] == 0, final
        assert all(frame["status_msgs"] is None for frame in history)
        properties = final["result"]["properties"]
        assert final["result"]["type"] == "backup", final
        assert set(properties) == {"id", "gpo_id", "gpo_domain", "gpo_display_name", "timestamp",
                                   "comment", "backup_dir"}, properties
        assert properties["comment"] == "five arguments" and properties["backup_dir"] == "store"
        assert domain.repository() == [properties["id"]], domain.repository()


def the_numerator_rises_while_many_files_are_copied():
    with Domain() as domain:
        folder = os.path.join(domain.path("domain"), "Policies", domain.gpos[WHOLE], "Machine", "Many")
        os.mkdir(folder)
        for n in range(2000):  # much more than the 100 ms after which progress is told again
            with open(os.path.join(folder, f"{n}.bin"), "wb") as file:
                file.write(os.urandom(10_000))
        history, = domain.frames(domain.request("gpo.backup", WHOLE))
        told = [frame["progress_numerator"] for frame in history if frame["kind"] == "progress"]
        assert len(told) >= 2 and told == sorted(set(told)), told
        assert history[-1]["state"] == "succeeded", history[-1]


def an_import_that_makes_a_gpo_is_told_like_a_backup():
    with Domain() as domain:
        backup = domain.finish(domain.request("gpo.backup", WHOLE))["result"]["properties"]["id"]
        request = domain.request("gpo.import", backup=backup, create=True, name="A new one")
        os.chmod(domain.path("domain"), 0o777)
        for root, folders, _ in os.walk(domain.path("domain")):
            for folder in folders:
                os.chmod(os.path.join(root, folder), 0o777)
        history, = domain.frames(request)
        final = history[-1]
        assert final["state"] == "succeeded", final
        assert all(frame["status_msgs"] is None for frame in history)
        assert final["result"]["type"] == "gpo", final
        assert final["result"]["properties"]["display_name"] == "A new one", final


# ---- a file that may not be read --------------------------------------------------------------

def check_failure(domain, history):
    """The promise for a GPO with a file that the executor cannot read."""
    final = history[-1]
    assert final["state"] == "failed", final
    assert final["hr_status"] == ACCESS_DENIED, final
    assert final["result"]["overall_status"] == ACCESS_DENIED, final
    told = [message for frame in history for message in frame["status_msgs"] or []]
    assert len(told) == 1, told
    assert told[0]["object_path"] == FILE, told
    assert told[0]["extension_name"] == "Scripts", told
    assert told[0]["error_code"] == ACCESS_DENIED, told
    assert domain.path("domain") in told[0]["message"] and FILE in told[0]["message"], told


def a_gpo_with_a_file_that_cannot_be_read_fails_and_publishes_nothing():
    with Domain() as domain:
        domain.hide(BROKEN, FILE)
        request = domain.request("gpo.backup", BROKEN)
        history, = domain.frames(request)
        check_failure(domain, history)
        assert {frame["attempt"] for frame in history if frame["state"] == "running"} <= {1}
        assert domain.repository() == [], domain.repository()


def the_others_of_a_batch_succeed():
    with Domain() as domain:
        domain.hide(BROKEN, FILE)
        batch = new_id()
        items = [{"key": gpo, "gpo": gpo, "label": name} for name, gpo in domain.gpos.items()]
        template = {"kind": "gpo.backup", "domain": "demo", "repository": "store"}
        domain.client.ask("submit_batch", batch=batch, template=template, items=items, last=True)
        ops = [item_id(batch, item["key"]) for item in items]
        summary, *histories = domain.follow([batch] + ops, batch=batch)
        broken = ops.index(item_id(batch, domain.gpos[BROKEN]))
        check_failure(domain, histories[broken])
        ends = [history[-1]["state"] for n, history in enumerate(histories) if n != broken]
        assert set(ends) == {"succeeded"} and len(ends) == len(items) - 1, ends
        final = summary[-1]
        assert (final["state"], final["hr_status"]) == ("failed", PARTIAL), final
        assert final["result"]["overall_status"] == PARTIAL, final
        published = [history[-1]["result"]["properties"]["id"]
                     for n, history in enumerate(histories) if n != broken]
        assert domain.repository() == sorted(published), domain.repository()


def a_batch_in_which_all_fail_has_the_status_of_the_document():
    with Domain() as domain:
        domain.hide(BROKEN, FILE)
        batch, gpo = new_id(), domain.gpos[BROKEN]
        template = {"kind": "gpo.backup", "domain": "demo", "repository": "store"}
        domain.client.ask("submit_batch", batch=batch, template=template,
                          items=[{"key": gpo, "gpo": gpo}], last=True)
        summary, history = domain.follow([batch, item_id(batch, gpo)], batch=batch)
        check_failure(domain, history)
        final = summary[-1]
        assert (final["state"], final["hr_status"]) == ("failed", FAIL), final
        assert final["result"]["overall_status"] == FAIL, final
        assert final["result"]["properties"] == {"total": "1", "succeeded": "0", "failed": "1",
                                                 "cancelled": "0"}, final


def the_command_line_exits_with_1_alone_and_with_3_in_a_batch():
    with Domain() as domain:
        domain.hide(BROKEN, FILE)
        alone = domain.gpmq("backup", BROKEN, "--to", "store", "--domain", "demo")
        assert alone.returncode == 1, alone
        assert FILE in alone.stdout + alone.stderr, alone
        assert domain.repository() == [], domain.repository()
        several = domain.gpmq("backup", BROKEN, WHOLE, "--to", "store", "--domain", "demo")
        assert several.returncode == 3, several
        assert FILE in several.stdout + several.stderr, several
        assert len(domain.repository()) == 1, domain.repository()
        good = domain.gpmq("backup", WHOLE, "--to", "store", "--domain", "demo")
        assert good.returncode == 0, good
        assert len(domain.repository()) == 2, domain.repository()


def a_file_that_can_be_read_again_is_backed_up_by_the_next_request():
    with Domain() as domain:
        domain.hide(BROKEN, FILE)
        check_failure(domain, domain.frames(domain.request("gpo.backup", BROKEN))[0])
        os.chmod(os.path.join(domain.path("domain"), "Policies", domain.gpos[BROKEN], FILE), 0o644)
        assert domain.finish(domain.request("gpo.backup", BROKEN))["state"] == "succeeded"
        assert len(domain.repository()) == 1, domain.repository()


TESTS = (the_denominator_follows_the_extensions_of_every_gpo,
         the_final_frame_alone_has_a_result_and_equal_progress,
         the_numerator_rises_while_many_files_are_copied,
         an_import_that_makes_a_gpo_is_told_like_a_backup,
         a_gpo_with_a_file_that_cannot_be_read_fails_and_publishes_nothing,
         the_others_of_a_batch_succeed,
         a_batch_in_which_all_fail_has_the_status_of_the_document,
         the_command_line_exits_with_1_alone_and_with_3_in_a_batch,
         a_file_that_can_be_read_again_is_backed_up_by_the_next_request)

if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(run(TESTS, sys.argv[1:]))
