"""Drawings become SVG, PNG or pages of a PDF; every figure of a simulated run carries its mark."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solbench.analysis.report.style import SETTINGS, VERMILLION, Drawing
from solbench.analysis.report.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_Printer = Callable[..., object]  # matplotlib's canvases have no types
_PNG_DPI = 200
_ID = re.compile(r'(?<=\bid=")|(?<=url\(#)|(?<=href="#)')
_PAGE_IN = (11.7, 8.3)
_LINES = 60  # on a page of tables
_CHARACTERS = 140


@contextmanager
def painted(drawing: Drawing) -> Iterator[Figure]:
    """Draw a figure; the settings of the style hold while it is used."""
    import matplotlib
    from matplotlib.figure import Figure

    settings: Any = {**SETTINGS, "svg.hashsalt": drawing.name}
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=drawing.size_in)
        drawing.paint(figure)
        if drawing.mark:
            box = {"boxstyle": "round,pad=0.25", "fc": "white", "ec": VERMILLION, "lw": 1.0}
            place = (1.0 - 0.1 / drawing.size_in[0], 1.0 - 0.1 / drawing.size_in[1])
            figure.text(
                *place, drawing.mark, ha="right", va="top", color="#8f3e00", weight="bold", size=8, bbox=box
            )
        yield figure


def to_svg(figure: Figure, drawing: Drawing) -> str:
    """Return the SVG element of a figure; its ids begin with the drawing's name, so that many fit on one page."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    text = io.StringIO()
    write: _Printer = FigureCanvasSVG(figure).print_svg
    write(text, metadata={"Date": None, "Title": drawing.title})
    svg = text.getvalue()
    return _ID.sub(f"{drawing.name}-", svg[svg.index("<svg") :])


def to_png(figure: Figure, path: Path) -> None:
    """Write a figure as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure.dpi = _PNG_DPI
    write: _Printer = FigureCanvasAgg(figure).print_png
    write(str(path), metadata={"Software": "solbench"}, pil_kwargs=None)


def to_pdf(path: Path, title: str, mark: str, drawings: Sequence[Drawing], tables: Sequence[Table]) -> None:
    """Write a PDF: the figures with their captions, a page each, then the tables; `mark` stands on each of those."""
    from matplotlib.backends.backend_pdf import PdfPages

    with PdfPages(path, metadata={"Title": title, "Creator": "solbench"}) as pages:
        for drawing in drawings:
            with painted(drawing) as figure:
                width, height = drawing.size_in
                figure.text(0.02, -0.1 / height, drawing.title, weight="bold", va="top", size=11)
                figure.text(0.02, -0.35 / height, _wrapped(drawing.caption, int(width * 13)), va="top")
                pages.savefig(figure, bbox_inches="tight", pad_inches=0.4)
        for page in _pages(tables):
            pages.savefig(_text_page(page, mark))


def _text_page(lines: Sequence[str], mark: str) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=_PAGE_IN)
    figure.text(0.05, 0.985, _wrapped(mark, _CHARACTERS), weight="bold", size=7, va="top", parse_math=False)
    figure.text(0.05, 0.95, "\n".join(lines), family="monospace", size=7, va="top", parse_math=False)
    return figure


def _pages(tables: Sequence[Table]) -> Iterator[list[str]]:
    lines = [line for table in tables for line in _table_lines(table)]
    for start in range(0, len(lines), _LINES):
        yield lines[start : start + _LINES]


def _table_lines(table: Table) -> list[str]:
    """Return a table as a list of fields, which has room where columns of a page have none."""
    lines = [table.title.upper()]
    for row in table.rows:
        lines.append("")
        for name, value in zip(table.head, row, strict=True):
            first, *rest = _wrapped(f"{name}: {value}", _CHARACTERS).split("\n")
            lines += [f"  {first}", *(f"      {line}" for line in rest)]
    if table.note:
        lines += ["", *(f"  {line}" for line in _wrapped(table.note, _CHARACTERS).split("\n"))]
    return [*lines, "", ""]


def _wrapped(text: str, width: int) -> str:
    import textwrap

    return "\n".join(line for part in text.split("\n") for line in (textwrap.wrap(part, width) or [""]))
