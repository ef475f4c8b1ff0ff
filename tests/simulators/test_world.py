"""The world file: a bench that outlives its program, also one that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from solbench.protocols.cells import load_cell
from solbench.simulators.bench import SimulatedBench, read_world
from solbench.simulators.world import WorldError, WorldFile
from tests.pace import relative_cost
from tests.simulators.cells import SourceAndResistor
from tests.simulators.conftest import Desk
from tests.tiers import few

ROOT = Path(__file__).parents[2]

# Charges a cell for ever; says each reading's time after it was taken.
VICTIM = """
import sys
import pyvisa
from pathlib import Path
from solbench.simulators.bench import SimulatedBench
from tests.simulators.cells import SourceAndResistor
bench = SimulatedBench({}, settings={"unit": "ideal", "positive_terminal": "ce_re1", "errors": "none"}, seed=4,
                       world=Path(sys.argv[1]), build=SourceAndResistor)
pstat = pyvisa.ResourceManager(bench.visa_library).open_resource(bench.addresses["1287"])
pstat.write_termination = ""
for message in "OT1 PW0 BY1 RG3 TR0 GP2 PO1 RR5 PC1.0E-04 PW1".split():
    pstat.write(message)
on_s = bench.clock.now()
while True:
    pstat.query("RU1")
    print(on_s, bench.clock.now(), flush=True)
"""


def test_a_new_bench_goes_on_from_the_stored_one(desk, tmp_path):
    path = tmp_path / "bench.world"
    first = desk(world=path, positive_terminal="ce_re1", noise_scale=1.0)
    first.ready_to_read()
    first.tell_fra("VA0.5", "SO2,1")
    first.hold_current(1e-4)
    first.pass_time(100.0)
    first.reading()
    time_s, charge_C = first.clock.now(), first.truth.charge_C
    first.bench.close()

    second = desk(world=path, positive_terminal="ce_re1", noise_scale=1.0)
    assert second.clock.now() == time_s
    assert second.truth.polarized
    assert second.truth.charge_C == charge_C
    assert second.truth.cell_current_A == pytest.approx(1e-4)
    assert second.fra.query("?VA") == "+5.0000E-01\r\n"
    assert second.fra.query("?SO") == "2,1\r\n"
    second.tell("PW0")
    assert not second.truth.polarized


def test_a_held_voltage_is_stored_as_far_as_the_last_reading(tmp_path):
    path, description = tmp_path / "bench.world", load_cell("nps").build("half").simulated_cell()
    desk = Desk(SimulatedBench(description, world=path))
    desk.ready_to_read()
    desk.hold_voltage(-0.85, resistor=3)
    for _ in range(3):
        desk.pass_time(20.0)
        desk.reading()
    stored, true = read_world(path), desk.truth
    assert stored.polarized
    assert stored.lag_s == 0.0
    assert stored.charge_C == true.charge_C != 0.0
    assert stored.cell_state == true.cell.state()
    desk.bench.close()


def test_noise_goes_on_with_the_samples_that_would_have_come(desk, tmp_path):
    def readings(desks) -> list[list[float]]:
        found = []
        for bench in desks:
            if not found:
                bench.ready_to_read()
            found.append(bench.reading())
            bench.bench.close()
        return found

    one = desk(noise_scale=1.0)
    one.ready_to_read()
    unbroken = [one.reading(), one.reading()]
    path = tmp_path / "bench.world"
    broken = readings(desk(world=path, noise_scale=1.0) for _ in range(2))
    assert broken == unbroken


def test_read_world_tells_the_truth_without_opening_the_bench(desk, tmp_path):
    path = tmp_path / "bench.world"
    bench = desk(world=path, positive_terminal="ce_re1")
    bench.hold_current(-1e-4)
    bench.pass_time(50.0)
    bench.tell("PC-1E-4")
    truth = read_world(path)
    assert truth.polarized
    assert truth.time_s == bench.clock.now()
    assert truth.discharged_C == bench.truth.discharged_C > 0.005
    assert truth.charge_C == -truth.discharged_C
    assert truth.held_current_A == pytest.approx(-1e-4)


def test_another_cell_is_refused(desk, tmp_path):
    path = tmp_path / "bench.world"
    desk({"emf_V": 1.0}, world=path)
    with pytest.raises(WorldError, match="another cell"):
        desk({"emf_V": 2.0}, world=path)


def test_a_file_that_is_no_world_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("important")
    with pytest.raises(WorldError, match=r"notes\.txt is not the world"):
        SimulatedBench({}, world=path, build=SourceAndResistor)
    with pytest.raises(WorldError, match="not the world"):
        read_world(path)
    assert path.read_text() == "important"
    with pytest.raises(WorldError, match="cannot be read"):
        read_world(tmp_path / "missing")


def test_a_torn_slot_leaves_the_one_before(tmp_path):
    path = tmp_path / "bench.world"
    world = WorldFile(path)
    world.set_settings({"n": 1})
    quantities = [tuple(float(n * 10 + k) for k in range(9)) for n in range(4)]
    for one in quantities:
        world.save(one)
    world.close()
    whole = path.read_bytes()
    assert read_world(path).cell_state == quantities[3][7:]
    # The fourth save went to the first slot; spoil one byte of it at each place that counts.
    head = 64
    used = 20 + len(b'{"n":1}') + 72
    for position in range(head, head + used):
        spoilt = bytearray(whole)
        spoilt[position] ^= 0x55
        path.write_bytes(spoilt)
        assert read_world(path).cell_state == quantities[2][7:], position


def test_a_save_costs_microseconds(tmp_path):
    """A thousand cost 0.3 of the reference where it was written."""
    world = WorldFile(tmp_path / "bench.world")
    world.set_settings({"identity": "x" * 2000})
    quantities = tuple(float(k) for k in range(25))

    def a_thousand_saves():
        for _ in range(1000):
            world.save(quantities)

    cost = relative_cost(a_thousand_saves)
    world.close()
    assert cost < 3.0


def killed_after(path: Path, lines: int) -> tuple[float, float]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(path)], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    ) as victim:
        assert victim.stdout is not None
        for _ in range(lines):
            last = victim.stdout.readline()
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    on_s, time_s = map(float, last.split())
    return on_s, time_s


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@few("lines", [1, 37, 400], (1,))
def test_a_killed_program_leaves_the_cell_polarized_and_every_reading_in_the_world(tmp_path, lines):
    path = tmp_path / "bench.world"
    on_s, seen_s = killed_after(path, lines)
    truth = read_world(path)
    assert truth.polarized
    assert truth.time_s >= seen_s
    assert truth.charge_C == pytest.approx(1e-4 * (truth.time_s - on_s), rel=1e-9)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_sixty_kills_leave_sixty_whole_worlds(tmp_path):
    for n in range(60):
        path = tmp_path / f"{n}.world"
        on_s, seen_s = killed_after(path, 1 + 17 * n)
        truth = read_world(path)
        assert truth.time_s >= seen_s
        assert truth.charge_C == pytest.approx(1e-4 * (truth.time_s - on_s), rel=1e-9)
