"""The experiments as protocol objects; with their defaults they equal the files that are shipped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .protocol import Protocol, from_data

_ALIASES = {"temperature": "conditions.temperature", "pressure": "conditions.stack_pressure"}
REST_BEFORE_SPECTRUM = {"slope": "1 mV/min", "over": "60 s", "at_least": "5 min", "at_most": "60 min"}
SPECTRUM = {
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
    sodiation: dict[str, Any] = {
        "name": "sodiation",
        "kind": "constant_current",
        "current": f"-{current}",
        "until": {"capacity": capacity},
        "cut_short": {"voltage": cut_short},
        "spectra_at": list(spectra_at),
        "rest": REST_BEFORE_SPECTRUM,
        "spectrum": SPECTRUM,
    }
    desodiation: dict[str, Any] = {
        "name": "desodiation",
        "kind": "constant_current",
        "current": current,
        "until": {"voltage": desodiated_at},
    }
    aliases = {**_ALIASES, "spectra": "steps.sodiation.spectra_at"}
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
    step: dict[str, Any] = {
        "name": "polarization",
        "kind": "dc_polarization",
        "voltage": voltage,
        "baseline": baseline,
        "at_most": at_most,
        "steady_within": "1 %",
        "steady_over": "600 s",
    }
    aliases = {**_ALIASES, "voltage": "steps.polarization.voltage"}
    head = _head("dc-polarization", build, temperature, stack_pressure, aliases)
    return from_data({**head, "steps": [step]}, "dc-polarization")


def _head(
    name: str, build: str, temperature: str, stack_pressure: str, aliases: dict[str, str]
) -> dict[str, Any]:
    return {
        "name": name,
        "build": build,
        "conditions": {"temperature": temperature, "stack_pressure": stack_pressure},
        "record": {"every": "1 s"},
        "aliases": aliases,
    }
