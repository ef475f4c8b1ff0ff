"""`solbench fit` with a window, start values, held values and weights."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from solbench.cli.whole import app
from tests.tiers import few

FREQUENCY_HZ = np.geomspace(1e5, 1.0, 51)  # ten a decade
CIRCUIT = "R0-p(R1,C1)"
R0, R1, C1 = 29.0, 47.0, 1e-5


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["fit", *(str(argument) for argument in arguments)])


@pytest.fixture
def spectrum(tmp_path: Path) -> Path:
    """R0-p(R1,C1) and, from 20 Hz down, something that the circuit does not describe."""
    z = R0 + R1 / (1 + 2j * np.pi * FREQUENCY_HZ * R1 * C1)
    z = z + np.where(FREQUENCY_HZ < 20.0, 30.0 * (20.0 / FREQUENCY_HZ - 1.0), 0.0)
    path = tmp_path / "cell.csv"
    path.write_text("\n".join(f"{f},{a.real},{a.imag}" for f, a in zip(FREQUENCY_HZ, z, strict=True)))
    return path


def found(*arguments: object, described: bool = True) -> dict:
    result = call(*arguments, "--json")
    assert result.exit_code == (0 if described else 1), result.output
    (spectrum,) = json.loads(result.stdout)["results"][0]["spectra"]
    assert isinstance(spectrum, dict)
    return spectrum


def test_only_the_window_is_fitted_its_ends_with_it(spectrum: Path) -> None:
    whole = found(spectrum, "--circuit", CIRCUIT, described=False)
    assert whole["verdict"] == "wrong"
    assert whole["doubts"][0]["code"] == "not_described"
    part = found(spectrum, "--circuit", CIRCUIT, "--from", "25.1189 Hz", "--to", "10 kHz")
    assert whole["values"]["R1"] > 1.2 * R1
    assert part["values"] == pytest.approx({"R0": R0, "R1": R1, "C1": C1}, rel=1e-4)
    assert (whole["points"], part["points"]) == (51, 27)
    assert (part["from_Hz"], part["to_Hz"]) == pytest.approx((25.1189, 1e4), rel=1e-5)
    best = found(spectrum, "--from", "21 Hz")
    assert best["circuit"] == CIRCUIT


def test_held_values_stay_and_are_named(spectrum: Path) -> None:
    part = found(
        spectrum,
        "--circuit",
        CIRCUIT,
        "--from",
        "21 Hz",
        "--fix",
        "R0=30 ohm",
        "--fix",
        "C1=12 uF",
        described=False,
    )
    assert part["values"]["R0"] == pytest.approx(30.0)
    assert part["values"]["C1"] == pytest.approx(12e-6)
    assert part["fixed"] == ["R0", "C1"]
    assert set(part["stderr"]) == {"R1"}
    shown = call(spectrum, "--circuit", CIRCUIT, "--from", "21 Hz", "--fix", "R0=30").stdout
    assert "R0 30 ohm (held)" in shown


def test_start_values_do_not_hold_the_fit(spectrum: Path) -> None:
    part = found(spectrum, "--circuit", CIRCUIT, "--from", "21 Hz", "--start", "R1=0,05", "--start", "C1=1 F")
    assert part["values"]["R1"] == pytest.approx(R1, rel=1e-4)


def test_unit_weights_follow_the_large_impedances(spectrum: Path) -> None:
    at = {
        weight: found(spectrum, "--circuit", CIRCUIT, "--weight", weight, described=False)["values"]
        for weight in ("modulus", "unit")
    }
    assert at["unit"]["R1"] > 1.05 * at["modulus"]["R1"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--start", "R1=3"], "field --start: this has a meaning for a named circuit only"),
        (["--weight", "unit"], "field --weight: this has a meaning for a named circuit only"),
        (["--circuit", CIRCUIT, "--start", "R9=3"], "no parameter 'R9'; it has R0, R1, C1"),
        (["--circuit", CIRCUIT, "--start", "R1=3 F"], "field --start R1: '3 F' has another unit"),
        (["--circuit", CIRCUIT, "--start", "R1=1,234"], "'1.234' for the first or '1234' for the second"),
        (["--circuit", CIRCUIT, "--start", "R1"], "is not NAME=VALUE. Write --start R0=35"),
        (["--circuit", CIRCUIT, "--fix", "R1=-1"], "field --fix R1: '-1' is not above zero"),
        (["--circuit", CIRCUIT, "--fix", "R1=1", "--fix", "R1=2"], "R1 is given twice"),
        (["--circuit", CIRCUIT, "--fix", "R1=1", "--start", "R1=2"], "has a start value and is held"),
        (["--circuit", "R0", "--fix", "R0=1"], "nothing is left to fit"),
        (["--from", "10 Hz", "--to", "10 Hz"], "field --from: the window from 10 to 10 Hz holds nothing"),
        (["--to", "3 V"], "field --to: '3 V' is a voltage, not a frequency"),
        (["--from", "0 Hz"], "field --from: '0 Hz' is not above zero"),
        (["--to", "15,5"], "field --to: '15,5' has no unit. Write a frequency such as '15,5 Hz'"),
        (["--mask", "100 kHz-1 MHz, 50"], "field --mask: '50' has no unit. Write"),
        (["--diameter", "10", "--thickness", "1 mm"], "field --diameter: '10' has no unit. Write"),
        (["--area", "1 cm2", "--thickness", "5 +- 1 s"], "field --thickness: '5 s' is a time, not a length"),
        (["--circuit", CIRCUIT, "--weight", "proportional"], "Write modulus or unit"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_name(
    spectrum: Path, arguments: list[str], words: str
) -> None:
    result = call(spectrum, *arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())


def test_a_window_with_too_few_points_says_which(spectrum: Path) -> None:
    result = call(spectrum, "--from", "60 kHz")
    assert result.exit_code == 1
    assert "cell.csv: from 60000 Hz: a spectrum of 3 points is too short: 6 are needed" in result.stderr


@pytest.fixture
def pellet(tmp_path: Path) -> Path:
    """Two sweeps of R0-p(R1,C1) in one file, the second of twice the arc."""
    sweeps = [R0 + r / (1 + 2j * np.pi * FREQUENCY_HZ * r * C1) for r in (R1, 2 * R1)]
    points = [(f, z) for sweep in sweeps for f, z in zip(FREQUENCY_HZ, sweep, strict=True)]
    path = tmp_path / "pellet.txt"
    path.write_text(
        "f / Hz\tZ' / ohm\t-Z'' / ohm\n" + "".join(f"{f}\t{z.real}\t{-z.imag}\n" for f, z in points)
    )
    return path


def test_results_go_into_a_table_with_conductivities(pellet: Path, tmp_path: Path) -> None:
    table = tmp_path / "results.csv"
    geometry = ("--diameter", "10 mm", "--thickness", "500 +- 10 um")
    shown = call(pellet, "--circuit", CIRCUIT, *geometry, "--table", table).stdout
    with table.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["spectrum"] for row in rows} == {"1", "2"}
    second = {row["quantity"]: row for row in rows if row["spectrum"] == "2"}
    assert float(second["R_total"]["value"]) == pytest.approx(R0 + 2 * R1, rel=1e-6)
    assert (second["R_total"]["unit"], second["sigma(R1)"]["unit"]) == ("ohm", "S/cm")
    of_disc = 0.05 / (np.pi * 0.25) / (2 * R1)
    assert float(second["sigma(R1)"]["value"]) == pytest.approx(of_disc, rel=1e-6)
    assert float(second["sigma(R1)"]["standard error"]) == pytest.approx(0.02 * of_disc, rel=1e-3)
    assert "sigma(R_total)" in shown
    again = call(pellet, "--circuit", CIRCUIT, "--table", table)
    assert again.exit_code == 2
    assert "this file exists" in again.output


def test_the_sum_of_resistances_is_known_better_than_they_are(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    z = 40 + 120 / (1 + (2j * np.pi * FREQUENCY_HZ * 1e-5) ** 0.9)
    z = z * (1 + 1e-3 * (rng.normal(size=51) + 1j * rng.normal(size=51)))
    path = tmp_path / "a.csv"
    path.write_text(
        "".join(
            f"{f!r},{a.real!r},{a.imag!r}\n" for f, a in zip(FREQUENCY_HZ.tolist(), z.tolist(), strict=True)
        )
    )
    fitted = found(path, "--circuit", "R0-p(R1,CPE1)")
    assert abs(fitted["r_total_ohm"] - 160.0) < 4 * fitted["r_total_stderr_ohm"]
    assert fitted["r_total_stderr_ohm"] < 0.7 * np.hypot(fitted["stderr"]["R0"], fitted["stderr"]["R1"])


@few("ending", ["png", "svg"], 1)
def test_fits_are_drawn(pellet: Path, tmp_path: Path, ending: str) -> None:
    figure = tmp_path / f"fits.{ending}"
    assert call(pellet, "--circuit", CIRCUIT, "--figure", figure).exit_code == 0
    written = figure.read_bytes()
    assert written.startswith(b"\x89PNG" if ending == "png" else b"<svg")
    if ending == "svg":
        text = written.decode()
        assert text.count("residual / %") == 2
        assert "pellet.txt, spectrum 2" in text
        assert "SIMULATED" not in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--diameter", "10 mm"], "field --thickness: a conductivity needs the thickness"),
        (["--thickness", "1 mm"], "field --diameter: a conductivity needs the thickness and either"),
        (["--diameter", "10 s", "--thickness", "1 mm"], "'10 s' is a time, not a length"),
        (["--area", "1 mm", "--thickness", "1 mm"], "'1 mm' is a length, not an area"),
        (
            ["--diameter", "9 +- 0.1mm", "--thickness", "1 mm"],
            "'9 +- 0.1mm' is not a number, its standard error and",
        ),
        (["--diameter", "9 mm", "--thickness", "500 +- -10 um"], "error in '500 +- -10 um' is below zero"),
        (["--figure", "a.xls"], "a figure ends in .png, .svg or .pdf"),
    ],
)
def test_a_geometry_or_a_figure_that_is_none_is_told(pellet: Path, arguments: list[str], words: str) -> None:
    result = call(pellet, "--circuit", CIRCUIT, *arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.output.split())


@pytest.mark.long
def test_relaxation_times_are_shown_and_written_where_they_are_asked_for(
    spectrum: Path, tmp_path: Path
) -> None:
    window = (spectrum, "--from", "21 Hz")
    assert found(*window)["drt"] is None
    drt = found(*window, "--drt")["drt"]
    [peak] = [one for one in drt["peaks"] if one["unnamed"] is None]
    assert (peak["resistance_ohm"], peak["tau_s"]) == pytest.approx((R1, R1 * C1), rel=0.05)
    assert len(drt["tau_s"]) == len(drt["gamma_ohm"]) == len(drt["low_ohm"]) == len(drt["high_ohm"])
    table, figure = tmp_path / "t.csv", tmp_path / "f.svg"
    result = call(*window, "--drt", "--table", table, "--figure", figure)
    assert "no conclusion uses its numbers" in result.stdout
    rows = {row["quantity"]: row for row in csv.DictReader(table.read_text().splitlines())}
    assert float(rows["DRT R1"]["value"]) == pytest.approx(R1, rel=0.01)
    assert rows["DRT tau1"]["unit"] == "s"
    assert "relaxation times" in figure.read_text()
