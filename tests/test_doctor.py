#!/usr/bin/python3
"""gpmq-worker --doctor: says of each domain and repository what is wrong, and what to do."""
import json
import os
import subprocess
import sys
import tempfile

from dc_desk import BUILTIN, URL, backups_in, samba
from fleet import Fleet, program
from runner import Skip, run

READER, PASSWORD = "doctor-reader", "Rd3r.gpmq-test"


def doctor(*options, code):
    """Check -> the worst line of it, of a run with --json."""
    done = subprocess.run([program("gpmq-worker"), "--broker", "ipc:///nowhere", "--json", *options],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    order = ["skipped", "ok", "warning", "problem"]
    worst = {}
    for line in map(json.loads, done.stdout.splitlines()):
        before = worst.get(line["check"])
        if not before or order.index(line["state"]) > order.index(before["state"]):
            worst[line["check"]] = line
    return worst


def states(worst):
    return {check: line["state"] for check, line in worst.items()}


def need_dc():
    if not URL:
        raise Skip("no domain controller")


def password_file(folder, password, mode=0o600):
    path = os.path.join(folder, "password")
    with open(path, "w", encoding="utf-8") as file:
        file.write(password + "\n")
    os.chmod(path, mode)
    return path


def url_with(user, path, more=""):
    return f"ad:example.test?server=dc1.example.test&user={user}&password-file={path}{more}"


def a_domain_that_works_is_well_in_every_respect():
    need_dc()
    found = states(doctor("--doctor-write", "--domain", f"corp={URL}", code=0))
    assert found == dict.fromkeys(
        ["files", "dns", "port", "clock", "ticket", "login", "policies", "change", "create",
         "sysvol", "write", "helper"], "ok"), found


def nothing_is_written_without_being_asked():
    need_dc()
    policies = os.path.join(os.environ["GPMQ_DC_DIR"], "state/sysvol/example.test/Policies")
    before = os.stat(policies).st_mtime_ns
    found = states(doctor("--doctor", "--domain", f"corp={URL}", code=0))
    assert found["write"] == "skipped" and os.stat(policies).st_mtime_ns == before, found
    doctor("--doctor-write", "--domain", f"corp={URL}", code=0)
    assert os.stat(policies).st_mtime_ns != before
    assert not [name for name in os.listdir(policies) if "doctor" in name]


def a_certificate_tells_how_long_it_is_good():
    need_dc()
    base = os.environ["GPMQ_DC_DIR"] + "/etc"
    good = doctor("--doctor", "--domain", "corp=" + url_with(
        "Administrator", base + "/password", f"&auth=simple&ca={base}/ca.pem"), code=0)
    assert good["tls"]["state"] == "ok" and "good for 36" in good["tls"]["text"], good["tls"]
    bad = doctor("--doctor", "--domain", "corp=" + url_with(
        "Administrator", base + "/password", f"&auth=simple&ca={base}/krb5.conf"), code=1)
    assert bad["login"]["state"] == "problem", bad


def a_wrong_password_is_told_at_the_ticket():
    need_dc()
    with tempfile.TemporaryDirectory() as folder:
        path = password_file(folder, "wrong")
        found = doctor("--doctor", "--domain", "corp=" + url_with(READER + "-none", path), code=1)
        assert found["ticket"]["state"] == "problem" and "no such account" in found["ticket"]["text"]
        found = doctor("--doctor", "--domain", "corp=" + url_with("Administrator", path), code=1)
        assert "wrong password" in found["ticket"]["text"], found["ticket"]
        assert "password file" in found["ticket"]["advice"] and "login" not in found, found


def a_password_that_others_can_read_is_told():
    need_dc()
    with tempfile.TemporaryDirectory() as folder:
        path = password_file(folder, "wrong", 0o644)
        found = doctor("--doctor", "--domain", "corp=" + url_with("Administrator", path), code=1)
        assert found["files"]["state"] == "problem" and "chmod 600" in found["files"]["text"], found
        assert found["clock"]["state"] == "ok" and "ticket" not in found, found


def an_account_that_only_reads_is_told_what_it_cannot_do():
    need_dc()
    samba("user", "create", READER, PASSWORD)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = password_file(folder, PASSWORD)
            found = doctor("--doctor-write", "--domain", "corp=" + url_with(READER, path), code=1)
            assert found["policies"]["state"] == "ok", found
            for check in "change", "create":
                assert found[check]["state"] == "warning", found[check]
                assert "docs/samba.md" in found[check]["advice"], found[check]
            assert found["write"]["state"] == "problem", found["write"]
    finally:
        samba("user", "delete", READER)


def an_account_that_only_reads_backs_up_with_a_keytab():
    """As docs/samba.md makes it: an ordinary account, its keys in a file, every GPO in a backup."""
    need_dc()
    with tempfile.TemporaryDirectory() as folder:
        keytab = os.path.join(folder, "gpmq.keytab")
        samba("user", "create", READER, "--random-password")
        try:
            subprocess.run(["/usr/bin/python3", "/usr/bin/samba-tool", "domain", "exportkeytab", keytab,
                            "--principal=" + READER + "@EXAMPLE.TEST", "-s",
                            os.path.join(os.environ["GPMQ_DC_DIR"], "etc/smb.conf")],
                           check=True, timeout=120, stdout=subprocess.DEVNULL)
            url = f"ad:example.test?server=dc1.example.test&user={READER}&keytab={keytab}"
            found = doctor("--doctor", "--domain", f"corp={url}", code=0)
            assert found["ticket"]["state"] == "ok" and READER in found["login"]["text"], found
            with Fleet() as fleet:
                os.mkdir(fleet.path("nightly"))
                fleet.worker("worker-1", "--domain", f"corp={url}", "--repository",
                             "nightly=" + fleet.path("nightly"))
                subprocess.run([program("gpmq"), "backup", "--all", "--to", "nightly", "--domain", "corp",
                                "--broker", fleet.control], check=True, timeout=120,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                saved = {one.gpo_id for one in backups_in(fleet.path("nightly"))}
                assert BUILTIN <= saved, saved
        finally:
            samba("user", "delete", READER)


def a_controller_that_is_not_there_is_told():
    found = doctor("--doctor", "--domain", "corp=ad:example.test?server=127.255.255.254", code=1)
    assert found["port"]["state"] == "problem" and "firewall" in found["port"]["advice"], found
    assert "login" not in found and "sysvol" not in found, found
    found = doctor("--doctor", "--domain", "corp=ad:example.test?server=dc1.invalid", code=1)
    assert found["dns"]["state"] == "problem", found


def folders_are_looked_at():
    with tempfile.TemporaryDirectory() as folder:
        found = doctor("--doctor", "--repository", f"nightly={folder}", code=0)
        assert found["folder"]["state"] == "ok" and found["folder"]["place"] == "nightly", found
        assert "GiB free" in found["disk"]["text"], found
        found = doctor("--doctor", "--repository", f"nightly={folder}/gone", code=1)
        assert found["folder"]["state"] == "problem" and "make it" in found["folder"]["advice"]
        found = doctor("--doctor", "--repository", f"nightly={__file__}", code=1)
        assert "something else" in found["folder"]["text"], found


def people_read_lines_with_advice():
    done = subprocess.run(
        [program("gpmq-worker"), "--broker", "ipc:///nowhere", "--doctor", "--repository", "nightly=/nowhere"],
        capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and done.stdout.startswith("problem  nightly         folder   "), done.stdout
    assert "-> make it, or correct the settings" in done.stdout, done.stdout


if __name__ == "__main__":
    sys.exit(run([a_domain_that_works_is_well_in_every_respect, nothing_is_written_without_being_asked,
                  a_certificate_tells_how_long_it_is_good, a_wrong_password_is_told_at_the_ticket,
                  a_password_that_others_can_read_is_told,
                  an_account_that_only_reads_is_told_what_it_cannot_do,
                  an_account_that_only_reads_backs_up_with_a_keytab,
                  a_controller_that_is_not_there_is_told, folders_are_looked_at,
                  people_read_lines_with_advice], sys.argv[1:]))
