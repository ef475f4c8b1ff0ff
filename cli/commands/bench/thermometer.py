"""`solbench thermometer`: read the thermometers of a bench, and compare one with ice water or with another."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.bench.bench import open_gauges
from solbench.acquisition.bench.bench_file import BenchFile, load_bench
from solbench.acquisition.bench.gauges.comparing import (
    ICE,
    NotCompared,
    Reference,
    compare,
    comparison_path,
    write_comparison,
)
from solbench.acquisition.bench.gauges.shown import Shown, read_all
from solbench.acquisition.bench.gauges.watched import WatchedGauge
from solbench.cli.inputs import read_quantity
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json, say
from solbench.drivers.clock import Clock
from solbench.protocols.errors import BadInput

_DAY_S = 86400.0


@dataclass(frozen=True)
class Thermometers:
    """What `--json` prints of thermometers that are read."""

    thermometers: tuple[Shown, ...]


@dataclass(frozen=True)
class Compared:
    """A comparison as it was written into `file`."""

    name: str
    against: str
    shown: str
    reference: str
    uncertainty: str
    file: str


def command(
    bench: Annotated[str, typer.Argument(metavar="BENCH", help="The bench file.")],
    gauge: Annotated[
        str | None, typer.Option("--gauge", metavar="NAME", help="Which one; needed if there are several.")
    ] = None,
    ice: Annotated[bool, typer.Option("--ice", help="It is in ice water: compare it with 0 degC.")] = False,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="NAME", help="It is beside this other sensor: compare both."),
    ] = None,
    lasts: Annotated[str, typer.Option("--for", metavar="TIME", help="How long it is compared.")] = "2 min",
    json: JsonOption = False,
) -> None:
    """Read the thermometers of BENCH, or compare one; the cell and its instruments are left alone.

    A comparison is written beside BENCH, and every run uses it.
    """
    with errors_in_words():
        if ice and against is not None:
            raise BadInput("--ice and --against exclude each other", "Leave one of them out", field="--ice")
        bench_file, _ = load_bench(bench)
        lasts_s, file = _seconds(lasts), _comparisons_beside(bench) if ice or against is not None else None
        clock, gauges, close = open_gauges(bench_file)
        try:
            if file is None:
                code = _show(read_all(gauges, clock), json)
            else:
                one = _chosen(gauges, gauge, bench_file)
                other = ICE if against is None else _chosen(gauges, against, bench_file, "--against")
                code = _compare(one, other, clock, lasts_s, file, json)
        finally:
            close()
    raise typer.Exit(code)


def _show(found: list[Shown], json: bool) -> int:
    if json:
        print_json(Thermometers(tuple(found)))
    else:
        for one in found:
            print(f"{one.name}: {one}")
        if not found:
            say(
                "this bench has no thermometer on a line of its own. List them under `gauges` in the bench file"
            )
    return ENDED_OTHERWISE if any(one.problem for one in found) else COMPLETED


def _compare(
    gauge: WatchedGauge, other: Reference | WatchedGauge, clock: Clock, lasts_s: float, file: Path, json: bool
) -> int:
    """Compare a thermometer and write that down; raises BadInput."""
    today = datetime.now(UTC).astimezone().date()
    try:
        entry = compare(gauge, other, clock, lasts_s, today, _quiet if json else say)
    except NotCompared as error:
        raise BadInput(str(error), field=gauge.nature.name) from error
    name = gauge.nature.name
    write_comparison(file, name, entry)
    found = Compared(
        name, entry.against, str(entry.shown), str(entry.reference), str(entry.uncertainty), str(file)
    )
    if json:
        print_json(found)
    else:
        print(
            f"{name} shows {found.shown} against {found.against} with {found.reference}, +- {found.uncertainty}. "
            f"Written into {file}; runs correct it from now on."
        )
    return COMPLETED


def _quiet(_text: str) -> None:
    return


def _seconds(text: str) -> float:
    seconds = read_quantity(text, "time", "--for")
    if seconds > _DAY_S:
        raise BadInput(f"'{text}' is too long to compare for", "Write a day or less: 2 min", field="--for")
    return seconds


def _comparisons_beside(bench: str) -> Path:
    if bench == "simulated":
        raise BadInput("the simulated bench has no file to write beside", "Name a bench file", field="BENCH")
    return comparison_path(Path(bench))


def _chosen(
    gauges: tuple[WatchedGauge, ...], name: str | None, bench: BenchFile, option: str = "--gauge"
) -> WatchedGauge:
    thermometers = {one.nature.name: one for one in gauges if one.nature.accuracy is not None}
    if name is None and len(thermometers) == 1:
        return next(iter(thermometers.values()))
    if name is None or name not in thermometers:
        asked = (
            "which thermometer is meant is not said" if name is None else f"there is no thermometer '{name}'"
        )
        listed = ", ".join(thermometers) or "none: add one under gauges"
        raise BadInput(asked, f"There are: {listed}", file=bench.source, field=option)
    return thermometers[name]
