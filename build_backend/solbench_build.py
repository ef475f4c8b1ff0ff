"""setuptools, after the folders at the top of the repository have been linked into `src/`.

The folders stay where people look for them; `import solbench.drivers` finds them through a link that git does not
keep, for a link in a repository is a text file on Windows. In an unpacked sdist they are real folders and left alone.
"""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403  the hooks of PEP 517 and PEP 660

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("acquisition", "analysis", "cli", "drivers", "fitting", "gui", "protocols", "simulators")


def link(place: Path, target: Path) -> None:
    """Let the folder `place` be the folder `target`, unless something is there already.

    A junction on Windows, which needs no special right. A link to nowhere, as in a repository that was copied,
    is made again.
    """
    if place.is_symlink() and not place.exists():
        place.unlink()
    if place.exists() or not target.is_dir():
        return
    if os.name == "nt":
        import _winapi

        _winapi.CreateJunction(str(target), str(place))
    else:
        place.symlink_to(os.path.relpath(target, place.parent), target_is_directory=True)


for _room in ROOMS:
    link(ROOT / "src" / "solbench" / _room, ROOT / _room)
link(ROOT / "src" / "pyvisa_solbench", ROOT / "pyvisa_solbench")


def readme() -> str:
    """Return README.md with links that lead somewhere from the page of a package index, too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    source = project["urls"]["Source"]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"!\[([^\]]*)\]\((?!https:)", rf"![\1]({source}/raw/main/", text)
    return re.sub(r"(?<!!)\[([^\]]*)\]\((?!https:)", rf"[\1]({source}/blob/main/", text)


(ROOT / "build").mkdir(exist_ok=True)
(ROOT / "build" / "README.md").write_text(readme(), encoding="utf-8")  # pyproject.toml names it


def build_wheel(
    wheel_directory: str,
    config_settings: dict[str, str | list[str] | None] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Build a wheel that has the manual, which the desktop shows; elsewhere it is found in the repository."""
    manual = ROOT / "src" / "solbench" / "manual"
    shutil.rmtree(manual, ignore_errors=True)
    shutil.copytree(ROOT / "docs", manual, ignore=shutil.ignore_patterns("*.py", "decisions", "__pycache__"))
    try:
        return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    finally:
        shutil.rmtree(manual, ignore_errors=True)
