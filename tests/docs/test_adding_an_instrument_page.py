"""The page on a new instrument shows code that the conformance tests run: each block is an excerpt of its file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-an-instrument.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^From `([^`]+)`:\n\n```python\n(.*?)^```", PAGE, re.M | re.S)


@pytest.mark.parametrize(("file", "block"), BLOCKS)
def test_a_block_stands_in_the_file_that_it_is_from(file: str, block: str) -> None:
    assert block in (ROOT / file).read_text(encoding="utf-8")


def test_every_block_names_its_file() -> None:
    assert len(BLOCKS) == PAGE.count("```python\n") >= 8


@pytest.mark.parametrize("name", re.findall(r"`((?:acquisition|drivers|simulators|tests)/[\w/]+\.py)`", PAGE))
def test_the_files_it_names_are_there(name: str) -> None:
    assert (ROOT / name).is_file()
