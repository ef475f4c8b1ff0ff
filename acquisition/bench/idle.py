"""Looking at a bench on which no run is: what the cell shows, the temperatures, whether the instruments answer."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from solbench.acquisition.bench.bench import Bench, describe, open_bench, required_addresses
from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.bench.bench_lock import BenchTaken, places_of
from solbench.acquisition.bench.gauges.shown import Shown, read_all
from solbench.acquisition.bench.guarded import bench_key
from solbench.acquisition.bench.looking import looking_at
from solbench.acquisition.errors import Fault
from solbench.drivers.errors import DriverError
from solbench.drivers.roles import Looking
from solbench.protocols import load_cell

GAUGES_S = 0.6  # sensors are waited for at most so long: a run may want the bench


@dataclass(frozen=True)
class Idle:
    """One look: volts of the cell and amperes (positive charges it), None where they could not be read.

    `flows`: whether a current flows, though no run is: somebody uses the front panel. `taken`: who has the bench, in
    words, where it was not looked at. `problem`: why nothing could be read.
    """

    bench: str
    simulated: bool
    voltage_V: float | None = None
    current_A: float | None = None
    overload: str = ""
    flows: bool | None = None
    instruments: tuple[str, ...] = ()
    gauges: tuple[Shown, ...] = ()
    taken: str = ""
    problem: str = ""


def look(bench: BenchFile, cell: dict[str, Any] | None = None) -> Idle:
    """Look once, with the lock of the bench for so long; nothing is switched. `cell`: of a simulated bench.

    Raises BadInput for a bench file that nothing can be opened by.
    """
    cell = cell if cell is not None else load_cell("nbh").build("half").simulated_cell()
    with ExitStack() as stack:
        try:
            if bench.kind != "simulated":
                described = describe(bench, required_addresses(bench))
                stack.enter_context(looking_at(places_of(described), bench_key(bench), bench.name))
            opened = open_bench(bench, cell, lambda: None)
        except BenchTaken as taken:
            return Idle(bench.name, bench.is_simulated, taken=str(taken))
        except Fault as error:
            return Idle(bench.name, bench.is_simulated, problem=str(error))
        stack.callback(opened.close)
        return _looked(opened)


def _looked(opened: Bench) -> Idle:
    dc = opened.equipment.dc
    names = tuple(instrument.name for instrument in dc.instruments)
    gauges = tuple(read_all(opened.gauges, opened.clock, GAUGES_S))
    if not isinstance(dc, Looking):
        problem = (
            "the instruments of this bench cannot be read without being set up; start a manual run for that"
        )
        return Idle(opened.name, opened.simulated, instruments=names, gauges=gauges, problem=problem)
    try:
        flows, reading = dc.look()
    except DriverError as error:
        return Idle(opened.name, opened.simulated, gauges=gauges, problem=str(error))
    return Idle(
        opened.name,
        opened.simulated,
        reading.voltage_V,
        reading.current_A,
        reading.overload,
        flows,
        names,
        gauges,
    )
