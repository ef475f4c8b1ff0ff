"""Build the documentation as a site with search, in `site/`: its sections and pages are those of docs/index.md.

Run: python docs/make_site.py, with the extra `docs` installed. A warning, such as a link to nowhere, ends it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = re.compile(r"^\* \[[^\]]*\]\(([^)#]+\.md)\)", re.M)


def navigation(index: str) -> list[str | dict[str, list[str]]]:
    """Return the pages of an index by its sections, as Zensical wants them."""
    found: list[str | dict[str, list[str]]] = ["index.md"]
    for part in re.split(r"^## ", index, flags=re.M)[1:]:
        title, _, body = part.partition("\n")
        found.append({title.strip(): PAGE.findall(body)})
    return found


def _as_toml(one: str | dict[str, list[str]]) -> str:
    if isinstance(one, str):
        return json.dumps(one)
    return ", ".join(f"{{ {json.dumps(title)} = {json.dumps(pages)} }}" for title, pages in one.items())


def main() -> None:
    """Write the settings with their navigation beside the others, and build the site from them."""
    settings = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    nav = f"nav = [{', '.join(map(_as_toml, navigation(index)))}]\n"
    whole = ROOT / "site.toml"  # for a moment: the paths in it are relative to it
    whole.write_text(settings.replace("[project]\n", f"[project]\n{nav}", 1), encoding="utf-8")
    try:
        zensical = Path(sys.executable).with_name("zensical")
        done = subprocess.run([str(zensical), "build", "--clean", "--strict", "-f", str(whole)], check=False)
    finally:
        whole.unlink()
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
