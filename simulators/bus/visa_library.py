"""The door through which a program reaches the simulated bench: a VISA library for pyvisa, in process."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from contextlib import nullcontext
from math import inf
from typing import Any, NoReturn, Protocol

from pyvisa import constants, errors, highlevel, rname
from pyvisa.constants import ResourceAttribute, StatusCode
from pyvisa.typing import VISAEventContext, VISARMSession, VISASession

from solbench.simulators.bus.gpib import BOARD, BusTimeout, NoListener, bus_number

_INFINITE_MS = constants.VI_TMO_INFINITE
_names = itertools.count(1)
_OK = StatusCode.success
_TERMINATED = StatusCode.success_termination_character_read
_FULL = StatusCode.success_max_count_read
_MANAGER = VISARMSession(1)
_NO_WARNINGS = nullcontext()


class Wire(Protocol):
    """What a library needs of a bus; `solbench.simulators.bus.gpib.Bus` is one. Time-outs raise BusTimeout."""

    def write(self, address: int, data: bytes, ends: bool, timeout_s: float) -> None:
        """Send bytes to an instrument; raises NoListener."""

    def read(self, address: int, count: int, stop: bytes | None, timeout_s: float) -> tuple[bytes, bool]:
        """Get up to `count` bytes, to the byte `stop` at most, and whether EOI came with the last."""
        ...

    def serial_poll(self, address: int, timeout_s: float) -> int:
        """Get an instrument's status byte."""
        ...

    def device_clear(self, address: int) -> None:
        """Empty an instrument's input and output; raises NoListener."""

    def trigger(self, address: int) -> None:
        """Send an instrument the group execute trigger; raises NoListener."""

    def wait_for_request(self, address: int, timeout_s: float) -> None:
        """Return when an instrument requests service; raises NoListener."""


class _Session:
    """An open resource: its number on the bus, its attributes, and those that every transfer looks at."""

    __slots__ = ("address", "attributes", "key", "stop", "timeout_s", "writes_end")

    def __init__(self, address: int, name: str) -> None:
        self.address = address
        self.key = ""  # of a shared lock
        self.timeout_s = 2.0
        self.stop: bytes | None = None
        self.writes_end = True
        self.attributes: dict[int, Any] = {
            ResourceAttribute.timeout_value: 2000,
            ResourceAttribute.termchar: 10,
            ResourceAttribute.termchar_enabled: constants.VI_FALSE,
            ResourceAttribute.send_end_enabled: constants.VI_TRUE,
            ResourceAttribute.suppress_end_enabled: constants.VI_FALSE,
            ResourceAttribute.interface_type: constants.InterfaceType.gpib,
            ResourceAttribute.interface_number: address // BOARD,
            ResourceAttribute.resource_name: name,
            ResourceAttribute.resource_class: "INSTR",
            ResourceAttribute.resource_manufacturer_name: "Solbench simulated bench",
            ResourceAttribute.resource_lock_state: constants.AccessModes.no_lock,
            ResourceAttribute.gpib_primary_address: address % BOARD,
            ResourceAttribute.gpib_secondary_address: constants.VI_NO_SEC_ADDR,
            ResourceAttribute.gpib_readdress_enabled: constants.VI_TRUE,
            ResourceAttribute.gpib_unadress_enable: constants.VI_FALSE,
            ResourceAttribute.gpib_ren_state: constants.LineState.asserted,
            ResourceAttribute.interface_instrument_name: f"GPIB{address // BOARD} (simulated bench)",
            ResourceAttribute.io_prot: constants.IOProtocol.normal,
            ResourceAttribute.resource_manager_session: _MANAGER,
        }

    def set(self, attribute: int, value: Any) -> None:
        """Change an attribute and what follows from it."""
        known = self.attributes
        known[attribute] = value
        milliseconds = known[ResourceAttribute.timeout_value]
        self.timeout_s = inf if milliseconds == _INFINITE_MS else milliseconds / 1000.0
        enabled = known[ResourceAttribute.termchar_enabled]
        self.stop = bytes([known[ResourceAttribute.termchar]]) if enabled else None
        self.writes_end = bool(known[ResourceAttribute.send_end_enabled])


class SimulatedVisaLibrary(highlevel.VisaLibraryBase):
    """A VISA library whose only resources are the instruments of one simulated bench.

    Time-outs run in the wire's time. A read that nothing can ever answer, without a time-out, times out too.
    The minor addresses, which only talk, can be opened and are not listed: a bus finds its listeners.
    """

    _bus: Wire
    _listed: tuple[str, ...]
    _addresses: dict[str, int]

    @classmethod
    def of(cls, bus: Wire, names: Iterable[str]) -> SimulatedVisaLibrary:
        """Make the library of a bus; `names` are the instruments' resource names."""
        library = cls(f"simulated bench {next(_names)}")
        assert isinstance(library, SimulatedVisaLibrary)
        library.attach(bus, names)
        return library

    def attach(self, bus: Wire, names: Iterable[str]) -> None:
        """Connect the library to a bus whose instruments have these resource names."""
        self._bus = bus
        self._listed = tuple(names)
        majors = [(name, bus_number(name)) for name in self._listed]
        minors = [(name.replace(f"::{n % BOARD}::", f"::{n % BOARD + 1}::"), n + 1) for name, n in majors]
        self._addresses = dict(majors + minors)
        self._sessions = {}
        self._handles = itertools.count(2)

    _sessions: dict[int, _Session]
    _handles: itertools.count[int]

    # sessions

    def open_default_resource_manager(self) -> tuple[VISARMSession, StatusCode]:
        """Give the one session of the resource manager."""
        self._last_status_in_session[_MANAGER] = _OK
        return _MANAGER, _OK

    def list_resources(self, session: VISARMSession, query: str = "?*::INSTR") -> tuple[str, ...]:
        """Get the names of the bench's instruments that match a VISA expression."""
        return tuple(rname.filter(self._listed, query))

    def open(
        self,
        session: VISARMSession,
        resource_name: str,
        access_mode: constants.AccessModes = constants.AccessModes.no_lock,
        open_timeout: int = constants.VI_TMO_IMMEDIATE,
    ) -> tuple[VISASession, StatusCode]:
        """Open an instrument; raises VisaIOError where no instrument has this name, or another session has its lock.

        Of the locks of VISA (VPP-4.3, viOpen) the exclusive one excludes other sessions that ask for it too.
        """
        name = str(rname.ResourceName.from_string(_upper(resource_name)))
        if name not in self._addresses:
            raise errors.VisaIOError(StatusCode.error_resource_not_found)
        opened = _Session(self._addresses[name], name)
        if access_mode == constants.AccessModes.exclusive_lock:
            state, taken = ResourceAttribute.resource_lock_state, constants.AccessModes.exclusive_lock
            others = (one for one in self._sessions.values() if one.address == opened.address)
            if any(one.attributes[state] == taken for one in others):
                raise errors.VisaIOError(StatusCode.error_resource_locked)
            opened.attributes[state] = taken
        handle = VISASession(next(self._handles))
        self._sessions[handle] = opened
        self._last_status_in_session[handle] = _OK
        return handle, _OK

    def close(self, session: Any) -> StatusCode:
        """Forget a session, and its lock with it."""
        self._sessions.pop(session, None)
        return _OK

    def parse_resource_extended(
        self, session: VISARMSession, resource_name: str
    ) -> tuple[highlevel.ResourceInfo, StatusCode]:
        """Get the parts of a name, in which capitals and blanks around it mean nothing (VPP-4.3, 4.3.1)."""
        return super().parse_resource_extended(session, _upper(resource_name))

    # locks

    def lock(
        self, session: VISASession, lock_type: Any, timeout: int, requested_key: str | None = None
    ) -> tuple[str, StatusCode]:
        """Lock a resource for this session; gives the key of a shared lock, "" of an exclusive one.

        Raises VisaIOError where another session's lock excludes it: nobody else can unlock it while a program of one
        thread waits here.
        """
        opened = self._sessions[session]
        wanted = constants.AccessModes(lock_type)
        for other in self._sharing(opened):
            state = other.attributes[ResourceAttribute.resource_lock_state]
            shares = wanted == state == constants.AccessModes.shared_lock and other.key == requested_key
            if state != constants.AccessModes.no_lock and not shares:
                self._fail(session, StatusCode.error_resource_locked)
        is_shared = wanted == constants.AccessModes.shared_lock
        opened.key = (requested_key or f"key {session}") if is_shared else ""
        opened.attributes[ResourceAttribute.resource_lock_state] = wanted
        return opened.key, _OK

    def unlock(self, session: VISASession) -> StatusCode:
        """Give the lock of a session back; raises VisaIOError where it has none."""
        opened = self._sessions[session]
        if opened.attributes[ResourceAttribute.resource_lock_state] == constants.AccessModes.no_lock:
            self._fail(session, StatusCode.error_session_not_locked)
        opened.attributes[ResourceAttribute.resource_lock_state] = constants.AccessModes.no_lock
        return _OK

    def _sharing(self, opened: _Session) -> list[_Session]:
        """Get the other sessions of the same resource."""
        return [one for one in self._sessions.values() if one.address == opened.address and one is not opened]

    # transfers

    def write(self, session: VISASession, data: bytes) -> tuple[int, StatusCode]:
        """Send bytes; raises VisaIOError when no device listens, or one holds the bus too long."""
        opened = self._sessions[session]
        try:
            self._bus.write(opened.address, data, opened.writes_end, opened.timeout_s)
        except NoListener:
            self._fail(session, StatusCode.error_no_listeners)
        except BusTimeout:
            self._fail(session, StatusCode.error_timeout)
        return len(data), _OK

    def read(self, session: VISASession, count: int) -> tuple[bytes, StatusCode]:
        """Get bytes up to EOI, the termination character or `count`; raises VisaIOError on a time-out."""
        opened = self._sessions[session]
        try:
            chunk, ended = self._bus.read(opened.address, count, opened.stop, opened.timeout_s)
        except BusTimeout:
            self._fail(session, StatusCode.error_timeout)
        status = _OK if ended else _FULL
        if opened.stop is not None and chunk.endswith(opened.stop):
            status = _TERMINATED
        self._last_status_in_session[session] = status
        return chunk, status

    def read_stb(self, session: VISASession) -> tuple[int, StatusCode]:
        """Poll the status byte; raises VisaIOError."""
        opened = self._sessions[session]
        try:
            return self._bus.serial_poll(opened.address, opened.timeout_s), _OK
        except BusTimeout:
            self._fail(session, StatusCode.error_timeout)

    def clear(self, session: VISASession) -> StatusCode:
        """Send the selected device clear; raises VisaIOError when no device listens."""
        try:
            self._bus.device_clear(self._sessions[session].address)
        except NoListener:
            self._fail(session, StatusCode.error_no_listeners)
        return _OK

    def assert_trigger(self, session: VISASession, protocol: constants.TriggerProtocol) -> StatusCode:
        """Send the group execute trigger; raises VisaIOError when no device listens."""
        try:
            self._bus.trigger(self._sessions[session].address)
        except NoListener:
            self._fail(session, StatusCode.error_no_listeners)
        return _OK

    def gpib_control_ren(self, session: VISASession, mode: Any) -> StatusCode:
        """Do nothing: the instruments have no front panel that could be locked."""
        return _OK

    def flush(self, session: VISASession, mask: constants.BufferOperation) -> StatusCode:
        """Do nothing: there are no buffers on this side of the bus."""
        return _OK

    def _fail(self, session: VISASession, status: StatusCode) -> NoReturn:
        self._last_status_in_session[session] = status
        raise errors.VisaIOError(status)

    def ignore_warning(self, session: Any, *warnings_constants: StatusCode) -> Any:
        """Do nothing: a status that is no error is given back here, and never warned of."""
        return _NO_WARNINGS

    # attributes and events

    def get_attribute(self, session: Any, attribute: Any) -> tuple[Any, StatusCode]:
        """Get an attribute; raises VisaIOError where a GPIB instrument has none such."""
        try:
            return self._sessions[session].attributes[attribute], _OK
        except KeyError:
            raise errors.VisaIOError(StatusCode.error_nonsupported_attribute) from None

    def set_attribute(self, session: Any, attribute: Any, attribute_state: Any) -> StatusCode:
        """Set an attribute; raises VisaIOError where a GPIB instrument has none such."""
        opened = self._sessions[session]
        if attribute not in opened.attributes:
            raise errors.VisaIOError(StatusCode.error_nonsupported_attribute)
        opened.set(attribute, attribute_state)
        return _OK

    def enable_event(self, session: Any, event_type: Any, mechanism: Any, context: None = None) -> StatusCode:
        """Accept the service request, the only event here; raises VisaIOError for another."""
        if event_type != constants.EventType.service_request:
            raise errors.VisaIOError(StatusCode.error_invalid_event)
        return _OK

    def wait_on_event(self, session: Any, in_event_type: Any, timeout: int) -> tuple[Any, Any, StatusCode]:
        """Wait `timeout` ms for the instrument's service request; raises VisaIOError when none comes."""
        try:
            timeout_s = inf if timeout == _INFINITE_MS else timeout / 1000.0
            self._bus.wait_for_request(self._sessions[session].address, timeout_s)
        except (BusTimeout, NoListener):
            self._fail(session, StatusCode.error_timeout)
        return constants.EventType.service_request, VISAEventContext(0), _OK

    def disable_event(self, session: Any, event_type: Any, mechanism: Any) -> StatusCode:
        """Do nothing: an event is waited for, never delivered."""
        return _OK

    def discard_events(self, session: Any, event_type: Any, mechanism: Any) -> StatusCode:
        """Do nothing: no event is kept."""
        return _OK


def _upper(name: str) -> str:
    """Get a name without blanks around it, in capitals; pyvisa takes "instr " for a secondary address."""
    return re.sub(r"::INSTR\s*::INSTR$", "::INSTR", name.strip().upper())
