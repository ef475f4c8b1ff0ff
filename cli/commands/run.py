"""`solbench run`: carry out a protocol and leave a finished run file."""

import time
from pathlib import Path
from typing import Annotated

import typer

from solbench.cli import arguments
from solbench.cli.output import JsonOption, errors_in_words, say

WORKS_WITH = (  # loaded with the command, but not for its help, and not while a line is completed
    "solbench.acquisition.run.start",
    "solbench.cli.carrying_out",
    "solbench.cli.inputs",
    "solbench.cli.noticing",
    "solbench.cli.stopping",
)


def command(
    protocol: arguments.ProtocolArgument,
    cell: arguments.CellOption = None,
    bench: arguments.BenchOption = None,
    settings: arguments.SetOption = None,
    seed: arguments.SeedOption = 0,
    speed: arguments.SpeedOption = None,
    output: arguments.RunFileOption = None,
    json: JsonOption = False,
    events: arguments.EventsOption = False,
    scenario: arguments.ScenarioOption = None,
    detach: Annotated[bool, typer.Option("--detach", help="Run in a separate process.")] = False,
    dummy_cell: arguments.DummyCellOption = False,
    accepted: arguments.AcceptedOption = None,
    dialogue: arguments.DialogueOption = False,
    continues: arguments.ContinuesOption = None,
    notify: arguments.NotifyOption = False,
    tag: arguments.TagOption = None,
) -> None:
    """Run PROTOCOL on a cell. Ctrl-C stops safely: the cell off, the file finished."""
    from solbench.acquisition.control.run_control import RunControl
    from solbench.acquisition.record.beside.tags import distinct, read_tag
    from solbench.acquisition.run.start import Request, require_free, start
    from solbench.cli import inputs
    from solbench.cli.carrying_out import awake, finish, leave_to_itself, listening
    from solbench.cli.noticing import noticing
    from solbench.cli.progress import told
    from solbench.cli.stopping import safe_stop
    from solbench.protocols import check, estimate, raise_errors

    with errors_in_words():
        tags = distinct(read_tag(one, "--tag") for one in tag or ())
        loaded = inputs.read_protocol(protocol, settings)
        record = inputs.read_cell(cell)
        bench_file, bench_text = inputs.read_bench(bench, loaded, dummy_cell=dummy_cell, accepted=accepted)
        loaded, begun = inputs.continued(loaded, record, continues, Path(), simulated=bench_file.is_simulated)
        findings = check(loaded, record, instruments=bench_file.limits)
        raise_errors(findings, protocol, cell or "--cell")
        build = record.build(loaded.build)
        true = inputs.read_scenario(scenario, build, estimate(loaded, build).duration_s)
        if bench_file.kind == "simulated" and not detach:
            say("SIMULATION: no instrument is connected; the numbers come from the simulated bench.")
        for finding in findings:
            say(str(finding))
        path = inputs.output_path(output, loaded, record)
        require_free(path)
        inputs.require_room(path, loaded, build)
        notices = noticing(path, notify)
        if detach:
            leave_to_itself(path, json)
        if bench_file.kind != "simulated" and speed is not None:
            say(f"--speed does nothing here: {bench_file.name} has a clock of its own")
        request = Request(
            loaded,
            record,
            bench_file,
            bench_text,
            path,
            seed,
            speed,
            (*(settings or []), *begun),
            true,
            dialogue,
            tags=tags,
        )
        run_control = RunControl()
        began = time.monotonic()
        with (
            safe_stop(run_control),
            awake(path, bench_file),
            listening(build.area_m2, events, notices) as listeners,
            told("building the run file") as bar,
        ):
            result = start(request, run_control, listeners, published=True, told=bar)
        finish(result, time.monotonic() - began, json, events)
