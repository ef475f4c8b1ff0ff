"""The site shows the pages that the index names, in the same order; what is cited is this version."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import solbench

ROOT = Path(__file__).parents[2]


def _pages(nav: list[Any]) -> list[str]:
    return [
        page for one in nav for page in ([one] if isinstance(one, str) else _pages(next(iter(one.values()))))
    ]


def test_the_site_has_the_sections_and_pages_of_the_index() -> None:
    project = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert _pages(project["nav"]) == ["index.md", *re.findall(r"^\* \[[^\]]*\]\(([^)#]+\.md)\)", index, re.M)]
    sections = [name for one in project["nav"] if isinstance(one, dict) for name in one]
    assert sections == re.findall(r"^## (.*)", index, re.M)


def test_what_is_cited_is_this_version() -> None:
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {solbench.__version__}\n" in cited
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    assert f"solbench-{solbench.__version__}-py3" in page


def test_every_extra_is_named_on_the_page_of_installing() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    assert {name for name in extras if f"`.[{name}]`" not in page} == set()
