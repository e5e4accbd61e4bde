#!/usr/bin/python3
"""Backs up every GPO of the tests' domain controller with gpmq, and beside it with samba-tool: once in a
loop, as its users do, and once by its Python code on one kept connection, the best that it can do.

The three take turns, so that a machine that is busy is busy for all of them; medians and ratios of one
run are printed. Each writes what it writes: gpmq syncs every file of a backup before it counts.

    tests/dc/dc run DIR bench_ad.py [--rounds N] [--loop N]      (DIR: of a controller that tests/dc/dc start made)
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from dc_desk import DOMAIN, Desk  # pylint: disable=wrong-import-position
from samba.auth import system_session
from samba.credentials import DONT_USE_KERBEROS, Credentials
from samba.netcmd.gpo import (backup_directory_remote_to_local, get_gpo_info, parse_unc,
                              smb_connection)
from samba.param import LoadParm
from samba.samdb import SamDB

ADDRESS, PASSWORD = os.environ["GPMQ_DC_ADDR"], os.environ["GPMQ_DC_PASS"]


class Folder:
    """A fresh folder for each run."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="gpmq-bench-")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path)


def with_gpmq(desk, _guids):
    desk.gpmq("backup", "--all", "--to", "backups", "--domain", DOMAIN, "--quiet")
    for entry in os.scandir(desk.path("backups")):  # the folder itself is the executors' for good
        shutil.rmtree(entry.path) if entry.is_dir() else os.remove(entry.path)


def in_a_loop(_desk, guids):
    with Folder() as folder:
        for guid in guids:
            subprocess.run(["/usr/bin/python3", "/usr/bin/samba-tool", "gpo", "backup", guid,
                            "--tmpdir", folder, "-H", "ldap://" + ADDRESS, "-U",
                            "Administrator%" + PASSWORD], check=True, stdout=subprocess.DEVNULL)


def on_one_connection(_desk, guids):
    loadparm, creds = LoadParm(), Credentials()
    loadparm.load(os.devnull)
    creds.guess(loadparm)
    creds.set_username("Administrator")
    creds.set_password(PASSWORD)
    creds.set_kerberos_state(DONT_USE_KERBEROS)
    database = SamDB(url="ldap://" + ADDRESS, lp=loadparm, credentials=creds,
                     session_info=system_session())
    share = smb_connection(ADDRESS, "sysvol", loadparm, creds)
    with Folder() as folder:
        for guid in guids:
            found = get_gpo_info(database, guid)[0]
            os.mkdir(os.path.join(folder, guid))
            backup_directory_remote_to_local(
                share, parse_unc(str(found["gPCFileSysPath"][0]))[2], os.path.join(folder, guid))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loop", type=int, default=40, help="GPOs of the loop: it is slow")
    given = parser.parse_args()
    with Desk("backups") as desk:
        guids = sorted(desk.gpos())
        if not guids:
            sys.exit("bench_ad: the domain has no GPOs: make some first")
        ways = {"gpmq, two executors": (with_gpmq, len(guids) + 2),
                "samba-tool on one connection": (on_one_connection, len(guids)),
                "samba-tool in a loop": (in_a_loop, min(given.loop, len(guids)))}
        times = {name: [] for name in ways}
        with_gpmq(desk, guids)  # connections, caches
        for _ in range(given.rounds):
            for name, (way, count) in ways.items():
                begun = time.monotonic()
                way(desk, guids[:count])
                times[name].append((time.monotonic() - begun) / count)
    ours = times["gpmq, two executors"]
    print(f"{len(guids) + 2} GPOs, {given.rounds} rounds, load {os.getloadavg()[0]:.1f}")
    for name, took in times.items():
        ratio = statistics.median(theirs / mine for theirs, mine in zip(took, ours))
        print(f"{name:30} {1000 * min(took):7.1f} {1000 * statistics.median(took):7.1f} "
              f"{1000 * max(took):7.1f} ms per GPO (min, median, max)   {ratio:5.1f} times gpmq's")


if __name__ == "__main__":
    main()
