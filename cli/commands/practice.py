"""`solbench practice`: a run whose truth was dealt at random, for training; it tells at the end."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from solbench.acquisition.bench.bench_file import SIMULATED, dump_bench
from solbench.acquisition.bench.deal import deal
from solbench.acquisition.bench.scenario import Scenario, dump_scenario, load_scenario
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.host.platform import as_typed
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.start import Request, require_free, start, truth_path
from solbench.cli import arguments, inputs
from solbench.cli.carrying_out import awake, leave, listening, show, shown_path
from solbench.cli.commands import simulate
from solbench.cli.output import COMPLETED, JsonOption, errors_in_words, print_json, say
from solbench.cli.stopping import safe_stop
from solbench.protocols import CellRecord, Protocol, check, estimate, raise_errors
from solbench.protocols.errors import BadInput
from solbench.protocols.files import Fields, parse_text

if TYPE_CHECKING:
    from solbench.analysis.noticed import Notice, Stage


def command(
    protocol: Annotated[
        str | None, typer.Argument(metavar="[PROTOCOL]", help="What to run, as for solbench run.")
    ] = None,
    cell: arguments.CellOption = None,
    settings: arguments.SetOption = None,
    seed: Annotated[
        int | None,
        typer.Option(help="The scenario that this number draws; by default another one each time."),
    ] = None,
    speed: arguments.SpeedOption = None,
    output: arguments.RunFileOption = None,
    secret: Annotated[
        bool, typer.Option("--secret", help="Do not reveal it at the end; --reveal does so later.")
    ] = False,
    reveal: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Reveal what was truly there in a run that has ended.")
    ] = None,
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Serve the bench, as solbench simulate does, and reveal it at Ctrl-C."),
    ] = False,
    bench_out: Annotated[
        Path | None, typer.Option("--bench-out", metavar="FILE", help="With --serve: write its bench file.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Run PROTOCOL on the simulated bench with something wrong, or nothing; what it was is revealed at the end."""
    with errors_in_words():
        if reveal is not None:
            tell(inputs.run_path(reveal), json)
            raise typer.Exit(COMPLETED)
        if bench_out is not None and not serve:
            raise BadInput("no bench is served", "Add --serve, or leave it out", field="--bench-out")
        if protocol is None:
            raise BadInput("no protocol is given", "Name one, such as half-cell", field="PROTOCOL")
        loaded, record = inputs.read_protocol(protocol, settings), inputs.read_cell(cell)
        findings = check(loaded, record)
        raise_errors(findings, protocol, cell or "--cell")
        dealt = random.SystemRandom().randrange(inputs.MOST_SEED) if seed is None else seed
        build = record.build(loaded.build)
        scenario = deal(dealt, build, estimate(loaded, build).duration_s)
        if serve:
            _serve(scenario, record, loaded, dealt, speed, bench_out)
        else:
            _run(scenario, record, loaded, tuple(settings or ()), dealt, speed, output, secret, json)
    raise typer.Exit(COMPLETED)


@dataclass(frozen=True)
class Told:
    """What `--json` prints at the end: the scenario as its file holds it, and what the program noticed."""

    run: str
    scenario: Fields
    noticed: list[Notice]


def tell(run: Path, json: bool = False) -> None:
    """Tell what was truly there in a run, and what the program noticed; raises BadInput where no scenario is kept."""
    from solbench.analysis.noticed import noticed

    path = truth_path(run)
    if not path.exists():
        raise BadInput(
            "no scenario is kept beside this run", "Name a run of solbench practice", file=str(run)
        )

    scenario, notices = load_scenario(path), noticed(open_run(run))
    if json:
        print_json(Told(str(run), parse_text(dump_scenario(scenario), str(path)), notices))
        return
    print(truth_in_words(scenario))
    if not notices:
        print("The program noticed nothing.")
    for line in notices_in_words(notices):
        print(line)


def notices_in_words(notices: Sequence[Notice]) -> Iterator[str]:
    """Yield a line for each kind of notice, with how often it came and its first text.

    An outcome tells only what the alarm that led to it has not told already.
    """
    alike: dict[tuple[Stage, str, str], list[str]] = {}
    for notice in notices:
        alike.setdefault((notice.stage, notice.kind, notice.code), []).append(notice.text)
    alarms = [notice.text for notice in notices if notice.kind == "alarm"]
    for (stage, kind, code), texts in alike.items():
        text = texts[0]
        if kind == "outcome":
            text = min((_without(text, alarm) for alarm in alarms), key=len, default=text)
        often = "" if len(texts) == 1 else f", {len(texts)} times"
        colon = ": " if len(texts) == 1 else ", first: "
        yield f"Noticed {_WHEN[stage]} ({kind} {code}){often}{colon + text if text else ''}"


def _without(text: str, told: str) -> str:
    """Return what a text says behind the sentence that was told; all of it where it does not begin with that one."""
    told = told.rstrip(_SIGNS)
    rest = text.removeprefix(told)
    if not told or rest == text or not (rest.startswith((". ", ": ")) or not rest.strip(_SIGNS)):
        return text
    return rest.lstrip(_SIGNS)


_SIGNS = ".;:, "  # between sentences
_WHEN = {"before": "before anything was driven", "during": "during the run", "after": "in the results"}


def truth_in_words(scenario: Scenario) -> str:
    """Return what was truly there, as the scenario's file has it."""
    lines = dump_scenario(scenario).splitlines()
    return "\n".join(["What was truly there:", *(f"  {line}" for line in lines)])


def _run(
    scenario: Scenario,
    record: CellRecord,
    protocol: Protocol,
    settings: tuple[str, ...],
    seed: int,
    speed: float | None,
    output: Path | None,
    secret: bool,
    json: bool,
) -> None:
    path = inputs.output_path(output, protocol, record)
    require_free(path)
    build = record.build(protocol.build)
    inputs.require_room(path, protocol, build)
    say("SIMULATION, for practice: the bench is simulated, and what is truly there was dealt at random.")
    request = Request(
        protocol, record, SIMULATED, dump_bench(SIMULATED), path, seed, speed, settings, scenario
    )
    run_control, began = RunControl(), time.monotonic()
    with safe_stop(run_control), awake(path, SIMULATED), listening(build.area_m2, events=False) as listeners:
        result = start(request, run_control, listeners, published=True)
    told = show(result, time.monotonic() - began, json=json and secret, events=json)
    if secret:
        say(f"solbench: to be told what it was: solbench practice --reveal {as_typed(shown_path(path))}")
    else:
        tell(path, json)
    leave(result, told)


def _serve(
    scenario: Scenario,
    record: CellRecord,
    protocol: Protocol,
    seed: int,
    speed: float | None,
    bench_out: Path | None,
) -> None:
    simulate.require_new(bench_out)
    build, said = record.build(protocol.build), protocol.conditions
    cell = build.simulated_cell(said.temperature_K, said.passed_C(build))
    name = f"{record.name}, build {protocol.build}"
    simulated = simulate.make_bench(SIMULATED, cell, speed or 1.0, seed, None, scenario)
    try:
        server = simulate.open_server(
            simulated,
            port=0,
            pty=False,
            exclusive=False,
            faults=[],
            fault_file=None,
            name=name,
            shows_cell=False,
        )
        simulate.serve(server, SIMULATED, bench_out)
    finally:
        simulated.close()
    print(truth_in_words(scenario))
