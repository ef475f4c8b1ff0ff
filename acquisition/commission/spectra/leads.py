"""Step G: what shorted and open leads show, and with that the largest and smallest impedance that means something."""

import math

import numpy as np

from solbench.acquisition.bench.commissioning.record import ContourPoint, LeadsRecord, Measured
from solbench.acquisition.commission.operator import Unusable
from solbench.acquisition.commission.parts import OPEN, SHORT_BAR
from solbench.acquisition.commission.workbench import (
    VOLTAGE_STEP_V,
    Complex,
    Found,
    Spectrum,
    Workbench,
)

COST = "no spectra count then: there is no accuracy contour, and what the leads add is not known"
SHORT_A = 0.05
SHORT_READINGS, OPEN_READINGS = 8, 8
SHORT_OHM, SHORT_H = 5e-3, 4e-6
SHORT_RANGE, SHORT_AC_A, SHORT_LARGEST_V, SHORT_INTEGRATION_S = 2, 0.02, 0.4, 0.5
SHORT_Hz = (2e4, 1e6)  # below, 2 uH drop less than 5 mV
BAR_H, BAR_SPREAD_H = 10e-9, 5e-9
APART_H = 0.1e-6  # between step F and the short bar: how leads lie
BAR_OHM = 1e-3  # the bar itself may have so much
OPEN_V = 1.0
OPEN_WAIT_S = 2.0
AMMETER_GAIN = 3e-3  # standard uncertainty of the ammeter of another make: its class
LEAK_RANGE, LEAK_RANGE_OTHER = 8, 9  # 200 nA, and 10 nA of an EC301
OPEN_S, OPEN_F = 1e-9, 80e-12
OPEN_RANGE, OPEN_AMPLITUDE_V, OPEN_INTEGRATION_S = 6, 0.1, 0.5
HOLDER_F = 0.2e-12  # what an empty holder has of its own
APART_F, DEVIATIONS = 5e-12, 3.0  # between step F and open leads
OPEN_Hz = (1e3, 1e5)  # C is what counts there
CONTOUR_Hz = tuple(float(one) for one in np.geomspace(1e-2, 1e6, 17))
LARGEST_OHM = 1e12


def leads(on: Workbench) -> Found:
    """Send a current through a short bar, and apply a voltage to open leads."""
    on.mount("G", SHORT_BAR, COST)
    problems: list[str] = []
    short_ohm = _short(on)
    if abs(short_ohm.value) > SHORT_OHM + 3.0 * short_ohm.stderr:
        problems.append(
            f"the short bar shows {short_ohm.value * 1e3:.1f} mohm: CE and RE1, or WE and RE2, do not meet at the part"
        )
    of_short, of_parts = _inductance(on), on.values.pair_leads.inductance_H
    apart_H = abs(of_short.value - of_parts.value)
    if apart_H > APART_H + DEVIATIONS * math.hypot(of_short.stderr, of_parts.stderr):
        problems.append(
            f"the short bar shows {of_short.value * 1e6:.2f} uH, and resistors {of_parts.value * 1e6:.2f} uH: leads "
            "were moved in between"
        )
    inductance_H = _weighted(of_short, of_parts)
    if inductance_H.value > SHORT_H:
        problems.append(
            f"the leads have {inductance_H.value * 1e6:.1f} uH: twist CE with WE, and RE1 with RE2"
        )
    on.mount("G", OPEN, COST)
    leak_S = _leak(on)
    if leak_S.value > OPEN_S:
        problems.append(f"open leads carry {leak_S.value * 1e9:.2g} nS: clean and dry holder and plugs")
    capacitance_F = _capacitance(on)
    if capacitance_F.value > OPEN_F:
        problems.append(
            f"open leads have {capacitance_F.value * 1e12:.0f} pF: use the driven screens, or shorter leads"
        )
    of_lag = on.values.pair_leads.capacitance_F
    apart_F = abs(capacitance_F.value - of_lag.value)
    if apart_F > APART_F + DEVIATIONS * math.hypot(capacitance_F.stderr, of_lag.stderr):
        problems.append(
            f"open leads show {capacitance_F.value * 1e12:.1f} pF, and resistors {of_lag.value * 1e12:.1f} pF: leads "
            "were moved in between, or a cable is off"
        )
    found = LeadsRecord(
        resistance_ohm=short_ohm,
        inductance_H=inductance_H,
        capacitance_F=_weighted(capacitance_F, on.values.pair_leads.capacitance_F),
        conductance_S=leak_S,
    )
    return Found(
        on.values.model_copy(update={"pair_leads": found, "contour": contour(found)}), tuple(problems)
    )


def contour(found: LeadsRecord) -> tuple[ContourPoint, ...]:
    """Return the largest and smallest |Z| by frequency: what open leads show, and what shorted ones do."""
    points: list[ContourPoint] = []
    for frequency_Hz in CONTOUR_Hz:
        omega = 2.0 * math.pi * frequency_Hz
        leak_S = abs(found.conductance_S.value) + 2.0 * found.conductance_S.stderr
        open_S = math.hypot(leak_S, omega * found.capacitance_F.value)
        short_ohm = math.hypot(
            abs(found.resistance_ohm.value) + 2.0 * found.resistance_ohm.stderr,
            omega * found.inductance_H.value,
        )
        largest_ohm = min(1.0 / open_S, LARGEST_OHM) if open_S > 0.0 else LARGEST_OHM
        points.append(
            ContourPoint(frequency_Hz=frequency_Hz, smallest_ohm=short_ohm, largest_ohm=largest_ohm)
        )
    return tuple(points)


def _short(on: Workbench) -> Measured:
    """Return the resistance of shorted leads (ohm), by a current both ways."""
    pair = on.pair
    pair.prepare_current(SHORT_A)
    step_V = VOLTAGE_STEP_V
    if on.is_1287:
        pair.pstat.voltmeter_range, step_V = "200 mV", 1e-6
    try:
        with on.on():
            means = []
            for current_A in (SHORT_A, -SHORT_A):
                pair.set_current(current_A)
                on.wait()
                means.append(on.mean(SHORT_READINGS, step_V=step_V))
    finally:
        if on.is_1287:
            pair.pstat.voltmeter_range = "20 V"
    up, down = means
    step_A = up.current_A.value - down.current_A.value
    if up.overload or down.overload or abs(step_A) < SHORT_A:
        raise Unusable("the current through the short bar does not flow: it is not in the leads")
    ohm = (up.voltage_V.value - down.voltage_V.value) / step_A
    noise_ohm = math.hypot(up.voltage_V.stderr, down.voltage_V.stderr) / abs(step_A)
    return Measured(value=ohm, stderr=math.hypot(noise_ohm, BAR_OHM))


def _inductance(on: Workbench) -> Measured:
    """Return the inductance of shorted leads (H), by an alternating current: a voltage would drive amperes."""
    on.pair.prepare_alternating_current(SHORT_AC_A, SHORT_LARGEST_V, 0.0, SHORT_RANGE)
    frequencies_Hz = [float(one) for one in np.geomspace(SHORT_Hz[1], SHORT_Hz[0], 9)]
    spectrum = on.prepared_spectrum(SHORT_RANGE, SHORT_LARGEST_V, frequencies_Hz, SHORT_INTEGRATION_S)
    jw = 2j * np.pi * spectrum.frequencies_Hz
    each_H = (_without_lag(on, spectrum) / jw).real
    spread_H = float(np.std(each_H, ddof=1)) / math.sqrt(len(each_H))
    return Measured(value=float(np.median(each_H)) - BAR_H, stderr=math.hypot(spread_H, BAR_SPREAD_H))


def _without_lag(on: Workbench, spectrum: Spectrum) -> Complex:
    """Return impedances (ohm) with lag and ratio of their range taken off, where these are known."""
    record = on.values.ranges.get(spectrum.range_index)
    if record is None or record.lag_s is None or record.pole_share is None or record.ratio is None:
        return spectrum.impedances_ohm
    jw = 2j * np.pi * spectrum.frequencies_Hz
    lag_s, share = record.lag_s.value, record.pole_share.value
    transfer = np.exp(-jw * lag_s * (1.0 - share)) / (1.0 + jw * lag_s * share)
    found: Complex = spectrum.impedances_ohm * transfer * record.ratio.value
    return found


def _leak(on: Workbench) -> Measured:
    """Return what open leads carry (S), by a voltage both ways."""
    pair = on.pair
    index = LEAK_RANGE if on.is_1287 else LEAK_RANGE_OTHER
    means = []
    for voltage_V in (OPEN_V, -OPEN_V):
        pair.prepare_polarization(voltage_V, index)
        with on.on():
            on.wait(OPEN_WAIT_S)
            means.append(on.mean(OPEN_READINGS))
    up, down = means
    step_V = up.voltage_V.value - down.voltage_V.value
    if up.overload or down.overload or abs(step_V) < OPEN_V:
        raise Unusable(
            f"{OPEN_V:g} V at open leads are not held: something is in them that carries more than "
            f"{on.full_scale_A(index) * 1e9:.0f} nA"
        )
    value_S = (up.current_A.value - down.current_A.value) / step_V
    noise_S = math.hypot(up.current_A.stderr, down.current_A.stderr) / abs(step_V)
    gain = 0.0 if on.is_1287 else AMMETER_GAIN  # of a 1287, digits are all that counts on its range
    return Measured(value=max(value_S, 0.0), stderr=math.hypot(noise_S, gain * value_S))


def _capacitance(on: Workbench) -> Measured:
    """Return the capacitance of open leads (F)."""
    frequencies_Hz = [float(one) for one in np.geomspace(OPEN_Hz[1], OPEN_Hz[0], 11)]
    spectrum = on.spectrum(OPEN_RANGE + on.shift, OPEN_AMPLITUDE_V, frequencies_Hz, OPEN_INTEGRATION_S)
    across = (1.0 / _without_lag(on, spectrum)).imag / (2.0 * np.pi * spectrum.frequencies_Hz)
    low = across[: max(3, len(across) // 2)]
    spread = float(np.std(across, ddof=1))
    value = float(np.median(across)) - HOLDER_F
    if not spread < APART_F:
        raise Unusable(
            f"the capacitance of open leads scatters by {spread * 1e12:.3g} pF: look at the "
            "cables between the instruments"
        )
    return Measured(value=value, stderr=math.hypot(spread / math.sqrt(len(low)), HOLDER_F))


def _weighted(one: Measured, other: Measured) -> Measured:
    """Return the mean of two values by their uncertainties; an `other` without one was not measured."""
    if not other.stderr:
        return one
    weights = 1.0 / max(one.stderr, 1e-18) ** 2, 1.0 / max(other.stderr, 1e-18) ** 2
    value = (one.value * weights[0] + other.value * weights[1]) / sum(weights)
    return Measured(value=value, stderr=1.0 / math.sqrt(sum(weights)))
