"""`solbench correct`: what was typed wrongly about the cell of a run is put right; every conclusion is made anew."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.control.outcome import goes_on
from solbench.acquisition.record.correcting.corrections import Change, Correction, correct, described_by
from solbench.acquisition.record.reader import open_run, outline_of
from solbench.cli import inputs
from solbench.cli.arguments import RunArgument
from solbench.cli.output import BAD_INPUT, JsonOption, errors_in_words, print_json, say
from solbench.protocols.corrections.changes import LEFT_OUT, Value, fields_of
from solbench.protocols.corrections.mask import read_mask
from solbench.protocols.errors import FieldError

SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=VALUE",
        help="A field as it should have been: mass, thickness, area, diameter, temperature, name, cell_id ...; "
        "left_out='3: 50 Hz, 100 kHz-1 MHz' leaves out points of spectra; may be repeated. Without it the fields "
        "are listed.",
    ),
]
WhoOption = Annotated[str | None, typer.Option("--who", metavar="NAME", help="Who makes the correction.")]
WhyOption = Annotated[
    str | None, typer.Option("--why", metavar="TEXT", help="Why, for those who read the run.")
]


@dataclass(frozen=True)
class Field:
    """A field that can be corrected: what was recorded, and what holds now; None where it is not written."""

    field: str
    recorded: Value
    present: Value


@dataclass(frozen=True)
class Corrected:
    """What `--json` prints: the fields as they are now, all corrections, and what is unusual about the last one."""

    run: str
    fields: list[Field]
    corrections: list[Correction]
    made: bool
    doubts: list[str]


def command(
    run: RunArgument,
    settings: SetOption = None,
    who: WhoOption = None,
    why: WhyOption = None,
    json: JsonOption = False,
) -> None:
    """Correct what was typed about the cell of RUN, or leave out points; what was measured and recorded stays as it is.

    The correction is kept beside the run. Summary, fits, reports, exports, the window and solbench.open apply it and
    show it. It is undone by another correction.
    """
    with errors_in_words():
        path = inputs.run_path(run)
        doubts: tuple[str, ...] = ()
        made: Correction | None = None
        if settings:
            _require_points(path, settings)
            found = outline_of(path)
            changed, made = correct(path, found.recorded, settings, who or "", why or "")
            doubts = changed.doubts
            if goes_on(found.header.run) is not None:
                say("The run is in progress: its program goes on with what was typed before.")
        elif who or why:
            say("solbench: nothing is set. Write --set FIELD=VALUE; without it the fields are listed.")
            raise typer.Exit(BAD_INPUT)
        found = outline_of(path)
        first = fields_of(described_by(found.recorded, (), path.name))
        last = fields_of(described_by(found.recorded, found.corrections, path.name))
        fields = [Field(name, first.get(name), last.get(name)) for name in {**first, **last}]
        for doubt in doubts:
            say(doubt)
        if json:
            print_json(Corrected(str(path), fields, list(found.corrections), made is not None, list(doubts)))
        elif made is not None:
            _say_made(path.stem, made)
        else:
            _list(fields, found.corrections)


def _require_points(path: Path, settings: list[str]) -> None:
    """Raise BadInput where points are to be left out that the run has not."""
    texts = [text for name, _, text in (one.partition("=") for one in settings) if name.strip() == LEFT_OUT]
    if not texts or texts[-1].strip() == "null":
        return
    from solbench.analysis.fit_settings import require_points

    run = open_run(path)
    try:
        mask = read_mask(texts[-1])
    except FieldError:
        return  # told with the other fields
    spectra = [(path, one.spectrum, run.points_of(one)["frequency_Hz"]) for one in run.spectra]
    require_points(mask, spectra, f"--set {LEFT_OUT}")


def _say_made(name: str, made: Correction) -> None:
    print(f"corrected: {made.words}")
    back = " ".join(f"--set {_quoted(change)}" for change in made.changes)
    print(f"every conclusion follows it from now on: solbench summary {name}")
    print(f"to undo it: solbench correct {name} {back} --who NAME --why TEXT")


def _quoted(change: Change) -> str:
    value = change.before
    shown = "null" if value is None else str(value).lower() if isinstance(value, bool) else value
    return f'"{change.field}={shown}"'


def _list(fields: list[Field], corrections: tuple[Correction, ...]) -> None:
    """Print the fields, those that were corrected with what was recorded."""
    for field in fields:
        if field.present is None and field.recorded is None:
            continue
        was = "" if field.present == field.recorded else f"   (recorded: {field.recorded or '(none)'})"
        print(f"{field.field:<32} {field.present}{was}")
    for correction in corrections:
        print(f"CORRECTED: {correction.words}")
