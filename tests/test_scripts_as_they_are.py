"""Scripts that were written for real instruments, run as they are: each row is what the cell between the leads is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import pyvisa
from pyvisa import constants
from pyvisa.errors import VisaIOError

import pyvisa_solbench.__main__ as _runner
from pyvisa_solbench import linux_gpib
from solbench.simulators.bench import SimulatedBench

CELL = {
    "kind": "dummy",
    "simulation": {
        "dummy": {"resistance": 100.0, "parallel_resistance": 900.0, "parallel_capacitance": 1e-7}
    },
}
ALONE = "speed: 3600\ncell: cell.yaml\nsettings: {wiring: analyzer_alone, errors: none, noise_scale: 0}\n"
FREQUENCIES_HZ = (1e6, 1e5, 1e4, 1e3, 1e2)


def rows_of(loop: Callable[..., list[str]]) -> None:
    """Run a client's loop over frequencies; each row must have its own frequency, and the cell's impedance there."""
    bench = SimulatedBench(
        CELL, settings={"wiring": "analyzer_alone", "errors": "none", "noise_scale": 0.0}, seed=1
    )
    manager = pyvisa.ResourceManager(bench.visa_library)
    fra = manager.open_resource("gpib0::4::instr ")
    fra.timeout = 20_000
    rows = loop(fra, lambda s: bench.clock.sleep_until(bench.clock.now() + s))
    assert len(rows) == len(FREQUENCIES_HZ)
    for hz, row in zip(FREQUENCIES_HZ, rows, strict=True):
        frequency_Hz, a, b, error = (float(field) for field in row.split(",")[:4])
        assert frequency_Hz == pytest.approx(hz, rel=1e-6)
        assert complex(a, b) == pytest.approx(bench.cell.impedance(hz), rel=5e-3)
        assert error == 0
    manager.close()


def display_output_while_it_measures(fra, sleep):
    fra.read_termination = fra.write_termination = "\r\n"
    for command in ("TT 2", "", "OT 0", "OP 2,1", "CZ 0", "VA 0.1", "IS 0.1"):
        fra.write(command) if command else sleep(6.0)
    rows = []
    for hz in FREQUENCIES_HZ:
        for command in (f"FR {hz:.1E}", "SI", "SO 1,3", "DO"):
            fra.write(command)
            sleep(0.02)
        rows.append(fra.read())
    return rows


def bytes_by_count(fra, sleep):
    fra.write_termination = "\r\n"
    for command in ("TT2", "", "OT1", "OP2,1", "CZ0", "SO1,3", "VA0.1", "IS0.1"):
        fra.write(command) if command else sleep(6.0)
    rows = []
    for hz in FREQUENCIES_HZ:
        fra.write(f"FR{hz:.3E}")
        fra.write("SI")
        row = fra.visalib.read(fra.session, 43)[0]
        assert fra.visalib.read(fra.session, 90)[0] == b"\r\n"
        rows.append(row.decode())
    return rows


def polls_until_a_line_waits(fra, sleep):
    for command in ("TT2", "", "OT1", "OP2,1", "CZ0", "SO1,3", "VA0.1", "IS0.1"):
        fra.write(command) if command else sleep(6.0)
    rows = []
    for hz in FREQUENCIES_HZ:
        fra.write(f"FR{hz:.3E}")
        fra.write("SI")
        while not fra.read_stb() & 16:
            sleep(0.05)
        rows.append(fra.read())
    return rows


@pytest.mark.parametrize("loop", [display_output_while_it_measures, bytes_by_count, polls_until_a_line_waits])
def test_every_row_of_a_sweep_is_its_own(loop: Callable[..., list[str]]) -> None:
    rows_of(loop)


def test_a_read_that_crosses_the_end_of_an_output_goes_on_with_the_next() -> None:
    bench = SimulatedBench(CELL, settings={"wiring": "analyzer_alone"}, seed=1)
    fra = pyvisa.ResourceManager(bench.visa_library).open_resource("GPIB0::4::INSTR", timeout=20_000)
    for command in ("OT0", "OP2,1", "SO1,3", "VA0.1", "FR1000", "IS0.1", "RE"):
        fra.write(command)
    first = fra.visalib.read(fra.session, 43)[0]
    rest = fra.visalib.read(fra.session, 90)[0]  # two line ends and two outputs, less two bytes
    assert len(first) == 43
    assert len(rest) == 90
    assert rest.count(b"+1.0000000E+03") == 2


@pytest.fixture
def two() -> tuple[pyvisa.Resource, pyvisa.Resource]:
    bench = SimulatedBench(CELL, seed=1)
    manager = pyvisa.ResourceManager(bench.visa_library)
    return manager.open_resource("Gpib0::6::Instr"), manager.open_resource("GPIB0::6::INSTR ")


def test_locks_exclude_another_session_until_they_are_given_back(two) -> None:
    one, other = two
    one.lock_excl()
    with pytest.raises(VisaIOError, match="VI_ERROR_RSRC_LOCKED"):
        other.lock_excl()
    one.unlock()
    with other.lock_context():
        assert other.lock_state == constants.AccessModes.exclusive_lock
        with pytest.raises(VisaIOError):
            one.lock_excl()
    with pytest.raises(VisaIOError, match="VI_ERROR_SESN_NLOCKED"):
        one.unlock()
    key = one.lock(requested_key="ours")
    assert other.lock(requested_key="ours") == key == "ours"
    with pytest.raises(VisaIOError):
        one.lock_excl()


def test_attributes_that_other_libraries_have_are_there(two) -> None:
    one, _ = two
    assert one.io_protocol == constants.IOProtocol.normal
    assert one.remote_enabled == constants.LineState.asserted
    assert one.get_visa_attribute(constants.VI_ATTR_INTF_INST_NAME).startswith("GPIB0")
    assert one.get_visa_attribute(constants.VI_ATTR_GPIB_READDR_EN) == constants.VI_TRUE
    assert one.get_visa_attribute(constants.VI_ATTR_RM_SESSION) > 0


SCRIPT = """
import sys
import visa
import Gpib

fra = visa.ResourceManager("visa32.dll").open_resource("gpib0::4::instr", timeout=20000)
for command in ("OT1", "OP2,1", "CZ0", "SO1,3", "VA0.1", "IS0.1", "FR1000"):
    fra.write(command)
print(fra.query("SI").strip(), sys.argv[1:])
other = Gpib.Gpib(0, 4)
other.write("*IDN?")
print(other.read(100))
other.write(b"FR?")
for refused in (lambda: Gpib.Gpib(0, 30), lambda: other.timeout(18), lambda: other.timeout(-1)):
    try:
        refused()
    except Gpib.GpibError as error:
        print("refused")
"""


def test_a_script_runs_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "cell.yaml").write_text(
        "kind: dummy\n"
        "simulation: {dummy: {resistance: 100.0, parallel_resistance: 900.0, parallel_capacitance: 1.0e-7}}\n"
    )
    (tmp_path / "bench.yaml").write_text(ALONE)
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "pyvisa_solbench", "--bench", "bench.yaml", "script.py", "--fast", "7"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stderr
    row, idn, *refused = run.stdout.splitlines()
    assert row.startswith("+1.0000000E+03,")
    assert row.endswith("['--fast', '7']")
    assert "1260" in idn
    assert refused == ["refused"] * 3
    assert linux_gpib.TIMEOUTS_MS[linux_gpib.T10s] == 10_000


def test_a_script_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _runner.main(["nowhere.py"])
    assert "nowhere.py is no file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"), [("bogus: 2", "bogus is not known"), ("settings: {unit: gold}", "'gold'")]
)
def test_a_bench_file_that_cannot_be_used_is_said_before_the_script_begins(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench, script = tmp_path / "bench.yaml", tmp_path / "script.py"
    bench.write_text(text)
    script.write_text("raise AssertionError")
    with pytest.raises(SystemExit):
        _runner.main(["--bench", str(bench), str(script)])
    assert words in capsys.readouterr().err
