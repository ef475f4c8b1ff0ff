"""Arguments that commands share and that need nothing loaded."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from solbench.protocols.shipped import shipped_protocols

RunArgument = Annotated[
    Path, typer.Argument(metavar="RUN", help="A run file (.h5), or its name without the ending.")
]
ProtocolArgument = Annotated[
    str,
    typer.Argument(
        metavar="PROTOCOL",
        help=f"A protocol file (YAML or JSON), or an included one: {', '.join(shipped_protocols())}.",
    ),
]
CellOption = Annotated[
    str | None, typer.Option("--cell", metavar="CELL", help="A cell record file, or nyzc, nps, nbh.")
]
BenchOption = Annotated[
    str | None,
    typer.Option(
        "--bench",
        metavar="BENCH",
        help="A bench file, or 'simulated'. Default: your bench file, else the simulated bench.",
    ),
]
ExaminedBenchOption = Annotated[
    str | None,
    typer.Option("--bench", metavar="BENCH", help="Examine this bench, too: a bench file, or 'simulated'."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change one value of the protocol; may be repeated."),
]
EventsOption = Annotated[
    bool, typer.Option("--events", help="Print each event as one JSON line, after it was written.")
]
SeedOption = Annotated[int, typer.Option(help="Seed of the simulated bench's noise and errors.")]
SpeedOption = Annotated[
    float | None, typer.Option(min=1e-3, help="Pace a simulated run: N experiment seconds per second.")
]
RunFileOption = Annotated[Path | None, typer.Option("-o", "--output", metavar="RUN.h5", help="The run file.")]
ScenarioOption = Annotated[
    str | None,
    typer.Option(
        "--scenario",
        metavar="FILE",
        help="What is truly on the simulated bench, if not what the record says: a file, or 'random'.",
    ),
]
DummyCellOption = Annotated[
    bool,
    typer.Option("--dummy-cell", help="A dummy cell is mounted: run on a bench that is not commissioned."),
]
AcceptedOption = Annotated[
    datetime | None,
    typer.Option(
        "--accepted",
        hidden=True,
        formats=["%Y-%m-%dT%H:%M:%S%z"],
        help="When the queue took this run: a commissioning that ends while it waits does not stop it.",
    ),
]
ContinuesOption = Annotated[
    str | None,
    typer.Option(
        "--continues",
        metavar="RUN|ID",
        help="The cell goes on from where it was left by this run, or by all runs below this folder of the cell with "
        "this id.",
    ),
]
NotifyOption = Annotated[
    bool,
    typer.Option(
        "--notify",
        help="Send notices at the end, at alarms and when something must be confirmed, to the addresses that solbench "
        "notify has stored.",
    ),
]
TagOption = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help="A tag of the run, to find it by; may be repeated."),
]
DialogueOption = Annotated[
    bool,
    typer.Option(
        "--dialogue", help="Record what is said on the wires beside the run; solbench replay plays it again."
    ),
]
