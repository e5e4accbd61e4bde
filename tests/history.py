"""What clients were told, written down as it happens, and judged against what was done.

A history is lines of JSON. invoke: a client is about to ask; ok: it has its answer; info: it does
not know what became of it; told: a frame came, in whatever way; kill and back: what happened to the
fleet.
"""
import collections
import hashlib
import json
import os
import threading
import time

import msgpack

import effects

COUNTS = ("lost", "duplicated", "unexpected", "regressed", "stuck")
SYNCED = ("invoke", "ok", "info", "back")


class Recorder:
    """Appends events to a file; those that a verdict rests on are on disk before it returns."""

    def __init__(self, path):
        self.path, self.lock = path, threading.Lock()
        self.file = open(path, "a", encoding="ascii")  # pylint: disable=consider-using-with

    def write(self, event, client, **fields):
        line = json.dumps(dict(fields, event=event, client=client, time=time.time()),
                          default=bytes.hex)
        with self.lock:
            self.file.write(line + "\n")
            if event in SYNCED:
                self.file.flush()
                os.fsync(self.file.fileno())

    def told(self, client, encoded):
        """One frame as it came: also the ones that a client drops as old."""
        frame = msgpack.unpackb(encoded)
        if frame["kind"] != "keepalive":
            self.write("told", client, op=frame["op"], seq=frame["seq"], kind=frame["kind"],
                       state=frame["state"], fence=frame["fence"],
                       digest=hashlib.blake2b(encoded, digest_size=8).hexdigest())

    def read(self, offset=0):
        """The events from an offset on, and the offset behind them."""
        with self.lock:
            self.file.flush()
        with open(self.path, encoding="ascii") as file:
            file.seek(offset)
            lines = file.readlines()
            return [json.loads(line) for line in lines], file.tell()


class Operation:
    """All that is known of one operation: what was asked, and what was told about it."""

    def __init__(self, op, asked):
        self.op, self.asked, self.accepted = op, asked, False
        self.frames, self.final_seq, self.state, self.ended_at = {}, None, None, None
        self.broken = []

    def tell(self, event):
        seq, what = event["seq"], (event["digest"], event["kind"], event["fence"])
        if self.frames.setdefault(seq, what) != what:
            self.broken.append(f"seq {seq} was {self.frames[seq]}, then {what}")
        if event["kind"] != "final":
            return
        if self.final_seq not in (None, seq):
            self.broken.append(f"two final frames: seq {self.final_seq} and {seq}")
        if self.final_seq is None:
            self.final_seq, self.state, self.ended_at = seq, event["state"], event["time"]

    def answered(self, state, ended_states):
        """A later question was answered with this state."""
        if self.state and state != self.state and self.ended_at:
            self.broken.append(f"it is {state} after it had ended {self.state}")
        if not self.state and state in ended_states:
            self.broken.append(f"it is {state} without a final frame")

    def check(self):
        """What is wrong with the frames as a whole, once the end has been told."""
        if self.final_seq is None:
            return
        if max(self.frames) > self.final_seq:
            self.broken.append(f"seq {max(self.frames)} after the final {self.final_seq}")
        missing = [seq for seq in range(1, self.final_seq) if seq not in self.frames]
        if missing:
            self.broken.append(f"there is no seq {missing[0]} before the final {self.final_seq}")
        fences = [self.frames[seq][2] for seq in sorted(self.frames)]
        if fences != sorted(fences):
            self.broken.append("the fence falls")


class Books:
    """The operations of a whole run, and what they must have left in repository and domain."""

    def __init__(self, repository, domain):
        self.repository, self.domain = repository, domain
        self.ops, self.back_at, self.findings = {}, 0.0, []
        self.before, self.seen = effects.gpos(domain), set()
        self.imports = collections.Counter()  # into GPOs that were there: successes

    def find(self, what, op, text):
        self.findings.append((what, f"{what}: {op}: {text}"))

    def take(self, events):
        """Reads on in the history."""
        for event in events:
            handler = getattr(self, "_" + event["event"], None)
            if handler:
                handler(event)

    def _invoke(self, event):
        for op, asked in event.get("asked", {}).items():
            self.ops.setdefault(op, Operation(op, asked))

    def _ok(self, event):
        for op, state in event.get("accepted", {}).items():
            self.ops[op].accepted = True
        for op, text in event.get("refused", {}).items():
            self.find("unexpected", op, f"refused: {text}")
        for op, state in event.get("states", {}).items():
            self.ops[op].answered(state, event["ends"])

    def _told(self, event):
        if event["op"] in self.ops:
            self.ops[event["op"]].tell(event)
        else:
            self.find("unexpected", event["op"], "frames of an operation that nobody asked for")

    def _back(self, event):
        self.back_at = event["time"]

    def judge(self, ops, limit_s):
        """A round is over: its operations must have ended, once, and in time."""
        for op in (self.ops[op] for op in ops):
            op.check()
            for text in op.broken:
                self.find("regressed", op.op, text)
            if op.accepted and op.state is None:
                self.find("lost", op.op, f"{op.asked['kind']}: accepted, and no end was told")
            elif op.state not in (None, "succeeded"):
                self.find("unexpected", op.op, f"{op.asked['kind']} ended {op.state}")
            if op.ended_at and op.ended_at - self.back_at > limit_s:
                late_s = op.ended_at - self.back_at
                self.find("stuck", op.op, f"ended {late_s:.1f} s after all was back")
        self._judge_backups(ops)
        self._judge_gpos(ops)

    def _judge_backups(self, ops):
        standing = effects.backup_ids(self.repository)
        found = [effects.backup_at(self.repository, name) for name in sorted(standing - self.seen)]
        for name in self.seen - standing:
            self.find("lost", name, "a backup that stood is gone")
        self.seen |= standing
        of_op = collections.Counter(backup.comment for backup in found)
        for op in (self.ops[op] for op in ops if self.ops[op].asked["kind"] == "gpo.backup"):
            wanted = effects.derived_guid(bytes.fromhex(op.op), "backup")
            if op.state == "succeeded" and wanted not in standing:
                self.find("lost", op.op, f"it succeeded, and there is no backup {wanted}")
            if op.state not in (None, "succeeded") and wanted in standing:
                self.find("unexpected", op.op, f"it ended {op.state}, and left a backup")
            if of_op[op.op] > 1:
                self.find("duplicated", op.op, f"{of_op[op.op]} backups")
        for backup in found:
            asked = self.ops[backup.comment].asked if backup.comment in self.ops else {}
            if asked.get("gpo") != backup.gpo:
                self.find("unexpected", backup.id, f"a backup of {backup.gpo} for {asked}")

    def _judge_gpos(self, ops):
        now = effects.gpos(self.domain)
        of_op = collections.Counter(gpo.creator for gpo in now.values())
        for op in (self.ops[op] for op in ops if self.ops[op].asked["kind"] == "gpo.import"):
            target = op.asked.get("gpo")
            self.imports[target] += bool(target) and op.state == "succeeded"
            made = effects.derived_guid(bytes.fromhex(op.op), "gpo")
            if target or op.state != "succeeded":
                continue
            if made not in now:
                self.find("lost", op.op, f"it succeeded, and there is no GPO {made}")
            if of_op[op.op] > 1:
                self.find("duplicated", op.op, f"{of_op[op.op]} GPOs")
        made = {effects.derived_guid(bytes.fromhex(op.op), "gpo") for op in self.ops.values()
                if op.asked["kind"] == "gpo.import" and not op.asked.get("gpo")}
        for gpo in now.values():
            if gpo.id not in self.before and gpo.id not in made:
                self.find("unexpected", gpo.id, f"a GPO '{gpo.name}' that nobody asked for")
            self._judge_version(gpo)
        for gpo in self.before.keys() - now.keys():
            self.find("lost", gpo, "a GPO that stood is gone")

    def _judge_version(self, gpo):
        first = self.before[gpo.id].version if gpo.id in self.before else effects.BOTH_HALVES
        wanted = first + self.imports[gpo.id] * effects.BOTH_HALVES
        if gpo.version > wanted:
            self.find("duplicated", gpo.id, f"version {gpo.version:#x}, not {wanted:#x}")
        if gpo.version < wanted:
            self.find("lost", gpo.id, f"version {gpo.version:#x}, not {wanted:#x}")
        if effects.version_files(self.domain, gpo.id) != gpo.version:
            self.find("unexpected", gpo.id, f"GPT.INI differs from version {gpo.version:#x}")

    def judge_all(self):
        """The run is over: every backup once more, and the derived list of them."""
        standing = effects.backup_ids(self.repository)
        listed = collections.Counter(effects.manifest_ids(self.repository))
        for name, count in listed.items():
            if name not in standing:
                self.find("unexpected", name, "in manifest.xml, and there is no such backup")
            if count > 1:
                self.find("duplicated", name, f"{count} times in manifest.xml")
        for name in standing - set(listed):
            self.find("lost", name, "a backup that manifest.xml leaves out")
        for backup in (effects.backup_at(self.repository, name) for name in standing):
            made = effects.derived_guid(bytes.fromhex(backup.comment), "backup")
            if backup.id != made:
                self.find("unexpected", backup.id, f"the id of its operation's backup is {made}")

    def counts(self):
        found = collections.Counter(what for what, _ in self.findings)
        return ", ".join(f"{found[what]} {what}" for what in COUNTS)
