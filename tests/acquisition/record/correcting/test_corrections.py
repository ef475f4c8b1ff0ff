"""A run is corrected beside its file: what was recorded stays, a torn line never counts, damage is never silent."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record.columns import LEFT_OUT
from solbench.acquisition.record.correcting.cell_text import quantities_of
from solbench.acquisition.record.correcting.corrections import correct, corrections_path, read_corrections
from solbench.acquisition.record.reader import open_run, outline
from solbench.protocols import parse_cell
from solbench.protocols.errors import BadInput
from tests.acquisition.runs import RUNS_0_1


@pytest.fixture(scope="module", name="old")
def old_run() -> Path:
    return next(path for path in sorted(RUNS_0_1.glob("*.h5")))


@pytest.fixture(name="run")
def run_of_a_test(old, tmp_path) -> Path:
    copy = tmp_path / "run.h5"
    shutil.copy(old, copy)
    return copy


def make(run, *settings, who="E. Example", why="weighed again"):
    return correct(run, open_run(run).recorded, settings, who, why)[1]


def test_every_reader_gets_the_corrected_header_and_the_recorded_one_beside_it(run):
    before = hashlib.sha256(run.read_bytes()).hexdigest()
    was = open_run(run).header
    make(run, "thickness=555 um", "temperature=40 degC", "name=other")
    for found in (open_run(run), outline(run)):
        assert found is not None
        assert found.header.cell.required("thickness_m") == pytest.approx(555e-6)
        assert found.header.cell.name == "other"
        assert found.header.temperature_K == pytest.approx(313.15)
        assert found.header is found.events[0].body
        assert parse_cell(found.header.cell.text, "").build(was.cell.build).thickness_m == pytest.approx(
            555e-6
        )
        assert found.recorded == was
        assert found.as_recorded().header == was
        assert found.header.protocol == was.protocol
    assert hashlib.sha256(run.read_bytes()).hexdigest() == before


def test_what_is_not_touched_stays_as_an_older_version_wrote_it(run):
    was = open_run(run).header.cell
    make(run, "thickness=555 um")
    now = open_run(run).header.cell
    differ = {name for name in was.quantities if was.quantities[name] != now.quantities[name]}
    assert differ == {"thickness_m"}
    assert set(was.quantities) == set(now.quantities)


def test_taken_back_it_is_as_it_was(run):
    was = open_run(run).header
    made = make(run, "thickness=555 um", "diameter=12 mm", "temperature=40 degC")
    undo = [f"{one.field}={'null' if one.before is None else one.before}" for one in made.changes]
    make(run, *undo, why="it was right")
    found = open_run(run)
    assert len(found.corrections) == 2
    assert found.header == was


def test_the_quantities_are_those_of_the_record(run):
    header = open_run(run).header
    build = parse_cell(header.cell.text, "").build(header.cell.build)
    assert quantities_of(build).items() >= header.cell.quantities.items()


def test_a_torn_line_does_not_count_and_is_written_over(run):
    make(run, "thickness=555 um")
    path = corrections_path(run)
    whole = path.read_bytes()
    make(run, "thickness=600 um")
    second = path.read_bytes()
    header = open_run(run).recorded
    for size in range(len(whole), len(second)):
        path.write_bytes(second[:size])
        assert len(read_corrections(run, header)) == 1
    assert open_run(run).header.cell.required("thickness_m") == pytest.approx(555e-6)
    make(run, "thickness=610 um")
    assert open_run(run).header.cell.required("thickness_m") == pytest.approx(610e-6)
    assert path.read_bytes().startswith(whole)


def test_damage_is_told_or_changes_nothing(run):
    make(run, "thickness=555 um")
    make(run, "thickness=600 um")
    path, header = corrections_path(run), open_run(run).recorded
    whole = path.read_bytes()

    @given(place=st.integers(0, len(whole) - 1), bit=st.integers(0, 7))
    def damaged(place, bit):
        content = bytearray(whole)
        content[place] ^= 1 << bit
        path.write_bytes(content)
        try:
            found = read_corrections(run, header)
        except RunFileError as error:
            assert "corrections" in str(error)  # noqa: PT017 - a flipped line end is no error
        else:  # the end of the last line was taken away, as by a torn write
            assert len(found) == 1

    damaged()


def test_corrections_of_another_run_are_not_taken(run):
    make(run, "thickness=555 um")
    path = corrections_path(run)
    line = json.loads(path.read_bytes().rpartition(b"\t")[0])
    other = next(one for one in sorted(RUNS_0_1.glob("*.h5"))[1:])
    copy = run.with_name("other.h5")
    shutil.copy(other, copy)
    shutil.copy(path, corrections_path(copy))
    if open_run(run).header.run != json.loads(json.dumps(line))["run"]:
        pytest.fail("a correction names its run")
    with pytest.raises(RunFileError, match="another run"):
        open_run(copy)


@pytest.mark.parametrize(("who", "why"), [("", "reason"), ("name", " ")])
def test_nobody_corrects_without_a_name_and_a_reason(run, who, why):
    with pytest.raises(BadInput, match="who made it and why"):
        make(run, "thickness=555 um", who=who, why=why)
    assert not corrections_path(run).exists()


def test_what_is_refused_leaves_no_file(run):
    with pytest.raises(BadInput):
        make(run, "thickness=5 V")
    with pytest.raises(BadInput, match="nothing would be another"):
        make(run, f"thickness={open_run(run).header.cell.required('thickness_m') * 1e6:g} um")
    assert not corrections_path(run).exists()


def test_points_left_out_are_marked_for_every_reader_and_stay_as_they_were(run):
    shutil.copy(RUNS_0_1 / "pellet.h5", run)
    before = open_run(run)
    (first, *others) = before.spectra
    points = before.points_of(first)
    chosen_Hz = float(points["frequency_Hz"][len(points) // 2])
    make(run, f"left_out={first.spectrum}: {chosen_Hz:.6g} Hz")
    found = open_run(run)
    marked = found.points_of(first)["untrusted"] == LEFT_OUT
    assert found.points_of(first)["frequency_Hz"][marked].tolist() == [chosen_Hz]
    assert not any(np.any(found.points_of(other)["untrusted"]) for other in others)
    assert np.array_equal(found.as_recorded().points, before.points)
    assert found.header == before.header
    make(run, "left_out=null", why="it was right")
    assert np.array_equal(open_run(run).points, before.points)


@pytest.mark.parametrize("text", ["here", "run 1: 5 Hz", "5 V"])
def test_what_is_no_mask_of_a_run_is_refused(run, text):
    with pytest.raises(BadInput, match="left_out"):
        make(run, f"left_out={text}")
    assert not corrections_path(run).exists()
