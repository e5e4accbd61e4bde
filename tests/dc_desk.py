"""A gpmq fleet beside the tests' domain controller, and Samba's own tool as the other opinion."""
import hashlib
import json
import os
import re
import shutil
import subprocess

from fleet import Fleet, program

DOMAIN = "example.test"
URL = os.environ.get("GPMQ_TEST_AD")
BUILTIN = {"{31B2F340-016D-11D2-945F-00C04FB984F9}", "{6AC1786C-016F-11D2-945F-00C04FB984F9}"}
SAMPLES = os.path.join(os.environ.get("GPMQ_SAMPLES") or os.path.join(
    os.environ.get("GPMQ_SOURCE_DIR", "."), "..", "shared", "samples"), "gpmc-backups")


def samba(*words, code=0):
    """samba-tool as the domain's administrator; its output."""
    done = subprocess.run(
        ["/usr/bin/python3", "/usr/bin/samba-tool", *words,
         "-s", os.path.join(os.environ["GPMQ_DC_DIR"], "etc/smb.conf"),
         "-H", "ldap://" + os.environ["GPMQ_DC_ADDR"],
         "-U", "Administrator%" + os.environ["GPMQ_DC_PASS"]],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
    assert done.returncode == code, f"samba-tool {' '.join(words)}: {done.stdout}"
    return done.stdout


def samba_agrees():
    """Every GPO is shown, and its permissions in both halves fit."""
    samba("gpo", "aclcheck")
    listed = re.findall(r"^GPO +: (\S+)", samba("gpo", "listall"), re.M)
    assert len(listed) == len(set(listed)) >= len(BUILTIN), listed
    return listed


class Desk(Fleet):
    """Broker, one worker with the domain and a few repositories, and the command line."""

    def __init__(self, *repositories, url=None, options=()):
        super().__init__()
        for name in repositories:
            os.mkdir(self.path(name))
        self.worker("worker-1", "--executors", "2", "--domain", f"{DOMAIN}={url or URL}", *options,
                    *(word for name in repositories
                      for word in ("--repository", f"{name}={self.path(name)}")))

    def gpmq(self, *words, code=0, timeout_s=300):
        """A command to its end; what it printed."""
        done = subprocess.run([program("gpmq"), *words, "--broker", self.control],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=timeout_s, check=False, cwd=self.folder)
        said = (done.stdout + done.stderr + self.log("worker-1")).splitlines()
        assert done.returncode == code, "\n".join(
            [f"gpmq {' '.join(words)}: exit {done.returncode}", *said[:20], "...", *said[-20:]])
        return done.stdout + done.stderr

    def lines(self, *words):
        return [json.loads(line) for line in self.gpmq(*words, "--json").splitlines()
                if line.startswith("{")]

    def gpos(self):
        """GUID -> display name, without the two of every domain."""
        return {one["id"]: one["display_name"] for one in self.lines("list", "gpos", "--domain",
                                                                      DOMAIN)
                if one.get("id") not in BUILTIN and "display_name" in one}


def remove_gpos(desk):
    """All but the two of every domain. Samba's own tool cannot where there is a class store."""
    policies = os.path.join(os.environ["GPMQ_DC_DIR"], "state/sysvol", DOMAIN, "Policies")
    base = os.environ["GPMQ_DC_BASEDN"]
    dns = [f"CN={guid},CN=Policies,CN=System,{base}" for guid in desk.gpos()]
    if dns:
        subprocess.run(["ldbdel", "-r", "-H", "ldap://" + os.environ["GPMQ_DC_ADDR"], "-U",
                        "Administrator%" + os.environ["GPMQ_DC_PASS"], *dns], check=True,
                       stdout=subprocess.DEVNULL)
    for name in os.listdir(policies):
        if name not in BUILTIN:
            path = os.path.join(policies, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


def files_below(folder):
    """Path in lower case -> digest, of all files below."""
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder).lower()] = \
                    hashlib.sha256(file.read()).hexdigest()
    return found


class Backup:
    """What a backup on disk says."""

    def __init__(self, folder):
        with open(os.path.join(folder, "Backup.xml"), encoding="utf-8") as file:
            self.xml = file.read()
        self.files = files_below(os.path.join(folder, "DomainSysvol", "GPO"))
        self.gpo_id = self.value("ID")
        self.name = self.value("DisplayName")

    def value(self, element):
        core = self.xml[self.xml.index("<GroupPolicyCoreSettings>"):]
        found = re.search(rf"<{element}>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))</{element}>", core, re.S)
        return (found.group(1) or found.group(2) or "").strip() if found else ""

    def security(self):
        return self.value("SecurityDescriptor").lower()


def backups_in(folder):
    return [Backup(os.path.join(folder, name)) for name in sorted(os.listdir(folder))
            if name.startswith("{")]


def sample_folders():
    """Every backup made by Windows, wherever it lies below the samples."""
    return sorted(where for where, _, names in os.walk(SAMPLES) if "Backup.xml" in names)
