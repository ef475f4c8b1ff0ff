"""The start of a session with a Prologix adapter: end a half-sent command, set it up, read its version."""

import time
from dataclasses import dataclass, field

from solbench.drivers.errors import CannotOpen
from solbench.drivers.links.ports import Pause, Port, SerialSettings

EMPTY_LINES = b"\n\n"  # end a command that a program which died left half-sent
AGAIN_S = 0.5
QUIET_S = 0.02
SET_UP_EOS = 3


@dataclass(frozen=True)
class AdapterSettings:
    """How an adapter is used.

    `read_timeout_ms`: how long `++read eoi` waits for each character (Prologix takes 1 to 3000). A command sent
    meanwhile waits as long, so it is short, and the question is repeated.
    `late_s`: after read_timeout_ms and this (host time) nothing of a reading is under way any more.
    `open_s`: longest wait for the connection, and then for its first answer; an adapter that starts when its USB
    port is opened takes 2 s.
    `silent_s`: an adapter that owes an answer of its own for so long is taken for lost.
    `serial`: of the USB port; the adapters take any baud rate.
    """

    read_timeout_ms: int = 40
    late_s: float = 0.02
    open_s: float = 3.0
    silent_s: float = 2.0
    serial: SerialSettings = field(default_factory=SerialSettings)


def greet(port: Port, address: str, settings: AdapterSettings, pause: Pause) -> bytes:
    """Set the adapter up and return its version line; raises CannotOpen, OSError."""
    until_s = time.perf_counter() + settings.open_s
    heard = b""
    while (now_s := time.perf_counter()) < until_s:
        port.write(EMPTY_LINES + set_up(settings) + b"++ver\n++ver\n")
        again_s = min(until_s, now_s + AGAIN_S)
        while time.perf_counter() < again_s:
            more = port.read(QUIET_S)
            heard += more
            if not more and (line := heard_twice(heard)):
                return line
            pause()
    raise CannotOpen(address, *_no_adapter(heard))


def set_up(settings: AdapterSettings) -> bytes:
    """Return the commands that an adapter needs before anything else."""
    commands = (
        "savecfg 0",  # first, otherwise every setting wears out the adapter's memory
        "mode 1",
        "auto 0",  # with 1, instruments that have nothing to send are addressed to talk
        "eoi 1",
        f"eos {SET_UP_EOS}",
        f"read_tmo_ms {settings.read_timeout_ms}",
        "eot_enable 0",
        "ifc",
    )
    return b"".join(f"++{one}\n".encode("ascii") for one in commands)


def heard_twice(heard: bytes) -> bytes:
    """Return the last line if it came twice in a row and can be an adapter's version, otherwise b"".

    Twice, because a port may still hold lines that an earlier program did not read; those are numbers.
    """
    lines = heard.split(b"\n")
    if len(lines) < 3 or lines[-1] or lines[-2] != lines[-3]:
        return b""
    text = lines[-2].strip()
    return b"" if not text or text.startswith(b"++") or text.isdigit() else lines[-2] + b"\n"


def _no_adapter(heard: bytes) -> tuple[str, str]:
    """Return as text what is there instead of an adapter, and the remedy."""
    if not heard:
        return "nothing there answers ++ver", "Check that it is a Prologix adapter, its power and its cable"
    if b"++ver" in heard:
        return "it sends back what it receives", "Check that the port is not looped; an adapter does not echo"
    return f"it says {heard[-40:]!r}, which no Prologix adapter does", "Check which device has this port"
