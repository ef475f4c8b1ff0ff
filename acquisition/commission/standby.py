"""Step C: the cell is held, and PW0 disconnects it, in half standby and in full."""

from solbench.acquisition.bench.commissioning.record import Measured
from solbench.acquisition.commission.parts import DRY_CELL_10K
from solbench.acquisition.commission.workbench import Found, Workbench, full_scale_A

COST = "nothing but dummy cells may then be driven: it is not known that the cell can be switched off"
RANGE = 5
READINGS = 4
HELD_V, WITHIN = 5e-3, 0.02  # of 0 V, and of the current that 10 kohm let flow
FROM_REST_V = 5e-3
OFF_OF_RANGE = 1e-3
WITHIN_S = 2.0
WORKS_V = 0.8  # less is no dry cell


def standby(on: Workbench) -> Found:
    """Hold a dry cell behind 10 kohm at 0 V, switch it off, and see it rest; twice."""
    on.mount("C", DRY_CELL_10K, COST)
    pair = on.pair
    problems: list[str] = []
    times: list[float] = []
    for kind in ("half", "full"):
        pair.prepare_voltage(0.0, 0.9 * full_scale_A(RANGE) / pair.pstat.settings.range_headroom)
        rest = on.mean(READINGS)
        rest_V, zero_A = rest.voltage_V.value, rest.current_A.value
        if abs(rest_V) < WORKS_V:
            return Found(on.values, (f"there is {rest_V:.3f} V in the leads: the dry cell is not seen",))
        expected_A = abs(rest_V) / DRY_CELL_10K.ohm
        with on.on():
            on.wait()
            held = on.mean(READINGS)
            pair.pstat.standby = kind
            began_s = on.clock.now()
        pair.pstat.standby = "half"  # in full standby nothing can be read
        seen = on.until(
            lambda one, zero_A=zero_A, rest_V=rest_V: (  # type: ignore[misc]
                abs(one.current_A - zero_A) < OFF_OF_RANGE * full_scale_A(RANGE)
                and abs(one.voltage_V - rest_V) < FROM_REST_V
            ),
            WITHIN_S,
        )
        times.append(on.clock.now() - began_s)
        flows_A = abs(held.current_A.value - zero_A)
        if held.overload or abs(held.voltage_V.value) > HELD_V or abs(flows_A / expected_A - 1.0) > WITHIN:
            problems.append(
                f"held at 0 V there are {held.voltage_V.value * 1e3:.1f} mV and {flows_A * 1e6:.1f} uA {held.overload} "
                f"where {expected_A * 1e6:.1f} uA were expected: the 1287 does not hold what is in its leads"
            )
        if seen is None:
            problems.append(
                f"after PW0 in {kind} standby the leads do not show {rest_V:.3f} V and no current within {WITHIN_S:g} s"
                ": the cell may still be connected; press STANDBY, and let the 1287 drive no cell"
            )
    found = on.values.model_copy(
        update={"time_to_off_s": Measured(value=max(times), stderr=max(times) / 2.0)}
    )
    return Found(found, tuple(problems))
