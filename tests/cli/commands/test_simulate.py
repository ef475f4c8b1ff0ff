"""`solbench simulate` as a process: what it prints, how it ends, what it refuses."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from solbench.acquisition.bench.bench_file import SIMULATED
from solbench.cli.commands.simulate import (
    bench_text,
    make_bench,
    passed_before,
    port_of,
    read_faults,
    require_new,
)
from solbench.cli.whole import app
from solbench.protocols import load_cell
from solbench.protocols.errors import BadInput
from solbench.simulators.server.client import Control
from solbench.simulators.world import read_world
from tests.end_to_end.programs import solbench
from tests.simulators.server.wire import Wire

COMMAND = [sys.executable, "-P", "-c", "from solbench.cli.main import main; main()", "simulate"]
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


class Simulation:
    def __init__(self, folder: Path, *arguments: str) -> None:
        environment = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=environment,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        self.ready: dict[str, Any] = json.loads(line)

    def wire(self) -> Wire:
        wire = Wire(int(self.ready["adapter"].rpartition(":")[2]))
        wire.say("++mode 1", "++auto 0", "++eos 3", "++eoi 1", "++read_tmo_ms 1000", "++addr 6")
        return wire

    def end(self) -> tuple[int, str]:
        """Wait for the end; returns the exit code and what was said on stderr."""
        _, errors = self.process.communicate(timeout=60.0)
        return self.process.returncode, errors


@pytest.fixture
def simulate(tmp_path) -> Iterator[Callable[..., Simulation]]:
    started: list[Simulation] = []

    def start(*arguments: str) -> Simulation:
        started.append(Simulation(tmp_path, *arguments))
        return started[-1]

    yield start
    for simulation in started:
        if simulation.process.poll() is None:
            simulation.process.kill()
            simulation.process.communicate()


@pytest.mark.long
def test_it_says_where_it_is_and_ends_when_told_to(simulate, tmp_path):
    bench = tmp_path / "bench.yaml"
    running = simulate("--listen", "127.0.0.1:0", "--speed", "60", "--cell", "nps", "--bench-out", str(bench))
    assert running.ready["addresses"] == {"1260": 4, "1287": 6}
    wire = running.wire()
    assert wire.query("?ER") == "00"
    wire.say("++addr 4")
    assert wire.query("*IDN?") == "SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE ANALYZER, 0, 0"
    wire.close()
    written = yaml.safe_load(bench.read_text())
    assert written["kind"] == "prologix"
    assert written["adapter"] == running.ready["adapter"]
    assert written["served"] == {"control": running.ready["control"]}
    assert written["simulated"] is True
    assert written["positive_terminal"] == "we_re2"
    assert (written["analyzer_1260"]["address"], written["potentiostat_1287"]["address"]) == (4, 6)
    with Control(running.ready["control"]) as control:
        assert control.clock()["speed"] == 60.0
        assert 0.5 < control.truth()["cell_voltage_V"] < 1.5  # tin against Na9Sn4
        control.stop()
    code, errors = running.end()
    assert code == 0
    assert errors.startswith("SIMULATION")
    assert "Traceback" not in errors


@posix
@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.long), signal.SIGTERM])
def test_a_signal_ends_it_cleanly_and_leaves_the_world_polarized(simulate, tmp_path, number):
    world = tmp_path / "bench.world"
    running = simulate("--listen", "127.0.0.1:0", "--world", str(world))
    wire = running.wire()
    wire.say("PO1", "RR5", "PC1E-4", "PW1")
    assert wire.query("?ER") == "00"
    running.process.send_signal(number)
    code, errors = running.end()
    wire.close()
    assert code == 0
    assert "Traceback" not in errors
    assert read_world(world).polarized


@posix
def test_the_world_survives_a_kill(simulate, tmp_path):
    world = tmp_path / "bench.world"
    running = simulate("--listen", "127.0.0.1:0", "--world", str(world), "--speed", "60")
    wire = running.wire()
    wire.say("PO1", "RR5", "PC1E-4", "PW1")
    assert wire.query("?ER") == "00"
    with Control(running.ready["control"]) as control:
        name = control.clock()["world"]
    running.process.kill()
    running.end()
    wire.close()
    again = simulate("--listen", "127.0.0.1:0", "--world", str(world), "--speed", "60")
    with Control(again.ready["control"]) as control:
        truth = control.truth()
        assert control.clock()["world"] == name
    assert truth["polarized"]
    assert truth["discharged_C"] > 0.0  # positive terminal on WE: a current into CE discharges


@pytest.mark.long
@posix
def test_a_serial_line_in_place_of_a_port(simulate):
    running = simulate("--pty")
    serial = pytest.importorskip("serial")
    with serial.serial_for_url(running.ready["adapter"], timeout=2.0) as port:
        port.write(b"++eos 3\n++addr 6\n?VN\n++read eoi\n")
        assert port.read_until(b"\n") == b"12870001\r\n"
    running.process.terminate()
    assert running.end()[0] == 0
    assert not os.path.lexists(running.ready["adapter"])


@pytest.mark.long
def test_faults_of_a_file_happen(simulate, tmp_path):
    faults = tmp_path / "faults.yaml"
    faults.write_text("faults:\n  - {after_s: 0, fault: dead, instruments: ['1287']}\n")
    running = simulate("--listen", "127.0.0.1:0", "--fault", str(faults))
    deadline_s = time.monotonic() + 5.0
    wire = running.wire()
    wire.say("++read_tmo_ms 100")
    while not _is_dead(wire):
        assert time.monotonic() < deadline_s
    wire.close()


def _is_dead(wire: Wire) -> bool:
    wire.say("?ER", "++read eoi")
    return wire.is_silent()


@pytest.mark.parametrize(
    ("state", "history", "sodium"),
    [(None, None, 0.0), ("50 %", None, 1.875), (None, ["-2 mAh", "2.1 C"], None)],
)
def test_the_cell_holds_what_is_said(state, history, sodium):
    record = load_cell("nbh")
    passed_C = passed_before(record, "half", state, history, None)
    bench = make_bench(SIMULATED, record.build("half").simulated_cell(None, passed_C), 60.0, 0, None, None)
    with closing(bench):
        cell = bench.truth.cell
        if sodium is not None:
            assert cell.sodium_x == pytest.approx(sodium, rel=1e-3, abs=1e-3)
        assert cell.discharged_C - cell.charged_C == pytest.approx(-sum(passed_C), abs=1e-9)


# what is refused


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("half", "200 %", None, None), "^field --state-of-charge: .* at most 105 % are allowed"),
        (("half", "5", None, None), "^field --state-of-charge: '5' has no unit"),
        (("half", None, ["1 C", "5 V"], None), "^field --history: '5 V' is a voltage"),
        (("half", None, ["-9 mAh/cm2"], None), "^field --history: .* check the mass of tin\\.$"),
        (("pellet", "5 %", None, None), "^field --state-of-charge: .*no electrode that is filled"),
        (("half", "5 %", ["1 mAh"], None), "several options"),
        (("half", None, None, "./none.h5"), "no such file"),
    ],
)
def test_what_a_cell_cannot_hold_is_refused(said, words):
    with pytest.raises(BadInput, match=words):
        passed_before(load_cell("nbh"), *said)


def refusal(folder: Path, *arguments: str) -> str:
    """Start it with what it does not take; returns the paragraph it leaves with."""
    done = solbench(folder, "simulate", *arguments)
    assert done.code == 2
    assert done.out == []
    assert "Traceback" not in done.err
    return done.err


def test_a_port_in_use_is_named_with_a_cure(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = refusal(tmp_path, "--listen", f"127.0.0.1:{port}")
    assert "--listen" in text
    assert "another port" in text


@pytest.mark.parametrize(
    ("simulation", "says"),
    [
        ("{latency_s: 1.0e12}", "latency_s is 1e+12; it takes 0 to 10 s"),
        ("{latency_s: 1.0 parsec}", "simulation.latency_s"),
        ("{latency_s: fast}", "it takes a number"),
        ("{latency: 0.0}", "latency is no setting"),
    ],
)
def test_an_impossible_setting_of_the_instruments_is_named(tmp_path, simulation, says):
    bench = tmp_path / "mine.yaml"
    bench.write_text(f"name: mine\nkind: simulated\npositive_terminal: we_re2\nsimulation: {simulation}\n")
    assert says in refusal(tmp_path, "--listen", "127.0.0.1:0", "--bench", str(bench))


def test_a_fault_that_there_is_not_is_named_with_its_file(tmp_path):
    faults = tmp_path / "faults.yaml"
    faults.write_text("faults:\n  - {after_s: 1, fault: fire}\n")
    text = refusal(tmp_path, "--listen", "127.0.0.1:0", "--fault", str(faults))
    assert "faults.yaml" in text
    assert "there is no fault 'fire'" in text


@pytest.mark.parametrize("listen", ["0.0.0.0:1234", "192.168.1.5:1234", ":1234", "1234", "[::]:1234"])
def test_other_hosts_than_the_loopback_are_refused(listen):
    with pytest.raises(BadInput, match="loopback"):
        port_of(listen)


@pytest.mark.parametrize("listen", ["127.0.0.1:65536", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:-1"])
def test_ports_that_are_none_are_refused(listen):
    with pytest.raises(BadInput, match="is not a port number"):
        port_of(listen)


def test_ports_of_the_loopback_are_taken():
    assert (port_of("127.0.0.1:0"), port_of("localhost:1234")) == (0, 1234)


@pytest.mark.parametrize("text", ["faults: 3\n", "fault: []\n", "faults: [1]\n"])
def test_a_fault_file_without_a_list_is_refused(tmp_path, text):
    path = tmp_path / "faults.yaml"
    path.write_text(text)
    with pytest.raises(BadInput, match="no list of faults"):
        read_faults(path)


def test_an_existing_bench_file_is_not_overwritten(tmp_path):
    path = tmp_path / "bench.yaml"
    path.write_text("mine")
    with pytest.raises(BadInput, match="never overwritten"):
        require_new(path)
    assert path.read_text() == "mine"


def test_the_bench_file_is_one_that_runs_take(tmp_path):
    from solbench.acquisition.bench.bench_file import SIMULATED, parse_bench

    text = bench_text(SIMULATED, "socket://127.0.0.1:4321", "127.0.0.1:4322", {"1260": 4, "1287": 6})
    bench = parse_bench(text, "bench.yaml")
    assert bench.kind == "prologix"
    assert bench.positive_terminal == "we_re2"
    assert bench.adapter == "socket://127.0.0.1:4321"


def test_the_command_is_registered():
    names = [command.name for command in app.registered_commands]
    assert names.count("simulate") == 1
