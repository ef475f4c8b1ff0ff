"""Step I: an overload opens the cell by itself."""

from solbench.acquisition.bench.commissioning.record import CutOut, Measured
from solbench.acquisition.commission.operator import Unusable
from solbench.acquisition.commission.parts import R100
from solbench.acquisition.commission.workbench import Found, Workbench, full_scale_A

COST = "nothing but dummy cells may then be driven: it is not known that an overload opens the cell"
RANGE = 5
UNDER_V, FLOWS_WITHIN = 0.01, 0.05  # 100 uA
OVER_V = 0.05  # 500 uA through 100 ohm on a range of 200 uA
WITHIN_S = 1.0
OPEN_V, OPEN_OF_RANGE = 5e-3, 1e-3


def cut_out(on: Workbench) -> Found:
    """Hold a voltage that drives more than the range takes, and see the cell open."""
    on.mount("I", R100, COST)
    pair = on.pair
    pair.prepare_voltage(UNDER_V, 0.9 * full_scale_A(RANGE) / pair.pstat.settings.range_headroom)
    zero_A = on.mean(4).current_A.value
    with on.on():
        on.wait()
        flows_A = abs(on.mean(2).current_A.value - zero_A)
        if abs(flows_A * R100.ohm / UNDER_V - 1.0) > FLOWS_WITHIN:
            raise Unusable(
                f"{UNDER_V * 1e3:.0f} mV across {R100.name} let {flows_A * 1e6:.1f} uA flow: another part is in the "
                "leads, or a lead is off"
            )
        pair.set_voltage(OVER_V)
        began_s = on.clock.now()
        seen = on.until(
            lambda one: (
                not one.overload
                and abs(one.voltage_V) < OPEN_V
                and abs(one.current_A - zero_A) < OPEN_OF_RANGE * full_scale_A(RANGE)
            ),
            WITHIN_S,
        )
        took_s = on.clock.now() - began_s
        code = pair.pstat.last_error()
    pair.pstat.link.write("CE")
    if seen is None:
        return Found(
            on.values,
            (
                f"{OVER_V * 1e3:.0f} mV across {R100.name} on a range of {full_scale_A(RANGE) * 1e6:.0f} uA did not "
                f"open the cell within {WITHIN_S:g} s: an overload stays connected",
            ),
        )
    found = CutOut(error_code=code, time_s=Measured(value=took_s, stderr=0.5 * took_s))
    return Found(on.values.model_copy(update={"cut_out": found}))
