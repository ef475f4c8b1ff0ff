"""`solbench export`, `fit` and `import-protocol` as they are called."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from solbench.cli.whole import app
from solbench.protocols import load_protocol
from tests.acquisition.runs import SHORT, request, run_it

FREQUENCY_HZ = np.geomspace(1e5, 1.0, 31)


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "short.h5"
    run_it(request(path, SHORT))
    return path


def dummy(path: Path, resistance_ohm: float = 47.0) -> Path:
    z = 29 + resistance_ohm / (1 + 2j * np.pi * FREQUENCY_HZ * resistance_ohm * 1e-5)
    lines = [f"{f!r},{x.real!r},{x.imag!r}" for f, x in zip(FREQUENCY_HZ.tolist(), z.tolist(), strict=True)]
    path.write_text("frequency / Hz,real impedance / ohm,imaginary impedance / ohm\n" + "\n".join(lines))
    return path


def test_export(run: Path, tmp_path: Path) -> None:
    result = call("export", run, "--format", "bdf", "-o", tmp_path / "out", "--institution", "Lab", "--json")
    assert result.exit_code == 0
    shown = json.loads(result.stdout)
    assert shown["format"] == "bdf"
    assert [Path(file).exists() for file in shown["files"]] == [True, True]
    assert Path(shown["files"][0]).name.startswith("Lab__nbh-half-SIMULATED__")
    assert "SIMULATION" in result.stderr
    again = call("export", run, "--format", "bdf", "-o", tmp_path / "out", "--institution", "Lab")
    assert again.exit_code == 2
    assert "never overwritten" in again.stderr


def test_losses_are_told(run: Path, tmp_path: Path) -> None:
    result = call("export", run, "--format", "pybamm", "-o", tmp_path)
    assert result.exit_code == 0
    assert "a spectrum cannot be expressed and is left out" in result.stderr
    assert "losses.txt" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["export", "RUN", "--format", "xls", "-o", "OUT"], "no format 'xls'"),
        (["export", "OUT/none.h5", "--format", "csv", "-o", "OUT"], "no such run"),
        (["export", "RUN", "--format", "csv", "-o", "RUN"], "a file, not a folder"),
        (["fit", "OUT/none.z"], "no such file"),
        (["fit", "RUN", "--circuit", "R0-("], "--circuit"),
        (["import-protocol", "OUT/none.json", "-o", "OUT/a.yaml", "--build", "half"], "cannot be read"),
        (["import-protocol", "RUN", "-o", "OUT/a.txt", "--build", "half"], "ends in .yaml"),
    ],
)
def test_bad_input_is_one_paragraph(run: Path, tmp_path: Path, arguments: list[str], words: str) -> None:
    filled = [text.replace("RUN", str(run)).replace("OUT", str(tmp_path)) for text in arguments]
    result = call(*filled)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_fit(tmp_path: Path) -> None:
    dummy(tmp_path / "a.csv", 40.0)
    dummy(tmp_path / "b.csv", 50.0)
    result = call("fit", tmp_path, "--circuit", "R0-p(R1,C1)", "--json")
    assert result.exit_code == 0
    results = json.loads(result.stdout)["results"]
    assert [r["spectra"][0]["values"]["R1"] for r in results] == pytest.approx([40.0, 50.0], rel=1e-6)
    shown = call("fit", tmp_path / "a.csv").stdout
    assert "R0-p(R1,C1)" in shown
    assert "R1 40" in shown


def test_one_bad_file_does_not_keep_the_others_from_being_fitted(tmp_path: Path) -> None:
    dummy(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("f,re,im\n1,x,2\n")
    (tmp_path / "c.csv").write_text(
        "frequency / Hz,real impedance / ohm,imaginary impedance / ohm\n1,2,-3\n2,3,-4\n"
    )
    result = call("fit", tmp_path, "--json")
    assert result.exit_code == 2
    shown = json.loads(result.stdout)
    assert [bool(r["error"]) for r in shown["results"]] == [False, True]
    assert "b.csv, line 2" in shown["unread"][0]
    (tmp_path / "b.csv").unlink()
    assert call("fit", tmp_path).exit_code == 1


def test_import_protocol(run: Path, tmp_path: Path) -> None:
    call("export", run, "--format", "unicycler", "-o", tmp_path)
    file, made = next(tmp_path.glob("*.json")), tmp_path / "back.yaml"
    result = call("import-protocol", file, "-o", made, "--build", "half")
    assert result.exit_code == 0
    protocol = load_protocol(made)
    assert protocol.build == "half"
    assert "taken as rms" in (protocol.notes or "")
    assert "taken as rms" in result.stderr
    assert call("import-protocol", file, "-o", made, "--build", "half").exit_code == 2
