"""Fitted spectra of files as a figure: Nyquist plots with equal axes, the fit, and its residuals under them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from solbench.analysis.batch import Job
from solbench.analysis.fitted import FittedSpectrum, JobResult
from solbench.analysis.report.figures.relaxation import draw_series
from solbench.analysis.report.render import painted, to_pdf_page, to_png, to_svg
from solbench.analysis.report.style import BLUE, VERMILLION, Drawing, grid, log_decades, width_in
from solbench.analysis.views.fit_table import states_of
from solbench.fitting.circuit import parse
from solbench.fitting.elements import Array, Complex
from solbench.fitting.verdicts import VERDICT_WORDS
from solbench.protocols.errors import BadInput

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ENDINGS = (".png", ".svg", ".pdf")
_ACROSS = 3
_LONGEST_NAME = 26
_MOST = 60  # panels; more are no figure
_CAPTION = (
    "Points are measured, lines the fit; open ones are left out. Axes are equal. Below: (Z - Z_fit)/|Z|, real part "
    "filled."
)
_Panel = tuple[str, FittedSpectrum, Array, Complex]


def write_figure(path: Path, jobs: Sequence[Job], results: Sequence[JobResult]) -> None:
    """Draw the fitted spectra of all jobs, three side by side; raises BadInput where there are none, or too many."""
    if path.suffix.lower() not in ENDINGS:
        raise BadInput("a figure ends in .png, .svg or .pdf", "Name it so", field="--figure")
    panels = [
        (_title(job, result, found), found, *job.spectra[job.numbers.index(found.index)])
        for job, result in zip(jobs, results, strict=True)
        for found in result.spectra
    ]
    if not 0 < len(panels) <= _MOST:
        raise BadInput(
            f"{len(panels)} fitted spectra cannot be drawn in one figure (1 to {_MOST} can)",
            "Name other files, or leave --figure out",
            field="--figure",
        )
    rows = [panels[start : start + _ACROSS] for start in range(0, len(panels), _ACROSS)]
    marks = list(dict.fromkeys(result.mark for result in results))
    marked = marks[0] if len(marks) == 1 else f"in part {'; '.join(filter(None, marks))}"
    distributions = [
        (Path(result.source).name, states)
        for job, result in zip(jobs, results, strict=True)
        if (states := states_of(job, result))
    ]
    columns = _ACROSS if distributions else min(len(panels), _ACROSS)

    def paint(figure: Figure) -> None:
        axes = grid(figure, columns, (2.6, 1.0) * len(rows) + (2.6,) * len(distributions))
        for place, row in enumerate(rows):
            for column, panel in enumerate(row):
                _draw(axes[2 * place][column], axes[2 * place + 1][column], panel)
            for column in range(len(row), len(axes[0])):
                axes[2 * place][column].set_axis_off()
                axes[2 * place + 1][column].set_axis_off()
        for row_of_axes, (title, states) in zip(axes[2 * len(rows) :], distributions, strict=True):
            draw_series(row_of_axes, f"{title}: relaxation times", states)
        if marked:
            figure.text(0.995, 0.995, marked, ha="right", va="top", color="#8f3e00", weight="bold", size=8)

    size = (width_in(columns), 5.4 * len(rows) + 3.6 * len(distributions))
    drawing = Drawing("fit", "Fitted spectra", _CAPTION, size, (), paint)
    _write(path, drawing)


def _write(path: Path, drawing: Drawing) -> None:
    ending = path.suffix.lower()
    with painted(drawing) as figure:
        if ending == ".png":
            to_png(figure, path)
        elif ending == ".pdf":
            path.write_bytes(to_pdf_page(figure, drawing.title))
        else:
            path.write_text(to_svg(figure, drawing), encoding="utf-8")


def _title(job: Job, result: JobResult, found: FittedSpectrum) -> str:
    name = Path(result.source).name
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME // 2]}...{name[-_LONGEST_NAME // 2 :]}"
    name = name if len(job.spectra) == 1 else f"{name}, spectrum {found.index}"
    return name if found.verdict == "good" else f"{name}: {VERDICT_WORDS[found.verdict]}"


def _draw(above: Axes, below: Axes, panel: _Panel) -> None:
    title, found, f, z = panel
    inside = (f >= found.from_Hz) & (f <= found.to_Hz)
    f, z = f[inside], z[inside]
    pale, kept = np.isin(f, found.left_out_Hz), ~np.isin(f, found.left_out_Hz)
    above.plot(z[pale].real, -z[pale].imag, "o", color=BLUE, mfc="none", ms=3.5, alpha=0.4)
    f, z = f[kept], z[kept]
    circuit = parse(found.circuit)
    fine = np.geomspace(found.from_Hz, found.to_Hz, 400)
    fitted, model = circuit.impedance(fine, found.values), circuit.impedance(f, found.values)
    above.set_title(title, fontsize=9)
    above.plot(z.real, -z.imag, "o", color=BLUE, ms=3.5)
    above.plot(fitted.real, -fitted.imag, "-", color=VERMILLION, lw=1.2, label=found.circuit)
    above.set_aspect("equal", adjustable="datalim")
    above.set_xlabel("Z' / ohm")
    above.set_ylabel("-Z'' / ohm")
    above.legend(loc="best")
    rest = 100.0 * (z - model) / np.abs(z)
    log_decades(below)
    below.plot(f, rest.real, "o", color=BLUE, ms=3)
    below.plot(f, rest.imag, "o", color=BLUE, ms=3, mfc="none", mew=0.7)
    below.axhline(0.0, color="black", lw=0.6)
    below.set_xlabel("frequency / Hz")
    below.set_ylabel("residual / %")
