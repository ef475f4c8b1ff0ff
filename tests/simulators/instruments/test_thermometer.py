"""The simulated thermometer, at its bus."""

import pyvisa

from solbench.protocols import load_cell
from solbench.simulators.bench import SimulatedBench


def test_it_shows_the_temperature_of_the_cell_and_answers_nothing_else():
    cell = load_cell("nbh").build("half").simulated_cell()
    bench = SimulatedBench(cell, thermometers=["oven"])
    device = pyvisa.ResourceManager(bench.visa_library).open_resource(bench.gauge_addresses["oven"])
    assert device.query("KRDG?") == f"{bench.cell.temperature_K:+.3f}\r\n"
    bench.cell.temperature_K = 310.0
    assert device.query("KRDG?") == "+310.000\r\n"
    device.write("*IDN?")
    assert device.read_stb() == 0
    bench.close()


def test_a_bench_without_has_the_two_instruments_alone():
    cell = load_cell("nbh").build("half").simulated_cell()
    bench = SimulatedBench(cell)
    assert bench.gauge_addresses == {}
    assert set(pyvisa.ResourceManager(bench.visa_library).list_resources("?*")) == set(
        bench.addresses.values()
    )
    bench.close()
