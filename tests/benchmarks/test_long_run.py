"""What the benchmarks write in blocks is what the program writes record by record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from benchmarks.long_run import append_samples, write_run

from solbench.acquisition.record.checkpoint import checkpoint_path, read_checkpoint, reopen
from solbench.acquisition.record.events import Sample
from solbench.acquisition.record.hdf5 import read_live
from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.acquisition.record.live_file import TABLES
from solbench.acquisition.record.progress import fold
from tests.acquisition.runs import RUNS_0_1

COUNT = 10_000
ODD_V = (0.0, -0.0, 5e-324, 1e22, 1e-5, -1.0)


def tables(run: Path) -> list[list[object]]:
    """Return the rows of a live file."""
    with read_live(run) as file:
        return [file[name][:].tolist() for name in TABLES]


def test_samples_in_blocks_are_those_that_are_written_one_by_one(tmp_path):
    events = list(read_journal(RUNS_0_1 / "dc.journal"))[:500]
    while not isinstance(events[-1].body, Sample):
        events.pop()
    newest = events[-1].body
    assert isinstance(newest, Sample)
    records = [(event.time_s, event.body) for event in events]
    rng = np.random.default_rng(1)
    times_s = events[-1].time_s + np.cumsum(rng.exponential(0.05, COUNT))
    voltages_V = np.concatenate((ODD_V, rng.normal(1.0, 0.1, COUNT - len(ODD_V))))
    cuts = [1, 2, 3000]
    one_by_one, in_blocks = tmp_path / "a.h5", tmp_path / "b.h5"
    samples = (
        (time_s, replace(newest, voltage_V=voltage_V))
        for time_s, voltage_V in zip(times_s.tolist(), voltages_V.tolist(), strict=True)
    )
    write_run(iter((*records, *samples)), one_by_one)
    write_run(iter(records), in_blocks)
    append_samples(in_blocks, newest, zip(np.split(times_s, cuts), np.split(voltages_V, cuts), strict=True))
    assert journal_path(in_blocks).read_bytes() == journal_path(one_by_one).read_bytes()
    assert tables(in_blocks) == tables(one_by_one)
    known, expected = (read_checkpoint(journal_path(run)) for run in (in_blocks, one_by_one))
    assert known is not None
    assert expected is not None
    assert (known.place, known.samples, known.crc) == (expected.place, expected.samples, expected.crc)
    again = reopen(journal_path(in_blocks))
    again.journal.close()
    assert again.checkpoint is not None
    assert again.progress == fold(read_journal(journal_path(one_by_one)))
    assert checkpoint_path(in_blocks).stat().st_size == known.size
