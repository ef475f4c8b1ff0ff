"""A run by its file, by its journal, and by its journal where there is no file that can be read."""

import re
import shutil
from zlib import crc32

import numpy as np
import pytest

from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record import reader
from solbench.acquisition.record.final_file import build_final
from solbench.acquisition.record.journal import read_journal
from solbench.acquisition.record.live_file import LiveFile
from solbench.acquisition.record.reader import is_finished, open_run, outline, sample_blocks
from tests.acquisition.runs import RUNS_0_1
from tests.tiers import few


def test_samples_are_read_when_somebody_asks_for_them(monkeypatch):
    run = open_run(RUNS_0_1 / "short.h5")
    asked = []
    read = reader.samples_between
    monkeypatch.setattr(reader, "samples_between", lambda *given: asked.append(given[1:]) or read(*given))
    assert (run.sample_count, asked) == (292, [])
    assert len(run.samples) == len(run.samples) == 292
    assert len(asked) == 1


@pytest.mark.parametrize("name", ["short.h5", "killed.journal", "dc.h5"])
def test_the_samples_of_a_step_are_all_that_bear_its_index(name):
    run = open_run(RUNS_0_1 / name)
    for step in [*(one.index for one in run.steps), 99]:
        expected = run.samples["seq"][run.samples["step"] == step]
        assert run.samples_of(step)["seq"].tolist() == expected.tolist()


@pytest.mark.parametrize("rows", [25, 1000])
def test_of_a_long_run_are_read_the_samples_that_are_asked_for_and_they_are_the_same(rows, monkeypatch):
    whole = open_run(RUNS_0_1 / "short.h5")
    expected = whole.samples
    monkeypatch.setattr(reader, "BLOCK_ROWS", rows)
    monkeypatch.setattr(reader, "AT_HAND", 0)
    run = open_run(RUNS_0_1 / "short.h5")
    for step in [*(one.index for one in run.steps), 99]:
        assert run.samples_of(step).tolist() == whole.samples_of(step).tolist()
    for first, last in ((0, 0), (3, 5), (290, 292), (0, 292)):
        assert run.samples_between(first, last).tolist() == expected[first:last].tolist()
    blocks = list(run.sample_blocks("time_s", "voltage_V"))
    assert len(blocks) == -(-292 // rows)
    for field in ("time_s", "voltage_V"):
        assert np.concatenate(blocks)[field].tolist() == expected[field].tolist()
    assert "samples" not in vars(run)


@pytest.mark.parametrize("name", ["short.h5", "short.journal"])
def test_samples_come_in_blocks(name, monkeypatch):
    monkeypatch.setattr(reader, "BLOCK_ROWS", 50)
    blocks = list(sample_blocks(RUNS_0_1 / name))
    assert np.concatenate(blocks).tolist() == open_run(RUNS_0_1 / name).samples.tolist()
    assert len(blocks) == (6 if name == "short.h5" else 1)


def test_an_outline_is_of_finished_files_alone(tmp_path):
    found = outline(RUNS_0_1 / "short.h5")
    assert found is not None
    assert (found.completed, len(found.steps), len(found.spectra)) == (True, 9, 3)
    assert outline(RUNS_0_1 / "short.journal") is None
    assert outline(tmp_path / "nowhere.h5") is None


def test_a_live_file_and_one_that_is_torn_are_read_through_the_journal(tmp_path):
    shutil.copy(RUNS_0_1 / "short.journal", tmp_path / "a.journal")
    live = LiveFile(tmp_path / "a.h5", read_journal(tmp_path / "a.journal"))
    live.close()
    assert not is_finished(tmp_path / "a.h5")
    assert len(open_run(tmp_path / "a.h5").samples) == 292
    (tmp_path / "a.h5").write_bytes(b"torn")
    assert not is_finished(tmp_path / "a.h5")
    assert len(open_run(tmp_path / "a.h5").samples) == 292
    (tmp_path / "a.journal").unlink()
    with pytest.raises(RunFileError, match=r"no journal a\.journal beside it"):
        open_run(tmp_path / "a.h5")


@few("signature", [b"SNOD", b"TREE", b"HEAP"], (2,))
def test_a_file_whose_inner_structure_is_damaged_is_refused_in_words(tmp_path, signature):
    """HDF5 itself tells it by whatever error it likes, and for each at another time."""
    data = (RUNS_0_1 / "short.h5").read_bytes()
    places = [found.start() for found in re.finditer(signature, data)]
    assert places
    refused = 0
    for place in places:
        (tmp_path / "a.h5").write_bytes(data[:place] + b"XXXX" + data[place + 4 :])
        for read in (lambda path: open_run(path).samples, outline):
            try:
                read(tmp_path / "a.h5")
            except (RunFileError, OSError) as error:
                refused += "a.h5 is not a run file of solbench, or is damaged" in str(error)
    assert refused


def test_a_step_in_progress_has_flowed_as_much_by_the_recovered_file_as_by_the_journal(tmp_path):
    shutil.copy(RUNS_0_1 / "killed.journal", tmp_path / "a.journal")
    by_journal = open_run(tmp_path / "a.journal").steps
    found = open_run(build_final(tmp_path / "a.h5")).steps
    assert by_journal[-1].in_progress
    assert by_journal[-1].charge_C == pytest.approx(0.26297707401489123)
    assert found == by_journal


def test_a_journal_that_does_not_begin_with_a_header_is_refused_where_the_header_is_needed(tmp_path):
    lines = (RUNS_0_1 / "short.journal").read_bytes().splitlines(keepends=True)
    record = lines[2].replace(b'"seq":2', b'"seq":0').rpartition(b"\t")[0]
    (tmp_path / "a.journal").write_bytes(b"%s\t%08x\n" % (record, crc32(record)))
    with pytest.raises(RunFileError, match="its first record is not a header but `start_check`"):
        _ = open_run(tmp_path / "a.journal").header
