#!/usr/bin/env python3
"""Judges histories: compose_judge.py FILE COUNT. FILE holds what `gpmq watch --json` said of whole batches, COUNT is how
many backups there must be. Every operation's frames are numbered without gaps, only the last has a result, all succeeded."""
import json
import sys


def judge(lines, wanted):
    """What is wrong, as a list of sentences."""
    seen, ended, wrong = {}, {}, []
    for line in lines:
        if line["type"] != "status":
            continue
        op, seq = line["op"], line["seq"]
        if seq != seen.get(op, 0) + 1:
            wrong.append(f"{op}: {seq} follows {seen.get(op, 0)}")
        if op in ended:
            wrong.append(f"{op}: {seq} comes after its end")
        seen[op] = seq
        if line["result"] is not None:
            ended[op] = line
    wrong += [f"{op}: no end" for op in seen if op not in ended]
    wrong += [f"{op}: ended {line['state']}" for op, line in ended.items() if line["state"] != "succeeded"]
    backups = [op for op, line in ended.items() if line["result"]["type"] == "backup"]
    if len(backups) != wanted:
        wrong.append(f"{len(backups)} backups, not {wanted}")
    return wrong


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        findings = judge(map(json.loads, file), int(sys.argv[2]))
    print("\n".join(findings[:20]), end="\n" if findings else "")
    sys.exit(1 if findings else 0)
