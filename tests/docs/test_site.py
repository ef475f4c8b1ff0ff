"""The site shows every page under the sections of the index; what is cited is this version."""

from __future__ import annotations

import tomllib
from pathlib import Path

from docs import make_site

import solbench

ROOT = Path(__file__).parents[2]


def test_the_site_has_the_sections_and_pages_of_the_index() -> None:
    found = make_site.navigation((ROOT / "docs" / "index.md").read_text(encoding="utf-8"))
    pages = [page for one in found for page in ([one] if isinstance(one, str) else next(iter(one.values())))]
    there = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert len(pages) == len(set(pages))
    assert set(pages) == there
    toml = ", ".join(map(make_site._as_toml, found))
    assert tomllib.loads(f"nav = [{toml}]")["nav"] == found


def test_what_is_cited_is_this_version() -> None:
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {solbench.__version__}\n" in cited
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    assert f"solbench-{solbench.__version__}-py3" in page
