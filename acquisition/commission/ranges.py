"""Step D: every current range drives and shows half of its full scale through a resistor, with the right sign."""

from solbench.acquisition.bench.commissioning.record import Sign, Values
from solbench.acquisition.commission.operator import NotAtHand
from solbench.acquisition.commission.parts import R1K, R1M, R10, R10K, R100, R100K, Part
from solbench.acquisition.commission.workbench import Found, Workbench
from solbench.drivers.errors import InstrumentError

COST = "nothing but dummy cells may then be driven: order and signs of the current ranges are not known"
COST_OF_ONE = "the range {range} is then not known, and left out"
PLAN: tuple[tuple[Part, int], ...] = (
    (R1M, 8),
    (R1M, 7),
    (R100K, 6),
    (R10K, 5),
    (R1K, 4),
    (R100, 3),
    (R10, 2),
)
"""The smallest currents first: whatever the order of the ranges is, no part is harmed."""
NEEDED = (3, 4, 5)
READINGS = 4
WITHIN = 5e-3
SMALL_V = 0.3  # below it the digits of the voltmeter count
WITHIN_SMALL = 1.5e-2
NOTHING = 1e-2
HELD_ON, HELD_V, HELD_WITHIN = 5, 0.5, 0.02


def ranges(on: Workbench) -> Found:
    """Drive half of each full scale both ways through a resistor that makes a volt of it."""
    problems: list[str] = []
    remarks: list[str] = []
    signs: list[Sign] = []
    mounted: Part | None = None
    for part, index in PLAN:
        if index not in on.ranges:
            continue
        try:
            if part is not mounted:
                on.mount("D", part, COST if index in NEEDED else COST_OF_ONE.format(range=index))
                mounted = part
        except NotAtHand as missing:
            if index in NEEDED:
                raise
            remarks.append(f"range {index}: {missing}")
            continue
        sign, problem = _one(on, part, index)
        if problem:
            problems.append(problem)
        if sign is not None:
            signs.append(sign)
            if index == HELD_ON and sign < 0 and not _is_held(on):
                problems.append(
                    "a voltage is not held while a current shows the wrong sign: RE1 and RE2 are exchanged at the part"
                )
    return Found(*_with_sign(on, signs, problems), tuple(remarks))


def _is_held(on: Workbench) -> bool:
    """Say whether the potentiostat holds a voltage: with exchanged references it runs away from it, and cuts out."""
    on.bench.prepare_voltage(HELD_V, 0.9 * on.full_scale_A(HELD_ON) / on.settings.range_headroom)
    with on.on():
        on.wait()
        held = on.mean(READINGS)
    return not held.overload and abs(held.voltage_V.value / HELD_V - 1.0) < HELD_WITHIN


def _one(on: Workbench, part: Part, index: int) -> tuple[Sign | None, str]:
    """Return the sign of V/I on a range, None where nothing can be said, and what is wrong."""
    bench, half_A = on.bench, 0.5 * on.full_scale_A(index)
    try:
        bench.prepare_current(half_A)
        with on.on():
            means = []
            for current_A in (half_A, -half_A):
                bench.set_current(current_A)
                on.wait()
                means.append(on.mean(READINGS))
    except InstrumentError as refused:
        return (
            None,
            f"range {index} refuses {half_A:.3g} A ({refused.what}): it is not the range that it should be",
        )
    overload = next((one.overload for one in means if one.overload), "")
    if overload:
        return None, (
            f"range {index} is overloaded by half of its full scale, {half_A:.3g} A ({overload}): this unit orders its "
            "ranges in another way, or a lead is off. No cell may be driven with it"
        )
    up, down = means
    step_A = up.current_A.value - down.current_A.value
    step_V = up.voltage_V.value - down.voltage_V.value
    if abs(step_A) < NOTHING * half_A:
        return None, (
            f"range {index} opens the cell at half of its full scale, {half_A:.3g} A: this unit orders its ranges in "
            "another way. No cell may be driven with it"
        )
    if abs(step_A / (2.0 * half_A) - 1.0) > WITHIN_SMALL:
        return None, f"range {index} drives {0.5 * step_A:.4g} A where {half_A:.4g} A were set"
    ohm = step_V / step_A
    within = WITHIN if abs(step_V) > 2.0 * SMALL_V else WITHIN_SMALL
    sign: Sign = 1 if ohm > 0.0 else -1
    if abs(abs(ohm) / part.ohm - 1.0) > within + part.tolerance:
        return sign, f"range {index} shows {abs(ohm):.5g} ohm for the part {part.name}"
    return sign, ""


def _with_sign(on: Workbench, signs: list[Sign], problems: list[str]) -> tuple[Values, tuple[str, ...]]:
    if not signs or len(set(signs)) != 1:
        return on.values, (*problems, "the ranges do not agree on the sign of the voltage")
    if not on.is_1287:  # whose voltmeter has no sign to choose
        wrong = "V/I of a resistor is negative: the sense leads are exchanged at the part"
        return on.values, (*problems, wrong) if signs[0] < 0 else tuple(problems)
    configured = on.potential_sign
    found: Sign = 1 if signs[0] * configured > 0 else -1
    return on.values.model_copy(update={"potential_sign": found}), tuple(problems)
