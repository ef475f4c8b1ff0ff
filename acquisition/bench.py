"""Opening a bench: the only place that knows whether it is real.

What comes out is the same for both: a clock, the instruments as a pair, and how to close them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acquisition.bench_file import BenchFile
from acquisition.errors import Fault
from acquisition.schedule import Watch
from drivers.clock import CancellableClock, Clock, SystemClock
from drivers.pair import Pair
from protocols.errors import BadInput

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass
class Bench:
    """An open bench.

    `time_base` names the origin of the clock: two sessions with the same one share its time. `truth` is the
    simulated bench behind the wire, for tests and demonstrations; a real bench has none.
    """

    name: str
    simulated: bool
    clock: Clock
    pair: Pair
    watch: Watch
    settle_s: float
    direction_check_s: float
    addresses: dict[str, str]
    time_base: str
    close: Callable[[], None]
    truth: Any = field(default=None, repr=False)


def open_bench(
    bench: BenchFile,
    cell: dict[str, Any],
    check: Callable[[], None],
    *,
    seed: int = 0,
    speed: float | None = None,
    world: Path | None = None,
) -> Bench:
    """Open a bench and connect its instruments; nothing is sent yet.

    `cell` describes the cell to a simulated bench; `check` is called by the clock at least every 50 ms of host
    time and may raise Interrupted; `world` is where a simulated bench keeps its state. Raises BadInput for
    settings that do not exist, Fault when an instrument cannot be opened.
    """
    if bench.kind == "simulated":
        return _simulated(bench, cell, check, seed, speed, world)
    return _real(bench, check)


def _simulated(
    bench: BenchFile,
    cell: dict[str, Any],
    check: Callable[[], None],
    seed: int,
    speed: float | None,
    world: Path | None,
) -> Bench:
    from simulators.bench import SimulatedBench

    settings = {"positive_terminal": bench.positive_terminal, **_in_si(bench.simulation)}
    try:
        simulated = SimulatedBench(cell, settings=settings, seed=seed, speed=speed, world=world)
    except ValueError as error:
        raise BadInput(str(error), file=bench.name, field="simulation") from error
    opened = _connect(bench, simulated.visa_library, simulated.clock, check, simulated.addresses)
    opened.simulated = True
    opened.truth = simulated
    opened.time_base = "world"
    close_instruments = opened.close

    def close() -> None:
        close_instruments()
        simulated.close()

    opened.close = close
    return opened


def _real(bench: BenchFile, check: Callable[[], None]) -> Bench:
    addresses = {"1260": bench.analyzer_1260.address, "1287": bench.potentiostat_1287.address}
    for which, address in addresses.items():
        if address is None:
            name = "analyzer_1260" if which == "1260" else "potentiostat_1287"
            raise BadInput(
                f"the VISA address of the {which} is missing",
                "Write it as in GPIB0::4::INSTR; solbench instruments lists what answers",
                file=bench.name,
                field=f"{name}.address",
            )
    known = {which: address for which, address in addresses.items() if address is not None}
    return _connect(bench, bench.visa_library, SystemClock(), check, known)


def _connect(
    bench: BenchFile, visa_library: Any, base: Clock, check: Callable[[], None], addresses: dict[str, str]
) -> Bench:
    import pyvisa

    clock = CancellableClock(base, check)
    manager = None
    try:
        manager = pyvisa.ResourceManager(visa_library)
        resources = {which: manager.open_resource(address) for which, address in addresses.items()}
    except (pyvisa.VisaIOError, OSError, ValueError) as error:
        if manager is not None:
            manager.close()
        raise Fault(f"{bench.name}: the instruments cannot be opened: {error}") from error
    return Bench(
        name=bench.name,
        simulated=False,
        clock=clock,
        pair=build_pair(bench, resources, clock),
        watch=Watch(bench.max_unwatched.value, bench.near_limit.value),
        settle_s=bench.settle.value,
        direction_check_s=bench.direction_check.value,
        addresses=dict(addresses),
        time_base=BOOT_ID.read_text().strip() if BOOT_ID.exists() else "",
        close=manager.close,
    )


def build_pair(bench: BenchFile, resources: dict[str, Any], clock: Clock) -> Pair:
    """Make the drivers with the bench's settings; raises BadInput for a setting that does not exist."""
    from drivers.link import Link
    from drivers.settings import PairSettings, Settings1260, Settings1287
    from drivers.solartron1260 import Solartron1260
    from drivers.solartron1287 import Solartron1287

    fra_settings = _settings(Settings1260, bench.settings("1260"), bench.name, "analyzer_1260.settings")
    given = {"positive_terminal": bench.positive_terminal, **bench.settings("1287")}
    pstat_settings = _settings(Settings1287, given, bench.name, "potentiostat_1287.settings")
    fra = Solartron1260(Link(resources["1260"], clock, "1260", fra_settings.link), fra_settings)
    pstat = Solartron1287(Link(resources["1287"], clock, "1287", pstat_settings.link), pstat_settings)
    return Pair(fra, pstat, _settings(PairSettings, _in_si(bench.pair), bench.name, "pair"))


def _in_si(block: dict[str, Any]) -> dict[str, Any]:
    from protocols.quantities import to_si

    return dict(to_si(block))


def _settings(kind: Any, given: dict[str, Any], file: str, path: str) -> Any:
    """Make a settings dataclass of plain values; nested ones of mappings."""
    fields = {item.name: item for item in dataclasses.fields(kind)}
    defaults = kind()
    values = {}
    for name, value in given.items():
        if name not in fields:
            raise BadInput(
                f"there is no setting '{name}'",
                f"There are: {', '.join(fields)}",
                file=file,
                field=f"{path}.{name}",
            )
        default = getattr(defaults, name)
        if dataclasses.is_dataclass(default):
            value = _settings(type(default), value, file, f"{path}.{name}")
        elif isinstance(value, list):
            value = tuple(value)
        values[name] = value
    return dataclasses.replace(defaults, **values)
