"""The pyvisa backend, opened the way a script opens it. Speed 3600 keeps host time short."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import pyvisa
from pyvisa import highlevel
from pyvisa.errors import VisaIOError

import pyvisa_solbench
from pyvisa_solbench.bench_file import BenchFile, BenchFileError, read_bench_file
from solbench.protocols.cells import load_cell
from solbench.simulators.cell import build_cell
from solbench.simulators.default_cell import DESCRIPTION
from tests.pace import Stopwatch

FRESH_V = build_cell(DESCRIPTION).voltage(0.0)
TRUE_OHM = build_cell(DESCRIPTION).impedance(1000.0)
ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "your-own-scripts.md"


@pytest.fixture
def opened(tmp_path):
    """Open benches of files with this text; gives manager, 1260 and 1287."""
    managers = []

    def make(text="speed: 3600\n", name="bench.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        manager = pyvisa.ResourceManager(f"{path}@solbench")
        managers.append(manager)
        fra, pstat = (manager.open_resource(f"GPIB0::{n}::INSTR") for n in (4, 6))
        return manager, fra, pstat

    yield make
    for manager in managers:
        manager.close()


def ready_to_read(pstat):
    for command in ["OT1", "PW0", "BY1", "RG3", "PX3", "PY5", "TR0", "GP2"]:
        pstat.write(command)


def test_pyvisa_finds_the_backend_by_its_name():
    assert "solbench" in highlevel.list_backends()
    assert highlevel.get_wrapper_class("solbench") is pyvisa_solbench.WRAPPER_CLASS


def test_the_default_bench_answers_in_real_time():
    manager = pyvisa.ResourceManager("@solbench")
    assert manager.list_resources() == ("GPIB0::4::INSTR", "GPIB0::6::INSTR")
    assert set(manager.list_resources_info()) == set(manager.list_resources())
    pstat = manager.open_resource("GPIB0::6::INSTR")
    ready_to_read(pstat)
    with Stopwatch() as watch:
        voltage_V, current_A, *errors = map(float, pstat.query("RU1").split(","))
    assert watch.host_s > 0.4
    assert watch.elapsed_s < 2.0  # two conversions of 0.2 s
    assert abs(voltage_V) == pytest.approx(FRESH_V, rel=5e-3)
    assert abs(current_A) < 1e-6
    assert errors == [0.0, 0.0]
    manager.close()


def test_the_default_cell_is_the_half_cell_of_the_shipped_record():
    def within(part, whole):
        if isinstance(part, dict):
            return all(key in whole and within(value, whole[key]) for key, value in part.items())
        return part == whole

    record = load_cell("nbh").build("half").simulated_cell()
    assert within(DESCRIPTION, record)
    assert DESCRIPTION.keys() == record.keys()


def test_reading_writing_and_polling(opened):
    _, fra, pstat = opened()
    fra.write("*SRE16")
    assert fra.query("*IDN?").startswith("SCHLUMBERGER TECHNOLOGIES, 1260")
    fra.write("*IDN?")
    assert [fra.read_stb(), fra.stb] == [16 + 64, 16]
    assert fra.read_bytes(3) == b"SCH"
    fra.clear()
    assert fra.read_stb() == 0
    pstat.read_termination = "\r\n"
    assert pstat.query("?ER") == "00"
    pstat.write("PV99")
    assert pstat.query_ascii_values("?ER") == [3.0]
    pstat.write("TR2")
    ready_to_read(pstat)
    pstat.write("TR2")
    pstat.write("RU1")
    pstat.assert_trigger()
    assert len(pstat.read()) == 31


def test_a_service_request_is_waited_for_in_host_time(opened):
    _, fra, _ = opened()
    with Stopwatch() as watch:  # from before it is started: on a busy machine part of it is over then
        for command in ["OP2,1", "*SRE16", "IS360", "SI"]:
            fra.write(command)
        fra.wait_for_srq(5000)
    assert watch.host_s > 0.08
    assert watch.elapsed_s < 2.0  # 360 s at speed 3600
    assert len(fra.read()) == 45
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        fra.wait_for_srq(50)


def test_time_outs_are_host_time(opened):
    _, fra, _ = opened()
    fra.timeout = 100
    with Stopwatch() as watch, pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        fra.read()
    assert watch.host_s >= 0.1
    assert watch.elapsed_s < 1.0


def test_a_dump_comes_from_the_minor_address(opened):
    manager, fra, _ = opened()
    minor = manager.open_resource("GPIB0::5::INSTR")
    for command in ["OP2,4", "FR1E3", "SI"]:
        fra.write(command)
    assert struct.unpack(">f", minor.read_bytes(14)[:4]) == (1000.0,)
    with pytest.raises(VisaIOError, match="VI_ERROR_RSRC_NFOUND"):
        manager.open_resource("GPIB0::9::INSTR")


def test_two_managers_on_one_file_share_the_bench_and_two_files_do_not(opened, tmp_path):
    _, _, pstat = opened()
    (tmp_path / "below").mkdir()
    again = pyvisa.ResourceManager(f"{tmp_path / 'below' / '..' / 'bench.yaml'}@solbench")
    same = again.open_resource("GPIB0::6::INSTR")
    _, _, other = opened(name="other.yaml")
    pstat.write("OT1")
    pstat.write("PV1.25")
    other.write("OT1")
    assert same.query("?PV") == "+1.2500E+00\r\n"
    assert other.query("?PV") == "+0.0000E+00\r\n"
    again.close()


def test_a_bench_stays_as_it_was_left_when_its_manager_is_closed(tmp_path):
    path = tmp_path / "bench.yaml"
    path.write_text("speed: 3600\n")
    for wanted in ("+0.0000E+00", "+1.0000E+00"):
        manager = pyvisa.ResourceManager(f"{path}@solbench")
        pstat = manager.open_resource("GPIB0::6::INSTR")
        pstat.write("OT1")
        assert pstat.query("?PV").strip() == wanted
        pstat.write("PV1")
        manager.close()


def test_a_thread_that_waits_for_the_1260_does_not_keep_another_from_the_1287(opened):
    _, fra, pstat = opened("speed: 60\n")
    ready_to_read(pstat)
    for command in ["OP2,1", "IS60"]:
        fra.write(command)
    lines, ended_s = [], []

    def measure():
        lines.append(fra.query("SI"))  # a minute, a second of host time
        ended_s.append(time.monotonic())

    waiting = threading.Thread(target=measure)
    waiting.start()
    readings = [pstat.query("RU1") for _ in range(10)]
    read_s = time.monotonic()
    waiting.join(60.0)
    assert all(len(line) == 33 for line in readings)
    assert len(lines[0]) == 45
    assert read_s < ended_s[0]


def test_many_threads_get_whole_answers(opened):
    manager, *_ = opened()
    failures = []

    def ask(address, query, answer):
        resource = manager.open_resource(f"GPIB0::{address}::INSTR")
        resource.write("OT1")
        for _ in range(50):
            if (found := resource.query(query)) != answer:
                failures.append(found)

    threads = [
        threading.Thread(target=ask, args=(4, "?FR", "+1.0000E+03\r\n")),
        threading.Thread(target=ask, args=(6, "?RR", "0\r\n")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30.0)
    assert failures == []


def test_settings_cell_and_seed_come_from_the_file(opened):
    cell = "cell:\n  kind: pellet\n"
    for key, block in load_cell("nbh").build("pellet").simulated_cell().items():
        if key not in ("kind", "reduced", "temperature_K"):
            cell += f"  {key}: {block}\n"
    _, fra, pstat = opened(
        f"speed: 3600\nseed: 7\n{cell}settings:\n  wiring: analyzer_alone\n  noise_scale: 0\n"
    )
    for command in ["OP2,1", "SO1,3", "FR1E5", "VA0.1", "IS1"]:
        fra.write(command)
    resistance_ohm = float(fra.query("SI").split(",")[1])
    assert resistance_ohm == pytest.approx(35.4, rel=0.05)  # 500 um, 1.8 mS/cm, 0.785 cm2
    pstat.write("OT1")
    assert pstat.query("?ER") == "00\r\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sped: 60\n", "sped is not known; known are cell, speed"),
        ("speed: 0.5\n", "speed is 0.5; it takes a number from 1 to 3600"),
        ("speed: fast\n", "speed is 'fast'"),
        ("seed: -1\n", "seed is -1"),
        ("settings: 3\n", "settings is 3; it takes lines"),
        ("settings: {latncy_s: 1}\n", "latncy_s is no setting"),
        ("settings: {unit: best}\n", "unit is 'best'; it takes ideal, typical"),
        ("settings: {addresses: {1260: 5}}\n", "addresses.1260 is 5; it takes an even address"),
        ("cell: {kind: fuel}\n", "simulated cells are"),
        ("cell: missing.yaml\n", "missing.yaml cannot be read"),
        ("- 1\n", "it takes lines of key"),
        ("speed: [\n", "is not YAML"),
    ],
)
def test_a_bench_file_that_cannot_be_used_is_refused_by_name(tmp_path, text, words):
    path = tmp_path / "bench.yaml"
    path.write_text(text)
    with pytest.raises(BenchFileError, match=re.escape(words)) as caught:
        pyvisa.ResourceManager(f"{path}@solbench")
    assert str(tmp_path) in str(caught.value)


def test_a_file_names_unit_and_addresses(tmp_path):
    path = tmp_path / "bench.yaml"
    path.write_text("speed: 3600\nsettings: {unit: 7, addresses: {1260: GPIB1::8, 1287: 2}}\n")
    manager = pyvisa.ResourceManager(f"{path}@solbench")
    assert set(manager.list_resources()) == {"GPIB1::8::INSTR", "GPIB0::2::INSTR"}
    fra = manager.open_resource("GPIB1::8::INSTR")
    assert "1260" in fra.query("*IDN?")
    manager.close()


def test_an_empty_file_is_the_default_bench_and_names_are_relative_to_it(tmp_path):
    path = tmp_path / "bench.yaml"
    path.write_text("# nothing\n")
    assert read_bench_file(path) == BenchFile()
    path.write_text("world: bench.world\nsettings: {latency_s: 5e-3}\n")
    assert read_bench_file(path).settings == {"latency_s": 0.005}
    assert read_bench_file(path).world == tmp_path / "bench.world"


def run(arguments, folder):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )


def test_a_world_goes_on_in_the_next_program(tmp_path):
    (tmp_path / "bench.yaml").write_text("speed: 3600\nworld: bench.world\n")
    script = (
        "import pyvisa\n"
        "p = pyvisa.ResourceManager('bench.yaml@solbench').open_resource('GPIB0::6::INSTR')\n"
        "p.write('OT1')\n"
        "print(p.query('?PV').strip())\n"
        "p.write('PV1.5')\n"
    )
    first, second = (run(["-c", script], tmp_path) for _ in range(2))
    assert (first.stdout, second.stdout) == ("+0.0000E+00\n", "+1.5000E+00\n"), first.stderr + second.stderr


@pytest.mark.long
def test_pyvisa_info_shows_the_backend(tmp_path):
    found = run(["-c", "from pyvisa.util import get_debug_info; get_debug_info()"], tmp_path)
    assert found.returncode == 0, found.stderr
    assert "solbench:" in found.stdout
    assert "Solartron 1260" in found.stdout


def test_the_page_shows_a_script_that_works(tmp_path):
    script, bench, other = re.findall(
        r"```(?:python|yaml)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    (tmp_path / "bench.yaml").write_text(bench.replace("speed: 60", "speed: 3600").replace("LF", "EOI"))
    assert '"@solbench"' in script
    assert '"bench.yaml@solbench"' in other
    (tmp_path / "script.py").write_text(script.replace('"@solbench"', '"bench.yaml@solbench"'))
    ran = run(["script.py"], tmp_path)
    assert ran.returncode == 0, ran.stderr
    listed, ocv, point = ran.stdout.splitlines()
    assert listed == "('GPIB0::4::INSTR', 'GPIB0::6::INSTR')"
    assert abs(float(ocv.split()[2])) == pytest.approx(FRESH_V, rel=5e-3)
    frequency, impedance, code = re.fullmatch(r"(\S+) Hz: (\S+) ohm, error (\d)", point).groups()
    assert (frequency, code) == ("1000", "0")
    assert abs(complex(impedance) / TRUE_OHM - 1.0) < 0.02
