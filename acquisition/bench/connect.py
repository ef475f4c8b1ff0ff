"""Opening the instruments of a bench from a plain description.

Both the engine and the guardian open a bench; the guardian is to be small, so this module knows no files, no
pydantic and no simulator.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from solbench.acquisition.bench.models import MODELS, make_settings
from solbench.acquisition.bench.moving_port import MovingPort
from solbench.drivers import errors
from solbench.drivers.clock import Clock, SystemClock
from solbench.drivers.links.ear import Ear
from solbench.drivers.links.link import Link, LinkSettings
from solbench.drivers.links.wire import Resource
from solbench.drivers.roles import Equipment
from solbench.drivers.thermometer import Thermometer

GAUGE_LINK = LinkSettings(reply_timeout_s=1.0)  # the cell is not watched while a gauge is waited for


class CannotOpen(Exception):
    """The instruments cannot be opened; the text says why and what to do."""


@dataclass(frozen=True)
class Description:
    """What is needed to open a bench, all of it plain data.

    `kind`: `visa`, `prologix` or `serial`. `addresses` and `settings` by instrument, `settings` also for "adapter"
    and for what a model calls its own ("pair"): names of the drivers' settings dataclasses with SI numbers.
    `adapter`: address of the Prologix adapter. `model`: one of `MODELS`. `gauges`: what is read beside the cell, with
    its address, and how often in s; a guardian needs none.
    """

    kind: str
    addresses: dict[str, str]
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    visa_library: str = ""
    adapter: str = ""
    model: str = "solartron"
    gauges: tuple[tuple[str, str, float], ...] = ()


@dataclass(frozen=True)
class OpenPorts:
    """The open resources, how to let go of them, and where the adapter is now."""

    resources: Mapping[str, Resource]
    close: Callable[[], None]
    where: Callable[[], str] = str


@dataclass
class Opened:
    """What was opened, how to let go of its port, and where that is now."""

    equipment: Equipment
    close: Callable[[], None]
    port: Callable[[], str] = str


def open_instruments(
    description: Description,
    clock: Clock,
    visa_library: Any = None,
    *,
    ear: Callable[[str], Ear] | None = None,
    resource: Callable[[str], Resource] | None = None,
) -> Opened:
    """Open the instruments; nothing is sent yet. Raises CannotOpen, UnknownSetting.

    `visa_library` replaces the description's by an object of pyvisa's kind, as a simulator in process has one. `ear`
    makes what hears the wire of a name; `resource` gives that of a name, so that nothing is opened.
    """
    addresses = description.addresses | {_gauge(name): address for name, address, _ in description.gauges}
    described = replace(description, addresses=addresses)
    if resource is not None:
        opened = OpenPorts({name: resource(name) for name in addresses}, lambda: None)
    elif description.kind == "prologix":
        opened = _open_prologix(described, clock)
    elif description.kind == "serial":
        opened = _open_serial(described)
    else:
        opened = _open_visa(described, visa_library)
    resources = opened.resources
    try:
        equipment = MODELS[description.model].build(description.settings, resources, clock)
        gauges = tuple(
            Thermometer(Link(resources[_gauge(name)], clock, name, GAUGE_LINK), every_s)
            for name, _, every_s in description.gauges
        )
        if ear is not None:
            for instrument in equipment.dc.instruments:
                instrument.link.heard_by(ear(instrument.name))
            for gauge in gauges:
                gauge.link.heard_by(ear(_gauge(gauge.name)))
        return _with_local(replace(equipment, gauges=gauges), opened)
    except BaseException:
        opened.close()
        raise


def ports_of(description: Description) -> list[str]:
    """Return the serial ports of a bench, by their present names; none of a bench without."""
    if description.kind == "prologix":
        return [description.adapter]
    return list(description.addresses.values()) if description.kind == "serial" else []


def at_ports(description: Description, ports: Mapping[str, str]) -> Description:
    """Return the bench with other names of its ports: `ports` by the names that it has."""
    if description.kind == "prologix":
        return replace(description, adapter=ports.get(description.adapter, description.adapter))
    if description.kind == "serial":
        addresses = {name: ports.get(port, port) for name, port in description.addresses.items()}
        return replace(description, addresses=addresses)
    return description


def _gauge(name: str) -> str:
    return f"gauge {name}"  # an instrument may have the same name


def warm_up(description: Description) -> None:
    """Load everything that opening will need, so that it is quick when it matters; sends and opens nothing."""
    if description.kind == "prologix":
        from solbench.drivers.links import prologix as _prologix  # noqa: F401  loaded for later
    elif description.kind == "serial":
        from solbench.drivers.links import rs423 as _rs423  # noqa: F401  loaded for later
    model = MODELS[description.model]
    model.build(description.settings, dict.fromkeys(model.fields, NeverUsed()), SystemClock())


class NeverUsed:
    """A resource that is never spoken to."""

    timeout: float = 0.0

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


def _with_local(equipment: Equipment, ports: OpenPorts) -> Opened:
    def close() -> None:
        for instrument in equipment.dc.instruments:
            instrument.link.local()
        ports.close()

    return Opened(equipment, close, ports.where)


def _open_visa(description: Description, visa_library: Any) -> OpenPorts:
    import pyvisa

    manager = None
    try:
        manager = pyvisa.ResourceManager(
            visa_library if visa_library is not None else description.visa_library
        )
        addresses = description.addresses.items()
        resources = {which: _alone(manager, address) for which, address in addresses}
    except CannotOpen:
        if manager is not None:
            manager.close()
        raise
    except (pyvisa.VisaIOError, OSError, ValueError) as error:
        if manager is not None:
            manager.close()
        raise CannotOpen(f"the instruments cannot be opened: {_problem(error)}") from error
    return OpenPorts(resources, manager.close)


def _problem(error: Exception) -> str:
    """Return what a VISA library says as one line; where it is pyvisa-py that asks for another library, which ones."""
    said = " ".join(str(error).split())
    if "gpib-ctypes" not in said:
        return said
    return (
        "pyvisa-py is in use here, and reaches no GPIB card by itself. Install NI-VISA, Keysight IO "
        "Libraries, or linux-gpib with gpib-ctypes; solbench doctor looks for them"
    )


def _alone(manager: Any, address: str) -> Resource:
    """Open an instrument with VISA's own lock, which keeps other programs away where the library has one."""
    import pyvisa
    from pyvisa.constants import AccessModes, StatusCode

    try:
        return cast(Resource, manager.open_resource(address, access_mode=AccessModes.exclusive_lock))
    except pyvisa.VisaIOError as error:
        if error.error_code in (StatusCode.error_resource_locked, StatusCode.error_resource_busy):
            raise CannotOpen(
                f"another program has locked {address} through VISA. Close it, then try again"
            ) from error
        if error.error_code not in (
            StatusCode.error_nonsupported_operation,
            StatusCode.error_invalid_access_mode,
        ):
            raise
        return cast(Resource, manager.open_resource(address))


def _open_prologix(description: Description, clock: Clock) -> OpenPorts:
    """Open one adapter for both instruments; the clock may interrupt it."""
    from solbench.drivers.links.prologix import PrologixAdapter
    from solbench.drivers.links.prologix_greeting import AdapterSettings

    settings = make_settings(AdapterSettings, description.settings.get("adapter", {}), "adapter_settings")
    try:
        port = MovingPort(description.adapter)
        adapter = PrologixAdapter(
            description.adapter, settings, lambda: clock.sleep_until(clock.now()), port.open
        )
    except errors.CannotOpen as error:
        raise CannotOpen(str(error)) from error
    try:
        resources = {which: adapter.instrument(int(one)) for which, one in description.addresses.items()}
    except (errors.CannotOpen, ValueError) as error:
        adapter.close()
        raise CannotOpen(str(error)) from error
    return OpenPorts(resources, adapter.close, lambda: port.address)


def _open_serial(description: Description) -> OpenPorts:
    """Open the instruments' own RS-423 ports."""
    from solbench.drivers.links.rs423 import Rs423, Rs423Settings

    settings = make_settings(Rs423Settings, description.settings.get("adapter", {}), "adapter_settings")
    opened: dict[str, Rs423] = {}
    ports = [MovingPort(address) for address in description.addresses.values()]

    def close() -> None:
        for one in opened.values():
            one.close()

    try:
        for which, port in zip(description.addresses, ports, strict=True):
            opened[which] = Rs423(port.address, settings, port.open)
    except errors.CannotOpen as error:
        close()
        raise CannotOpen(str(error)) from error
    return OpenPorts(dict(opened), close, lambda: ", ".join(port.address for port in ports))
