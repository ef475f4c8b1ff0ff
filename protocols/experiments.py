"""The experiments as protocol objects; with their defaults they equal the files that are shipped."""

from collections.abc import Sequence

from solbench.protocols.files import Fields, Plain
from solbench.protocols.protocol import Protocol, from_data

_ALIASES: Fields = {"temperature": "conditions.temperature", "pressure": "conditions.stack_pressure"}
REST_BEFORE_SPECTRUM: Fields = {"slope": "1 mV/min", "over": "60 s", "at_least": "5 min", "at_most": "60 min"}
SPECTRUM: Fields = {
    "from": "1 MHz",
    "to": "1 Hz",
    "points_per_decade": 10,
    "amplitude": "30 mV",
    "integration": "1 s",
    "instruments": "pair",
}


def half_cell(
    *,
    current: str = "0.16 mA/cm2",
    capacity: str = "95 %",
    cut_short: str = "-4.5 V",
    spectra_at: Sequence[str] = ("0 %", "25 %", "50 %", "75 %", "100 %"),
    desodiated_at: str = "2.0 V",
    temperature: str = "unknown",
    stack_pressure: str = "unknown",
) -> Protocol:
    """Sodiate Sn with spectra on the way, then desodiate it (Deysher et al. 2022).

    `current` is the magnitude of both directions; all values are texts with units. Raises `BadInput`.
    """
    sodiation: Fields = {
        "name": "sodiation",
        "kind": "constant_current",
        "current": f"-{current}",
        "until": {"capacity": capacity},
        "cut_short": {"voltage": cut_short},
        "spectra_at": list(spectra_at),
        "rest": REST_BEFORE_SPECTRUM,
        "spectrum": SPECTRUM,
    }
    desodiation: Fields = {
        "name": "desodiation",
        "kind": "constant_current",
        "current": current,
        "until": {"voltage": desodiated_at},
        "cut_short": {"capacity": "100 %"},
    }
    aliases: Fields = {**_ALIASES, "spectra": "steps.sodiation.spectra_at"}
    head = _head("half-cell", "half", temperature, stack_pressure, aliases)
    return from_data({**head, "steps": [sodiation, desodiation]}, "half-cell")


def dc_polarization(
    *,
    build: str = "dc_pristine",
    voltage: str = "50 mV",
    baseline: str = "10 min",
    at_most: str = "2 h",
    temperature: str = "unknown",
    stack_pressure: str = "unknown",
) -> Protocol:
    """Polarize a pellet between blocking electrodes until the current is steady (Deysher et al. 2022).

    All values are texts with units. Raises `BadInput`.
    """
    step: Fields = {
        "name": "polarization",
        "kind": "dc_polarization",
        "voltage": voltage,
        "baseline": baseline,
        "at_most": at_most,
        "steady_within": "1 %",
        "steady_over": "600 s",
    }
    aliases: Fields = {**_ALIASES, "voltage": "steps.polarization.voltage"}
    head = _head("dc-polarization", build, temperature, stack_pressure, aliases)
    return from_data({**head, "steps": [step]}, "dc-polarization")


def full_cell(
    *,
    current: str = "0.064 mA/cm2",
    charged_at: str = "3.4 V",
    discharged_at: str = "1.7 V",
    cycles: int = 10,
    temperature: str = "unknown",
    stack_pressure: str = "unknown",
) -> Protocol:
    """Charge and discharge a full cell between two voltages, again and again (Deysher et al. 2022).

    `current` is the magnitude of both directions; all values but `cycles` are texts with units. Raises
    `BadInput`.
    """
    bound: Fields = {"capacity": "120 %"}
    charge = _constant_current("charge", current, {"voltage": charged_at}, bound)
    discharge = _constant_current("discharge", f"-{current}", {"voltage": discharged_at}, bound)
    steps: list[Plain] = [
        {"name": "zero", "kind": "rest", "time": "10 min"},
        _loop(cycles, [charge, discharge]),
    ]
    aliases: Fields = {**_ALIASES, "cycles": "steps.cycling.count"}
    head = _head("full-cell", "full", temperature, stack_pressure, aliases)
    record: Fields = {"every": "10 s", "voltage_change": "5 mV"}
    return from_data({**head, "record": record, "steps": steps}, "full-cell")


def symmetric_cell(
    *,
    current: str = "0.1 mA/cm2",
    half_cycle: str = "1 h",
    cycles: int = 100,
    temperature: str = "unknown",
    stack_pressure: str = "unknown",
) -> Protocol:
    """Send sodium back and forth between two Na-Sn electrodes; all numbers are assumptions.

    `current` is the magnitude of both directions; all values but `cycles` are texts with units. Raises
    `BadInput`.
    """
    forth = _constant_current("forth", current, {"time": half_cycle})
    back = _constant_current("back", f"-{current}", {"time": half_cycle})
    steps: list[Plain] = [{"name": "zero", "kind": "rest", "time": "10 min"}, _loop(cycles, [forth, back])]
    aliases: Fields = {**_ALIASES, "cycles": "steps.cycling.count"}
    head = _head("symmetric-cell", "symmetric", temperature, stack_pressure, aliases)
    record: Fields = {"every": "10 s", "voltage_change": "1 mV"}
    return from_data({**head, "record": record, "steps": steps}, "symmetric-cell")


def ionic_conductivity(
    *,
    start: str = "1 MHz",
    stop: str = "1 Hz",
    instruments: str = "pair",
    temperature: str = "unknown",
    stack_pressure: str = "unknown",
) -> Protocol:
    """Measure the spectrum of a pellet between blocking electrodes (Deysher et al. 2022).

    With `instruments` "1260" the analyzer measures alone, from up to 32 MHz. All values are texts with units.
    Raises `BadInput`.
    """
    spectrum: Fields = {**SPECTRUM, "from": start, "to": stop, "instruments": instruments}
    step: Fields = {"name": "spectrum", "kind": "impedance", **spectrum}
    aliases: Fields = {**_ALIASES, "instruments": "steps.spectrum.instruments", "top": "steps.spectrum.from"}
    head = _head("ionic-conductivity", "pellet", temperature, stack_pressure, aliases)
    return from_data({**head, "steps": [step]}, "ionic-conductivity")


def _constant_current(name: str, current: str, until: Fields, cut_short: Fields | None = None) -> Fields:
    step: Fields = {"name": name, "kind": "constant_current", "current": current, "until": until}
    if cut_short is not None:
        step["cut_short"] = cut_short
    return step


def _loop(count: int, steps: list[Plain]) -> Fields:
    return {"name": "cycling", "kind": "loop", "count": count, "steps": steps}


def _head(name: str, build: str, temperature: str, stack_pressure: str, aliases: Fields) -> Fields:
    return {
        "name": name,
        "build": build,
        "conditions": {"temperature": temperature, "stack_pressure": stack_pressure},
        "record": {"every": "1 s"},
        "aliases": aliases,
    }
