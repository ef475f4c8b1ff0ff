"""`solbench cell`: the life of a cell, its runs and what other cyclers did to it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from solbench.cli.inputs import read_quantity
from solbench.cli.output import BAD_INPUT, JsonOption, errors_in_words, print_json, require_new, say
from solbench.protocols.cells import CellKind
from solbench.protocols.errors import BadInput

CellArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[ID]",
        help="The id of the cell (`cell_id`), else the name of its record. Without it: all cells.",
    ),
]
FolderOption = Annotated[
    Path, typer.Option("--folder", metavar="DIR", help="Where the runs are; folders below it count.")
]
AddOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--add",
        metavar="FILE",
        help="A file of another cycler: CorrWare .cor, EC-Lab .mpt, Neware .nda or .ndax, Landt, BDF, any table that "
        "names its units; may be repeated.",
    ),
]
RemoveOption = Annotated[
    list[Path] | None,
    typer.Option("--remove", metavar="FILE", help="Remove an added file again."),
]
StartedOption = Annotated[
    datetime | None,
    typer.Option(
        "--started",
        formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        help="When the measurement in the added file began, if the file does not say it.",
    ),
]
KindOption = Annotated[CellKind | None, typer.Option("--kind", help="What the cell is, if no run says it.")]
AreaOption = Annotated[
    str | None, typer.Option("--area", metavar="AREA", help="Its area, if no run says it.")
]
MassOption = Annotated[
    str | None,
    typer.Option("--mass", metavar="MASS", help="Mass of its active material, if no run says it."),
]
TableOption = Annotated[
    Path | None, typer.Option("--table", metavar="FILE", help="Write cycles and resistances as CSV.")
]
FigureOption = Annotated[
    Path | None, typer.Option("--figure", metavar="FILE", help="Draw the life (.png, .svg, .pdf).")
]


def command(
    cell: CellArgument = None,
    folder: FolderOption = Path(),
    add: AddOption = None,
    remove: RemoveOption = None,
    started: StartedOption = None,
    kind: KindOption = None,
    area: AreaOption = None,
    mass: MassOption = None,
    table: TableOption = None,
    figure: FigureOption = None,
    json: JsonOption = False,
) -> None:
    """Show the life of the cell ID: capacity, Coulombic efficiency and resistances over all its runs and files."""
    from solbench.analysis.history.added import add as add_file
    from solbench.analysis.history.added import take_away
    from solbench.analysis.history.life import Given, cells_in, life_of
    from solbench.analysis.history.output import as_text, write_figure, write_table
    from solbench.analysis.imports.cycling.files import read_other

    with errors_in_words():
        place = folder.absolute()
        if not place.is_dir():
            raise BadInput("there is no such folder", "Name another one", field="--folder", file=str(folder))
        if cell is None:
            for option, given in (
                ("--add", add),
                ("--remove", remove),
                ("--table", table),
                ("--figure", figure),
            ):
                if given:
                    files = ", ".join(str(path) for path in (given if isinstance(given, list) else [given]))
                    raise BadInput(f"{option} {files} needs the cell's ID", "Name it", field="ID")
            cells = sorted(cells_in(place))
            print("\n".join(cells) if cells else f"There are no runs in {place}.")
            raise typer.Exit(0 if cells else BAD_INPUT)
        require_new(table, "--table")
        require_new(figure, "--figure", (".png", ".svg", ".pdf"))
        for path in add or []:
            record, spectra = read_other(path)  # refused here, and not when the life is read
            add_file(place, cell, path, started.isoformat() if started is not None else "")
            readings = (
                f"{len(record.time_s)} readings by {record.program}" if record is not None else "no readings"
            )
            say(f"{path}: {readings}, {len(spectra)} spectra, now of the cell {cell}")
        for path in remove or []:
            take_away(place, cell, path)
            say(f"{path}: no longer of the cell {cell}")
        typed = Given(
            kind,
            read_quantity(area, "area", "--area") if area is not None else None,
            read_quantity(mass, "mass", "--mass") if mass is not None else None,
        )
        life = life_of(cell, place, typed)
        if life.simulated:
            say("SIMULATION: runs of this cell were made on the simulated bench.")
        if table is not None:
            write_table(table, life)
        if figure is not None:
            write_figure(figure, life)
        if json:
            print_json(life)
        else:
            print(as_text(life))
