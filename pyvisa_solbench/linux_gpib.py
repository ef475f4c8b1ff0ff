"""What Python programs for linux-gpib import as `Gpib`, on the instruments of a bench.

    import Gpib
    fra = Gpib.Gpib(0, 4)
    fra.write(b"*IDN?")
    print(fra.read(100))

The methods and the codes of the time-outs are those of linux-gpib's user manual.
"""

from __future__ import annotations

from typing import Any

import pyvisa
from pyvisa import constants
from pyvisa.errors import VisaIOError

# T1000s is 17, TNONE 0; each in ms
TIMEOUTS_MS = (
    None,
    1,
    1,
    1,
    1,
    1,
    3,
    10,
    30,
    100,
    300,
    1000,
    3000,
    10_000,
    30_000,
    100_000,
    300_000,
    1_000_000,
)
T10s = 13


class GpibError(Exception):
    """A transfer failed: nobody listens or talks, or not in time."""


class Gpib:
    """The instrument at the primary address `pad` of the board `name`; raises GpibError where there is none.

    `timeout`: a code, see `TIMEOUTS_MS`. A message ends with EOI where `send_eoi`; a read ends at EOI, at a full count,
    or at the low byte of `eos_mode` where REOS (0x400) is in it.
    """

    def __init__(
        self,
        name: int = 0,
        pad: int | None = None,
        sad: int = 0,
        timeout: int = T10s,
        send_eoi: int = 1,
        eos_mode: int = 0,
    ) -> None:
        if pad is None:
            raise GpibError("a board is no instrument: name the address, as in Gpib(0, 4)")
        try:
            self._resource: Any = pyvisa.ResourceManager().open_resource(f"GPIB{name}::{pad}::INSTR")
        except VisaIOError as error:
            raise GpibError(str(error)) from error
        self._set(constants.ResourceAttribute.send_end_enabled, int(bool(send_eoi)))
        self.timeout(timeout)
        if eos_mode & 0x400:
            self._set(constants.ResourceAttribute.termchar, eos_mode & 0xFF)
            self._set(constants.ResourceAttribute.termchar_enabled, constants.VI_TRUE)

    def timeout(self, value: int) -> None:
        """Set the time-out by its code; raises GpibError for what is none."""
        if value not in range(len(TIMEOUTS_MS)):
            raise GpibError(
                f"{value} is no code of a time-out: 0 to {len(TIMEOUTS_MS) - 1}, and {T10s} is 10 s"
            )
        self._resource.timeout = TIMEOUTS_MS[value]

    def write(self, data: bytes | str) -> None:
        """Send bytes; raises GpibError."""
        raw = data.encode("latin-1") if isinstance(data, str) else data
        self._try(lambda: self._resource.write_raw(raw))

    def read(self, count: int = 512) -> bytes:
        """Get up to `count` bytes; raises GpibError."""
        visa, session = self._resource.visalib, self._resource.session
        found: bytes = self._try(lambda: visa.read(session, count)[0])
        return found

    def clear(self) -> None:
        """Send a selected device clear."""
        self._try(self._resource.clear)

    def trigger(self) -> None:
        """Send a group execute trigger."""
        self._try(self._resource.assert_trigger)

    def rsp(self) -> int:
        """Get the status byte of a serial poll."""
        return int(self._try(self._resource.read_stb))

    serial_poll = rsp

    def close(self) -> None:
        """Let go of the instrument."""
        self._resource.close()

    def _set(self, attribute: constants.ResourceAttribute, value: int) -> None:
        self._resource.set_visa_attribute(attribute, value)

    def _try(self, transfer: Any) -> Any:
        try:
            return transfer()
        except VisaIOError as error:
            raise GpibError(str(error)) from error
