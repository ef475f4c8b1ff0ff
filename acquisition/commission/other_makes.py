"""Steps as the other makes carry them out: what an EC301 or a 2400 can show on the same parts as a 1287.

They have no standby to choose and no gains of their outputs, and an overload does not open the cell: it is told, and
what drives it is limited.
"""

import cmath
import math

import numpy as np

from solbench.acquisition.bench.commissioning.record import CutOut, Measured, Sign
from solbench.acquisition.commission import signs, standby
from solbench.acquisition.commission.operator import Unusable
from solbench.acquisition.commission.parts import DRY_CELL_10K, R1K, R100
from solbench.acquisition.commission.talk import LOST, ROUNDS, point_s
from solbench.acquisition.commission.workbench import Found, Workbench

HELD_A = 1.8e-4  # 10 kohm let 150 uA of a dry cell flow
LIMIT_RANGE = 4  # 1 mA
LIMIT_COST = "nothing but dummy cells may then be driven: it is not known whether an overload is reported"
FLOWS, OVER, FLOWS_WITHIN = 0.5, 2.5, 0.05  # of full scale
MOST = 2.5  # full scales that an instrument lets flow at its limit
WITHIN_S = 1.0


def talk(on: Workbench) -> Found:
    """Ask a hundred questions, and, where there is a 1260, measure with its generator at zero."""
    on.bench.initialise()
    instruments = on.bench.instruments
    for one in instruments:
        one.link.incidents.take()
    for _ in range(2 * ROUNDS // len(instruments)):
        for one in instruments:
            one.identity()
            one.last_error()
    lost = [found for one in instruments for found in one.link.incidents.take() if found.code in LOST]
    problems = (
        [
            f"{len(lost)} of {4 * ROUNDS} answers were lost or damaged, the first one of the {lost[0].instrument} to "
            f"'{lost[0].command}': look at cables, adapter and addresses"
        ]
        if lost
        else []
    )
    _ = on.bench.measure()
    values = on.values.model_copy(
        update={"status_bits": {one.name: one.link.result_mask for one in instruments}}
    )
    if on.has_fra:
        taken_s, rate = point_s(on)
        values = values.model_copy(update={"overhead_s": taken_s, "byte_rate_per_s": {on.fra.name: rate}})
    return Found(values, tuple(problems))


def off_is_off(on: Workbench) -> Found:
    """Hold a dry cell behind 10 kohm at 0 V, switch it off, see it rest, and have that verified; twice."""
    on.mount("C", DRY_CELL_10K, standby.COST)
    bench = on.bench
    problems: list[str] = []
    times: list[float] = []
    for _ in range(2):
        bench.prepare_voltage(0.0, HELD_A)
        rest = on.mean(standby.READINGS)
        rest_V, zero_A = rest.voltage_V.value, rest.current_A.value
        if abs(rest_V) < standby.WORKS_V:
            return Found(on.values, (f"there is {rest_V:.3f} V in the leads: the dry cell is not seen",))
        expected_A = abs(rest_V) / DRY_CELL_10K.ohm
        least_A = standby.OFF_OF_RANGE * bench.full_scale_A
        with on.on():
            on.wait()
            held = on.mean(standby.READINGS)
            began_s = on.clock.now()
        seen = on.until(
            lambda one, zero_A=zero_A, rest_V=rest_V, least_A=least_A: (  # type: ignore[misc]
                abs(one.current_A - zero_A) < least_A and abs(one.voltage_V - rest_V) < standby.FROM_REST_V
            ),
            standby.WITHIN_S,
        )
        times.append(max(on.clock.now() - began_s, 1e-3))
        flows_A = abs(held.current_A.value - zero_A)
        is_held = abs(held.voltage_V.value) <= standby.HELD_V
        if held.overload or not is_held or abs(flows_A / expected_A - 1.0) > standby.WITHIN:
            problems.append(
                f"held at 0 V there are {held.voltage_V.value * 1e3:.1f} mV and {flows_A * 1e6:.1f} uA {held.overload} "
                f"where {expected_A * 1e6:.1f} uA were expected: the {on.name} does not hold what is in its leads"
            )
        if seen is None:
            problems.append(
                f"after it was switched off the leads do not show {rest_V:.3f} V and no current within "
                f"{standby.WITHIN_S:g} s: the cell may still be connected. Let the {on.name} drive no cell"
            )
    bench.make_safe(on.clock)  # which has it say that its relay, or its output, is open
    bench.initialise()
    took = Measured(value=max(times), stderr=0.5 * max(times))
    return Found(on.values.model_copy(update={"time_to_off_s": took}), tuple(problems))


def sign_of_outputs(on: Workbench) -> Found:
    """Measure one resistor at low frequencies: the polarity of the outputs, and their size."""
    on.mount("E", R1K, signs.COST)
    index = signs.RANGE + on.shift
    frequencies_Hz = sorted(signs.FREQUENCIES_Hz * signs.TAKEN, reverse=True)
    seen_ohm = on.spectrum(index, signs.AMPLITUDE_V, frequencies_Hz, signs.INTEGRATION_S).impedances_ohm
    mean_ohm = complex(np.mean(seen_ohm))
    if abs(mean_ohm) < signs.NOTHING_OHM:
        raise Unusable("no voltage comes from its output: look at the cables between the instruments")
    configured: Sign = on.pair.settings.output_polarity
    polarity: Sign = configured if mean_ohm.real > 0.0 else (-1 if configured > 0 else 1)
    upright_ohm = mean_ohm if mean_ohm.real > 0.0 else -mean_ohm
    problems: list[str] = []
    phase_deg = math.degrees(cmath.phase(upright_ohm))
    if abs(phase_deg) > signs.PHASE_DEG:
        problems.append(f"the phase of {R1K.name} is {phase_deg:.2f}°: look for a filter, or a wrong cable")
    if abs(abs(upright_ohm) / R1K.ohm - 1.0) > signs.WITHIN + R1K.tolerance:
        problems.append(
            f"range {index} shows {abs(upright_ohm):.5g} ohm for {R1K.name}: an output, or the order of the ranges, is "
            "wrong"
        )
    if problems:
        return Found(on.values, tuple(problems))
    turned = ("the outputs have opposite polarity: taken into account",) if polarity < 0 else ()
    return Found(on.values.model_copy(update={"output_polarity": polarity}), (), turned)


def limit(on: Workbench) -> Found:
    """Hold a voltage that drives more than the range takes: it is told as an overload, and limited."""
    on.mount("I", R100, LIMIT_COST)
    bench, full_A = on.bench, on.full_scale_A(LIMIT_RANGE)
    bench.prepare_voltage(FLOWS * full_A * R100.ohm, FLOWS * full_A)
    with on.on():
        on.wait()
        flows = on.mean(2)
        if flows.overload or abs(abs(flows.current_A.value) / (FLOWS * full_A) - 1.0) > FLOWS_WITHIN:
            raise Unusable(
                f"{FLOWS * full_A * R100.ohm * 1e3:.0f} mV across {R100.name} let {flows.current_A.value * 1e6:.1f} uA "
                f"flow {flows.overload}: another part is in the leads, or a lead is off"
            )
        bench.set_voltage(OVER * full_A * R100.ohm)
        began_s = on.clock.now()
        seen = on.until(lambda one: bool(one.overload), WITHIN_S)
        took_s = max(on.clock.now() - began_s, 1e-3)
    if seen is None or abs(seen.current_A) > MOST * full_A:
        what = "is not reported within 1 s" if seen is None else f"lets {seen.current_A * 1e3:.2f} mA flow"
        return Found(
            on.values,
            (f"an overload of {OVER:g} times the range of {full_A * 1e3:g} mA {what}: nothing limits it",),
        )
    found = CutOut(error_code=0, time_s=Measured(value=took_s, stderr=0.5 * took_s))
    return Found(on.values.model_copy(update={"cut_out": found}))
