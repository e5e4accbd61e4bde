#!/usr/bin/python3
"""Reports in a real browser: nothing complains, loads or runs; accessible in both schemes; whole on paper.

usage: report_browser_test.py MAKE_REPORT OUT [WORD...]   screenshots and PDFs are written to OUT, to be looked at."""
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as tree

from devtools import Browser, chromium
from runner import Skip, run

MAKE_REPORT, OUT = sys.argv[1], os.path.abspath(sys.argv[2])
SOURCE = os.environ.get("GPMQ_SOURCE_DIR", os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SAMPLES = os.environ.get("GPMQ_SAMPLES", os.path.join(SOURCE, "../shared/samples"))
EVERY_AREA = os.path.join(SOURCE, "tests/data/report_html/every-area.xml")
RSOP = os.path.join(SOURCE, "tests/data/report_html/rsop.xml")
AXE = os.path.join(SOURCE, ".tools/axe.min.js")
MARK = "gpmq-was-here"

# What an attacker would write where a name goes. Each would leave MARK in the title or the window.
HOSTILE = [
    f"<script>document.title='{MARK}'</script>",
    f"</title><script>document.title='{MARK}'</script>",
    f"</style></script><script>window.owned='{MARK}'</script>",
    f"\"><img src=x onerror=\"document.title='{MARK}'\">",
    f"' onmouseover='document.title=\"{MARK}\"' autofocus onfocus='document.title=\"{MARK}\"",
    f"<svg onload=document.title='{MARK}'>",
    f"<iframe srcdoc=\"<script>parent.document.title='{MARK}'</script>\"></iframe>",
    f"javascript:document.title='{MARK}'",
    "<base href=http://attacker.invalid/><link rel=stylesheet href=http://attacker.invalid/x.css>",
    "<meta http-equiv=refresh content='0;url=http://attacker.invalid/'><form action=http://attacker.invalid/>",
    "--><!--<script>", "]]>&lt;b&gt;&#60;", "\u202Egpj.exe\u2066\u200B\uFEFF", "{{7*7}}${7*7}#{7*7}",
    "<details open ontoggle=document.title='" + MARK + "'>",
]


def samples():
    """Reports that Windows wrote, large ones and those of each kind of preferences."""
    found = []
    for folder, _, files in os.walk(SAMPLES):
        found += [os.path.join(folder, name) for name in files if name.lower() == "gpreport.xml"]
    return sorted(found)


def make(report, name):
    page = os.path.join(OUT, name + ".html")
    subprocess.run([MAKE_REPORT, report, page], check=True)
    return page


def hostile_report(report):
    """Each text and each attribute of a report of every area becomes something hostile, in turn."""
    keep = {"Name", "Enabled", "action"}  # of areas: by them the page is chosen
    document = tree.parse(report)
    areas = {name for e in document.iter() if e.tag.endswith("}ExtensionData")
             for name in e if name.tag.endswith("}Name")}
    count = 0
    for element in document.iter():
        if element not in areas and (element.text or "").strip():
            element.text = HOSTILE[count % len(HOSTILE)]
            count += 1
        for name in element.attrib:
            if name not in keep:
                element.set(name, HOSTILE[count % len(HOSTILE)])
                count += 1
    path = os.path.join(OUT, "hostile-" + os.path.basename(report))
    document.write(path, encoding="utf-8", xml_declaration=True)
    return path


def quiet(page, path):
    complaints = page.complaints("file://" + path)
    assert not complaints, "\n".join(complaints[:5])


def every_sample_opens_without_a_word():
    reports = samples()
    if not reports:
        raise Skip("no samples")
    page = browser.page()
    for number, report in enumerate(reports):
        path = make(report, f"sample-{number:02}")
        page.open(path)
        quiet(page, path)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{report}: {wide} pixels stick out"
    page.close()
    print(f"{len(reports)} reports")


def pictures_of_both_schemes_of_a_phone_and_of_paper():
    page = browser.page()
    for name, report in [("every-area", EVERY_AREA), ("rsop", RSOP)] + [(f"largest-{i}", r) for i, r in enumerate(
            sorted(samples(), key=os.path.getsize)[-3:])]:
        path = make(report, name)
        for look, options in {"light": {}, "dark": {"scheme": "dark"}, "phone": {"width": 390}}.items():
            page.look(**options)
            page.open(path)
            page.screenshot(os.path.join(OUT, f"{name}-{look}.png"))
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{name}, {look}: {wide} pixels stick out"
        page.look()
        page.pdf(os.path.join(OUT, name + ".pdf"))
        if shutil.which("pdftoppm"):
            subprocess.run(["pdftoppm", "-png", "-r", "60", "-l", "4", os.path.join(OUT, name + ".pdf"),
                            os.path.join(OUT, name + "-paper")], check=True)
    page.close()


def axe_finds_nothing_in_either_scheme():
    if not os.path.exists(AXE):
        raise Skip("axe-core is not there (scripts/setup test fetches it with npm)")
    with open(AXE, encoding="utf-8") as file:
        axe = file.read()
    page = browser.page()
    reports = [EVERY_AREA, RSOP, hostile_report(EVERY_AREA), hostile_report(RSOP)] + sorted(samples(), key=os.path.getsize)[::8]
    for number, report in enumerate(reports):
        path = make(report, f"axe-{number}")
        for options in ({}, {"scheme": "dark"}, {"width": 390}):
            page.look(**options)
            page.open(path)
            page.evaluate(axe)
            found = page.evaluate("""axe.run(document, {resultTypes: ['violations']}).then((r) =>
                r.violations.map((v) => v.id + ': ' + v.help + ': ' + v.nodes.slice(0, 3).map((n) =>
                    n.html.slice(0, 160) + ' ' + (n.any[0] ? n.any[0].message : '')).join(' | ')))""")
            assert not found, f"{report} {options}:\n" + "\n".join(found)
    page.close()
    print(f"{len(reports)} reports in 3 looks, 0 violations")


def hostile_names_are_words_and_nothing_else():
    for name, report in ("hostile", EVERY_AREA), ("hostile-rsop", RSOP):
        judge_hostile(name, report)


def judge_hostile(name, report):
    page = browser.page()
    path = make(hostile_report(report), name)
    page.open(path)
    page.screenshot(os.path.join(OUT, name + "-light.png"))
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    page.evaluate("new Promise((done) => setTimeout(done, 0))")
    facts = page.evaluate("""({
        title: document.title, owned: typeof window.owned,
        foreign: document.querySelectorAll('img, iframe, object, embed, form, svg, base, link, area, video').length,
        scripts: document.scripts.length,
        handlers: [...document.querySelectorAll('*')].filter((e) =>
            [...e.attributes].some((a) => a.name.startsWith('on'))).length,
        links: [...document.querySelectorAll('a')].filter((a) => !a.getAttribute('href').startsWith('#')).length,
        hidden: (document.body.textContent.match(/[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\ufeff]/g) || []).length,
        heading: document.querySelector('h1').textContent,
    })""")
    assert not facts["title"].startswith(MARK), facts
    assert facts["owned"] == "undefined", facts
    assert [facts[k] for k in ("foreign", "handlers", "links", "hidden")] == [0, 0, 0, 0], facts
    assert facts["scripts"] == 1, facts
    assert any(word in facts["heading"] for word in HOSTILE) or report == RSOP, facts
    quiet(page, path)
    page.close()


def its_policy_stops_even_what_would_get_in_unescaped():
    with open(make(EVERY_AREA, "unescaped"), encoding="utf-8") as file:
        text = file.read()
    path = os.path.join(OUT, "unescaped.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("<main", f"<script>document.title='{MARK}'</script>"
                                f"<img src=x onerror=\"document.title='{MARK}'\"><main", 1))
    page = browser.page()
    page.open(path)
    page.evaluate("new Promise((done) => setTimeout(done, 0))")
    assert page.evaluate("document.title") != MARK
    complaints = page.complaints("file://" + path)
    assert any("Content Security Policy" in c for c in complaints), complaints
    page.close()


def without_scripts_everything_is_there_and_the_tools_are_not():
    page = browser.page()
    page.scripts(False)
    page.open(make(EVERY_AREA, "no-script"))
    page.screenshot(os.path.join(OUT, "no-script-light.png"))
    page.scripts(True)
    facts = page.evaluate("""({tools: document.getElementById('tools').offsetHeight,
        unseen: [...document.querySelectorAll('.item')].filter((e) => e.offsetHeight === 0).length,
        items: document.querySelectorAll('.item').length})""")
    assert facts["tools"] == 0 and facts["unseen"] == 0 and facts["items"] > 40, facts
    page.close()


def search_shows_what_matches_and_everything_again():
    page = browser.page()
    page.open(make(EVERY_AREA, "search"))
    find = """(words) => { const f = document.getElementById('find'); f.value = words;
        f.dispatchEvent(new Event('input')); return {
        seen: [...document.querySelectorAll('.item')].filter((e) => e.offsetHeight > 0).map((e) => e.textContent),
        areas: [...document.querySelectorAll('details.area')].filter((e) => e.offsetHeight > 0).length,
        found: document.getElementById('found').textContent,
        none: document.getElementById('none').offsetHeight > 0}; }"""
    all_items = page.evaluate("document.querySelectorAll('.item').length")
    page.evaluate("document.getElementById('fold').click()")
    facts = page.evaluate(f"({find})('frobnicator twice')")
    assert len(facts["seen"]) == 1 and "Configure the frobnicator" in facts["seen"][0], facts
    assert facts["areas"] == 1 and facts["found"] == f"1 of {all_items} settings", facts
    facts = page.evaluate(f"({find})('no such words anywhere')")
    assert facts["seen"] == [] and facts["none"], facts
    page.screenshot(os.path.join(OUT, "search-nothing.png"), full=False)
    facts = page.evaluate(f"({find})('')")
    page.evaluate("document.getElementById('open').click()")
    seen = page.evaluate("[...document.querySelectorAll('.item')].filter((e) => e.offsetHeight > 0).length")
    assert seen == all_items and not facts["none"], (seen, all_items)
    page.close()


def a_link_opens_the_area_it_leads_into():
    page = browser.page()
    page.open(make(EVERY_AREA, "links"))
    page.evaluate("document.getElementById('fold').click()")
    page.evaluate("[...document.querySelectorAll('.contents a')].find((a) => /Scripts/.test(a.textContent)).click()")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    opened = page.evaluate("[...document.querySelectorAll('details.area[open] h4')].map((e) => e.textContent)")
    assert opened == ["Scripts"], opened
    page.close()


def paper_has_what_is_folded_and_no_controls():
    if not shutil.which("pdftotext"):
        raise Skip("poppler-utils is not installed")
    page = browser.page()
    page.open(make(EVERY_AREA, "paper"))
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = false; })")
    pdf = os.path.join(OUT, "paper.pdf")
    page.pdf(pdf)
    page.close()
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    flat = re.sub(r"\s+", "", text)  # lines break anywhere
    for words in ("Log on as a batch job", "RequireMutualAuthentication=1", "frob.example.test", "Help desk", "1 / "):
        assert words.replace(" ", "") in flat, f"'{words}' is not on paper"
    for words in ("Find in this report", "Fold all", "Skip to the report"):
        assert words.replace(" ", "") not in flat, f"'{words}' is on paper"


TESTS = [
    every_sample_opens_without_a_word,
    pictures_of_both_schemes_of_a_phone_and_of_paper,
    axe_finds_nothing_in_either_scheme,
    hostile_names_are_words_and_nothing_else,
    its_policy_stops_even_what_would_get_in_unescaped,
    without_scripts_everything_is_there_and_the_tools_are_not,
    search_shows_what_matches_and_everything_again,
    a_link_opens_the_area_it_leads_into,
    paper_has_what_is_folded_and_no_controls,
]

if not chromium():
    print(f"chromium is not installed\n0 passed, 0 failed, {len(TESTS)} skipped")
    sys.exit(0)
os.makedirs(OUT, exist_ok=True)
with Browser() as browser:
    sys.exit(run(TESTS, sys.argv[3:]))
