"""Build the documentation as a site with search, in `site/VERSION/`: its sections and pages are those of docs/index.md.

Run: python docs/make_site.py, with the extra `docs` installed. A warning, such as a link to nowhere, ends it. Other
versions in `site/` stay; a list in the head of every page leads from one to another, and `site/` itself to the newest.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from packaging.version import Version

import solbench

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "site"
PAGE = re.compile(r"^\* \[[^\]]*\]\(([^)#]+\.md)\)", re.M)


def navigation(index: str) -> list[str | dict[str, list[str]]]:
    """Return the pages of an index by its sections, as Zensical wants them."""
    found: list[str | dict[str, list[str]]] = ["index.md"]
    for part in re.split(r"^## ", index, flags=re.M)[1:]:
        title, _, body = part.partition("\n")
        if pages := PAGE.findall(body):
            found.append({title.strip(): pages})
    return found


def _as_toml(one: str | dict[str, list[str]]) -> str:
    if isinstance(one, str):
        return json.dumps(one)
    return ", ".join(f"{{ {json.dumps(title)} = {json.dumps(pages)} }}" for title, pages in one.items())


def list_versions(site: Path) -> None:
    """Write what the list of versions reads (the format is that of mike), and the page that leads to the newest."""
    found = (path.name for path in site.iterdir() if path.is_dir() and path.name[0].isdigit())
    names = sorted(found, key=Version, reverse=True)
    entries = [{"version": name, "title": name, "aliases": []} for name in names]
    (site / "versions.json").write_text(json.dumps(entries), encoding="utf-8")
    page = f'<!doctype html><meta http-equiv="refresh" content="0; url={names[0]}/"><a href="{names[0]}/">Solbench</a>'
    (site / "index.html").write_text(page, encoding="utf-8")


def main() -> None:
    """Write the settings with navigation and folder beside the others, and build the site from them."""
    subprocess.run([sys.executable, str(ROOT / "docs" / "make_api_page.py")], check=True)
    settings = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    nav = f"nav = [{', '.join(map(_as_toml, navigation(index)))}]\n"
    whole = ROOT / "site.toml"  # for a moment: the paths in it are relative to it
    settings = settings.replace('site_dir = "site"', f'site_dir = "site/{solbench.__version__}"')
    whole.write_text(settings.replace("[project]\n", f"[project]\n{nav}", 1), encoding="utf-8")
    try:
        zensical = Path(sys.executable).with_name("zensical")
        done = subprocess.run([str(zensical), "build", "--clean", "--strict", "-f", str(whole)], check=False)
    finally:
        whole.unlink()
    for program in (SITE / solbench.__version__).glob("make_*.py"):
        program.unlink()
    if done.returncode == 0:
        list_versions(SITE)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
