"""What people come with, and how many clicks from the index they find it: two at most, at the very heading."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs.test_pages import _anchors

DOCS = Path(__file__).parents[2] / "docs"
INDEX = DOCS / "index.md"

# task -> page and heading, and what must be said there
TASKS = {
    "try it without an instrument": ("first-run.md", "solbench run half-cell --cell nbh"),
    "install it": ("install.md", "pip install"),
    "a driver for GPIB or VISA on the PC of the lab": ("real-bench.md#1-a-way-to-the-instruments", "NI-VISA"),
    "a first run on a real bench, from end to end": ("real-bench.md", "solbench report"),
    "cabling of the pair": ("wiring-and-signs.md#the-pair", "POL INPUT"),
    "cabling of the 1260 alone": ("wiring-and-signs.md#the-1260-alone", "CURRENT INPUT"),
    "which way is positive, by experiment": ("real-bench.md#3-the-bench-file", "solbench meters"),
    "commissioning": ("commissioning.md", "solbench commission lab.yaml"),
    "emergency": ("emergency.md", "solbench make-safe"),
    "my own cell": ("cells.md", "# a whole cell record"),
    "a copy of an included protocol, to be changed": ("command-line.md#new-describe", "my-half-cell.yaml"),
    "from a schedule of CorrWare or EC-Lab": ("coming-from.md", "GCPL"),
    "what is not there": ("coming-from.md#what-is-not-here", "square wave"),
    "several cells one after the other": ("command-line.md#queue", "queue confirm"),
    "stop, resume, recover": ("first-run.md#3-stop-it-and-resume", "solbench resume"),
    "practise": ("scenarios.md#practice", "solbench practice"),
    "fit a spectrum": ("command-line.md#fit", "--fix"),
    "circuit elements and their parameters": ("circuits.md", "Gerischer"),
    "Excel, Origin, ZView": ("exports.md", "ZView"),
    "columns of the tables": ("exports.md#tables", "voltage / V"),
    "how a conductivity is computed": ("results.md", "L/(R A)"),
    "methods section and citation": ("results.md#for-the-methods-section", "CITATION.cff"),
    "another potentiostat": ("adding-an-instrument.md", "class CommandsSm20"),
    "a kind of step, an exporter of my own": ("adding-a-step-kind.md", "KIND"),
    "the API": ("api.md", "### open_run"),
    "the verbs of a run, from a program": ("control-channel.md#verbs", "`spectrum`"),
}


@cache
def _links(page: Path) -> frozenset[str]:
    """The targets of a page's links to pages, with the anchor."""
    found = re.findall(r"\]\(([^)\s]+\.md(?:#[\w-]+)?)\)", page.read_text(encoding="utf-8"))
    near = (target for target in found if "://" not in target)
    return frozenset((page.parent / target).resolve().relative_to(DOCS).as_posix() for target in near)


def _clicks(target: str) -> int:
    """How many clicks lead from the index to `target`; from the head of a page its table of contents is one more."""
    page = target.partition("#")[0]
    there, clicks, found = {"index.md"}, 0, 9
    while clicks < 4:
        clicks += 1
        links = frozenset[str]().union(*(_links(DOCS / name) for name in there if (DOCS / name).exists()))
        if target in links:
            found = min(found, clicks)
        if page in links:
            found = min(found, clicks + 1)
        there = {link.partition("#")[0] for link in links}
    return found


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_two_clicks_away_and_told_there(task: str) -> None:
    target, said = TASKS[task]
    name, _, heading = target.partition("#")
    assert _clicks(target) <= 2
    text = (DOCS / name).read_text(encoding="utf-8")
    if heading:
        assert heading in _anchors(DOCS / name)
        parts = re.split(r"^(#+ .*)$", text, flags=re.M)
        wanted = next(n for n, part in enumerate(parts) if part.startswith("#") and _slug(part) == heading)
        text = parts[wanted + 1]
    assert said in text


def _slug(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lstrip("# ").lower()).replace(" ", "-")
