"""Step K: what the leads of the 1260 alone show when they are shorted and open, at each frequency up to its highest.

Its leads are other ones than those of the 1287, and lie at the sample as the sample will lie. What they show is taken
off point by point: a metre of cable is no inductance and capacitance alone at 30 MHz.
"""

import math
from dataclasses import asdict

import numpy as np

from solbench.acquisition.bench.commissioning.record import LeadsRecord, Measured, NullRecord, Values
from solbench.acquisition.bench.commissioning.use import corrections_of_values
from solbench.acquisition.commission.operator import Unusable
from solbench.acquisition.commission.parts import ALONE, OPEN, R100, SHORT_BAR
from solbench.acquisition.commission.spectra.lag import HOLDS, HOLDS_DEG
from solbench.acquisition.commission.spectra.lag_fit import (
    RESISTOR_F,
    RESISTOR_H,
    RESISTOR_SPREAD_F,
    RESISTOR_SPREAD_H,
)
from solbench.acquisition.commission.spectra.leads import (
    BAR_H,
    BAR_OHM,
    BAR_SPREAD_H,
    HOLDER_F,
)
from solbench.acquisition.commission.workbench import Array, Complex, Found, Workbench
from solbench.drivers.solartron.corrections import Leads, Null
from solbench.drivers.solartron.standalone import Standalone

Nulls = tuple[Null, ...]
COST = "spectra of the 1260 alone keep what its leads add, and count up to 100 kHz alone"
HIGHEST_Hz, A_DECADE = 3.2e7, 5
SHORT_LOWEST_Hz, OPEN_LOWEST_Hz, PART_LOWEST_Hz = 1e4, 1e3, 1e3  # below, 1 uH is nothing, and 30 pF little
SHORT_V, OPEN_V, PART_V, INTEGRATION_S = 0.5, 1.0, 0.3, 0.5  # rms of the generator
TWICE = 2
NEIGHBOURS = 5  # points over which the noise of one is taken
SHORT_OHM, SHORT_H, OPEN_S, OPEN_F = 1.0, 5e-6, 1e-8, 100e-12
NO_LEADS_H = 20e-6  # no leads have so much: something is off
LEADS_Hz = (1e5, 1e6)  # where L and C are told
ALIKE = 0.02
LEAST_Hz = 1e6  # up to here it must hold, or the leads are too long, or were moved


def alone(on: Workbench) -> Found:
    """Measure a short bar, open leads, and a resistor that shows how well both can be taken off."""
    analyzer = Standalone(on.fra)
    on.mount("K", SHORT_BAR, COST, ALONE)
    short = _short(*_measured(on, analyzer, SHORT_V, SHORT_LOWEST_Hz))
    inductance_H = _middle(short)
    seen_ohm = abs(complex(short[0].real, short[0].imaginary))
    if seen_ohm > SHORT_OHM + 3.0 * short[0].stderr or not 0.0 < inductance_H.value < NO_LEADS_H:
        raise Unusable(
            f"the 1260 shows {seen_ohm:.3g} ohm for the short bar: its leads do not meet at the part, or one is off"
        )
    if inductance_H.value > SHORT_H:
        raise Unusable(f"the leads have {inductance_H.value * 1e6:.1f} uH: lay each pair side by side")
    on.mount("K", OPEN, COST, ALONE)
    opened = _open(Leads(short=short), *_measured(on, analyzer, OPEN_V, OPEN_LOWEST_Hz))
    capacitance_F = _middle(opened)
    if abs(opened[0].real) > OPEN_S + 3.0 * opened[0].stderr:
        raise Unusable(f"open leads carry {opened[0].real * 1e9:.2g} nS: clean and dry holder and plugs")
    if not 0.0 < capacitance_F.value < OPEN_F:
        raise Unusable(f"open leads have {capacitance_F.value * 1e12:.0f} pF: use shorter leads")
    found = LeadsRecord(
        inductance_H=inductance_H, capacitance_F=capacitance_F, short=_kept(short), open=_kept(opened)
    )
    on.mount("K", R100, COST, ALONE)
    values = on.values.model_copy(update={"analyzer_leads": found})
    highest_Hz = _highest_Hz(on, analyzer, values)
    if highest_Hz < LEAST_Hz:
        raise Unusable(
            f"{R100.name} is right to 1 % and 1 degree only up to {highest_Hz / 1e3:.3g} kHz once the leads are taken "
            "off: they were moved between the parts, or the part is wound"
        )
    return Found(values.model_copy(update={"analyzer_highest_Hz": highest_Hz}))


def _measured(
    on: Workbench, analyzer: Standalone, amplitude_V: float, lowest_Hz: float
) -> tuple[Array, Complex, Array]:
    """Return frequencies (Hz), what is there (ohm), and its standard uncertainty by noise, from two sweeps."""
    count = round(A_DECADE * math.log10(HIGHEST_Hz / lowest_Hz)) + 1
    frequencies_Hz = np.geomspace(lowest_Hz, HIGHEST_Hz, count)
    sweeps = []
    analyzer.prepare_impedance(amplitude_V, without_emf=True)
    try:
        analyzer.apply_ac()
        for _ in range(TWICE):
            taken = [analyzer.measure_impedance(float(one), INTEGRATION_S) for one in frequencies_Hz[::-1]]
            if any(point.error or not point.impedance_ohm for point in taken):
                raise Unusable(
                    "the 1260 says that its inputs are overloaded, or sees nothing: look at its leads"
                )
            sweeps.append([point.impedance_ohm for point in taken[::-1]])
            on.operator.show(f"{taken[0].frequency_Hz / 1e6:g} MHz: {abs(taken[0].impedance_ohm):.4g} ohm")
    finally:
        analyzer.remove_ac()
    one, two = np.array(sweeps)
    mean = 0.5 * (one + two)
    relative = np.abs(one - two) / np.abs(mean)
    around = [
        math.sqrt(float(np.mean(relative[max(0, at - NEIGHBOURS // 2) : at + NEIGHBOURS // 2 + 1] ** 2)))
        for at in range(count)
    ]
    return frequencies_Hz, mean, 0.5 * np.array(around) * np.abs(mean)


def _short(frequencies_Hz: Array, seen_ohm: Complex, noise_ohm: Array) -> Nulls:
    """Return what the leads have in series: the bar has an inductance and a resistance of its own."""
    omega = 2.0 * np.pi * frequencies_Hz
    series_ohm = seen_ohm - 1j * omega * BAR_H
    stderr_ohm = np.sqrt(noise_ohm**2 + (omega * BAR_SPREAD_H) ** 2 + BAR_OHM**2)
    return _nulls(frequencies_Hz, series_ohm, stderr_ohm)


def _open(leads: Leads, frequencies_Hz: Array, seen_ohm: Complex, noise_ohm: Array) -> Nulls:
    """Return what the leads have across: without what is in series, and without the holder itself."""
    omega = 2.0 * np.pi * frequencies_Hz
    inside_ohm = seen_ohm - np.array([leads.series_ohm(float(one)) for one in frequencies_Hz])
    series_stderr_ohm = np.array([leads.series_stderr_ohm(float(one)) for one in frequencies_Hz])
    across_S = 1.0 / inside_ohm
    stderr_S = np.hypot(np.hypot(noise_ohm, series_stderr_ohm) * np.abs(across_S) ** 2, omega * HOLDER_F)
    return _nulls(frequencies_Hz, across_S - 1j * omega * HOLDER_F, stderr_S)


def _highest_Hz(on: Workbench, analyzer: Standalone, values: Values) -> float:
    """Return up to which measured frequency (Hz) a resistor is right to 1 % and 1 degree; raises Unusable.

    It ends, too, where what the resistor is besides is not known to so much. What the nulls leave uncertain is judged
    at each point of a sample, by its own impedance.
    """
    frequencies_Hz, seen_ohm, _ = _measured(on, analyzer, PART_V, PART_LOWEST_Hz)
    leads = corrections_of_values(values)
    corrected = [
        leads.of_alone(complex(one), float(f)) for one, f in zip(seen_ohm, frequencies_Hz, strict=True)
    ]
    resistance_ohm = float(np.median([one.impedance_ohm.real for one in corrected[:3]]))
    if not abs(resistance_ohm / R100.ohm - 1.0) < ALIKE:
        raise Unusable(
            f"the 1260 shows {resistance_ohm:.4g} ohm for {R100.name}: another part is in its leads"
        )
    reached_Hz = float(frequencies_Hz[0])
    for frequency_Hz, one in zip(frequencies_Hz, corrected, strict=True):
        jw = 2j * math.pi * float(frequency_Hz)
        part_ohm = jw * RESISTOR_H + resistance_ohm / (1.0 + jw * RESISTOR_F * resistance_ohm)
        of_part = (
            abs(jw) * math.hypot(RESISTOR_SPREAD_H, RESISTOR_SPREAD_F * resistance_ohm**2) / abs(part_ohm)
        )
        if max(abs(one.impedance_ohm / part_ohm - 1.0), of_part) > min(HOLDS, math.radians(HOLDS_DEG)):
            break
        reached_Hz = float(frequency_Hz)
    return reached_Hz


def _nulls(frequencies_Hz: Array, values: Complex, stderr: Array) -> Nulls:
    found = zip(frequencies_Hz, values, stderr, strict=True)
    return tuple(Null(float(f), float(one.real), float(one.imag), float(error)) for f, one, error in found)


def _kept(nulls: Nulls) -> tuple[NullRecord, ...]:
    return tuple(NullRecord.model_validate(asdict(one)) for one in nulls)


def _middle(nulls: Nulls) -> Measured:
    """Return the inductance (H) or the capacitance (F) in the middle of the frequencies."""
    there = [one for one in nulls if LEADS_Hz[0] <= one.frequency_Hz <= LEADS_Hz[1]]
    each = [(one.imaginary, one.stderr) for one in there]
    omegas = [2.0 * math.pi * one.frequency_Hz for one in there]
    value, stderr = (
        float(np.median([one[part] / omega for one, omega in zip(each, omegas, strict=True)]))
        for part in (0, 1)
    )
    return Measured(value=value, stderr=stderr)
