"""Drivers on told dialogues, and on a pair of fakes that answer whatever the drivers ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from solbench.drivers.links.link import Link
from solbench.drivers.solartron.corrections import Corrections
from solbench.drivers.solartron.pair import Pair
from solbench.drivers.solartron.settings import PairSettings, Settings1260, Settings1287
from solbench.drivers.solartron.solartron1260 import Solartron1260
from solbench.drivers.solartron.solartron1287 import Solartron1287
from tests.drivers.dialogue import READY, Dialogue, FakeClock, Step, time_out


def pstat_on(resource: object, clock: FakeClock, settings: Settings1287 | None = None) -> Solartron1287:
    settings = settings or Settings1287(positive_terminal="ce_re1")
    return Solartron1287(Link(resource, clock, "1287", settings.link), settings)


def pair_on(
    resource_1260: object,
    resource_1287: object,
    clock: FakeClock,
    settings: PairSettings | None = None,
    settings_1287: Settings1287 | None = None,
    corrections: Corrections | None = None,
) -> Pair:
    of_1260, of_1287 = Settings1260(), settings_1287 or Settings1287(positive_terminal="ce_re1")
    links = Link(resource_1260, clock, "1260", of_1260.link), Link(resource_1287, clock, "1287", of_1287.link)
    return Pair.wired(links, of_1260, of_1287, settings, corrections)


def fra_on(resource: object, clock: FakeClock, settings: Settings1260 | None = None) -> Solartron1260:
    settings = settings or Settings1260()
    return Solartron1260(Link(resource, clock, "1260", settings.link), settings)


@contextmanager
def pstat_bench(steps: Sequence[Step], settings: Settings1287 | None = None) -> Iterator[Solartron1287]:
    dialogue = Dialogue(steps)
    yield pstat_on(dialogue, FakeClock(), settings)
    dialogue.finish()


@contextmanager
def fra_bench(steps: Sequence[Step], settings: Settings1260 | None = None) -> Iterator[Solartron1260]:
    dialogue = Dialogue(steps)
    yield fra_on(dialogue, FakeClock(), settings)
    dialogue.finish()


@dataclass
class FakeInstrument:
    """Answers as far as the drivers ask, and writes everything into a log it shares with the other one."""

    name: str
    log: list[tuple[str, str]]
    clock: FakeClock
    voltage_V: float = 0.3
    current_A: float = 0.0
    dead: bool = False
    results: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.timeout = 0.0
        self.values: dict[str, str] = {"VA": "0", "VB": "0", "FR": "1000", "RR": "5"}
        self.reply: bytes | None = None

    def write_raw(self, message: bytes) -> int:
        self._alive()
        command = message.decode("ascii")
        self.log.append((self.name, command))
        self.reply = None
        if command.startswith("?") or command.endswith("?"):
            self.reply = self._answer(command).encode() + b"\r\n"
        elif command == "RU1":
            self.reply = f"{self.voltage_V:+.5E},{self.current_A:+.5E},00,00\r\n".encode()
        elif command in ("SI", "DO"):
            result = f"{float(self.values['FR']):+.7E},+1.0000E+00,-1.0000E+00,0,00\r\n".encode()
            self.reply = self.results.pop(0) if self.results else result
        else:
            self.values[command[:2]] = command[2:]
        return len(message)

    def read_raw(self) -> bytes:
        self._alive()
        if self.reply is None:
            self.clock.time_s += 0.05
            raise time_out()
        reply, self.reply = self.reply, None
        return reply

    def read_stb(self) -> int:
        self._alive()
        return READY if self.reply else 0

    def clear(self) -> None:
        self._alive()
        self.log.append((self.name, "<clear>"))
        self.reply = None

    def reconnect(self, clock: object, within_s: float) -> None:
        self._alive()

    def _alive(self) -> None:
        if self.dead:
            self.clock.time_s += 0.05
            raise time_out()

    def _answer(self, command: str) -> str:
        if command == "*IDN?":
            return "SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE ANALYZER, 0, 0"
        if command == "?ER":
            return "00"
        if command == "?VN":
            return "1.20"
        value = self.values.get(command[1:], "0")
        return f"{float(value):+.4E}" if command in ("?VA", "?VB") else value


@dataclass
class FakePair:
    """A pair on two fake instruments with one log and one clock."""

    pair: Pair
    fra: FakeInstrument
    pstat: FakeInstrument
    clock: FakeClock
    log: list[tuple[str, str]]

    def sent_since(self, mark: int) -> list[str]:
        """What was sent since the log had `mark` lines, as "1287 PW0"."""
        return [f"{name} {command}" for name, command in self.log[mark:]]


def fake_pair(
    settings: PairSettings | None = None,
    pstat_settings: Settings1287 | None = None,
    initialise: bool = True,
    corrections: Corrections | None = None,
) -> FakePair:
    clock, log = FakeClock(), []
    fra, pstat = FakeInstrument("1260", log, clock), FakeInstrument("1287", log, clock)
    pair = pair_on(fra, pstat, clock, settings, pstat_settings, corrections)
    bench = FakePair(pair, fra, pstat, clock, log)
    if initialise:
        pair.initialise()
        log.clear()
    return bench


def measure_of(
    replies: list[str],
    settings: PairSettings | None = None,
    amplitude_V: float = 0.03,
    corrections: Corrections | None = None,
):
    """Return the pair of a spectrum at RR4 that is on, and a fake 1260 that answers SI with these lines."""
    bench = fake_pair(settings, corrections=corrections)
    bench.pair.prepare_impedance(amplitude_V, 0.0, 4)
    bench.pair.on()
    bench.pair.apply_ac()
    bench.log.clear()
    bench.fra.results = [line.encode() for line in replies]
    return bench
