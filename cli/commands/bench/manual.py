"""`solbench manual`, `hold`, `off`, `finish`: set a current or a voltage by hand, every second of it recorded."""

import time
from typing import Annotated

import typer

from solbench.acquisition.control.messages import ManualRequest
from solbench.acquisition.control.registry import find
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.engine.manual.requests import step_of
from solbench.acquisition.run.start import Request, require_free, start
from solbench.cli import arguments, inputs
from solbench.cli.carrying_out import awake, finish, leave_to_itself, listening
from solbench.cli.commands.verbs import WAIT_S, NoWait, RunName, WaitOption, ask
from solbench.cli.noticing import noticing
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, say
from solbench.cli.progress import told
from solbench.cli.stopping import safe_stop
from solbench.protocols import CellRecord, Protocol, check, raise_errors
from solbench.protocols.errors import BadInput
from solbench.protocols.protocol import from_data

AT_MOST = "8 h"
AT_ONCE = "10 min"  # a run that only holds one thing waits for nothing afterwards
EVERY = "1 s"

CurrentOption = Annotated[
    str, typer.Option("--current", metavar="I", help="Hold this current; positive charges, as in '10 uA'.")
]
VoltageOption = Annotated[
    str, typer.Option("--voltage", metavar="V", help="Hold this cell voltage, as in '1.2 V'.")
]
CurrentLimitOption = Annotated[
    str, typer.Option("--current-limit", metavar="I", help="With --voltage: the largest current on the way.")
]
ForOption = Annotated[str, typer.Option("--for", metavar="TIME", help="For so long, as in '5 min'.")]
CapacityOption = Annotated[
    str, typer.Option("--capacity", metavar="Q", help="Until so much charge has flowed, as in '0.1 mAh/cm2'.")
]
UntilOption = Annotated[
    str, typer.Option("--until-voltage", metavar="V", help="With --current: until this voltage is reached.")
]


def manual(
    bench: Annotated[
        str | None, typer.Argument(metavar="[BENCH]", help="A bench file, or 'simulated'.")
    ] = None,
    cell: arguments.CellOption = None,
    build: Annotated[
        str | None, typer.Option("--build", metavar="BUILD", help="Which build of the cell record it is.")
    ] = None,
    voltage_min: Annotated[
        str | None, typer.Option("--voltage-min", metavar="V", help="Lower limit of the cell voltage.")
    ] = None,
    voltage_max: Annotated[
        str | None, typer.Option("--voltage-max", metavar="V", help="Upper limit of the cell voltage.")
    ] = None,
    current_max: Annotated[
        str | None,
        typer.Option("--current-max", metavar="I", help="Largest current; by default the cell record's."),
    ] = None,
    temperature: Annotated[
        str, typer.Option("--temperature", metavar="T", help="Of the cell, as in '25 degC'.")
    ] = "unknown",
    current: CurrentOption = "",
    voltage: VoltageOption = "",
    current_limit: CurrentLimitOption = "",
    time_: ForOption = "",
    capacity: CapacityOption = "",
    until_voltage: UntilOption = "",
    at_most: Annotated[
        str, typer.Option("--at-most", metavar="TIME", help="End when nothing has been set for so long.")
    ] = AT_MOST,
    seed: arguments.SeedOption = 0,
    speed: arguments.SpeedOption = None,
    output: arguments.RunFileOption = None,
    json: JsonOption = False,
    detach: Annotated[bool, typer.Option("--detach", help="Run in a separate process.")] = False,
    dummy_cell: arguments.DummyCellOption = False,
    dialogue: arguments.DialogueOption = False,
) -> None:
    """Hold a current or a voltage by hand: at once, or whatever `solbench hold` then sets in this run.

    With --current or --voltage this is held once, and the run ends with the cell off. Without them the cell rests until
    something is set. Exceeding a limit ends the run with the cell off, and so do Ctrl-C and solbench stop.
    """
    with errors_in_words():
        wish = ManualRequest(
            current=current,
            voltage=voltage,
            current_limit=current_limit or (current_max or "" if voltage else ""),
            time=time_,
            capacity=capacity,
            until_voltage=until_voltage,
            then_finish=True,
        )
        at_once = bool(current or voltage)
        if at_once:
            step_of(wish)
            at_most = AT_ONCE
        elif time_ or capacity or until_voltage:
            raise BadInput(
                "it is not said what is held",
                "Say --current or --voltage, or leave the end out",
                field="--for",
            )
        record = inputs.read_cell(cell)
        limits = _limits(voltage_min, voltage_max, current_max)
        name = _build(record, build)
        protocol = manual_protocol(name, limits, at_most, temperature)
        bench_file, bench_text = inputs.read_bench(bench, protocol, dummy_cell=dummy_cell)
        findings = check(protocol, record, instruments=bench_file.limits)
        raise_errors(findings, "the limits", cell or "--cell")
        if bench_file.kind == "simulated" and not detach:
            say("SIMULATION: no instrument is connected; the numbers come from the simulated bench.")
        path = inputs.output_path(output, protocol, record)
        require_free(path)
        made = record.build(name)
        inputs.require_room(path, protocol, made)
        if detach:
            leave_to_itself(path, json)
        for finding in findings:
            say(str(finding))
        if not at_once:
            say(
                f"set something: solbench hold {path.stem} --current '10 uA' --for '5 min'; solbench off, finish, stop"
            )
            speed = speed or (
                1.0 if bench_file.kind == "simulated" else None
            )  # a person cannot keep up otherwise
        request = Request(
            protocol,
            record,
            bench_file,
            bench_text,
            path,
            seed,
            speed,
            dialogue=dialogue,
            by_hand=wish if at_once else None,
        )
        run_control = RunControl()
        began = time.monotonic()
        with (
            safe_stop(run_control),
            awake(path, bench_file),
            listening(made.area_m2, events=False, more=noticing(path, asked=False)) as listeners,
            told("building the run file") as bar,
        ):
            result = start(request, run_control, listeners, published=True, told=bar)
        finish(result, time.monotonic() - began, json, events=False)


def hold(
    run: RunName = None,
    current: CurrentOption = "",
    voltage: VoltageOption = "",
    current_limit: CurrentLimitOption = "",
    time_: ForOption = "",
    capacity: CapacityOption = "",
    until_voltage: UntilOption = "",
    json: JsonOption = False,
    wait_s: WaitOption = WAIT_S,
    no_wait: NoWait = False,
) -> None:
    """Set a current or a voltage in a manual run: the cell is switched on, and off again when the end is reached.

    What is held already ends first.
    """
    wish = ManualRequest(
        current=current,
        voltage=voltage,
        current_limit=current_limit,
        time=time_,
        capacity=capacity,
        until_voltage=until_voltage,
    )
    _ask(run, wish, json, 0.0 if no_wait else wait_s)


def off(
    run: RunName = None, json: JsonOption = False, wait_s: WaitOption = WAIT_S, no_wait: NoWait = False
) -> None:
    """Switch the cell of a manual run off; the run goes on at rest."""
    _ask(run, ManualRequest(do="off"), json, 0.0 if no_wait else wait_s)


def finish_by_hand(
    run: RunName = None, json: JsonOption = False, wait_s: WaitOption = WAIT_S, no_wait: NoWait = False
) -> None:
    """End a manual run as completed: the cell off, the file finished."""
    _ask(run, ManualRequest(do="finish"), json, 0.0 if no_wait else wait_s)


def manual_protocol(build: str, limits: dict[str, str], at_most: str, temperature: str) -> Protocol:
    """Return the protocol of a manual run: one step, with limits (quantities with units); raises BadInput."""
    return from_data(
        {
            "name": "manual",
            "build": build,
            "conditions": {"temperature": temperature, "stack_pressure": "unknown", "cell_state": "used"},
            "safety": dict(limits),
            "record": {"every": EVERY},
            "steps": [{"name": "manual", "kind": "manual", "at_most": at_most}],
        },
        "manual",
    )


def _limits(voltage_min: str | None, voltage_max: str | None, current_max: str | None) -> dict[str, str]:
    """Return the limits of the run; raises BadInput where a voltage limit is missing."""
    limits: dict[str, str] = {}
    for field, text in (("voltage_min", voltage_min), ("voltage_max", voltage_max)):
        if not text:
            raise BadInput(
                "nothing is set by hand without limits of the voltage",
                "Say both, as in --voltage-min '0.05 V' --voltage-max '2.5 V'",
                field=f"--{field.replace('_', '-')}",
            )
        limits[field] = text
    return limits | ({"current_max": current_max} if current_max else {})


def _build(record: CellRecord, build: str | None) -> str:
    """Return the build that is mounted; raises BadInput where there are several and none is named."""
    names = list(record.builds)
    if build in names:
        return str(build)
    if build is None and len(names) == 1:
        return str(names[0])
    problem = "it is not said which build is mounted" if build is None else f"there is no build '{build}'"
    raise BadInput(problem, f"Name one of: {', '.join(names)}", field="--build", file=record.name)


def _ask(run: str | None, wish: ManualRequest, json: bool, wait_s: float) -> None:
    with errors_in_words():
        done = ask(find(run), lambda client: client.manual(wish), json, wait_s)
        raise typer.Exit(COMPLETED if done else ENDED_OTHERWISE)
