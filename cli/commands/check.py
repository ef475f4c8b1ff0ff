"""`solbench check`: look at a protocol without any instrument."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from solbench.acquisition.bench.bench_file import load_bench
from solbench.acquisition.run.start_check import (
    Finding,
    cell_findings,
    commissioning_findings,
    disk_finding,
    frequency_findings,
    gauge_findings,
    identities_of,
    instrument_findings,
    sleep_finding,
)
from solbench.cli import arguments, inputs
from solbench.cli.output import BAD_INPUT, COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json
from solbench.drivers.errors import DriverError
from solbench.protocols import Build, Estimate, Protocol, check, estimate, format_duration, format_size
from solbench.protocols.files import Fields
from solbench.protocols.plausible import Instruments


@dataclass(frozen=True)
class Checked:
    """What `--json` prints: no estimate of what cannot run, no start check without a bench."""

    findings: Sequence[Fields]
    estimate: Estimate | None
    start_check: Sequence[Finding] | None


def command(
    protocol: arguments.ProtocolArgument,
    cell: arguments.CellOption = None,
    bench: arguments.ExaminedBenchOption = None,
    settings: arguments.SetOption = None,
    dummy_cell: arguments.DummyCellOption = False,
    json: JsonOption = False,
) -> None:
    """Check PROTOCOL for this cell: what is wrong with it, how long it takes and how large its file becomes.

    With --bench also the start check: it asks the instruments and reads the cell, and switches nothing on.
    """
    with errors_in_words():
        loaded = inputs.read_protocol(protocol, settings)
        record = inputs.read_cell(cell)
        build = record.build(loaded.build)
        bench_file = load_bench(bench)[0] if bench is not None else None
        instruments = bench_file.limits if bench_file is not None else Instruments()
        simulated = bench_file.is_simulated if bench_file is not None else None
        loaded, _ = inputs.continued(loaded, record, None, Path(), simulated=simulated)
        findings = check(loaded, record, instruments=instruments)
        errors = any(finding.grade == "error" for finding in findings)
        expected = None if errors else estimate(loaded, build)
        page = (
            start_page(bench, loaded, build, expected, dummy_cell) if bench is not None and expected else []
        )
        failed = not all(line.passed for line in page)
        if json:
            found = [finding.as_plain() for finding in findings]
            print_json(Checked(found, expected, page if bench is not None else None))
        else:
            for finding in findings:
                print(finding)
            print(_as_text(expected) if expected else "Not runnable as it is.")
            for line in page:
                print(line)
        raise typer.Exit(BAD_INPUT if errors else ENDED_OTHERWISE if failed else COMPLETED)


def start_page(
    bench: str, protocol: Protocol, build: Build, expected: Estimate, dummy_cell: bool = False
) -> list[Finding]:
    """Return the start check of a bench, line by line; the cell stays off."""
    bench_file, _ = load_bench(bench)
    page = [disk_finding(Path.cwd(), expected), sleep_finding()]
    # What carries out a run is loaded where there is a bench: that is a third of the time of a check without one.
    from solbench.acquisition.bench.guarded import open_guarded
    from solbench.acquisition.control.run_control import RunControl
    from solbench.acquisition.run.start import mounted_cell

    cell = mounted_cell(protocol, build)
    opened = open_guarded(bench_file, cell, RunControl(), Path("start check"), deed="look")
    try:
        opened.equipment.dc.off()
        answers = instrument_findings(opened.equipment.dc)
        page += answers
        page += commissioning_findings(
            bench_file,
            datetime.now(UTC),
            protocol,
            dummy_cell=dummy_cell,
            identities=identities_of(opened.equipment.dc, answers),
        )
        page += frequency_findings(opened.equipment, protocol, build)
        if all(line.passed for line in answers):
            opened.equipment.dc.initialise()
            page += cell_findings(opened.equipment.dc, build, protocol.conditions)
            page += gauge_findings(opened.gauges, opened.clock)
    except DriverError as error:
        page.append(Finding("bench", passed=False, text=str(error)))
    finally:
        opened.close()
        if opened.guarding is not None:
            opened.guarding.guard.bye()
    return page


def _between(expected: Estimate) -> str:
    return f"at least {format_duration(expected.at_least_s)}, at most {format_duration(expected.at_most_s)}"


def _as_text(expected: Estimate) -> str:
    lines = [
        f"duration          {format_duration(expected.duration_s)} ({_between(expected)})",
        f"samples           {expected.samples}",
        f"spectra           {expected.spectra} with {expected.points} points",
        f"file              {format_size(expected.file_bytes)}",
        f"longest gap       {format_duration(expected.longest_silence_s)}",
    ]
    lines += [f"  {step.path:<28} {format_duration(step.duration_s)}" for step in expected.steps]
    return "\n".join(lines)
