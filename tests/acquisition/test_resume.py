"""What resuming refuses, and what it only finishes."""

from __future__ import annotations

from pathlib import Path

import pytest

from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record.journal import journal_path, reserve_path
from solbench.acquisition.run.start import world_path
from tests.acquisition.runs import SHORT, request, resume_it, run_it


@pytest.fixture
def ended(tmp_path: Path) -> Path:
    run = tmp_path / "r.h5"
    assert run_it(request(run, SHORT)).completed
    return run


def test_a_run_that_ended_only_gets_its_file_again(ended: Path):
    before = journal_path(ended).read_bytes()
    ended.unlink()
    assert resume_it(ended).completed
    assert ended.exists()
    assert journal_path(ended).read_bytes() == before
    assert not reserve_path(ended).exists()


def test_a_simulated_run_whose_cell_is_gone_is_not_continued_with_a_fresh_one(ended: Path):
    journal = journal_path(ended)
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:20]))
    world_path(ended).unlink()
    with pytest.raises(RunFileError, match="simulated cell of this run is gone"):
        resume_it(ended)
    assert journal.read_bytes() == b"".join(lines[:20])
