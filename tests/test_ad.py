#!/usr/bin/python3
"""gpmq on a real Active Directory domain: real backups go through it, and Samba's own tool agrees."""
import os
import shutil
import sys

from dc_desk import (BUILTIN, DOMAIN, URL, Desk, backups_in, files_below, remove_gpos, samba,
                     samba_agrees, sample_folders)
from runner import Skip, run


def need_dc():
    if not URL:
        raise Skip("no domain controller")


def by_name(backups, without=()):
    """What a GPO is, whatever its GUID: name, files, extensions."""
    return sorted((one.name, sorted(one.files.items()), one.value("MachineExtensionGuids").upper(),
                   one.value("UserExtensionGuids").upper()) for one in backups
                  if one.gpo_id.upper() not in without)


def by_guid(backups):
    """All that a restore brings back."""
    return sorted((one.gpo_id, one.name, one.security(), one.value("Options"),
                   sorted(one.files.items()), one.value("MachineExtensionGuids"),
                   one.value("UserExtensionGuids")) for one in backups
                  if one.gpo_id.upper() not in BUILTIN)


def assert_same(were, are):
    for was, now in zip(were, are):
        assert was == now, f"\n{was}\n{now}"
    assert len(were) == len(are), (len(were), len(are))


def real_backups_go_through_the_domain():
    """Imported, backed up, deleted, restored, backed up again: payload and permissions stay."""
    need_dc()
    samples = sample_folders()
    if not samples:
        raise Skip("no samples")
    with Desk("samples", "first", "second") as desk:
        remove_gpos(desk)
        for folder in samples:
            shutil.copytree(folder, os.path.join(desk.path("samples"), os.path.basename(folder)))
        desk.gpmq("import", "--all", "--from", "samples", "--create", "--domain", DOMAIN)
        assert len(samba_agrees()) == len(samples) + len(BUILTIN)
        desk.gpmq("backup", "--all", "--to", "first", "--domain", DOMAIN)
        assert_same(by_name(backups_in(desk.path("samples"))), by_name(backups_in(desk.path("first")), BUILTIN))
        for guid in desk.gpos():
            samba("gpo", "show", guid)
        remove_gpos(desk)
        assert set(samba_agrees()) == BUILTIN
        desk.gpmq("restore", "--all", "--from", "first", "--domain", DOMAIN)
        samba_agrees()
        desk.gpmq("backup", "--all", "--to", "second", "--domain", DOMAIN)
        assert_same(by_guid(backups_in(desk.path("first"))), by_guid(backups_in(desk.path("second"))))
        desk.gpmq("verify", "second", "--read-data")
        fetch_what_gpmq_wrote(desk)
        remove_gpos(desk)


def fetch_what_gpmq_wrote(desk):
    """Samba's tool reads back the files that are in our backups."""
    backups = {one.gpo_id: one for one in backups_in(desk.path("second"))}
    for guid in sorted(desk.gpos())[:8]:
        folder = desk.path("fetched")
        os.makedirs(folder, exist_ok=True)
        samba("gpo", "fetch", guid, "--tmpdir", folder)
        found = files_below(os.path.join(folder, "policy", guid))
        found.pop("gpt.ini")
        assert found == backups[guid].files, guid


def a_gpo_made_by_samba_is_backed_up_and_reported():
    need_dc()
    with Desk("made") as desk:
        remove_gpos(desk)
        samba("gpo", "create", "Made by Samba")
        (guid, name), = desk.gpos().items()
        assert name == "Made by Samba"
        samba("gpo", "manage", "smb_conf", "set", guid, "log level", "3")
        desk.gpmq("backup", guid, "--to", "made", "--domain", DOMAIN)
        backup, = backups_in(desk.path("made"))
        assert backup.gpo_id == guid and "machine/registry.pol" in backup.files
        report = desk.gpmq("report", guid, "--domain", DOMAIN, "--xml")
        # Samba does not register what it writes, so no client of Windows reads it: the report says so.
        for text in "Made by Samba", guid, "/Registry.pol":
            assert text in report, f"no '{text}' in {report}"
        remove_gpos(desk)


def a_gpo_is_copied_with_its_permissions():
    need_dc()
    with Desk("copies") as desk:
        remove_gpos(desk)
        desk.gpmq("copy", "Default Domain Policy", "--as", "A copy", "--copy-acl", "--domain", DOMAIN)
        desk.gpmq("copy", "Default Domain Policy", "--as", "A copy", "--domain", DOMAIN, code=1)
        samba_agrees()
        desk.gpmq("backup", "--all", "--to", "copies", "--domain", DOMAIN)
        security = {one.name: one.security() for one in backups_in(desk.path("copies"))}
        assert security["A copy"] == security["Default Domain Policy"]
        remove_gpos(desk)


if __name__ == "__main__":
    sys.exit(run([real_backups_go_through_the_domain, a_gpo_made_by_samba_is_backed_up_and_reported,
                  a_gpo_is_copied_with_its_permissions], sys.argv[1:]))
