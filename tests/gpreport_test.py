#!/usr/bin/python3
"""gpreport_test.py BIN MAKE_DOMAIN DEMO_DOMAIN - the gpreport.xml of every backup, read by a reader that is not ours:
Python's xml.etree. Bytes as Windows lays them, names of the backup, a type for every section, every item of preferences."""
import os, pathlib, re, shutil, subprocess, sys, tempfile
import xml.etree.ElementTree as ET

BIN, MAKE_DOMAIN, DEMO = map(os.path.abspath, sys.argv[1:4])
GPOS = 42
SETTINGS = "{http://www.microsoft.com/GroupPolicy/Settings}"
TYPES = "{http://www.microsoft.com/GroupPolicy/Types}"
MANIFEST = "{http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
HEAD = ["Identifier", "Name", "IncludeComments", "CreatedTime", "ModifiedTime", "ReadTime", "SecurityDescriptor", "FilterDataAvailable"]
results = {"passed": 0, "failed": 0, "skipped": 0}


def check(sentence, true, why=""):
    results["passed" if true else "failed"] += 1
    if not true or not why:
        print("ok:" if true else "FAILED:", sentence, "" if true else why, flush=True)


def local(tag):
    return tag.split("}")[1]


def as_windows_lays_it(data):
    text = data.decode("utf-16")
    return (data.startswith(b"\xff\xfe") and text.startswith('<?xml version="1.0" encoding="utf-16"?>\r\n<GPO ')
            and "\n" not in text.replace("\r\n", "") and "\r" not in text.replace("\r\n", ""))


def prefixes(text):
    return dict(re.findall(r'xmlns:(q\d+)="([^"]+)"', text))


def judge_sections(name, root, text):
    known = prefixes(text)
    seen = 0
    for side in ("Computer", "User"):
        for section in root.find(SETTINGS + side).findall(SETTINGS + "ExtensionData"):
            extension = section.find(SETTINGS + "Extension")
            prefix, kind = extension.get(TYPE).split(":")
            namespace = known[prefix]
            seen += 1
            check(f"{name}: items of {section.find(SETTINGS + 'Name').text} are in its namespace",
                  kind and all(child.tag.startswith("{" + namespace + "}") for child in extension), namespace)
    check(f"{name}: each prefix is of one section", seen == len(known), f"{seen} sections, {known}")


def judge_preferences(name, folder, root):
    """Every uid of a registered file is in the report, and no password is."""
    text = ET.tostring(root, encoding="unicode")
    for path in folder.glob("DomainSysvol/GPO/*/Preferences/*/*.xml"):
        data = path.read_text(encoding="utf-8-sig")
        for uid in re.findall(r'\suid="(\{[^"]+\})"', data):
            check(f"{name}: the item {uid} of {path.name} is in the report", uid in text, path)
        for secret in re.findall(r'cpassword="([^"]+)"', data):
            check(f"{name}: the password in {path.name} is not in the report", secret not in text, path)


def judge(folder):
    data = (folder / "gpreport.xml").read_bytes()
    info = ET.fromstring((folder / "bkupInfo.xml").read_bytes())
    name = info.find(MANIFEST + "GPODisplayName").text
    check(f"{name}: UTF-16LE, byte order mark, CRLF", as_windows_lays_it(data), data[:80])
    root = ET.fromstring(data)
    check(f"{name}: it is a GPO's report", root.tag == SETTINGS + "GPO", root.tag)
    head = [local(child.tag) for child in root if local(child.tag) in HEAD]
    check(f"{name}: the head is in order", head == HEAD, head)
    check(f"{name}: it has the backup's name", root.find(SETTINGS + "Name").text == name, name)
    identifier = root.find(f"{SETTINGS}Identifier/{TYPES}Identifier").text
    check(f"{name}: it has the GPO's GUID", identifier == info.find(MANIFEST + "GPOGuid").text, identifier)
    judge_sections(name, root, data.decode("utf-16"))
    judge_preferences(name, folder, root)


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gpmq-report-"))
    try:
        environment = dict(os.environ, HOME=str(folder), XDG_STATE_HOME=str(folder / "state"), LC_ALL="C.UTF-8")
        subprocess.run([MAKE_DOMAIN, DEMO, folder / "domain"], check=True, stdout=subprocess.DEVNULL)
        (folder / "backups").mkdir()
        command = subprocess.run([os.path.join(BIN, "gpmq"), "backup", "--all", "--domain", folder / "domain", "--to", folder / "backups"],
                                 env=environment, capture_output=True, text=True, timeout=120)
        check("every GPO is backed up", command.returncode == 0, command.stdout + command.stderr)
        backups = [path for path in (folder / "backups").iterdir() if path.name.startswith("{")]
        check(f"there are {GPOS} backups", len(backups) == GPOS, len(backups))
        for backup in sorted(backups):
            judge(backup)
    finally:
        shutil.rmtree(folder)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**results))
    return 1 if results["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
