#!/usr/bin/python3
"""Planning in a real Active Directory domain: a tree, links and nested groups that Samba's own tool made."""
import sys
import xml.etree.ElementTree as tree

from dc_desk import DOMAIN, URL, Desk, remove_gpos, samba
from runner import Skip, run

RSOP = "{http://www.microsoft.com/GroupPolicy/Rsop}"
TYPES = "{http://www.microsoft.com/GroupPolicy/Types}"
OURS = "{urn:gpmq:report}"
BASE = ",".join("DC=" + part for part in DOMAIN.split("."))
TOP, LOW = "OU=Plan," + BASE, "OU=PlanLow,OU=Plan," + BASE


def make_tree():
    samba("ou", "create", TOP)
    samba("ou", "create", LOW)
    samba("user", "create", "planuser", "P@ssw0rd.plan1", "--userou=OU=PlanLow,OU=Plan")
    samba("computer", "create", "PLANPC", "--computerou=OU=Plan")
    for group in "PlanInner", "PlanOuter":
        samba("group", "add", group, "--groupou=OU=Plan")
    samba("group", "addmembers", "PlanInner", "planuser")
    samba("group", "addmembers", "PlanOuter", "PlanInner")
    samba("gpo", "setinheritance", LOW, "block")


def link(desk, name, place, *options):
    """A GPO of its own, with a version that is not 0."""
    desk.gpmq("copy", "Default Domain Policy", "--as", name, "--domain", DOMAIN)
    guid, = (guid for guid, known in desk.gpos().items() if known == name)
    samba("gpo", "setlink", place, guid, *options)


def outcomes(side):
    """In the order of application, then those that do not apply: name -> the first outcome."""
    found = [(int(at.find(RSOP + "AppliedOrder").text), int(at.find(RSOP + "LinkOrder").text),
              gpo.find(RSOP + "Name").text, at.find(OURS + "Outcome").text)
             for gpo in side.findall(RSOP + "GPO") for at in gpo.findall(RSOP + "Link")]
    found.sort(key=lambda one: (one[0] == 0, one[0], one[1]))
    return {name: outcome for _, _, name, outcome in found}


def links_blocks_and_groups_of_the_directory_are_planned_with():
    if not URL:
        raise Skip("no domain controller")
    with Desk() as desk:
        remove_gpos(desk)
        make_tree()
        try:
            link(desk, "Plan top", TOP)
            link(desk, "Plan forced", TOP, "--enforce")
            link(desk, "Plan off", LOW, "--disable")
            link(desk, "Plan near", LOW)
            judge(tree.fromstring(desk.gpmq("report", "--rsop", "--computer", "PLANPC", "--user", "planuser",
                                            "--site", "Default-First-Site-Name", "--domain", DOMAIN,
                                            "--xml", "--quiet")))
            desk.gpmq("report", "--rsop", "--user", "nobody", "--domain", DOMAIN, "--xml", code=1)
        finally:
            samba("ou", "delete", TOP, "--force-subtree-delete")
            remove_gpos(desk)


def judge(report):
    user, computer = report.find(RSOP + "UserResults"), report.find(RSOP + "ComputerResults")
    planned = {name: outcome for name, outcome in outcomes(user).items() if name.startswith("Plan")}
    assert list(planned.items()) == [("Plan near", "applied"), ("Plan forced", "applied"), ("Plan top", "blocked"),
                                     ("Plan off", "link_disabled")], planned
    assert outcomes(user)["Default Domain Policy"] == "blocked"
    planned = {name: outcome for name, outcome in outcomes(computer).items() if name.startswith("Plan")}
    assert list(planned.items()) == [("Plan top", "applied"), ("Plan forced", "applied")], planned
    groups = {group.find(TYPES + "Name").text for group in user.findall(RSOP + "SecurityGroup")}
    assert {"EXAMPLE\\PlanInner", "EXAMPLE\\PlanOuter", "EXAMPLE\\Domain Users", "Everyone"} <= groups, groups
    searched = [som.find(RSOP + "Path").text for som in user.findall(RSOP + "SearchedSOM")]
    assert searched[1:] == [DOMAIN, DOMAIN + "/Plan", DOMAIN + "/Plan/PlanLow"], searched
    assert user.find(RSOP + "Site").text == "Default-First-Site-Name"


if __name__ == "__main__":
    sys.exit(run([links_blocks_and_groups_of_the_directory_are_planned_with], sys.argv[1:]))
