"""Makes a report: reads the runs, draws, and writes the files; nothing is ever overwritten."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from solbench.acquisition.errors import OutputExists
from solbench.acquisition.host.platform import remove
from solbench.analysis.experiments import in_report
from solbench.analysis.report import (
    arcs,
    capacity,
    conductivities,
    contour,
    interface,
    methods,
    nyquist,
    tables,
    transients,
    voltages,
)
from solbench.analysis.report.contents import Content, read_contents
from solbench.analysis.report.figures import bode, currents, relaxation, symmetric
from solbench.analysis.report.page import html_page
from solbench.analysis.report.pdf import to_pdf
from solbench.analysis.report.render import painted, to_png, to_svg, to_svg_and_pdf_page
from solbench.analysis.report.style import Drawing
from solbench.analysis.report.tables import Table


@dataclass(frozen=True)
class Written:
    """The files of a report, whether a run in it was simulated, and the conclusions that it withholds, in words."""

    files: tuple[Path, ...]
    simulated: bool
    withheld: tuple[str, ...]


def write_report(
    runs: Sequence[Path],
    output: Path,
    *,
    pdf: Path | None = None,
    figures: Path | None = None,
    only: Sequence[str] | None = None,
) -> Written:
    """Write the report of `runs` as HTML to `output`, as PDF to `pdf`, its figures as SVG and PNG into `figures`.

    With `only` these kinds of `FIGURES`, and no tables of results but those of experiments.

    Raises OutputExists before anything is written where a file is there already, OSError before the runs are read where
    a page cannot be written, and RunFileError, FileNotFoundError for a run that cannot be read.
    """
    pages_of_it = [output, *([pdf] if pdf else [])]
    _require_new(pages_of_it)  # before the runs are read and fitted, which takes a while
    _require_writable(pages_of_it)
    contents = read_contents(runs)
    drawings = all_drawings(contents, only)
    singles = (
        {d.name: [figures / f"{d.name}.{kind}" for kind in ("svg", "png")] for d in drawings}
        if figures
        else {}
    )
    files = [*pages_of_it, *(path for pair in singles.values() for path in pair)]
    _require_new(files)
    if figures:
        figures.mkdir(exist_ok=True)
    pages: list[bytes] = []
    drawn = [(one, _draw(one, singles.get(one.name), pages if pdf else None)) for one in drawings]
    title, behind = title_of(contents), background_tables(contents)
    results = in_report.numbers(contents) if only is not None else result_tables(contents)
    with output.open("x", encoding="utf-8") as file:
        file.write(html_page(title, mark_of(contents), drawn, results, behind, _verbatim(contents)))
    if pdf:
        to_pdf(pdf, title, mark_of(contents), drawings, [*results, *behind], pages)
    withheld = tuple(words for content in contents for words in content.withheld)
    return Written(tuple(files), any(content.run.simulated for content in contents), withheld)


def _require_new(files: Iterable[Path]) -> None:
    for path in files:
        if path.exists():
            raise OutputExists(path)


def _require_writable(files: Iterable[Path]) -> None:
    for path in files:
        path.open("xb").close()
        remove(path)


FIGURES: dict[str, Callable[[Sequence[Content]], list[Drawing]]] = {
    "half-cells": voltages.half_cells,
    "experiments": in_report.drawings,
    "nyquist": nyquist.spectra,
    "bode": bode.spectra,
    "interface": interface.resistances,
    "full-cells": voltages.full_cells,
    "capacity": capacity.against_cycle,
    "polarization": transients.polarizations,
    "symmetric": symmetric.drawings,
    "pulses": voltages.pulses,
    "held-voltages": currents.held_voltages,
    "differential": voltages.differential,
    "drt": relaxation.distributions,
    "kramers-kronig": interface.kramers_kronig_residuals,
    "contour": contour.accuracy_contours,
}
"""The kinds of figures in the order of the report."""


def all_drawings(contents: Sequence[Content], only: Sequence[str] | None = None) -> list[Drawing]:
    """Return the figures that these runs can show, in the order of the report; `only` these kinds of `FIGURES`."""
    kinds = [draw for name, draw in FIGURES.items() if only is None or name in only]
    return [drawing for draw in kinds for drawing in draw(contents)]


def result_tables(contents: Sequence[Content]) -> list[Table]:
    """Return the tables of results that these runs can show."""
    found = (
        tables.corrections(contents),
        tables.changes(contents),
        tables.half_cells(contents),
        tables.cycles(contents),
        symmetric.cells(contents),
        symmetric.half_cycles(contents),
        conductivities.run_by_run(contents),
        conductivities.repeated_pellets(contents),
        conductivities.table(contents),
        conductivities.polarizations(contents),
        tables.overpotentials(contents),
        tables.spectra(contents),
        arcs.arcs(contents),
        arcs.alone(contents),
        tables.joint_fits(contents),
        relaxation.table(contents),
    )
    return [*in_report.numbers(contents), *(table for table in found if table is not None)]


def background_tables(contents: Sequence[Content]) -> list[Table]:
    """Return the tables of what stands behind the results."""
    found = (
        tables.runs(contents),
        methods.protocols(contents),
        methods.instruments(contents),
        methods.versions(contents),
    )
    return [table for table in found if table is not None]


def title_of(contents: Sequence[Content]) -> str:
    """Return the title: protocols and cells."""
    cells = ", ".join(dict.fromkeys(content.cell.name for content in contents))
    protocols = ", ".join(dict.fromkeys(c.run.header.protocol.name for c in contents))
    return f"{cells}: {protocols}"


def mark_of(contents: Sequence[Content]) -> str:
    """Return the sentence that marks a report with simulated runs, empty where there are none."""
    simulated = [content.run for content in contents if content.run.simulated]
    if not simulated:
        return ""
    units = ", ".join(dict.fromkeys(run.unit for run in simulated))
    if len(simulated) == len(contents):
        return (
            f"SIMULATED: everything on this page was made on the simulated bench (unit {units}). Nothing here was "
            "measured."
        )
    named = ", ".join(f"{run.path.name} (unit {run.unit})" for run in simulated)
    return f"SIMULATED: these runs were made on the simulated bench, not measured: {named}."


def _draw(drawing: Drawing, singles: Sequence[Path] | None, pages: list[bytes] | None) -> str:
    """Return a figure as SVG, write its files, and append it as PDF to the pages."""
    with painted(drawing) as figure:
        if pages is None:
            svg = to_svg(figure, drawing)
        else:
            svg, page = to_svg_and_pdf_page(figure, drawing)
            pages.append(page)
        if singles:
            singles[0].write_text(f'<?xml version="1.0" encoding="utf-8"?>\n{svg}', encoding="utf-8")
            to_png(figure, singles[1])
    return svg


def _verbatim(contents: Sequence[Content]) -> list[tuple[str, str]]:
    recorded = [content.run.header.protocol for content in contents]
    return list(dict.fromkeys((protocol.name, protocol.text) for protocol in recorded))
