"""Finds instruments: possible places, the instruments that answer there, and problems as text.

Nothing is switched: `OT1` has lines end so that they can be read, `*IDN?`, `?VN` and `?ER` are queried, adapters are
set up and asked for their version. No device clear is sent: what it does to a 1287 that is on is not known.
"""

import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

from solbench.drivers.clock import Clock, SystemClock
from solbench.drivers.errors import BusError, CannotOpen, DriverError, NoReply
from solbench.drivers.links.link import Link, LinkSettings
from solbench.drivers.links.prologix import PrologixAdapter
from solbench.drivers.links.wire import Resource

Kind = Literal["1260", "1287", "EC301", "2400", "adapter", "other", "nothing", "port"]

ANSWER_S = 0.3
GREETING = "OT1"  # CR LF and EOI: a unit just switched on may end its lines without (1287 manual p. 83)
QUESTIONS = ("*IDN?", "?VN")
USUAL_ADDRESSES = (
    4,
    6,
    2,
    8,
    12,
    10,
    14,  # seen in programs for these instruments; only even ones speak ASCII
    24,  # a Keithley 2400 as it is sold (A), then a 2450 (A), and other makes (D)
    18,
    23,
)
IN_IDENTITY: tuple[tuple[str, Kind], ...] = (
    ("1260", "1260"),
    ("1255", "1260"),  # the same family: 1255B
    ("EC301", "EC301"),
    ("MODEL 24", "2400"),  # 2400 to 2450
)
LAKE_SHORE = {
    (0x1FB9, 0x0300): "335",
    (0x1FB9, 0x0301): "336",
}  # USB vendor and product, as its maker's library has them
GPIB_ADDRESSES = range(31)
NO_UNITS = "Check that the instruments are on and the GPIB cable is plugged in at both ends"
SAYS_LF = "its terminator switches say LF: it ignores commands that end with EOI alone"
SAYS_EOI = "its terminator switches do not say LF, as the bench file does"
EOI_CURE = "Take write_termination out of the bench file"
LF_CURE = (
    "Set the rear switches F1 and F2 both to on (EOI) and switch it off and on, or write "
    'settings: {link: {write_termination: "\\n"}} into the bench file'
)


@dataclass(frozen=True)
class Found:
    """The finding at one place: `kind` as far as it is known, its answer, what is wrong, and the remedy.

    `address` as written in a bench file: a VISA address, a port, or a GPIB number behind `adapter`.
    `write_termination` is the line end to which the unit responded.
    """

    address: str
    kind: Kind
    identity: str = ""
    problem: str = ""
    cure: str = ""
    adapter: str = ""
    write_termination: str = ""

    @property
    def is_healthy(self) -> bool:
        """Get whether nothing is wrong with it."""
        return not self.problem


@dataclass(frozen=True)
class SerialCandidate:
    """A serial port of this PC: its name, and the operating system's description."""

    device: str
    description: str
    vendor: int | None
    product: int | None


def serial_candidates() -> list[SerialCandidate]:
    """Return the serial ports of this PC; nothing is opened."""
    from serial.tools import list_ports

    return [
        SerialCandidate(port.device, port.description or "", port.vid, port.pid)
        for port in list_ports.comports()
        if port.vid is not None or "ttyS" not in port.device  # empty sockets of the board
    ]


def known_by_usb(candidate: SerialCandidate) -> Found | None:
    """Return what a port is that its USB numbers tell by themselves, None for any other; nothing is opened."""
    model = LAKE_SHORE.get((candidate.vendor or 0, candidate.product or 0))
    if model is None:
        return None
    gauge = f"lakeshore: {{connection: {candidate.device}, model: '{model}'}}"
    return Found(candidate.device, "other", f"Lake Shore {model}; among the gauges of a bench file {gauge}")


def visa_candidates(manager: Any) -> list[str]:
    """Return the GPIB resources that a pyvisa manager lists; none if it cannot list them."""
    with suppress(Exception), warnings.catch_warnings():  # backends raise and warn as they like
        warnings.simplefilter("ignore")
        return [name for name in manager.list_resources("GPIB?*") if name.upper().startswith("GPIB")]
    return []


def identify(
    resource: Resource, address: str, clock: Clock | None = None, write_termination: str = ""
) -> Found:
    """Identify the instrument at a resource, with the bench file's line end and the other one (EOI alone, LF).

    A broken connection is also a finding; raises Interrupted only.
    """
    clock = clock or SystemClock()
    try:
        for attempt, termination in enumerate((write_termination, "" if write_termination else "\n")):
            if found := _who(resource, address, termination, clock, after_others=attempt > 0):
                if found.is_healthy and termination != write_termination:
                    problem, cure = (SAYS_LF, LF_CURE) if termination else (SAYS_EOI, EOI_CURE)
                    return replace(found, problem=problem, cure=cure)
                return found
    except BusError as error:
        return Found(address, "nothing", "", f"the connection broke: {error.__cause__}", NO_UNITS)
    return Found(address, "nothing", "", "nothing answers at this address", NO_UNITS)


def look_behind(adapter: PrologixAdapter, addresses: Iterable[int] = USUAL_ADDRESSES) -> list[Found]:
    """Identify the instruments behind an adapter; a silent bus and a lost adapter are findings too."""
    found: list[Found] = []
    for number in addresses:
        one = identify(adapter.instrument(number), str(number))
        if one.kind != "nothing":
            found.append(replace(one, adapter=adapter.address))
        if not adapter.is_open:
            break
    if not adapter.is_alive():
        problem, cure = "the adapter stopped answering", "Check its power and its cable, then try again"
        return [*found, Found(adapter.address, "adapter", adapter.version, problem, cure)]
    if not found:
        problem = "the adapter is there, but nobody on its bus answers"
        return [Found(adapter.address, "adapter", adapter.version, problem, NO_UNITS)]
    return [Found(adapter.address, "adapter", adapter.version), *found]


def look_at_port(
    address: str,
    addresses: Iterable[int] = USUAL_ADDRESSES,
    opener: Callable[[str], PrologixAdapter] = PrologixAdapter,
) -> list[Found]:
    """Look for an adapter at `socket://host:1234` or a serial port, and behind it."""
    try:
        adapter = opener(address)
    except CannotOpen as error:
        return [Found(address, "port", "", error.problem, error.cure)]
    try:
        return look_behind(adapter, addresses)
    finally:
        adapter.close()


def look_at_visa(manager: Any, addresses: Iterable[str] | None = None) -> list[Found]:
    """Identify the instruments at the GPIB resources of a pyvisa manager (None: those it lists)."""
    return [_at_visa(manager, one) for one in (visa_candidates(manager) if addresses is None else addresses)]


def expect(found: Found, which: Literal["1260", "1287"]) -> Found:
    """Return the finding with an error if the instrument that answers is not `which`."""
    if found.kind == which or found.kind == "nothing":
        return found
    problem = f"at this address answers {found.identity!r}, not a {which}"
    cure = f"Look at the address switches at the rear of the {which}, and at the address in the bench file"
    return replace(found, problem=problem, cure=cure)


def _who(
    resource: Resource, address: str, termination: str, clock: Clock, *, after_others: bool
) -> Found | None:
    """Query with one kind of line end; None if nothing came back.

    `after_others`: what was sent with the other line end may lie in the instrument as half a command, which the
    first thing that is sent now completes to something unknown.
    """
    link = Link(resource, clock, address, LinkSettings(write_termination=termination), greeting=GREETING)
    if after_others:
        with suppress(NoReply):
            link.write(GREETING)
    for question in QUESTIONS:
        with suppress(NoReply):
            kind, identity = _kind(question, link.query(question, ANSWER_S))
            if after_others or question != QUESTIONS[0]:
                link.write("CE")  # the error of what it does not know (1287 manual section 6)
            problem, cure = _stranger(kind, identity)
            return Found(address, kind, identity, problem, cure, write_termination=termination)
    return None


def _kind(question: str, answer: str) -> tuple[Kind, str]:
    """Return which instrument gives this answer; identities differ between firmware versions."""
    for text, kind in IN_IDENTITY:
        if text in answer:
            return kind, answer
    if question == "?VN" and answer.strip():  # the 1287 certainly knows this one, unlike *IDN?
        return "1287", f"1287 {answer.strip()}"
    if "1287" in answer:
        return "1287", answer
    return "other", answer


def _stranger(kind: Kind, identity: str) -> tuple[str, str]:
    if kind == "other":
        return f"another instrument answers here: {identity!r}", "Choose another address for one of the two"
    return "", ""


def _at_visa(manager: Any, address: str) -> Found:
    try:
        resource = manager.open_resource(address)
    except Exception as error:  # noqa: BLE001 - backends differ; any error goes into the finding
        return Found(address, "nothing", "", f"it cannot be opened: {error}", NO_UNITS)
    try:
        return identify(resource, address)
    except DriverError as error:
        return Found(address, "nothing", "", str(error), NO_UNITS)
    finally:
        resource.close()
