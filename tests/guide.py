"""Applies the code of a guide to a copy of the program: blocks that are whole files, and blocks of changed lines."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.modules import ROOMS, ROOT


@dataclass(frozen=True)
class Block:
    """One block of a page: a whole new file, or changes of a file that is there, by its first line."""

    path: str
    text: str
    changes: bool


def blocks_of(page: Path) -> list[Block]:
    """The blocks whose first line names a file, in the order of the page."""
    found = re.findall(
        r"^```(python|diff)\n# (\S+\.py)\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S
    )
    return [Block(path, text, kind == "diff") for kind, path, text in found]


def copy_with(folder: Path, blocks: Iterable[Block]) -> Path:
    """A folder for PYTHONPATH with the program and the blocks; rooms that no block changes are links."""
    source = folder / "solbench"
    source.mkdir()
    blocks = list(blocks)
    changed = {block.path.split("/")[0] for block in blocks}
    for item in (ROOT / "src/solbench").iterdir():
        if item.name in ROOMS and item.name not in changed:
            (source / item.name).symlink_to(item.resolve())
        elif item.name in ROOMS:
            shutil.copytree(item.resolve(), source / item.name)  # with what is compiled already
        elif item.is_file():
            shutil.copy(item, source)
    for block in blocks:
        _apply(block, source / block.path)
    return folder


def _apply(block: Block, path: Path) -> None:
    if not block.changes:
        assert not path.exists(), f"{block.path} is there already"
        path.write_text(block.text, encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    for hunk in block.text.split("@@\n"):
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        assert text.count(before) == 1, f"{block.path} holds this {text.count(before)} times:\n{before}"
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")
