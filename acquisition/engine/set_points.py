"""Set means reached: what is measured is held against what was set, for as long as it is driven.

A disturbed reading decides nothing: three in turn do, from so long after a change on that any loop has settled.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.record.events import Alarm
from solbench.drivers.errors import SettingsChanged
from solbench.drivers.roles import Reading, Recoverable

SETTLED_S = 10.0
IN_TURN = 3
STAYED_IN_TURN = 8
CURRENT_OF_SET, CURRENT_OF_RANGE = 5e-3, 2e-3
VOLTAGE_V, VOLTAGE_OF_SET = 3e-3, 1e-3
VOLTAGE_OF_WAY, NOISE_V = (
    0.2,
    3e-4,
)  # of the way from open circuit; and what a voltmeter shows where nothing changes
GROSS_IN_TURN = 2
SHORT_FROM_S = 5.0
GROSS_OF_SET, GROSS_OF_RANGE = 0.05, 5e-3
FALLS_FROM = 0.1  # of a limit, by which the smallest step that an instrument can make may pass it for a while
FULL_AMPLITUDE_TO_HZ, GROSS_AMPLITUDE = 100e3 * (1.0 + 1e-6), 3.0
AMPLITUDE_OF_SET = 0.3  # peak values in place of rms ones differ by more


class Connected(NamedTuple):
    """Where a held voltage begins: what was set on the cell's open circuit, and what was read with the cell on (V)."""

    set_V: float
    read_V: float

    def has_gone(self, measured_V: float, set_V: float) -> bool:
        """Say whether a cell has gone from here to what was set: one that was opened comes back, however near that is.

        What source and voltmeter differ by was read here.
        """
        off_V = measured_V - set_V
        own_V = off_V - (self.read_V - self.set_V)
        return min(abs(off_V), abs(own_V)) <= VOLTAGE_OF_WAY * abs(set_V - self.set_V) + NOISE_V


class InTurn:
    """Counts what is wrong several times in turn."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._count = 0

    def add(self, *, wrong: bool) -> bool:
        """Take one more; return whether it is the last one of too many."""
        self._count = self._count + 1 if wrong else 0
        return self._count >= self._limit


class CurrentCheck:
    """The current must be what was set, or a lead has come off and the charge would never be reached.

    A current that is grossly wrong is told at once, by two readings in a row.
    """

    def __init__(self, current_A: float, full_scale_A: float, changed_s: float) -> None:
        self._current_A = current_A
        self._allowed_A = CURRENT_OF_SET * abs(current_A) + CURRENT_OF_RANGE * full_scale_A
        self._gross_A = GROSS_OF_SET * abs(current_A) + GROSS_OF_RANGE * full_scale_A
        self._from_s = changed_s + SETTLED_S
        self._wrong, self._gross = InTurn(IN_TURN), InTurn(GROSS_IN_TURN)

    def look(self, reading: Reading) -> None:
        """Look at one reading; raises AttentionNeeded at the last of too many in a row that are wrong."""
        off_A = abs(reading.current_A - self._current_A)
        gross = self._gross.add(wrong=off_A > self._gross_A)
        if self._wrong.add(wrong=off_A > self._allowed_A and reading.time_s >= self._from_s) or gross:
            text = (
                f"a current of {reading.current_A:.4g} A flows instead of {self._current_A:.4g} A; look for a lead "
                "that has come off CE or WE, or a cell that takes more than the compliance voltage of the instrument"
            )
            found = {"set_A": self._current_A, "measured_A": reading.current_A}
            raise AttentionNeeded(Alarm(text=text, code="current_not_reached", parameters=found))


class VoltageCheck:
    """The voltage must be what was set, or the instrument has cut out and nothing is held."""

    def __init__(self, voltage_V: float, changed_s: float, connected: Connected | None = None) -> None:
        """Take the voltage (V), when it was set (s), and where it began, None where that is not known."""
        self._voltage_V = voltage_V
        self._connected = connected
        self._from_s = changed_s + SETTLED_S
        self._wrong, self._stayed = InTurn(IN_TURN), InTurn(STAYED_IN_TURN)

    def look(self, reading: Reading) -> None:
        """Look at one reading; raises AttentionNeeded at the third in a row that is wrong.

        On a way of a millivolt noise may look like that: there it takes more of them.
        """
        is_late, measured_V, began = reading.time_s >= self._from_s, reading.voltage_V, self._connected
        is_wrong = is_late and not is_held(measured_V, self._voltage_V)
        has_stayed = is_late and began is not None and not began.has_gone(measured_V, self._voltage_V)
        if self._wrong.add(wrong=is_wrong) or self._stayed.add(wrong=is_wrong or has_stayed):
            raise not_held(reading, self._voltage_V)


class LimitCheck:
    """A current limit must hold while a voltage is held."""

    def __init__(self, limit_A: float, full_scale_A: float, falls_until_s: float = -math.inf) -> None:
        """Take limit and full scale (A); until when (s) a current that a step made may fall to its limit."""
        self._allowed_A = (1.0 + CURRENT_OF_SET) * limit_A + CURRENT_OF_RANGE * full_scale_A
        self._falls_from_A = (1.0 + FALLS_FROM) * limit_A + CURRENT_OF_RANGE * full_scale_A
        self._falls_until_s = falls_until_s
        self._beyond = InTurn(GROSS_IN_TURN)

    def is_passed(self, reading: Reading) -> bool:
        """Look at one reading; return whether it is the second in a row beyond the limit."""
        falls = reading.time_s < self._falls_until_s
        return self._beyond.add(
            wrong=abs(reading.current_A) > (self._falls_from_A if falls else self._allowed_A)
        )


class ShortCheck:
    """A current must drop at least what it drops in the electrolyte, beyond the open circuit just before it.

    What the electrodes add goes the same way, and what is left of a current before goes that way as well; so a voltage
    that passes zero by itself is no short circuit.
    """

    def __init__(self, open_V: float, current_A: float, least_ohm: float, set_s: float) -> None:
        """Take the voltage at open circuit (V), the current (A), what it must meet (ohm), and when it was set (s)."""
        self._open_V, self._current_A = open_V, current_A
        self.least_ohm = least_ohm
        self._from_s = set_s + SHORT_FROM_S
        self._short = InTurn(GROSS_IN_TURN)

    def ohm(self, reading: Reading) -> float:
        """Return what a reading shows of the resistance (ohm)."""
        return (reading.voltage_V - self._open_V) / self._current_A

    def is_shorted(self, reading: Reading) -> bool:
        """Look at one reading; return whether it is the second in a row that shows a short circuit."""
        return self._short.add(wrong=self.explains(reading))

    def explains(self, found: Reading) -> bool:
        """Say whether a sudden change to this reading is what a short circuit does; the next reading decides it."""
        return found.time_s >= self._from_s and self.ohm(found) < self.least_ohm


def is_held(measured_V: float, set_V: float, connected: Connected | None = None) -> bool:
    """Say whether a measured voltage is that which was set, and, on a short way too, has left where it began."""
    if abs(measured_V - set_V) > VOLTAGE_V + VOLTAGE_OF_SET * abs(set_V):
        return False
    return connected is None or connected.has_gone(measured_V, set_V)


def not_held(reading: Reading, set_V: float) -> AttentionNeeded:
    """Return what to raise where a voltage is not held."""
    text = (
        f"the cell is at {reading.voltage_V:.4f} V instead of {set_V:.4f} V, with {reading.current_A:.4g} A: the "
        "instrument has cut out, or a lead has come off. Look for a short circuit, a current beyond the range, and at "
        "the leads"
    )
    found = {"set_V": set_V, "measured_V": reading.voltage_V, "measured_A": reading.current_A}
    return AttentionNeeded(Alarm(text=text, code="voltage_not_reached", parameters=found))


def is_amplitude(measured: float, wanted: float, frequency_Hz: float) -> bool:
    """Say whether a measured AC amplitude is that which was set (both V or both A, rms).

    Where loops and cables take some of it, roughly.
    """
    if frequency_Hz > FULL_AMPLITUDE_TO_HZ:
        return wanted / GROSS_AMPLITUDE <= measured <= GROSS_AMPLITUDE * wanted
    return abs(measured - wanted) <= AMPLITUDE_OF_SET * wanted


def amplitude_not_reached(measured: float, wanted: float, unit: Literal["V", "A"] = "V") -> AttentionNeeded:
    """Return what to raise where another AC amplitude than the one set (both in `unit`, rms) is measured."""
    text = (
        f"the AC amplitude is {1e3 * measured:.3g} m{unit} rms instead of {1e3 * wanted:.3g} m{unit} rms: look at the "
        "cable of the analyzer's generator, at those of its inputs, at the reference leads, at gain and bandwidth of "
        "the potentiostat, and whether it has cut out"
    )
    found = {f"set_{unit}": wanted, f"measured_{unit}": measured}
    return AttentionNeeded(Alarm(text=text, code="amplitude_not_reached", parameters=found))


def require_as_set(bench: Recoverable) -> None:
    """Raise AttentionNeeded where somebody set an instrument by hand during the sweep: the points do not show it."""
    try:
        bench.verify_settings()
    except SettingsChanged as changed:
        listed = "; ".join(f"{name}: {change}" for name, change in changed.changes.items())
        text = (
            f"the instruments were set by hand while the spectrum was measured ({listed}). It is of no use: measure it "
            "again, and leave the front panels alone meanwhile"
        )
        raise AttentionNeeded(
            Alarm(text=text, code="settings_changed", parameters=dict(changed.changes))
        ) from changed
