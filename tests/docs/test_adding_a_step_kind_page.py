"""The page's new kind of step, in a copy of the program: complete it goes through everything, else it is missed."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from solbench.protocols.kinds.record import StepKind
from solbench.protocols.segments import SegmentKind
from tests.guide import Block, blocks_of, copy_with
from tests.modules import ROOT

BLOCKS = blocks_of(ROOT / "docs/adding-a-step-kind.md")
KIND, REGISTRY, TECHNIQUE, TECHNIQUES, EXPRESSIONS = BLOCKS
TABLES = "import solbench.acquisition.engine.techniques.table, solbench.analysis.exports.expressions"


def python(source: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(source), "MYPYPATH": str(source)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def walk(source: Path, which: str) -> subprocess.CompletedProcess[str]:
    plain = ("-q", "-n", "0", "-p", "no:cacheprovider", "--no-header")
    return python(source, "-m", "pytest", *plain, "tests/test_step_kinds.py", "-k", which)


def without(left_out: Block) -> list[Block]:
    return [block for block in BLOCKS if block is not left_out]


def without_line(line: str) -> list[Block]:
    """The page with one line of the new kind's record taken away."""
    assert KIND.text.count(line) == 1
    return [dataclasses.replace(KIND, text=KIND.text.replace(line, "")), *BLOCKS[1:]]


def test_the_page_makes_two_files_and_touches_three() -> None:
    assert [block.changes for block in BLOCKS] == [False, True, False, True, True]


@pytest.mark.long
@pytest.mark.parametrize(
    ("which", "least"),
    [
        ("linear_sweep and not (interrupted or on_demand or report)", 12),  # a run or a report more each
        ("linear_sweep", 15),
    ],
    ids=["once", "again and again"],
)
def test_with_all_of_the_page_the_kind_goes_through_everything(
    tmp_path: Path, which: str, least: int
) -> None:
    walked = walk(copy_with(tmp_path, BLOCKS), f"({which}) or room or tables")
    assert walked.returncode == 0, walked.stdout[-4000:]
    assert walked.stdout.count(".") >= least


@pytest.mark.parametrize(
    ("left_out", "complaint"),
    [
        (TECHNIQUES, "techniques of the engine: there is nothing for LinearSweepSegment"),
        pytest.param(
            EXPRESSIONS,
            "expressions of the exports: there is nothing for LinearSweepSegment",
            marks=pytest.mark.long,
        ),
    ],
    ids=["technique", "expression"],
)
def test_without_its_line_in_a_table_nothing_starts(tmp_path: Path, left_out: Block, complaint: str) -> None:
    started = python(copy_with(tmp_path, without(left_out)), "-c", TABLES)
    assert started.returncode == 1
    assert complaint in started.stderr


@pytest.mark.long
def test_without_its_line_in_the_registry_the_walk_names_the_kind(tmp_path: Path) -> None:
    walked = walk(copy_with(tmp_path, [KIND]), "room")
    assert walked.returncode == 1
    assert "linear_sweep" in walked.stdout


@pytest.mark.long
def test_without_a_part_of_its_record_nothing_starts(tmp_path: Path) -> None:
    started = python(copy_with(tmp_path, without_line("    check=_check,\n")), "-c", TABLES)
    assert started.returncode == 1
    assert "missing 1 required positional argument: 'check'" in started.stderr


def test_nothing_of_a_record_has_a_default_but_what_most_kinds_do_not_have() -> None:
    optional = {
        field.name
        for record in (StepKind, SegmentKind)
        for field in dataclasses.fields(record)
        if field.default is not dataclasses.MISSING
    }
    assert optional == {"check_order", "current_A", "refuses_resume"}


@pytest.mark.long
@pytest.mark.parametrize("line", ["", "    check=_check,\n", '    resumed="repeated",\n'])
def test_types_are_right_and_find_what_is_left_out(tmp_path: Path, line: str) -> None:
    source = copy_with(tmp_path, without_line(line) if line else BLOCKS)
    modules = [f"solbench.{block.path.removesuffix('.py').replace('/', '.')}" for block in BLOCKS]
    named = [part for module in modules for part in ("-m", module)]
    checked = python(source, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), *named)
    found = [text for text in checked.stdout.splitlines() if "linear_sweep" in text]
    assert checked.returncode == bool(line), checked.stdout[-4000:]
    assert len(found) == bool(line)
    assert all("Missing" in text for text in found)
