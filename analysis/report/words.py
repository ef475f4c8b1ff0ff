"""A protocol as text: what was done, step by step, as a paragraph of a methods section would say it."""

from collections.abc import Sequence
from dataclasses import asdict

from solbench.acquisition.record.beside.pressure import in_words as pressure_in_words
from solbench.acquisition.record.reader import Run
from solbench.analysis.temperature import in_words, of_run
from solbench.protocols.errors import BadInput
from solbench.protocols.kinds import Loop, StepBase, kind_of
from solbench.protocols.protocol import parse_protocol


def steps_in_words(run: Run) -> list[str]:
    """Return the steps of the protocol that a run recorded, a sentence each; loops are indented."""
    recorded = run.header.protocol
    try:
        protocol = parse_protocol(recorded.text, recorded.name)
    except BadInput:  # written by a version that knew other fields: the text itself is in the report
        return ["see the protocol as recorded"]
    return _steps(protocol.steps, "")


def conditions_in_words(run: Run) -> list[str]:
    """Return temperature, pressure, operator and notes of a run as they were typed in, and what was measured."""
    conditions = asdict(run.header.conditions)
    if (temperature := of_run(run)) is not None:
        typed = conditions["temperature"]
        if temperature.source == "measured" and run.header.temperature_K is not None:
            conditions["temperature"] = f"{in_words(temperature)}; {typed} (typed)"
        else:
            conditions["temperature"] = in_words(temperature, typed)
    if (pressure := run.stack_pressure) is not None:
        typed = conditions["stack_pressure"]
        if pressure.source == "measured" and typed != "unknown":
            conditions["stack_pressure"] = f"{pressure_in_words(pressure)}; {typed} (typed)"
        else:
            conditions["stack_pressure"] = pressure_in_words(pressure, typed if typed != "unknown" else "")
    conditions["history"] = ", ".join(conditions["history"]) or None
    del conditions["begun_C"]  # of what is written already, and in the summary
    return [f"{name.replace('_', ' ')}: {value}" for name, value in conditions.items() if value is not None]


def settings_in_words(run: Run) -> str:
    """Return what was changed of the protocol on the command line."""
    return "; ".join(run.header.protocol.settings)


def _steps(steps: Sequence[StepBase], indent: str) -> list[str]:
    lines = []
    for step in steps:
        lines.append(f"{indent}{step.name}: {kind_of(step).sentence(step)}")
        if isinstance(step, Loop):
            lines += _steps(step.steps, indent + "    ")
    return lines
