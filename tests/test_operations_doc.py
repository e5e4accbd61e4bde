#!/usr/bin/python3
"""docs/operations.md is true: its tables and its picture are held against the source."""
import glob
import os
import re
import sys

from runner import run

SOURCE = os.environ.get("GPMQ_SOURCE_DIR", os.path.join(os.path.dirname(__file__), ".."))


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def sources(*folders):
    return "".join(read(os.path.relpath(path, SOURCE)) for folder in folders for path in
                   sorted(glob.glob(os.path.join(SOURCE, folder, "**", "*.[ch]"), recursive=True)))


def section(title):
    """The text below a heading, up to the next one."""
    return re.search(rf"^## \d+\. {re.escape(title)}$(.*?)(?=^## |\Z)", read("docs/operations.md"),
                     re.MULTILINE | re.DOTALL).group(1)


def first_cells(text):
    """The words in the first column of the tables in a text."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    return {word for cell in cells for word in re.findall(r"`([\w.]+)`", cell)}


def same(documented, real):
    assert documented == real, (f"only in the document: {sorted(documented - real)}; "
                                f"not in it: {sorted(real - documented)}")


def the_picture_has_the_transitions_of_the_table():
    code = re.findall(r"\[GPMQ_(\w+)\]\s*\[EV_(\w+)\]\s*=\s*GPMQ_(\w+)", read("proto/lifecycle.c"))
    picture = re.findall(r"^    (\w+) --> (\w+) : (\w+)$", section("States"), re.MULTILINE)
    assert len(code) > 25, code
    same({(start, event.upper(), end) for start, end, event in picture}, set(code))


def every_state_is_explained():
    names = re.search(r"enum gpmq_state \{(.*?)GPMQ_STATE_END", read("proto/include/gpmq/op.h"),
                      re.DOTALL).group(1)
    same(first_cells(section("States")), {name.lower() for name in re.findall(r"GPMQ_(\w+)", names)})


def every_reason_is_explained():
    names = re.search(r"enum gpmq_reason \{(.*?)GPMQ_REASON_END", read("proto/include/gpmq/op.h"),
                      re.DOTALL).group(1)
    for name in set(re.findall(r"GPMQ_REASON_(\w+)", names)) - {"NONE"}:
        assert f"`{name.lower()}`" in section("States"), name


def every_kind_and_result_is_explained():
    kinds = set(re.findall(r'X\(\w+, "([\w.]+)"\)', read("worker/ops/kinds.h")))
    code = sources("worker/ops", "broker/core")
    results = set(re.findall(r'(?:run_result|results_list)\([^")]*"(\w+)"', code))
    results |= set(re.findall(r'\.type = "(\w+)"', code))
    same(first_cells(section("Kinds")), kinds | results)


def every_property_of_a_result_is_explained():
    text, code = section("Kinds"), sources("worker/ops")
    names = re.findall(r'run_property\w*\(\w+, "(\w+)"', code)
    names += re.findall(r'"(\w+)",\s*(?:gpmq_guid_text|text_json|clock_text|\(json_int_t\))', code)
    assert len(set(names)) > 20, names
    for name in set(names):
        assert f"`{name}`" in text, name


def every_code_has_its_hresult():
    rows = dict(re.findall(r'\{"(\w+)",\s+0x([0-9A-F]{8})', read("proto/error.c")))
    told = re.findall(r"^\| `(\w+)` \| 0x([0-9A-F]{8}) \| (yes|no) \|", section("Messages and errors"),
                      re.MULTILINE)
    assert len(told) > 15, told
    for name, value, again in told:
        retryable = re.search(rf'"{name}",.*?(true|false)\}}', read("proto/error.c")).group(1)
        assert rows[name] == value, (name, value, rows[name])
        assert (again == "yes") == (retryable == "true"), (name, again)


def table_of(text, heading):
    """The rows below a table's heading, each a list of cells."""
    lines = text[text.index(f"| {heading} |"):].splitlines()[2:]
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in lines]
    return rows[:next((i for i, row in enumerate(rows) if not row), len(rows))]


def what_is_tried_again_is_what_the_tables_say():
    text, code = section("What is tried again"), read("broker/core/retry.c")
    names = dict(re.findall(r'\[-(GPMQ_\w+)\]\s*= \{"(\w+)"', read("proto/error.c")))
    codes = {(names[name], f"{int(ms) // 1000} s", most if most != "0" else "as the kind")
             for name, ms, most in re.findall(r"\{(GPMQ_E\w+),\s+(\d+), (\d+)\}", code)}
    kinds = set(re.findall(r'\{"([\w.]+)",\s+(\d+)\}', code))
    assert len(codes) > 5 and kinds, (codes, kinds)
    same({tuple(row) for row in table_of(text, "Failure")}, codes)
    same({tuple(row) for row in table_of(text, "Kind")} - {("any other", "3")}, kinds)


def every_log_event_is_explained():
    code = sources("broker", "worker")
    events = set(re.findall(r'log_(?:event|operation)\([^"]*?"(\w+)"', code))
    events |= set(re.findall(r'log_event\([^"]*?"\w+" : "(\w+)"', code))
    events |= set(re.findall(r'give_up\("(\w+)"', code))
    same(first_cells(section("Log events")), events)


def the_names_on_disk_are_the_ones_that_are_used():
    places = {"A folder domain": ("worker/domain", r"[a-z]+\.(?:lock|ldif)|intent|fence|gpmq[A-Z]\w+"),
              "A repository": ("worker/repository", r"\.gpmq-[a-z]+|\w+\.xml")}
    for title, (folder, pattern) in places.items():
        code, names = sources(folder), set(re.findall(pattern, section(title)))
        assert len(names) > 4, names
        for name in names:
            assert name in code, name


TESTS = (the_picture_has_the_transitions_of_the_table, every_state_is_explained,
         every_reason_is_explained, every_kind_and_result_is_explained,
         every_property_of_a_result_is_explained, every_code_has_its_hresult, what_is_tried_again_is_what_the_tables_say,
         every_log_event_is_explained, the_names_on_disk_are_the_ones_that_are_used)

if __name__ == "__main__":
    sys.exit(run(TESTS, sys.argv[1:]))
