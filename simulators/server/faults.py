"""Faults of a served bench by name, as the control channel and a fault file order them.

A fault file (YAML or JSON) holds a list; each entry says after how many seconds of experiment time it happens:

    faults:
      - {after_s: 600, fault: drop_replies, instrument: "1287", count: 2}
      - {after_s: 900, fault: dead, instruments: ["1260"]}
      - {after_s: 960, fault: alive}

fault               details
leads               loose_reference, loose_counter, swapped, loose_generator (true or false each; none of them mends
                    all)
dead                instruments (a list; both where none is named): they do not respond
mute                instruments: they hear and obey, and say nothing
alive               ends `dead` and `mute`
power_cycle         instrument: it is switched off and on and has lost its settings
tear_replies        instrument, count: the second half of each of the next replies is lost
drop_replies        instrument, count: the next replies are lost
garble_replies      instrument, count: one character of each of the next replies is spoilt
alter_readings      instrument, place (from 0), character, after, count: in the next readings after so many others
                    one character is another one that is as good
stick_status        instrument, status: each serial poll shows this byte; 256 ends that
cut_out             the 1287 goes to standby by itself
pol_gain            direct (true or false): the POL input of the 1287 adds at x1, or at x0.01, whatever is set
keep_on             the cut-out of the 1287 fails from now on
weld_relay          the relay of the cell sticks: nothing opens it from now on
refuse              instrument, command (such as PV), error: the command is refused until `accept`
accept              instrument, command: ends `refuse`
overload            instrument, count: the next readings are marked overloaded
wrong_frequency     count: the 1260 names another frequency than its own
drop_connection     cuts the adapter's connections, or unplugs the USB adapter for a moment
refuse_connections  for_s: the adapter takes no new connection for so many seconds of host time
unplug              for_s: both of these
hang                for_s: the adapter does nothing for so many seconds of host time
"""

from collections.abc import Callable
from typing import Any, Protocol

from solbench.simulators.server.box import Box
from solbench.simulators.server.bus import ServedBus
from solbench.simulators.unchecked import Block

NO_STATUS = 256  # no byte: ends a stuck one


class FaultError(ValueError):
    """A fault that there is not, or whose details are wrong; the text says what there is."""


class Door(Protocol):
    """How clients come to the adapter."""

    @property
    def name(self) -> str:
        """Get what a client opens."""
        ...

    def drop(self) -> None:
        """Cut all connections."""

    def refuse(self, for_s: float) -> None:
        """Take no new connection for `for_s` seconds of host time."""

    def close(self) -> None:
        """Stop."""


class _Details:
    """The details of one order to a bench with these `instruments`, each to be taken once."""

    def __init__(self, order: Block, instruments: tuple[str, ...]) -> None:
        self._left = dict(order)
        self._names = instruments
        self._fault = self._left.pop("fault", None)

    def _wrong(self, name: str, wanted: str) -> FaultError:
        return FaultError(f"the fault {self._fault} takes {name}: {wanted}")

    def boolean(self, name: str) -> bool:
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def count(self) -> int:
        return self.whole("count", least=1, usual=1)

    def whole(self, name: str, *, least: int = 0, usual: int | None = None) -> int:
        value = self._left.pop(name, usual)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self._wrong(name, f"a whole number, {least} or more")
        return value

    def character(self) -> str:
        value = self._left.pop("character", None)
        if not isinstance(value, str | int) or len(str(value)) != 1 or not str(value).isascii():
            raise self._wrong("character", "one character, such as 7 or '-'")
        return str(value)

    def seconds(self) -> float:
        value = self._left.pop("for_s", None)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value < 1e9:
            raise self._wrong("for_s", "seconds of host time")
        return float(value)

    def instrument(self) -> str:
        value = str(self._left.pop("instrument", ""))
        if value not in self._names:
            raise self._wrong("instrument", " or ".join(self._names))
        return value

    def instruments(self) -> list[str]:
        value = self._left.pop("instruments", list(self._names))
        if not isinstance(value, list) or not value or not {str(name) for name in value} <= set(self._names):
            raise self._wrong("instruments", "a list of " + ", ".join(self._names))
        return [str(name) for name in value]

    def command(self) -> str:
        value = self._left.pop("command", None)
        if not isinstance(value, str) or not value:
            raise self._wrong("command", "a command code such as PV")
        return value

    def error(self) -> int:
        value = self._left.pop("error", None)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 99:
            raise self._wrong("error", "the code that ?ER is to say, 1 to 99")
        return value

    def done(self) -> None:
        if self._left:
            raise FaultError(f"the fault {self._fault} takes no {', '.join(sorted(self._left))}")


class FaultPanel:
    """Arms faults of bench and adapter."""

    def __init__(self, bus: ServedBus, box: Box, door: Door) -> None:
        self._bus = bus
        faults = bus.bench.faults
        self._makers: dict[str, Callable[[_Details], Callable[[], None]]] = {
            "leads": self._leads,
            "dead": lambda d: _call(faults.kill, *d.instruments()),
            "mute": lambda d: _call(faults.mute, *d.instruments()),
            "alive": lambda d: faults.revive,
            "power_cycle": lambda d: _call(bus.bench.power_cycle, d.instrument()),
            "tear_replies": lambda d: _call(faults.tear_replies, d.instrument(), d.count()),
            "drop_replies": lambda d: _call(faults.drop_replies, d.instrument(), d.count()),
            "garble_replies": lambda d: _call(faults.garble_replies, d.instrument(), d.count()),
            "alter_readings": self._alter_readings,
            "stick_status": self._stick_status,
            "cut_out": lambda d: faults.cut_out,
            "pol_gain": lambda d: _call(faults.stick_pol_gain, 1.0 if d.boolean("direct") else 0.01),
            "keep_on": lambda d: faults.keep_on,
            "weld_relay": lambda d: faults.weld,
            "refuse": lambda d: _call(faults.refuse, d.instrument(), d.command(), d.error()),
            "accept": lambda d: _call(faults.accept, d.instrument(), d.command()),
            "overload": lambda d: _call(faults.overload, d.instrument(), d.count()),
            "wrong_frequency": lambda d: _call(faults.wrong_frequency, d.count()),
        }
        self._door_makers: dict[str, Callable[[_Details], Callable[[], None]]] = {
            "drop_connection": lambda d: door.drop,
            "refuse_connections": lambda d: _call(door.refuse, d.seconds()),
            "unplug": lambda d: _unplug(door, d.seconds()),
            "hang": lambda d: _call(box.hang, d.seconds()),
        }

    @property
    def names(self) -> list[str]:
        """Get the names of all faults."""
        return [*self._makers, *self._door_makers]

    def prepare(self, order: Block) -> Callable[[], None]:
        """Check an order and return what arms it; raises FaultError."""
        name, details = order.get("fault"), _Details(order, self._bus.bench.faults.instruments)
        if isinstance(name, str) and name in self._makers:
            action = self._makers[name](details)
            details.done()
            return lambda: self._on_bench(action)
        if isinstance(name, str) and name in self._door_makers:
            action = self._door_makers[name](details)
            details.done()
            return action
        raise FaultError(f"there is no fault '{name}'; there are: {', '.join(self.names)}")

    def arm(self, order: Block) -> None:
        """Arm a fault at once; raises FaultError."""
        self.prepare(order)()

    def _on_bench(self, action: Callable[[], None]) -> None:
        with self._bus.changed:
            self._bus.bench.bus.settle()
            action()
            self._bus.changed.notify_all()

    def _alter_readings(self, details: _Details) -> Callable[[], None]:
        faults = self._bus.bench.faults
        name, place, character = details.instrument(), details.whole("place"), details.character()
        count, after = details.count(), details.whole("after", usual=0)
        return lambda: faults.alter_readings(name, place, character, count=count, after=after)

    def _stick_status(self, details: _Details) -> Callable[[], None]:
        name, status = details.instrument(), details.whole("status")
        return _call(self._bus.bench.faults.stick_status, name, status if status < NO_STATUS else None)

    def _leads(self, details: _Details) -> Callable[[], None]:
        faults = self._bus.bench.faults
        reference, counter = details.boolean("loose_reference"), details.boolean("loose_counter")
        swapped, generator = details.boolean("swapped"), details.boolean("loose_generator")
        return lambda: faults.set_leads(
            loose_reference=reference, loose_counter=counter, swapped=swapped, loose_generator=generator
        )


def _call(function: Callable[..., None], *arguments: Any) -> Callable[[], None]:
    return lambda: function(*arguments)


def _unplug(door: Door, for_s: float) -> Callable[[], None]:
    def unplug() -> None:
        door.refuse(for_s)
        door.drop()

    return unplug
