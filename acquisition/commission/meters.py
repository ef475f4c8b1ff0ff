"""Step B: the zeros of both meters, and the voltmeter against another one."""

from solbench.acquisition.bench.commissioning.record import Measured, RangeRecord, Values
from solbench.acquisition.commission.operator import NotAtHand
from solbench.acquisition.commission.parts import DRY_CELL, SHORT_BAR
from solbench.acquisition.commission.workbench import Found, Workbench

COST = "the zeros of the meters are then not known: 0.1 mV, and some 10 ppm of a range, stay in every reading"
READINGS = 16
ZERO_V = 1e-3  # the voltmeter's digit is 0.1 mV
ZERO_OF_RANGE = 1e-3
OF_READING, AND_V = 2e-3, 1e-3  # between its voltmeter and another one


def meters(on: Workbench) -> Found:
    """Read the zeros with shorted leads, on every range; then a dry cell beside another voltmeter."""
    on.mount("B", SHORT_BAR, COST)
    pair = on.pair
    pair.prepare_current(on.full_scale_A(5) / 2.0)
    zero_V = on.mean(READINGS).voltage_V
    problems: list[str] = []
    if abs(zero_V.value) > ZERO_V:
        problems.append(
            f"the voltmeter shows {zero_V.value * 1e3:.2f} mV with its leads shorted: look for a thermal voltage or "
            f"a bad contact, or have the {on.name} adjusted"
        )
    ranges = dict(on.values.ranges)
    for index in on.ranges:
        pair.change_range(index)
        zero_A = on.mean(READINGS).current_A
        if abs(zero_A.value) > ZERO_OF_RANGE * on.full_scale_A(index):
            problems.append(f"the ammeter shows {zero_A.value:.3g} A on range {index} with the cell off")
        known = ranges.get(index, RangeRecord())
        ranges[index] = known.model_copy(update={"zero_A": _turned(zero_A, on.sign_A)})
    found = on.values.model_copy(update={"zero_V": _turned(zero_V, on.sign_V), "ranges": ranges})
    remarks = _beside_another(on, found, problems)
    return Found(found, tuple(problems), remarks)


def _beside_another(on: Workbench, found: Values, problems: list[str]) -> tuple[str, ...]:
    """Compare the voltmeter with another one on a dry cell, where there is one."""
    try:
        on.mount("B", DRY_CELL, "the voltmeter is then compared with nothing")
    except NotAtHand as missing:  # the zeros count all the same
        return (f"{missing}: the voltmeter was compared with nothing",)
    other_V = on.operator.number("What does another voltmeter show across the dry cell?", "V")
    if other_V is None:
        return ("the voltmeter was compared with no other one",)
    zero_V = found.zero_V.value * on.sign_V if found.zero_V is not None else 0.0
    shown_V = on.mean(READINGS).voltage_V.value - zero_V
    if abs(abs(shown_V) - abs(other_V)) > OF_READING * abs(other_V) + AND_V:
        problems.append(f"the {on.name} shows {shown_V:.4f} V where another voltmeter shows {other_V:.4f} V")
    return ()


def _turned(one: Measured, sign: float) -> Measured:
    return Measured(value=sign * one.value, stderr=one.stderr)
