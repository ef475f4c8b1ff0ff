"""The site shows every page under the sections of the index; what is cited is this version."""

from __future__ import annotations

import json
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


def test_the_site_leads_to_its_newest_version(tmp_path: Path) -> None:
    for name in ("0.9.0", "0.10.0", "0.2.1"):
        (tmp_path / name).mkdir()
    make_site.list_versions(tmp_path)
    listed = json.loads((tmp_path / "versions.json").read_text(encoding="utf-8"))
    assert [entry["version"] for entry in listed] == ["0.10.0", "0.9.0", "0.2.1"]
    assert 'url=0.10.0/"' in (tmp_path / "index.html").read_text(encoding="utf-8")
