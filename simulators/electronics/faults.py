"""What can go wrong on the bench, to be switched on by a test or a practice run."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass

INSTRUMENTS = ("1260", "1287")
EXPONENT = slice(22, 25)  # of the current in a line of the 1287, +p.pppppE+pp,+p.pppppE+pp,00,00


@dataclass(frozen=True, slots=True)
class Leads:
    """How the leads are laid.

    loose_reference, loose_counter: RE1 and CE are off. swapped: all at the cell are clamped the other way round;
    swapped_references: RE1 and RE2 alone. loose_generator: that from the 1260's generator to the 1287 is off.
    loose_inputs: those to V1 (1) and V2 (2) of the 1260 that are off.
    """

    loose_reference: bool = False
    loose_counter: bool = False
    swapped: bool = False
    swapped_references: bool = False
    loose_generator: bool = False
    loose_inputs: frozenset[int] = frozenset()


@dataclass
class _Altered:
    """A character that is put in the place of another in `count` readings, after `after` others."""

    place: int
    character: str
    count: int
    after: int


class Faults:
    """Faults of bus, instruments and leads. Leads act at once; the others at the next message.

    `active` says whether any bus or instrument fault is armed, so that a healthy bench pays one look.
    """

    def __init__(self, leads_changed: Callable[[], None]) -> None:
        self.leads_changed = leads_changed
        self.active = False
        self.instruments: tuple[str, ...] = INSTRUMENTS
        self.leads = Leads()  # whoever lays them anew has the stage updated
        self.dead: set[str] = set()
        self.muted: set[str] = set()
        self._dropped = _none()
        self._torn = _none()
        self._garbled = _none()
        self._errors: dict[tuple[str, str], int] = {}
        self._overloads = _none()
        self._wrong_frequencies = 0
        self._altered: defaultdict[str, list[_Altered]] = defaultdict(list)
        self._stuck: dict[str, int] = {}
        self._decades = _none()
        self._repeated: dict[str, bytes] = {}
        self.cuts_out = False
        self.never_cuts_out = False
        self.welded = False
        self.pol_gain: float | None = None
        self.readings = _none()  # how many lines of results were sent while a fault was armed

    def set_leads(
        self,
        *,
        loose_reference: bool = False,
        loose_counter: bool = False,
        swapped: bool = False,
        loose_generator: bool = False,
    ) -> None:
        """Pull the RE1, the CE or the generator's lead off, or clamp all the other way round; no argument mends all."""
        self.leads = Leads(loose_reference, loose_counter, swapped, loose_generator=loose_generator)
        self.leads_changed()

    def stick_pol_gain(self, gain: float | None) -> None:
        """Let the POL input of the 1287 add at this gain, whatever `PI` says; None ends it."""
        self.pol_gain = gain
        self.leads_changed()

    def kill(self, *names: str) -> None:
        """Make instruments dead to the bus (both when none is named); the cell stays as it is connected."""
        self.dead = set(names or self.instruments)
        self.active = True

    def mute(self, *names: str) -> None:
        """Let instruments hear and obey, but say nothing and show nothing to say (both when none is named).

        Their newest answer is there when `revive` ends it: late, perhaps behind another question.
        """
        self.muted = set(names or self.instruments)
        self.active = True

    def revive(self) -> None:
        """Let every instrument answer again."""
        self.dead = set()
        self.muted = set()

    def drop_replies(self, name: str, count: int = 1) -> None:
        """Lose the next `count` messages of an instrument."""
        self._dropped[name] = count
        self.active = True

    def tear_replies(self, name: str, count: int = 1) -> None:
        """Lose the second half of each of the next `count` messages of an instrument."""
        self._torn[name] = count
        self.active = True

    def garble_replies(self, name: str, count: int = 1) -> None:
        """Spoil one character in each of the next `count` messages of an instrument."""
        self._garbled[name] = count
        self.active = True

    def alter_readings(
        self, name: str, place: int, character: str, *, count: int = 1, after: int = 0
    ) -> None:
        """Put `character` at `place` (from 0) of each of the next `count` lines of results, after `after` others.

        The line stays one that the instrument might have sent: a digit, a sign or an exponent is another. Several may
        be ordered, each counts for itself.
        """
        self._altered[name].append(_Altered(place, character, count, after))
        self.active = True

    def shift_current(self, name: str, decades: int) -> None:
        """Send each current with its point shifted by so many decades, as of another range; 0 ends it."""
        self._decades[name] = decades
        self.active = True

    def repeat_readings(self, name: str, *, repeated: bool = True) -> None:
        """Let an instrument answer each reading with the line of the next one, or no longer."""
        self._repeated.pop(name, None)
        if repeated:
            self._repeated[name] = b""
            self.active = True

    def stick_status(self, name: str, status: int | None) -> None:
        """Let an instrument answer each serial poll with this status byte; None ends that."""
        if status is None:
            self._stuck.pop(name, None)
        else:
            self._stuck[name] = status
            self.active = True

    def cut_out(self) -> None:
        """Let the 1287 go to standby by itself, and say nothing about it."""
        self.cuts_out = True
        self.leads_changed()

    def keep_on(self, *, never_cuts_out: bool = True) -> None:
        """Let the off-limit action of the 1287 fail: no current beyond the limit opens the cell, or is limited."""
        self.never_cuts_out = never_cuts_out
        self.leads_changed()

    def weld(self, *, welded: bool = True) -> None:
        """Let the contacts of the cell's relay stick, so that nothing opens it, or come free again."""
        self.welded = welded

    def refuse(self, name: str, code: str, error: int) -> None:
        """Let an instrument refuse a command code (such as `PV`) with `error` until `accept`."""
        self._errors[name, code] = error
        self.active = True

    def accept(self, name: str, code: str) -> None:
        """End what `refuse` began."""
        self._errors.pop((name, code), None)

    def accept_all(self) -> None:
        """End all that `refuse` began."""
        self._errors.clear()

    def overload(self, name: str, count: int = 1) -> None:
        """Mark the next `count` readings of an instrument as overloaded."""
        self._overloads[name] = count
        self.active = True

    def wrong_frequency(self, count: int = 1) -> None:
        """Let the 1260 name another frequency than its own in the next `count` result lines."""
        self._wrong_frequencies = count
        self.active = True

    def error_of(self, name: str, code: str) -> int:
        """Get the error that a command is to be refused with, or 0."""
        return self._errors.get((name, code), 0)

    def takes_overload(self, name: str) -> bool:
        """Say whether this reading is to be marked overloaded, and count it."""
        return _take(self._overloads, name)

    def takes_wrong_frequency(self) -> bool:
        """Say whether this result is to name a wrong frequency, and count it."""
        wrong = self._wrong_frequencies > 0
        self._wrong_frequencies -= wrong
        return wrong

    def spoil(self, name: str, reply: bytes) -> bytes:
        """Get what is left of a reply: nothing, a garbled line, or all of it."""
        if _take(self._dropped, name):
            return b""
        if _take(self._torn, name):
            return reply[: len(reply) // 2]
        if _take(self._garbled, name):
            return reply[:3] + b"?" + reply[4:]
        return self._alter(name, reply) if b"," in reply else reply

    def _alter(self, name: str, line: bytes) -> bytes:
        self.readings[name] += 1
        for altered in self._altered[name]:
            if altered.after > 0:
                altered.after -= 1
            elif altered.count > 0:
                altered.count -= 1
                character = altered.character.encode("ascii")
                line = line[: altered.place] + character + line[altered.place + 1 :]
        if self._decades[name]:
            exponent = int(line[EXPONENT]) + self._decades[name]
            line = line[: EXPONENT.start] + b"%+03d" % exponent + line[EXPONENT.stop :]
        if name in self._repeated:
            line = self._repeated[name] = self._repeated[name] or line
        return line

    def status_of(self, name: str, status: int) -> int:
        """Get the status byte that a serial poll shows in place of `status`."""
        return 0 if name in self.muted else self._stuck.get(name, status)


def _none() -> Counter[str]:
    return Counter()


def _take(counts: Counter[str], name: str) -> bool:
    if counts[name] <= 0:
        return False
    counts[name] -= 1
    return True
