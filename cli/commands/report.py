"""`solbench report`: figures and tables of one or several runs on one page."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from solbench.cli import inputs
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json, say
from solbench.protocols.errors import BadInput

Runs = Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run files (.h5), side by side.")]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="REPORT.html", help="The page to be made.")]
Pdf = Annotated[bool, typer.Option("--pdf", help="Write REPORT.pdf too.")]
Figures = Annotated[
    Path | None, typer.Option("--figures", metavar="DIR", help="Each figure as SVG and PNG into this folder.")
]
Only = Annotated[
    str | None,
    typer.Option(
        "--only",
        metavar="KIND,...",
        help="These kinds of figures alone: half-cells, experiments, nyquist, bode, interface, capacity, drt ...",
    ),
]


@dataclass(frozen=True)
class Reported:
    """The files of a report, and the conclusions that it withholds, in words."""

    files: list[str]
    withheld: list[str]


def command(
    runs: Runs,
    output: Output,
    pdf: Pdf = False,
    figures: Figures = None,
    only: Only = None,
    json: JsonOption = False,
) -> None:
    """Make one self-contained page with the figures and tables of RUN...; exit code 1 if a conclusion is withheld."""
    with errors_in_words():
        page = _page(output)
        paths = [inputs.run_path(run) for run in runs]
        _require_folder(figures)
        _require_different(paths)
        from solbench.analysis.report.make import FIGURES, write_report

        kinds = _kinds(only, FIGURES)
        beside = page.with_suffix(".pdf") if pdf else None
        written = write_report(paths, page, pdf=beside, figures=figures, only=kinds)
        if written.simulated:
            say("SIMULATION: this report contains runs made on the simulated bench.")
        for words in written.withheld:
            say(f"solbench: {words}")
        files = [str(path) for path in written.files]
        if json:
            print_json(Reported(files, list(written.withheld)))
        else:
            print("\n".join(files))
        raise typer.Exit(ENDED_OTHERWISE if written.withheld else COMPLETED)


def _kinds(only: str | None, known: Iterable[str]) -> list[str] | None:
    if only is None:
        return None
    kinds = [kind.strip() for kind in only.split(",")]
    for kind in kinds:
        if kind not in known:
            raise BadInput(
                f"there is no kind of figure '{kind}'", f"Write some of {', '.join(known)}", field="--only"
            )
    return kinds


def _page(output: Path) -> Path:
    if output.suffix.lower() not in (".html", ".htm"):
        raise BadInput(
            "the report is an HTML page", f"Write {output.stem}.html", field="-o", file=str(output)
        )
    if not output.absolute().parent.is_dir():
        raise BadInput(
            "the folder does not exist", "Make it first, or choose another", field="-o", file=str(output)
        )
    return output


def _require_folder(figures: Path | None) -> None:
    if (
        figures is not None
        and not figures.is_dir()
        and (figures.exists() or not figures.absolute().parent.is_dir())
    ):
        raise BadInput(
            "no folder can be created here",
            "Name a folder, or a new one in a folder that exists",
            field="--figures",
            file=str(figures),
        )


def _require_different(paths: list[Path]) -> None:
    twice = {str(path) for path in paths if paths.count(path) > 1}
    if twice:
        raise BadInput("this run is named twice", "Name each run once", file=", ".join(sorted(twice)))
