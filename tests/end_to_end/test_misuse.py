"""What people get wrong, through the real command line: one paragraph, exit 2, nothing left, nothing switched on."""

import os
import sys

import pytest

from solbench.protocols import dump_protocol, half_cell, load_cell
from solbench.protocols.cells import dump_cell
from tests.end_to_end.programs import PROTOCOL, inputs, solbench
from tests.tiers import few

SIMULATION = "SIMULATION: no instrument is connected; the numbers come from the simulated bench.\n"
HALF = dump_protocol(half_cell())


def refused(folder, *arguments: str, code: int = 2) -> str:
    """Run, and require one paragraph beside the warnings, and no new file."""
    before = {path.relative_to(folder) for path in folder.rglob("*")}
    done = solbench(folder, *arguments)
    assert done.code == code, done.err
    after = {path.relative_to(folder) for path in folder.rglob("*") if "state" not in path.parts}
    assert after <= before
    lines = done.err.removeprefix(SIMULATION).strip().splitlines()
    [paragraph] = [line for line in lines if not line.startswith("warning: ")]
    for inside in ("Traceback", "pydantic", "ValidationError", "errors.py", "type="):
        assert inside not in paragraph
    assert done.out == []
    return paragraph


@few(
    ("old", "new", "says"),
    [
        pytest.param("current: -0.16", "curent: -0.16", "Did you mean 'current'", id="misspelt field"),
        pytest.param("current: 0.16 mA/cm2", "current: 0.16", "'0.16' has no unit", id="missing unit"),
        pytest.param("-0.16 mA/cm2", "-0.16 A/cm2", "Did you mean '-0.16 mA/cm2'", id="A for mA"),
        pytest.param("2.0 V", "2,000.0 mV", "thousands separator", id="thousands separator"),
        pytest.param("from: 1 MHz", "from: 2 MHz", "above 1 MHz", id="pair above 1 MHz"),
        pytest.param("instruments: pair", "instruments: 1260", "50 ohm generator", id="1260 alone"),
        pytest.param("build: half", "build: ful", "no build 'ful'", id="build that is lacking"),
        pytest.param(
            "- name: desodiation\n",
            "- name: cycling\n  kind: loop\n  count: 3\n  steps: []\n- name: desodiation\n",
            "cycling.steps",
            id="loop without a body",
        ),
        pytest.param("name: half-cell", "name: [half", "mine.yaml", id="not YAML"),
    ],
    (0, 1, 3, 4, 7, 8),
)
def test_a_mistake_in_the_protocol(tmp_path, old, new, says):
    assert old in HALF
    (tmp_path / "mine.yaml").write_text(HALF.replace(old, new, 1), encoding="utf-8")
    paragraph = refused(tmp_path, "run", "mine.yaml", "--cell", "nps", "-o", "a.h5")
    assert says in paragraph
    assert "mine.yaml" in paragraph


def test_percent_of_theoretical_without_a_mass(tmp_path):
    (tmp_path / "cell.yaml").write_text(dump_cell(load_cell("nps")).replace("    tin_mass: 1.366 mg\n", ""))
    assert "tin_mass" in refused(tmp_path, "run", "half-cell", "--cell", "cell.yaml", "-o", "a.h5")


@few(
    ("arguments", "says"),
    [
        (["run", "half-cel", "--cell", "nbh", "-o", "a.h5"], "half-cel"),
        (["run", "half-cell", "--cell", "nbx", "-o", "a.h5"], "nbx"),
        (["run", "half-cell", "-o", "a.h5"], "--cell"),
        (["run", "half-cell", "--cell", "nbh", "-o", "a.txt"], ".h5"),
        (["run", "half-cell", "--cell", "nbh", "-o", "nowhere/a.h5"], "folder does not exist"),
        (["run", "half-cell", "--cell", "nbh", "--bench", "nothing.yaml", "-o", "a.h5"], "nothing.yaml"),
        (["run", "half-cell", "--cell", "nbh", "--set", "steps.sodation=1", "-o", "a.h5"], "sodation"),
        (["run", "half-cell", "--cell", "nbh", "--speed", "nan", "-o", "a.h5"], "speed"),
        (
            ["run", "dc-polarization", "--cell", "nbh", "--set", "build=dc_reduced", "-o", "a.h5"],
            "dc_reduced",
        ),
        (["run", "half-cell", "--cell", "nbh", "-o", "a" * 300 + ".h5"], "name"),
        (["resume", "nothing.h5"], "no such run"),
        (["summary", "nothing.h5"], "no such run"),
        (["recover", "nothing.h5"], "no such run"),
        (["stop", "nothere"], "solbench: no run 'nothere' is in progress. solbench runs lists"),
        (["spectrum"], "no run is in progress"),
    ],
    (0, 2, 3, 4, 6, 7, 9, 10, 13),
)
def test_a_mistake_on_the_command_line(tmp_path, arguments, says):
    assert says in refused(tmp_path, *arguments)


@few("name", ["a.h5", "a.journal", "a.world", "a.reserve"], 2)
def test_an_existing_file_is_never_overwritten(tmp_path, name):
    (tmp_path / name).write_bytes(b"precious")
    paragraph = refused(tmp_path, "run", "half-cell", "--cell", "nbh", "-o", "a.h5")
    assert name in paragraph
    assert (tmp_path / name).read_bytes() == b"precious"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files")
def test_a_folder_that_takes_no_files(tmp_path):
    paragraph = refused(tmp_path, "run", "half-cell", "--cell", "nbh", "-o", "/proc/a.h5")
    assert "/proc/a.h5, field -o: no file can be created in its folder" in paragraph


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    assert "permission denied" in refused(tmp_path, "run", "half-cell", "--cell", "nbh", "-o", "closed/a.h5")


def test_a_bench_with_an_unknown_setting_leaves_nothing(tmp_path):
    arguments = inputs(tmp_path)
    text = (tmp_path / "bench.yaml").read_text()
    (tmp_path / "bench.yaml").write_text(text + "pair: {drop: 0.8}\n")
    paragraph = refused(tmp_path, *arguments)
    assert "pair.drop" in paragraph


def test_a_real_bench_that_was_not_commissioned_is_refused(tmp_path):
    (tmp_path / "real.yaml").write_text(
        "name: lab\nkind: visa\npositive_terminal: we_re2\n"
        "analyzer_1260: {address: 'GPIB0::4::INSTR'}\npotentiostat_1287: {address: 'GPIB0::6::INSTR'}\n"
    )
    paragraph = refused(tmp_path, "run", "half-cell", "--cell", "nbh", "--bench", "real.yaml", "-o", "a.h5")
    assert "no commissioning record" in paragraph


def test_a_decimal_comma_is_accepted(tmp_path):
    arguments = inputs(tmp_path, PROTOCOL.replace("2.0 V", "'1,5 V'"))
    done = solbench(tmp_path, *arguments, "--json")
    assert done.code == 0, done.err
    assert "1,5 V" in done.summary["steps"][-1]["end_reason"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run"], "PROTOCOL"),
        (["run", "half-cell", "--sped", "3"], "--sped"),
        (["run", "half-cell", "--speed", "fast"], "--speed"),
        (["walk"], "walk"),
    ],
)
def test_a_slip_of_the_keyboard(tmp_path, arguments, says):
    assert says in refused(tmp_path, *arguments)


def test_without_a_command_it_shows_the_help(tmp_path):
    done = solbench(tmp_path)
    assert "recover" in done.out[-1] + done.err + "\n".join(done.out)
    assert done.code == 2
    assert solbench(tmp_path, "--help").code == 0
