"""The benches that the conformance tests run on, each with what is really so behind its wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol

from solbench.acquisition.bench.bench import Bench, Reach, open_at, open_bench
from solbench.acquisition.bench.bench_file import BenchFile, InstrumentEntry
from solbench.acquisition.bench.models import BenchModel, Resources, Settings, make_settings
from solbench.drivers.clock import Clock
from solbench.drivers.links.link import Link
from solbench.drivers.roles import DcBench, DcLimits, Equipment
from solbench.protocols import load_cell
from solbench.simulators.bus.visa_library import SimulatedVisaLibrary
from solbench.simulators.clock import VirtualClock
from tests.conformance.smu_driver import CURE, SettingsSm20, Sm20Bench
from tests.conformance.smu_simulator import ADDRESS, Sm20

Terminal = Literal["ce_re1", "we_re2"]
SM20_ADDRESS = f"GPIB0::{ADDRESS}::INSTR"
SM20_BENCH = BenchFile(
    name="sm20",
    kind="visa",
    model="sm20",
    instruments={"SM20": InstrumentEntry(address=SM20_ADDRESS)},
)


def build_sm20(settings: Settings, resources: Resources, clock: Clock) -> Equipment:
    """Make the driver of an SM20 on its open resource."""
    own = make_settings(SettingsSm20, settings.get("SM20", {}), "instruments.SM20.settings")
    return Equipment(dc=Sm20Bench(Link(resources["SM20"], clock, "SM20", own.link), own))


SM20_MODEL = BenchModel(
    fields={"SM20": "instruments.SM20"},
    abilities=frozenset(),
    limits=DcLimits("SM20", current_max_A=1.0, voltage_max_V=20.0),
    by_hand=CURE,
    build=build_sm20,
)


class Truth(Protocol):
    """What is really so, without any meter."""

    @property
    def charge_C(self) -> float: ...
    @property
    def connected(self) -> bool: ...
    @property
    def current_A(self) -> float: ...
    @property
    def voltage_V(self) -> float: ...


@dataclass
class UnderTest:
    """An open bench, the truth behind it, and what a test can do to it."""

    bench: Bench
    truth: Truth
    kill: Callable[[], None]
    overload: Callable[[], None]

    @property
    def dc(self) -> DcBench:
        return self.bench.equipment.dc


class PairTruth:
    def __init__(self, simulated: Any) -> None:
        self._truth = simulated.truth

    @property
    def charge_C(self) -> float:
        return float(self._truth.charge_C)

    @property
    def connected(self) -> bool:
        return bool(self._truth.polarized)

    @property
    def current_A(self) -> float:
        return float(self._truth.cell_current_A)

    @property
    def voltage_V(self) -> float:
        return float(self._truth.cell_voltage_V)


class Sm20Truth:
    def __init__(self, instrument: Sm20) -> None:
        self._instrument = instrument

    def _now(self) -> Sm20:
        self._instrument.settle()
        return self._instrument

    @property
    def charge_C(self) -> float:
        return self._now().cell.charge_C

    @property
    def connected(self) -> bool:
        return self._now().closed

    @property
    def current_A(self) -> float:
        return self._now().current_A

    @property
    def voltage_V(self) -> float:
        return self._now().voltage_V


def simulated_file(model: str, terminal: Terminal | None) -> BenchFile:
    """A bench of this model in the process, without gain and offset errors."""
    return BenchFile(
        name=model,
        kind="simulated",
        model=model,
        positive_terminal=terminal,
        simulation={"unit": "ideal", "errors": "none"},
    )


@contextmanager
def simulated(model: str, terminal: Terminal | None = "we_re2", build: str = "half") -> Iterator[UnderTest]:
    """A bench that is simulated in the process, on a simulated cell."""
    bench = open_bench(
        simulated_file(model, terminal), load_cell("nbh").build(build).simulated_cell(), lambda: None
    )
    there = bench.truth
    assert there is not None
    holder = bench.equipment.dc.instruments[0].name
    yield UnderTest(bench, PairTruth(there), there.faults.kill, lambda: there.faults.overload(holder))
    bench.close()


def sm20_reach(instrument: Sm20) -> Reach:
    """How a program reaches a simulated SM20: through a VISA library in this process, by its virtual time."""
    library = SimulatedVisaLibrary.of(instrument, [SM20_ADDRESS])
    return Reach(instrument.clock, {"SM20": SM20_ADDRESS}, "world", visa_library=library)


@contextmanager
def sm20() -> Iterator[UnderTest]:
    """A source-measure unit on a capacitor behind a resistor; `MODELS` must have SM20_MODEL."""
    instrument = Sm20(VirtualClock())
    bench = open_at(SM20_BENCH, sm20_reach(instrument), lambda: None, None)

    def kill() -> None:
        instrument.dead = True

    def overload() -> None:
        instrument.values[":SENS:CURR:RANG"] = "1e-9"

    yield UnderTest(bench, Sm20Truth(instrument), kill, overload)
    bench.close()


DC_BENCHES: dict[str, Callable[[], Any]] = {
    "pair": partial(simulated, "solartron"),
    "ec301": partial(simulated, "ec301"),
    "ec301, turned": partial(simulated, "ec301", "ce_re1"),
    "keithley": partial(simulated, "keithley2400", None),
    "keithley with 1260": partial(simulated, "keithley2400_1260", None),
    "sm20": sm20,
}
