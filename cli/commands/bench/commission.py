"""`solbench commission`: measure a bench on parts of known value, step by step, and keep what was found."""

import getpass
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from solbench.acquisition.bench.bench import Bench
from solbench.acquisition.bench.bench_file import (
    DEFAULT_UNIT,
    BenchFile,
    dump_bench,
    load_bench,
    parse_bench,
    record_path,
    simulated_unit,
)
from solbench.acquisition.bench.commissioning.record import STEPS, CommissioningRecord, Step
from solbench.acquisition.bench.commissioning.standing import are_missing, steps_of
from solbench.acquisition.bench.truth import require_unit
from solbench.acquisition.commission.itself import ByItself, mounts_by_itself
from solbench.acquisition.commission.messages import Over
from solbench.acquisition.commission.operator import NotAtHand, Operator, Unusable
from solbench.acquisition.commission.procedure import (
    Keep,
    Plan,
    carry_out,
    commissioned_of,
    dialogue_of,
    identities_of,
    opened,
    require_same,
)
from solbench.acquisition.commission.verify import Compared, verify
from solbench.acquisition.commission.workbench import Workbench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import State
from solbench.cli.guided import ByLines, done, planned
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json, say
from solbench.cli.stopping import safe_stop
from solbench.cli.terminal import AtTerminal
from solbench.drivers.clock import Interrupted
from solbench.protocols.errors import BadInput
from solbench.protocols.files import read_text

BenchArgument = Annotated[
    str, typer.Argument(metavar="BENCH", help="A bench file; or 'simulated', with --unit.")
]


@dataclass(frozen=True)
class Commissioned:
    """What `--json` prints: the file of the record, and what it lacks for direct current and for spectra."""

    record: str
    steps: dict[str, str]
    lacks_direct: list[str]
    lacks_spectra: list[str]


@dataclass(frozen=True)
class Verified:
    """What `--verify --json` prints."""

    record: str
    compared: list[Compared]


def command(
    bench: BenchArgument,
    unit: Annotated[
        str | None,
        typer.Option(
            "--unit", metavar="N", help="Which simulated specimen: 'typical', or a number; for 'simulated'."
        ),
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who commissions the bench.")] = None,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="F,G", help="Carry out these steps, even if passed before."),
    ] = None,
    leave_out: Annotated[
        str | None, typer.Option("--leave-out", metavar="G", help="Leave these steps out.")
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Begin a new record instead of continuing the existing one.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--verify", help="Three minutes on the dummy cell: is the bench as its record says?"),
    ] = False,
    show: Annotated[
        bool, typer.Option("--plan", help="Say where each step stands and what it found; measure nothing.")
    ] = False,
    guided: Annotated[
        bool,
        typer.Option(
            "--guided", help="Ask and answer in JSON lines on stdin and stdout, as the window does."
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Commission a bench: measure it on parts of known value, and keep what was found beside the bench file.

    It asks for one part after another, and says how to clamp it and what it costs to leave it out; the leads are off
    meanwhile. Results are kept: started again, it goes on with the steps that are missing or have failed.
    """
    with errors_in_words():
        path, file = _target(bench, unit, anew)
        where = record_path(path, file.commissioning)
        if check:
            _verify(file, where, json)
        # one that ships is no record of what was carried out here
        before = file.record.record if file.record is not None and where.exists() else None
        who = "" if show else _who(by, file)
        applies = steps_of(file)[0]
        chosen, left = _steps(only, "--only", applies), _steps(leave_out, "--leave-out", STEPS)
        plan = Plan(who, chosen, left, before, applies=applies)
        if not path.exists():
            path.write_text(dump_bench(file), encoding="utf-8")
            say(f"{path} is written: the bench file of this unit")
        if show:
            _show_plan(file, where, plan, json)
        if guided:
            _guide(file, where, plan)
        if not plan.steps:
            say("all steps have been passed; --only carries some out again, --anew all of them")
            assert before is not None
            _leave(file, before, where, json)
        record = _measured(file, where, plan)
        _leave(file, record, where, json)


def _measured(file: BenchFile, where: Path, plan: Plan) -> CommissioningRecord:
    """Carry a plan out; raises BadInput, Fault, and Exit where it was stopped."""
    run_control = RunControl()
    try:
        return _carried_out(
            file,
            where,
            plan,
            run_control,
            lambda on_bench: _operator(on_bench, run_control),
            lambda kept: kept.write(where),
        )
    except Interrupted as stopped:
        say(f"{stopped.reason}; the bench is safe, and what was carried out is in {where}")
        raise typer.Exit(ENDED_OTHERWISE) from None


def _carried_out(
    file: BenchFile,
    where: Path,
    plan: Plan,
    run_control: RunControl,
    operator: Callable[[Bench], Operator],
    keep: Keep,
) -> CommissioningRecord:
    """Carry a plan out on the bench with what is said on its wires beside the record; raises Interrupted too."""
    recorder = dialogue_of(file, where, run_control)
    with safe_stop(run_control):
        try:
            with opened(file, run_control, where, dialogue=recorder) as on_bench:
                return carry_out(
                    on_bench, operator(on_bench), replace(plan, dialogue=recorder.path.name), keep
                )
        finally:
            recorder.close()
            run_control.state = State.ENDED


def _show_plan(file: BenchFile, where: Path, plan: Plan, json: bool) -> NoReturn:
    """Print where each step stands, and leave."""
    found = planned(plan, file, str(where))
    if json:
        print_json(found)
        raise typer.Exit(COMPLETED)
    for one in found.steps:
        stands = one.outcome.replace("_", " ") if one.outcome is not None else "not yet"
        print(f"{one.step}  {one.name}: {stands}{f': {one.remark}' if one.remark else ''}")
        print(f"     passes within: {one.passes}")
        for value in one.values:
            print(f"     {value.name}: {value.text}")
    raise typer.Exit(COMPLETED)


def _guide(file: BenchFile, where: Path, plan: Plan) -> NoReturn:
    """Carry a plan out for another program that speaks to the person, and leave; raises BadInput and Fault."""
    run_control = RunControl()
    by_lines = ByLines(run_control)
    print_json(planned(plan, file, str(where)))
    record, stopped = plan.before, ""

    def keep(kept: CommissioningRecord) -> None:
        nonlocal record
        kept.write(where)
        for step, one in kept.steps.items():
            if record is None or record.steps.get(step) != one:
                print_json(done(step, one, kept))
        record = kept

    def operator(on_bench: Bench) -> Operator:
        by_lines.itself = ByItself(on_bench, by_lines.tell) if mounts_by_itself(on_bench) else None
        return by_lines

    try:
        if plan.steps:
            _carried_out(file, where, plan, run_control, operator, keep)
    except Interrupted as interrupted:
        stopped = interrupted.reason
    direct, spectra = (record.missing(steps) if record is not None else steps for steps in steps_of(file)[1:])
    print_json(
        Over(
            record=str(where),
            lacks_direct=direct,
            lacks_spectra=spectra,
            standing=_standing(file, direct, spectra),
            ends=record.ends if record is not None else None,
            stopped=stopped,
        )
    )
    raise typer.Exit(ENDED_OTHERWISE if stopped or direct or spectra else COMPLETED)


def _verify(file: BenchFile, where: Path, json: bool) -> NoReturn:
    """Compare a bench with its record, and leave."""
    if file.record is None:
        raise BadInput("this bench has no commissioning record", "Commission it", file=str(where))
    run_control = RunControl()
    with safe_stop(run_control):
        try:
            with opened(file, run_control, where) as on_bench:
                commissioned = commissioned_of(on_bench)
                require_same(file.record.record, on_bench, identities_of(commissioned))
                on = Workbench(commissioned, on_bench.clock, _operator(on_bench, run_control))
                compared = verify(on, file.record.record)
        except Interrupted as stopped:
            say(f"{stopped.reason}; the bench is safe")
            raise typer.Exit(ENDED_OTHERWISE) from None
        except (NotAtHand, Unusable) as wrong:
            say(f"nothing was verified: {wrong}")
            raise typer.Exit(ENDED_OTHERWISE) from None
        finally:
            run_control.state = State.ENDED
    if json:
        print_json(Verified(str(where), list(compared)))
    else:
        for one in compared:
            print(one)
    raise typer.Exit(ENDED_OTHERWISE if any(one.moved for one in compared) else COMPLETED)


def _operator(bench: Bench, run_control: RunControl) -> Operator:
    return ByItself(bench, say) if mounts_by_itself(bench) else AtTerminal(run_control.poll)


def _target(reference: str, unit: str | None, anew: bool) -> tuple[Path, BenchFile]:
    """Return the bench file and what it says; that of a bare 'simulated' need not be there yet. Raises BadInput.

    Where it is begun `anew` the record that is there is not read: it may be damaged, or of another bench.
    """
    if reference != "simulated" and unit is not None:
        raise BadInput(
            "--unit is for a bench that is simulated without a file", "Write it into the file", field="--unit"
        )
    name = unit if unit is not None else DEFAULT_UNIT
    path = Path(f"unit-{name}.yaml") if reference == "simulated" else Path(reference)
    if reference == "simulated" and not path.exists():
        made = simulated_unit(f"unit {name}", name)
        require_unit(made)
        return path, made.read_from(str(path))
    if anew:
        return path, parse_bench(read_text(path, str(path)), str(path))
    return path, load_bench(str(path))[0]


def _steps(text: str | None, field: str, applies: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps that an option names, of those that the bench has; raises BadInput."""
    named = [part.strip().upper() for part in text.split(",")] if text else []
    for one in named:
        if one not in applies:
            raise BadInput(f"there is no step '{one}'", f"There are: {', '.join(applies)}", field=field)
    return tuple(step for step in applies if step in named)


def _who(by: str | None, bench: BenchFile) -> str:
    """Return who commissions; raises BadInput where nobody says so."""
    if by:
        return by
    if bench.kind == "simulated":
        return getpass.getuser()
    raise BadInput(
        "it is not said who commissions the bench", "Write it as in --by 'E. Example'", field="--by"
    )


def _leave(file: BenchFile, record: CommissioningRecord, where: Path, json: bool) -> None:
    """Print what the record lacks, and leave."""
    direct, spectra = (record.missing(steps) for steps in steps_of(file)[1:])
    if json:
        steps: dict[str, str] = {step: one.outcome for step, one in record.steps.items()}
        print_json(Commissioned(str(where), steps, list(direct), list(spectra)))
    else:
        print(f"{where}: {_standing(file, direct, spectra)}")
    raise typer.Exit(ENDED_OTHERWISE if direct or spectra else COMPLETED)


def _standing(file: BenchFile, direct: tuple[Step, ...], spectra: tuple[Step, ...]) -> str:
    if direct:
        return f"nothing but dummy cells may be driven: {are_missing(direct)}"
    if spectra:
        return f"direct current is permitted; for spectra {are_missing(spectra)}"
    if "impedance" in file.abilities:
        return "direct current and spectra are permitted"
    if "standalone impedance" in file.abilities:
        return "direct current and spectra of the 1260 alone are permitted"
    return "direct current is permitted; this bench takes no spectra"
