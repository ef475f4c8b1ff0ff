"""Opening the instruments of a bench from a plain description.

Both the engine and the guardian open a bench; the guardian is to be small, so this module knows no files, no
pydantic and no simulator.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from solbench.drivers import errors
from solbench.drivers.clock import Clock, SystemClock
from solbench.drivers.links.link import Link
from solbench.drivers.roles import Equipment
from solbench.drivers.solartron.pair import Pair
from solbench.drivers.solartron.settings import PairSettings, Settings1260, Settings1287
from solbench.drivers.solartron.standalone import Standalone


class CannotOpen(Exception):
    """The instruments cannot be opened; the text says why and what to do."""


class UnknownSetting(ValueError):
    """A setting that does not exist; `path` is its place, `known` what there is."""

    def __init__(self, path: str, known: list[str]) -> None:
        super().__init__(f"there is no setting '{path}'; there are: {', '.join(known)}")
        self.path = path
        self.known = known


@dataclass(frozen=True)
class Description:
    """What is needed to open a bench, all of it plain data.

    `kind`: `visa`, `prologix` or `serial`. `addresses` and `settings` by instrument ("1260", "1287"), `settings`
    also for "pair" and "adapter": names of the drivers' settings dataclasses with SI numbers. `adapter`: address of
    the Prologix adapter.
    """

    kind: str
    addresses: dict[str, str]
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    visa_library: str = ""
    adapter: str = ""


Resources = tuple[dict[str, Any], Callable[[], None]]


@dataclass
class Opened:
    """What was opened, and how to let go of its port."""

    equipment: Equipment
    close: Callable[[], None]


def open_instruments(description: Description, clock: Clock, visa_library: Any = None) -> Opened:
    """Open the instruments; nothing is sent yet. Raises CannotOpen, UnknownSetting.

    `visa_library` replaces the description's by an object of pyvisa's kind, as a simulator in process has one.
    """
    if description.kind == "prologix":
        resources, close = _open_prologix(description, clock)
    elif description.kind == "serial":
        resources, close = _open_serial(description)
    else:
        resources, close = _open_visa(description, visa_library)
    try:
        return _opened(build_equipment(description.settings, resources, clock), close)
    except BaseException:
        close()
        raise


def warm_up(description: Description) -> None:
    """Load everything that opening will need, so that it is quick when it matters; sends and opens nothing."""
    if description.kind == "prologix":
        from solbench.drivers.links import prologix as _prologix  # noqa: F401  loaded for later
    elif description.kind == "serial":
        from solbench.drivers.links import rs423 as _rs423  # noqa: F401  loaded for later
    build_equipment(description.settings, {"1260": _Nobody(), "1287": _Nobody()}, SystemClock())


class _Nobody:
    """A resource that is never spoken to."""

    timeout = 0.0

    def write_raw(self, message: bytes) -> None:
        """Refuse."""
        raise NotImplementedError

    def read_raw(self) -> bytes:
        """Refuse."""
        raise NotImplementedError

    def read_stb(self) -> int:
        """Refuse."""
        raise NotImplementedError

    def clear(self) -> None:
        """Refuse."""
        raise NotImplementedError


def _opened(equipment: Equipment, close_port: Callable[[], None]) -> Opened:
    def close() -> None:
        for instrument in equipment.dc.instruments:
            instrument.link.local()
        close_port()

    return Opened(equipment, close)


def build_equipment(
    settings: Mapping[str, Mapping[str, Any]], resources: Mapping[str, Any], clock: Clock
) -> Equipment:
    """Make the drivers on open resources ("1260", "1287"); raises UnknownSetting."""
    fra_settings = make_settings(Settings1260, settings.get("1260", {}), "analyzer_1260.settings")
    pstat_settings = make_settings(Settings1287, settings.get("1287", {}), "potentiostat_1287.settings")
    links = (
        Link(resources["1260"], clock, "1260", fra_settings.link),
        Link(resources["1287"], clock, "1287", pstat_settings.link),
    )
    pair_settings = make_settings(PairSettings, settings.get("pair", {}), "pair")
    pair = Pair.wired(links, fra_settings, pstat_settings, pair_settings)
    return Equipment(dc=pair, impedance=pair, analyzer=Standalone(pair.fra))


def make_settings(kind: Any, given: Mapping[str, Any], path: str) -> Any:
    """Make a settings dataclass of plain values, nested ones of mappings; raises UnknownSetting."""
    known = [item.name for item in dataclasses.fields(kind)]
    defaults = kind()
    values = {}
    for name, value in given.items():
        if name not in known:
            raise UnknownSetting(f"{path}.{name}", known)
        default = getattr(defaults, name)
        if dataclasses.is_dataclass(default):
            value = make_settings(type(default), value, f"{path}.{name}")
        elif isinstance(value, list):
            value = tuple(value)
        values[name] = value
    return dataclasses.replace(defaults, **values)


def _open_visa(description: Description, visa_library: Any) -> Resources:
    import pyvisa

    manager = None
    try:
        manager = pyvisa.ResourceManager(
            visa_library if visa_library is not None else description.visa_library
        )
        addresses = description.addresses.items()
        resources = {which: manager.open_resource(address) for which, address in addresses}
    except (pyvisa.VisaIOError, OSError, ValueError) as error:
        if manager is not None:
            manager.close()
        raise CannotOpen(f"the instruments cannot be opened: {error}") from error
    return resources, manager.close


def _open_prologix(description: Description, clock: Clock) -> Resources:
    """Open one adapter for both instruments; the clock may interrupt it."""
    from solbench.drivers.links.prologix import PrologixAdapter
    from solbench.drivers.links.prologix_greeting import AdapterSettings

    settings = make_settings(AdapterSettings, description.settings.get("adapter", {}), "adapter_settings")
    try:
        adapter = PrologixAdapter(description.adapter, settings, lambda: clock.sleep_until(clock.now()))
    except errors.CannotOpen as error:
        raise CannotOpen(str(error)) from error
    try:
        resources = {which: adapter.instrument(int(one)) for which, one in description.addresses.items()}
    except (errors.CannotOpen, ValueError) as error:
        adapter.close()
        raise CannotOpen(str(error)) from error
    return resources, adapter.close


def _open_serial(description: Description) -> Resources:
    """Open the instruments' own RS-423 ports."""
    from solbench.drivers.links.rs423 import Rs423, Rs423Settings

    settings = make_settings(Rs423Settings, description.settings.get("adapter", {}), "adapter_settings")
    opened: dict[str, Rs423] = {}

    def close() -> None:
        for one in opened.values():
            one.close()

    try:
        for which, address in description.addresses.items():
            opened[which] = Rs423(address, settings)
    except errors.CannotOpen as error:
        close()
        raise CannotOpen(str(error)) from error
    return dict(opened), close
