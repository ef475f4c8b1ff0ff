"""`solbench check`: look at a protocol without any instrument."""

from __future__ import annotations

from dataclasses import asdict

import typer

from cli import inputs
from cli.output import BAD_INPUT, COMPLETED, errors_in_words, print_json
from protocols import Estimate, check, estimate, format_duration, format_size


def command(
    protocol: inputs.ProtocolArgument,
    cell: inputs.CellOption = None,
    settings: inputs.SetOption = None,
    json: inputs.JsonOption = False,
) -> None:
    """Say what is wrong with PROTOCOL for this cell, how long it takes and how large its file becomes."""
    with errors_in_words():
        loaded = inputs.read_protocol(protocol, settings)
        record = inputs.read_cell(cell)
        build = record.build(loaded.build)
        findings = check(loaded, record)
        errors = any(finding.grade == "error" for finding in findings)
        expected = None if errors else estimate(loaded, build)
        if json:
            found = [asdict(finding) for finding in findings]
            print_json({"findings": found, "estimate": asdict(expected) if expected else None})
        else:
            for finding in findings:
                print(finding)
            print(_in_words(expected) if expected else "Not runnable as it is.")
        raise typer.Exit(BAD_INPUT if errors else COMPLETED)


def _in_words(expected: Estimate) -> str:
    lines = [
        f"duration          {format_duration(expected.duration_s)} (at most {format_duration(expected.at_most_s)})",
        f"samples           {expected.samples}",
        f"spectra           {expected.spectra} with {expected.points} points",
        f"file              {format_size(expected.file_bytes)}",
        f"longest silence   {format_duration(expected.longest_silence_s)}",
    ]
    lines += [f"  {step.path:<28} {format_duration(step.duration_s)}" for step in expected.steps]
    return "\n".join(lines)
