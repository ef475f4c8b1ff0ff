"""The amplitude of a spectrum: what is set on the cell, and what may not be."""

from math import sqrt

from solbench.protocols.findings import Finding, Findings, Parameter, Rule
from solbench.protocols.kinds.fields import Spectrum
from solbench.protocols.kinds.record import Bounds
from solbench.protocols.plausible import LARGEST_DROP_V
from solbench.protocols.quantities.quantity import Quantity

AMPLITUDE = Rule(
    "impedance.amplitude",
    "error",
    "'{amplitude}' rms is implausible for a spectrum",
    "Write for example '30 mV'",
)
HARMS = Rule(
    "impedance.harms",
    "error",
    "'{amplitude}' rms moves the live cell '{build}' by {peak_mV:.3g} mV to either side, far enough to plate sodium "
    "or to react",
    "Write for example '10 mV'",
)
CURRENT_ABOVE_SAFETY = Rule(
    "impedance.current_above_safety",
    "error",
    "'{amplitude}' rms drives up to {peak_mA:.3g} mA through the {resistance_ohm:.3g} ohm of the electrolyte, above "
    "the safety limit of {limit_mA:.4g} mA",
    "Write less",
)
SET_ABOVE_SAFETY = Rule(
    "impedance.set_above_safety",
    "error",
    "'{amplitude}' rms sets a current with a peak of {peak_mA:.3g} mA, above the safety limit of {limit_mA:.4g} mA",
    "Write less, or widen 'safety.current_max' if the cell withstands it",
)
DROPS = Rule(
    "impedance.drops",
    "error",
    "'{amplitude}' rms drops {dropped_mV:.3g} mV rms in the {resistance_ohm:.3g} ohm that are expected, more than the "
    "{most_mV:g} mV rms at which the current is lowered",
    "Write less, or the resistance of this cell in 'expected_resistance'",
)
BEYOND_SOURCE = Rule(
    "impedance.beyond_source",
    "error",
    "'{amplitude}' rms is a current with a peak of {peak_A:.3g} A through {resistance_ohm:.3g} ohm, more than the "
    "{source} can measure an alternating current on ({most_A:g} A)",
    "Write less",
)
NOT_LINEAR = Rule(
    "impedance.not_linear",
    "warning",
    "'{amplitude}' rms is more than 30 mV: the response may not be linear",
    "Compare a spectrum at 10 mV once for this kind of cell",
)
SMALL = Rule(
    "impedance.small",
    "warning",
    "'{amplitude}' rms is less than {usual_mV:g} mV: noise and hum are as large",
    "Write for example '10 mV'",
)
DROPS_LITTLE = Rule(
    "impedance.drops_little",
    "warning",
    "'{amplitude}' rms drops only {dropped_uV:.3g} uV rms in the {resistance_ohm:.3g} ohm that are expected: noise and "
    "hum are as large",
    "Write more",
)
TINY = Rule(
    "impedance.tiny",
    "warning",
    "'{amplitude}' rms sets {current_nA:.3g} nA, less than the {least_nA:g} nA that can be told from noise",
    "Write more, or 'control: voltage'",
)
NOT_HELD = Rule(
    "impedance.not_held",
    "warning",
    "between blocking electrodes the voltage runs away with the error of a current that is set to zero",
    "Write 'control: voltage', unless this is a part that conducts",
)
LARGEST_SHARE = 0.8  # of a current range: the rest is for direct current


def set_on_cell(spectrum: Spectrum, amplitude: Quantity, build_ohm: float) -> tuple[float, float]:
    """Return the voltage (V rms) and the current (A rms) of an amplitude of a spectrum.

    Where the voltage is set, the current is 0; where the current is set, the voltage is the most that it may drop in
    the cell. `build_ohm`: the resistance of the electrolyte.
    """
    if spectrum.control == "voltage":
        return amplitude.value, 0.0
    if amplitude.kind == "current":
        return LARGEST_DROP_V, amplitude.value
    return amplitude.value, amplitude.value / expected_ohm(spectrum, build_ohm)


def expected_ohm(spectrum: Spectrum, build_ohm: float) -> float:
    """Return the resistance (ohm) that is expected of the cell: the given one, or that of the electrolyte."""
    given = spectrum.expected_resistance
    return given.value if given is not None else build_ohm


def check_amplitudes(path: str, spectrum: Spectrum, bounds: Bounds) -> Findings:
    """Yield what is wrong or doubtful about the amplitudes of a spectrum; `path` is where it stands."""
    if spectrum.control == "current" and bounds.build.is_blocking:
        yield NOT_HELD.at(f"{path}.control")
    for field, amplitude in (("amplitude", spectrum.amplitude), ("linearity", spectrum.linearity)):
        if amplitude:
            yield from _check(f"{path}.{field}", amplitude, spectrum, bounds)


def _check(path: str, amplitude: Quantity, spectrum: Spectrum, bounds: Bounds) -> Findings:
    """Find one thing: no warning stands in the way of an error."""
    ohm = expected_ohm(spectrum, bounds.build.resistance_ohm)
    found: list[Finding] = []
    if spectrum.control == "current":
        _, current_A = set_on_cell(spectrum, amplitude, bounds.build.resistance_ohm)
        found += _check_current(path, amplitude, current_A, ohm, bounds)
    check_drop = _check_voltage if amplitude.kind == "voltage" else _check_drop
    found += check_drop(path, amplitude, ohm, bounds)
    yield from sorted(found, key=lambda one: one.grade != "error")[:1]


def _check_current(path: str, amplitude: Quantity, current_A: float, ohm: float, bounds: Bounds) -> Findings:
    """Find currents (A rms) that are too large or too small; what an amplitude in volts drives is set as well."""
    peak_A = sqrt(2.0) * current_A
    most_A = LARGEST_SHARE * bounds.instruments.current_max_A
    if peak_A > most_A:
        shown: dict[str, Parameter] = {"amplitude": amplitude.text, "resistance_ohm": ohm}
        yield BEYOND_SOURCE.at(path, peak_A=peak_A, most_A=most_A, source=bounds.instruments.source, **shown)
    elif peak_A > bounds.limits.current_max_A:
        limit_mA = bounds.limits.current_max_A * 1e3
        yield SET_ABOVE_SAFETY.at(path, amplitude=amplitude.text, peak_mA=peak_A * 1e3, limit_mA=limit_mA)
    elif current_A < bounds.plausible.usual_alternating_A:
        least_nA = bounds.plausible.usual_alternating_A * 1e9
        yield TINY.at(path, amplitude=amplitude.text, current_nA=current_A * 1e9, least_nA=least_nA)


def _check_drop(path: str, amplitude: Quantity, ohm: float, bounds: Bounds) -> Findings:
    """Find currents that drop too much or too little in what is expected."""
    dropped_V = amplitude.value * ohm
    shown: dict[str, Parameter] = {"amplitude": amplitude.text, "resistance_ohm": ohm}
    if dropped_V > LARGEST_DROP_V:
        yield DROPS.at(path, dropped_mV=dropped_V * 1e3, most_mV=LARGEST_DROP_V * 1e3, **shown)
    elif dropped_V > bounds.plausible.linear_amplitude_V:
        yield NOT_LINEAR.at(path, amplitude=f"{amplitude} through {ohm:.3g} ohm")
    elif dropped_V < bounds.plausible.usual_drop_V:
        yield DROPS_LITTLE.at(path, dropped_uV=dropped_V * 1e6, **shown)


def _check_voltage(path: str, amplitude: Quantity, ohm: float, bounds: Bounds) -> Findings:
    build, plausible = bounds.build, bounds.plausible
    peak_V = amplitude.value * sqrt(2.0)
    peak_A = peak_V / ohm
    if amplitude.value > plausible.amplitude_max_V:
        yield AMPLITUDE.at(path, amplitude=amplitude.text)
    elif build.live and amplitude.value > plausible.live_amplitude_max_V:
        yield HARMS.at(path, amplitude=amplitude.text, peak_mV=peak_V * 1e3, build=build.name)
    elif peak_A > bounds.limits.current_max_A:
        shown = {
            "peak_mA": peak_A * 1e3,
            "limit_mA": bounds.limits.current_max_A * 1e3,
            "resistance_ohm": ohm,
        }
        yield CURRENT_ABOVE_SAFETY.at(path, amplitude=amplitude.text, **shown)
    elif amplitude.value > plausible.linear_amplitude_V:
        yield NOT_LINEAR.at(path, amplitude=amplitude.text)
    elif amplitude.value < plausible.usual_amplitude_V:
        yield SMALL.at(path, amplitude=amplitude.text, usual_mV=plausible.usual_amplitude_V * 1e3)
