"""The runs of a folder, whichever of their files are left."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from solbench.acquisition.record.events import Header
from solbench.acquisition.record.journal import Journal, journal_path, read_journal
from solbench.acquisition.run.pack import pack
from solbench.analysis.batch import find_files, read_job
from solbench.analysis.exports.source import Source
from solbench.analysis.history.beginning import beginning_of
from solbench.analysis.history.life import cells_in, life_of
from solbench.analysis.listing.line import RunLine, changed_s, find_runs
from solbench.analysis.report.contents import read_contents
from solbench.protocols import load_cell, parse_protocol
from tests.acquisition.runs import RUNS_0_1
from tests.tiers import few


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


@few("packed", [True, False], 1)
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


@pytest.mark.parametrize("started", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:00-14:00"])
def test_a_run_is_read_whatever_its_clock_was(tmp_path: Path, started: str) -> None:
    header = next(read_journal(RUNS_0_1 / "short.journal")).body
    assert isinstance(header, Header)
    with closing(Journal.create(tmp_path / "a.journal")) as journal:
        journal.append(0.0, replace(header, started=started))
    line = RunLine.of(tmp_path / "a.journal")
    assert (line.standing, line.reason) == ("interrupted", "")
    assert line.started.endswith(started[5:16].replace("T", " "))
