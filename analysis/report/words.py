"""A protocol in words: what was done, step by step, as a paragraph of a methods section would say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solbench.acquisition.record.reader import Run
from solbench.protocols.errors import BadInput
from solbench.protocols.protocol import parse_protocol
from solbench.protocols.steps import (
    AnyStep,
    ConstantCurrent,
    ConstantVoltage,
    DcPolarization,
    Impedance,
    Loop,
    Rest,
    RestRule,
    Spectrum,
)


def steps_in_words(run: Run) -> list[str]:
    """Return the steps of the protocol that a run recorded, a sentence each; loops are indented."""
    recorded = run.header["protocol"]
    try:
        protocol = parse_protocol(recorded["text"], recorded["name"])
    except BadInput:  # written by a version that knew other fields: the text itself is in the report
        return ["see the protocol as recorded"]
    return _steps(protocol.steps, "")


def conditions_in_words(run: Run) -> list[str]:
    """Return temperature, pressure, operator and notes of a run as they were typed in."""
    conditions: dict[str, Any] = run.header.get("conditions") or {}
    return [f"{name.replace('_', ' ')}: {value}" for name, value in conditions.items() if value is not None]


def settings_in_words(run: Run) -> str:
    """Return what was changed of the protocol on the command line."""
    settings = run.header["protocol"].get("settings") or []
    return "; ".join(str(setting) for setting in settings)


def _steps(steps: Sequence[AnyStep], indent: str) -> list[str]:
    lines = []
    for step in steps:
        if isinstance(step, Loop):
            lines.append(f"{indent}{step.name}: {step.count} times")
            lines += _steps(step.steps, indent + "    ")
        else:
            lines.append(f"{indent}{step.name}: {_step(step)}")
    return lines


def _step(step: AnyStep) -> str:
    if isinstance(step, Rest):
        return f"rest at open circuit {_rest(step)}"
    if isinstance(step, ConstantCurrent):
        return _constant_current(step)
    if isinstance(step, ConstantVoltage):
        return f"{step.voltage} held {_ends(step.until)}{_cut(step.cut_short)}"
    if isinstance(step, Impedance):
        return _spectrum(step)
    if isinstance(step, DcPolarization):
        return _polarization(step)
    return step.kind


def _constant_current(step: ConstantCurrent) -> str:
    text = f"constant current {step.current} {_ends(step.until)}{_cut(step.cut_short)}"
    if step.spectra_at and step.rest is not None and step.spectrum is not None:
        states = ", ".join(str(state) for state in step.spectra_at)
        text += f"; at {states} of the charge the current is interrupted: rest {_rest(step.rest)}, then "
        text += _spectrum(step.spectrum)
    return text


def _polarization(step: DcPolarization) -> str:
    signs = " and then the opposite voltage" if step.both_signs else ""
    return (
        f"{step.baseline} at 0 V, then {step.voltage}{signs} until the current changes by less than "
        f"{step.steady_within} in {step.steady_over}, at most {step.at_most}"
    )


def _rest(rest: RestRule | Rest) -> str:
    if rest.time is not None:
        return f"for {rest.time}"
    return (
        f"until the voltage changes by less than {rest.slope} over {rest.over}, "
        f"at least {rest.at_least}, at most {rest.at_most}"
    )


def _spectrum(spectrum: Spectrum | Impedance) -> str:
    wired = "1260 and 1287" if spectrum.instruments == "pair" else "1260 alone"
    text = (
        f"impedance from {spectrum.start} to {spectrum.stop}, {spectrum.points_per_decade} points a decade, "
        f"{spectrum.amplitude} rms, integration {spectrum.integration}, {wired}"
    )
    if spectrum.repeat_above is not None:
        text += f"; repeated where the Kramers-Kronig residual is above {spectrum.repeat_above}"
    return text


def _ends(ends: Any) -> str:
    parts = [f"{name} {value}" for name, value in ends if value is not None]
    return "until " + " or ".join(parts)


def _cut(ends: Any) -> str:
    if ends is None:
        return ""
    return f" (cut short at {' or '.join(f'{name} {value}' for name, value in ends if value is not None)})"
