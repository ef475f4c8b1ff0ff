"""A cell driven by a voltage source behind a resistor: a generator's output, or IR compensation (negative)."""

import warnings

from solbench.simulators.electronics.cell_port import Cell

_LARGEST_CHANGE_V = 2e-3  # of the cell's voltage in one step
_FIRST_STEP_S = 1e-3
_SHORTEST_STEP_S = 1e-6
_FIRST_GUESS_S = 1e-4  # conductance
_TINY_S, _MOST_TINY = (
    1e-3,
    5000,
)  # so many tries of steps as short as that in one stretch, and the rest is followed
_COARSE_S = 0.01  # in steps of this length at least
_CLOSE_V = 1e-9
_AGREED_V = 1e-6
_MOST_ROUNDS = 30


class SeriesResistor:
    """A resistor between an ideal source and the cell; its voltage and the cell's add up to the source's.

    A negative resistance stands for positive feedback. It is stable as long as the cell's own ohmic
    resistance is the larger one; beyond that no current solves the circuit.
    """

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._step_s = _FIRST_STEP_S

    def current_A(self, source_V: float, resistance_ohm: float) -> float | None:
        """Get the current now, A; None where positive feedback has no stable current."""

        def excess_V(current_A: float) -> float:
            return self._cell.voltage(current_A) + resistance_ohm * current_A - source_V

        before_A, before_V = 0.0, excess_V(0.0)
        if abs(before_V) < _CLOSE_V:
            return 0.0
        now_A = -_FIRST_GUESS_S * before_V
        for _ in range(_MOST_ROUNDS):
            now_V = excess_V(now_A)
            if abs(now_V) < _CLOSE_V:
                return now_A
            slope_ohm = (now_V - before_V) / (now_A - before_A)
            if slope_ohm <= 0.0:
                return None
            before_A, before_V, now_A = now_A, now_V, now_A - now_V / slope_ohm
        return now_A

    def advance(self, dt_s: float, source_V: float, resistance_ohm: float) -> bool:
        """Let `dt_s` pass; False, and no time has passed, where the circuit has no stable current.

        Over each step the cell is held at its mean voltage, which the mean current through the resistor
        fixes; a step in which the voltage changes by more than 2 mV is halved. A cell that changes so fast that this
        comes to no end is followed in longer steps, and a `RuntimeWarning` says so.
        """
        begin_A = self.current_A(source_V, resistance_ohm)
        left_s, shortest_s, tiny = dt_s, _SHORTEST_STEP_S, 0
        while begin_A is not None and left_s > 0.0:
            step_s = min(self._step_s, left_s)
            tiny += step_s <= _TINY_S
            if tiny == _MOST_TINY and shortest_s < _COARSE_S:
                self._step_s = shortest_s = _COARSE_S
                step_s = min(self._step_s, left_s)
                warnings.warn(
                    f"a simulated cell beside or behind {resistance_ohm:.3g} ohm changes too fast to be followed: the "
                    f"charge of {left_s:.3g} s is that of steps of {_COARSE_S:g} s, and may be off",
                    RuntimeWarning,
                    stacklevel=2,
                )
            before = self._cell.state()
            self._take_step(step_s, source_V, resistance_ohm, begin_A)
            end_A = self.current_A(source_V, resistance_ohm)
            change_V = abs(resistance_ohm * ((end_A or 0.0) - begin_A))
            if change_V > _LARGEST_CHANGE_V and step_s > shortest_s:
                self._cell.restore(before)
                self._step_s = 0.5 * step_s
                continue
            left_s -= step_s
            begin_A = end_A
            if change_V < 0.5 * _LARGEST_CHANGE_V:
                self._step_s = max(self._step_s, 2.0 * step_s)
        return left_s < dt_s

    def _take_step(self, step_s: float, source_V: float, resistance_ohm: float, begin_A: float) -> None:
        """Find the mean voltage at which the charge of the step agrees with the drop on the resistor."""
        before = self._cell.state()
        held_V = source_V - resistance_ohm * begin_A
        last: tuple[float, float] | None = None
        for _ in range(_MOST_ROUNDS):
            mean_A = self._cell.advance_voltage(step_s, held_V) / step_s
            off_V = held_V + resistance_ohm * mean_A - source_V
            if abs(off_V) < _AGREED_V or (last is not None and off_V == last[1]):
                return
            self._cell.restore(before)
            slope = 1.0 if last is None else (off_V - last[1]) / (held_V - last[0])
            last = held_V, off_V
            held_V -= off_V / slope
        self._cell.advance_voltage(step_s, held_V)
