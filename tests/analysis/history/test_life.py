"""The life of a cell over its runs and the files of other cyclers: charges that are known on paper."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record.correcting.corrections import correct
from solbench.acquisition.record.reader import open_run
from solbench.analysis.exports.formats import export_run
from solbench.analysis.history.added import LIST, add, added_to
from solbench.analysis.history.life import Given, cells_in, life_of
from solbench.analysis.history.output import as_text, write_figure, write_table
from solbench.analysis.report.cycles import cycles_of
from solbench.protocols.errors import BadInput
from tests.acquisition.runs import RUNS_0_1

EVERY_S = 10.0


def table(
    folder: Path, name: str, charges_C: list[float], current_A: float = 1e-3, begun: float = 1.8e9
) -> Path:
    """A table of constant currents with rests between them."""
    currents = [0.0]
    for charge_C in charges_C:
        rows = max(2, round(abs(charge_C) / current_A / EVERY_S))
        currents += [np.sign(charge_C) * abs(charge_C) / (rows * EVERY_S)] * rows + [0.0] * 3
    lines = [f"{n * EVERY_S},{0.5},{i},{begun + n * EVERY_S}" for n, i in enumerate(currents)]
    path = folder / name
    path.write_text("Test Time / s,Voltage / V,Current / A,Unix Time / s\n" + "\n".join(lines) + "\n")
    return path


CHARGES = st.lists(st.floats(0.5, 5.0), min_size=1, max_size=8)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(charges_C=CHARGES, kind=st.sampled_from(["half", "full"]))
def test_cycles_of_a_table_are_those_that_were_made(tmp_path, charges_C, kind):
    way = -1.0 if kind == "half" else 1.0
    signed = [way * (-1) ** place * charge for place, charge in enumerate(charges_C)]
    cell = f"c{len(list(tmp_path.iterdir()))}"
    add(tmp_path, cell, table(tmp_path, f"{cell}.csv", signed))
    life = life_of(cell, tmp_path, Given(kind))
    assert len(life.cycles) == (len(charges_C) + 1) // 2
    for place, cycle in enumerate(life.cycles):
        assert cycle.first_mAh == pytest.approx(charges_C[2 * place] / 3.6, rel=2e-2)
        if 2 * place + 1 < len(charges_C):
            assert cycle.efficiency == pytest.approx(
                charges_C[2 * place + 1] / charges_C[2 * place], rel=3e-2
            )


def test_a_cycle_may_lie_in_two_files_and_order_is_that_of_time(tmp_path):
    add(tmp_path, "A", table(tmp_path, "late.csv", [3.0], begun=1.8e9 + 1e6))
    add(tmp_path, "A", table(tmp_path, "early.csv", [-4.0], begun=1.8e9))
    life = life_of("A", tmp_path, Given("half", area_m2=1e-4, mass_kg=2e-6))
    assert [part.file for part in life.parts] == ["early.csv", "late.csv"]
    (cycle,) = life.cycles
    assert (cycle.part, cycle.second_part) == (1, 2)
    assert cycle.efficiency == pytest.approx(0.75, rel=1e-2)
    assert cycle.first_mAh_cm2 == pytest.approx(4.0 / 3.6, rel=1e-2)
    assert cycle.first_mAh_g == pytest.approx(4.0 / 3.6 / 2e-3, rel=1e-2)


@pytest.fixture(name="folder")
def folder_of_runs(tmp_path) -> Path:
    for name in ("short", "pellet"):
        shutil.copy(RUNS_0_1 / f"{name}.h5", tmp_path / f"{name}.h5")
    run = tmp_path / "short.h5"
    correct(run, open_run(run).recorded, ["cell_id=A-17"], "E. Example", "the id was not typed")
    return tmp_path


def test_own_runs_are_found_by_the_corrected_id_and_say_what_their_cycles_say(folder):
    assert "A-17" in cells_in(folder)
    life = life_of("A-17", folder)
    assert life.parts[0].corrected
    run = open_run(folder / "short.h5")
    cycle, *_ = cycles_of(run)
    assert life.cycles[0].first_mAh == pytest.approx(abs(cycle.first_charge.charge_C) / 3.6)
    assert [one.spectrum for one in life.resistances] == [record.spectrum for record in run.spectra]


def test_a_run_whose_corrections_are_damaged_is_not_left_out_in_silence(folder):
    path = folder / "short.corrections"
    path.write_bytes(path.read_bytes().replace(b"A-17", b"A-18"))
    with pytest.raises(RunFileError, match="damaged"):
        life_of("A-17", folder)


def test_a_run_that_may_not_be_read_is_not_left_out_in_silence(tmp_path, monkeypatch):
    """Such as one of another user: it may be of the cell, whose life would lack it."""
    (tmp_path / "his.h5").write_bytes(b"x")

    def forbidden(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("solbench.analysis.history.life.outline_of", forbidden)
    with pytest.raises(PermissionError, match=r"his\.h5"):
        life_of("A-17", tmp_path)


@pytest.mark.long
def test_an_own_run_through_another_program_gives_the_same_charges(folder, tmp_path):
    exported, _ = export_run(folder / "short.h5", "bdf", tmp_path / "bdf")
    add(tmp_path / "bdf", "B", exported)
    mine, other = life_of("A-17", folder), life_of("B", tmp_path / "bdf", Given("half"))
    assert other.simulated
    assert other.cycles[0].first_mAh == pytest.approx(mine.cycles[0].first_mAh, rel=0.02)


def test_files_are_known_by_what_is_in_them(tmp_path):
    path = table(tmp_path, "a.csv", [-4.0, 3.0])
    add(tmp_path, "A", path)
    path.write_text(path.read_text() + "1e6,0.5,0,1.9e9\n")
    with pytest.raises(BadInput, match="not the one that was added"):
        life_of("A", tmp_path)
    add(tmp_path, "A", path)
    assert life_of("A", tmp_path).cycles
    path.unlink()
    with pytest.raises(BadInput, match="is gone"):
        life_of("A", tmp_path)
    add(tmp_path, "A", path, removed=True)
    with pytest.raises(BadInput, match="no file was added"):
        life_of("A", tmp_path)


def test_a_torn_line_of_the_list_does_not_count(tmp_path):
    add(tmp_path, "A", table(tmp_path, "a.csv", [-4.0]))
    whole = (tmp_path / LIST).read_bytes()
    (tmp_path / LIST).write_bytes(whole + b'{"cell": "A", "fi')
    assert len(added_to(tmp_path, "A")) == 1
    add(tmp_path, "A", table(tmp_path, "b.csv", [-4.0]))
    assert len(added_to(tmp_path, "A")) == 2
    (tmp_path / LIST).write_bytes(b"{}\n" + whole)
    with pytest.raises(BadInput, match="line 1"):
        added_to(tmp_path, "A")


@pytest.mark.long
def test_it_is_written_as_text_table_and_figure(folder, tmp_path):
    life = life_of("A-17", folder)
    assert "CE" in as_text(life)
    write_table(tmp_path / "life.csv", life)
    assert len((tmp_path / "life.csv").read_text().splitlines()) == 1 + len(life.cycles) + len(
        life.resistances
    )
    write_figure(tmp_path / "life.svg", life)
    assert "SIMULATED" in (tmp_path / "life.svg").read_text()
    with pytest.raises(BadInput, match="exists"):
        write_table(tmp_path / "life.csv", life)
    with pytest.raises(BadInput, match="figure ends in"):
        write_figure(tmp_path / "life.txt", life)


def test_spectra_of_another_program_are_part_of_the_life(tmp_path):
    frequency_Hz = np.geomspace(1e6, 1.0, 43)
    z = 40 + 120 / (1 + 2j * np.pi * frequency_Hz * 120 * 1e-7)
    rows = "".join(f"{f:.8g},{one.real:.8g},{one.imag:.8g}\n" for f, one in zip(frequency_Hz, z, strict=True))
    path = tmp_path / "eis.csv"
    path.write_text("frequency / Hz,Z' (ohm),Z'' (ohm)\n" + rows)
    add(tmp_path, "A", table(tmp_path, "a.csv", [-4.0, 3.0], begun=1.8e9))
    add(tmp_path, "A", path, "2027-06-01T12:00:00+00:00")
    life = life_of("A", tmp_path, Given("half", area_m2=1e-4))
    (found,) = life.resistances
    assert (found.r_sse_ohm, found.r_int_ohm) == (pytest.approx(40, rel=1e-3), pytest.approx(120, rel=1e-3))
    assert found.r_int_ohm_cm2 == pytest.approx(120, rel=1e-3)
    assert (found.after_cycle, found.part) == (1, 2)


def test_a_spectrum_without_a_resistance_in_series_tells_none(tmp_path):
    frequency_Hz = np.geomspace(1e6, 1.0, 43)
    z = 120 / (1 + 2j * np.pi * frequency_Hz * 120 * 1e-7)
    rows = "".join(f"{f:.8g},{one.real:.8g},{one.imag:.8g}\n" for f, one in zip(frequency_Hz, z, strict=True))
    (tmp_path / "eis.csv").write_text("frequency / Hz,Z' (ohm),Z'' (ohm)\n" + rows)
    add(tmp_path, "A", table(tmp_path, "a.csv", [-4.0, 3.0], begun=1.8e9))
    add(tmp_path, "A", tmp_path / "eis.csv", "2027-06-01T12:00:00+00:00")
    life = life_of("A", tmp_path, Given("half", area_m2=1e-4))
    (found,) = life.resistances
    assert (found.r_sse_ohm, found.r_sse_stderr_ohm) == (None, None)
    assert found.r_int_ohm == pytest.approx(120, rel=1e-3)
    assert "R_SSE -, R_arcs 120 ohm" in as_text(life)
    write_figure(tmp_path / "life.svg", life)


def test_an_unknown_cell_is_told_which_there_are(folder):
    with pytest.raises(BadInput, match="A-17"):
        life_of("A-18", folder)
    json.dumps(sorted(cells_in(folder)))
