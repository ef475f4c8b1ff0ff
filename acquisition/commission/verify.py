"""Three minutes on the dummy cell: whether a bench is still as its record says, and what has moved."""

import math
from dataclasses import dataclass

from solbench.acquisition.bench.commissioning.record import CommissioningRecord, Measured
from solbench.acquisition.commission.parts import DUMMY_CELL
from solbench.acquisition.commission.spectra.dummy_cell import KK_WITHIN, RANGE, measure_dummy
from solbench.acquisition.commission.workbench import Workbench
from solbench.drivers.solartron.fra_pair import FraPair
from solbench.protocols.errors import BadInput

COST = "nothing is verified without it"
RELATIVE = {"R0_ohm": 3e-3, "R1_ohm": 3e-3, "C1_F": 1e-2}  # of the value; a capacitor follows the temperature
INDUCTANCE_H = 0.15e-6  # 1.5 ns at 100 ohm
ZERO_OF_RANGE = 3e-4
DEVIATIONS = 3.0
READINGS = 10


@dataclass(frozen=True)
class Compared:
    """One value then and now, in its unit, and by how much it may have moved; `moved` if it has by more."""

    name: str
    unit: str
    then: float
    now: float
    allowed: float
    moved: bool

    def __str__(self) -> str:
        mark = "MOVED" if self.moved else "ok   "
        unit = f" {self.unit}" if self.unit else ""
        return f"{mark}  {self.name}: {self.then:.5g}{unit} then, {self.now:.5g}{unit} now"


def verify(on: Workbench, record: CommissioningRecord) -> tuple[Compared, ...]:
    """Measure the dummy cell and the zeros, and compare them with the record; raises BadInput where it has none.

    NotAtHand where the dummy cell is not at hand.
    """
    then = record.values.dummy_cell
    if not isinstance(on.bench, FraPair):
        raise BadInput(
            f"the {on.name} measures no spectrum of a dummy cell, by which this would be seen",
            f"Carry the steps out anew: --only {','.join(record.steps)}",
            field="--verify",
        )
    if not then:
        raise BadInput(
            "the record has no dummy cell (step H) to compare with", "Carry H out first", field="--verify"
        )
    on.values = record.values
    on.mount("H", DUMMY_CELL, COST)
    now, residual = measure_dummy(on)
    compared = [
        _element(name, then[name], now[name], share * then[name].value)
        for name, share in RELATIVE.items()
        if name in then
    ]
    if "L_H" in then:
        compared.append(_element("L_H", then["L_H"], now["L_H"], INDUCTANCE_H))
    compared.append(_compared("Kramers-Kronig residual", "", 0.0, residual, KK_WITHIN))
    return (*compared, *_zeros(on))


def _compared(name: str, unit: str, then: float, now: float, allowed: float) -> Compared:
    return Compared(name, unit, then, now, allowed, abs(now - then) > allowed)


def _element(name: str, then: Measured, now: Measured, allowed: float) -> Compared:
    what, _, unit = name.partition("_")
    noise = DEVIATIONS * math.hypot(then.stderr, now.stderr)
    shown = f"{what} (leads, lag)" if what == "L" else f"{what} of the dummy cell"
    return _compared(shown, unit, then.value, now.value, allowed + noise)


def _zeros(on: Workbench) -> list[Compared]:
    """Compare the zero of the ammeter on the range of the dummy cell, where one is known."""
    index = RANGE + on.shift
    known = on.values.ranges.get(index)
    if known is None or known.zero_A is None:
        return []
    full_A = on.full_scale_A(index)
    on.pair.prepare_current(0.5 * full_A)
    found = on.mean(READINGS).current_A
    allowed_A = ZERO_OF_RANGE * full_A + DEVIATIONS * math.hypot(found.stderr, known.zero_A.stderr)
    return [_compared(f"zero of range {index}", "A", known.zero_A.value, on.sign_A * found.value, allowed_A)]
