"""Step J: which leads are on the positive terminal, with a dry cell: a resistor cannot show it."""

from typing import Literal

from solbench.acquisition.commission.parts import DRY_CELL_100
from solbench.acquisition.commission.workbench import Found, Workbench

COST = "nothing but dummy cells may then be driven: it is not known which way a cell would be charged"
CURRENT_A, FOR_S = 1e-3, 10.0
WORKS_V = 0.8
FALLS = 0.5, 3.0  # of what 100 ohm make of the current; the dry cell adds to it
OTHER = {"ce_re1": "we_re2", "we_re2": "ce_re1"}


def polarity(on: Workbench) -> Found:
    """Look at the voltage of a dry cell, and see it fall when 1 mA is drawn."""
    on.mount("J", DRY_CELL_100, COST)
    pair = on.pair
    pair.prepare_current(CURRENT_A)
    configured = on.terminal
    turned = (on.values.potential_sign or on.potential_sign) * on.potential_sign
    rest_V = on.mean(4).voltage_V.value * turned
    if abs(rest_V) < WORKS_V:
        return Found(on.values, (f"there is {rest_V:.3f} V in the leads: the dry cell is not seen",))
    terminal: Literal["ce_re1", "we_re2"] = configured if rest_V > 0.0 else OTHER[configured]  # type: ignore[assignment]
    draws_A = -CURRENT_A if rest_V > 0.0 else CURRENT_A
    with on.on():
        pair.set_current(draws_A)
        on.wait(FOR_S)
        loaded = on.mean(4)
    fall_V = abs(rest_V) - abs(loaded.voltage_V.value)
    expected_V = CURRENT_A * DRY_CELL_100.ohm
    problems: list[str] = []
    if loaded.overload or not FALLS[0] * expected_V < fall_V < FALLS[1] * expected_V:
        problems.append(
            f"the voltage of the dry cell falls by {fall_V * 1e3:.0f} mV where {expected_V * 1e3:.0f} mV were expected"
            ": the sign of the current is wrong, or the part is another one"
        )
        return Found(on.values, tuple(problems))
    if terminal != configured:
        problems.append(
            f"the bench file has positive_terminal: {configured}, and the dry cell shows {terminal}. If it was clamped "
            "as drawn, correct the file; else clamp it the other way round; then carry this step out again"
        )
        return Found(on.values, tuple(problems))
    return Found(on.values.model_copy(update={"positive_terminal": terminal}))
