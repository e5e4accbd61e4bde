"""What operations left behind, read from the files themselves: backups in a repository, GPOs in a
folder domain. Nothing here asks the queue."""
import base64
import collections
import hashlib
import os
import re
import xml.etree.ElementTree as xml

from client import uuid

MANIFEST = "{http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest}"
GUID = re.compile(r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}")
BOTH_HALVES = 0x10001  # what one import adds to a version number

Backup = collections.namedtuple("Backup", "id gpo comment")
Gpo = collections.namedtuple("Gpo", "id name version creator")


def derived_guid(op, purpose):
    """The GUID of what an operation creates: the same in every attempt."""
    raw = uuid(hashlib.blake2b(op + purpose.encode(), digest_size=16).digest(), 4)
    parts = re.fullmatch("(.{8})(.{4})(.{4})(.{4})(.{12})", raw.hex().upper()).groups()
    return "{" + "-".join(parts) + "}"


def backup_ids(repository):
    """The backups that stand in a repository: folders named by a GUID."""
    return {name for name in os.listdir(repository) if GUID.fullmatch(name)}


def backup_at(repository, name):
    """What one backup says of itself in bkupInfo.xml. Raises if the file is missing or broken."""
    root = xml.parse(os.path.join(repository, name, "bkupInfo.xml")).getroot()
    return Backup(*(root.findtext(MANIFEST + key, "") for key in ("ID", "GPOGuid", "Comment")))


def manifest_ids(repository):
    """The ids in manifest.xml, as often as they stand there."""
    root = xml.parse(os.path.join(repository, "manifest.xml")).getroot()
    return [entry.findtext(MANIFEST + "ID") for entry in root.iter(MANIFEST + "BackupInst")]


def unfinished(folder):
    """What half-done work has left in a repository or beside the policies of a domain."""
    left = [name for name in os.listdir(folder) if name.startswith(".gpmq-tmp-")]
    state = os.path.join(folder, ".gpmq")
    for gpo in os.listdir(state) if os.path.isdir(state) else ():
        if GUID.fullmatch(gpo):
            left += [f"{gpo}/{name}" for name in os.listdir(os.path.join(state, gpo))
                     if name not in ("fence", "read.lock", "write.lock")]
    return left


def ldif_entry(path):
    """The attributes of the first entry of an LDIF file."""
    with open(path, encoding="utf-8") as file:
        unfolded = file.read().replace("\n ", "")
    found = {}
    for line in unfolded.split("\ndn: ", 2)[1].split("\n\n", 1)[0].splitlines()[1:]:
        name, _, value = line.partition(":")
        encoded = value.startswith(":")
        found.setdefault(name, base64.b64decode(value[1:]).decode("utf-8", "replace") if encoded
                         else value.strip())
    return found


def gpos(domain):
    """The GPOs of a folder domain by their ids: those whose LDIF stands, and so are committed."""
    found = {}
    policies = os.path.join(domain, "Policies")
    for name in os.listdir(policies):
        if name.endswith(".ldif") and GUID.fullmatch(name[:-5]):
            entry = ldif_entry(os.path.join(policies, name))
            found[name[:-5]] = Gpo(name[:-5], entry.get("displayName", ""),
                                   int(entry["versionNumber"]), entry.get("gpmqCreator", ""))
    return found


def version_files(domain, gpo):
    """The version in GPT.INI, which must be that of the directory."""
    with open(os.path.join(domain, "Policies", gpo, "GPT.INI"), encoding="latin-1") as file:
        return int(re.search(r"(?im)^\s*version\s*=\s*(\d+)", file.read())[1])
