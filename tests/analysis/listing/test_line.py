"""The runs of a folder, whichever of their files are left."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from solbench.acquisition.record.journal import journal_path
from solbench.acquisition.run.pack import pack
from solbench.analysis.batch import find_files, read_job
from solbench.analysis.exports.source import Source
from solbench.analysis.history.beginning import beginning_of
from solbench.analysis.history.life import cells_in, life_of
from solbench.analysis.listing.line import RunLine, changed_s, find_runs
from solbench.analysis.report.contents import read_contents
from solbench.protocols import load_cell, parse_protocol
from tests.acquisition.runs import RUNS_0_1


def _told(run: Path) -> dict[str, object]:
    """Return what the parts of the program that look for runs say of the only one in a folder."""
    (listed,) = find_runs(run.parent)
    line, outline = RunLine.of(listed), Source(run).outline
    protocol = parse_protocol(outline.header.protocol.text, "t")
    record, cell = load_cell(outline.header.cell.name), outline.header.cell_words
    begun = [beginning_of(each, run.parent, protocol, record, simulated=True) for each in (str(run), cell)]
    return {
        "line": (line.standing, line.run, line.started),
        "is dated": changed_s(listed) > 0.0,
        "cells": cells_in(run.parent),
        "cycles": life_of(cell, run.parent).cycles,
        "begun": [one.passed_C for one in begun],
        "fitted": [read_job(path).numbers for path in find_files([run, run.parent])],
        "exported": sum(map(len, Source(run).blocks())),
    }


@pytest.mark.parametrize("packed", [True, False])
def test_a_journal_alone_packed_or_not_is_the_run_that_it_was(tmp_path: Path, packed: bool) -> None:
    for ending in (".h5", ".journal"):
        shutil.copy(RUNS_0_1 / f"short{ending}", tmp_path)
    run = tmp_path / "short.h5"
    journal = journal_path(run)
    written, before = journal.read_bytes(), _told(run)
    if packed:
        assert pack(run) is not None
    run.unlink()
    assert _told(run) == before
    assert find_files([journal, *tmp_path.glob("*.journal*")]) == [journal]
    assert read_contents([run])[0].sha256 == sha256(written).hexdigest()
