"""Drawings become SVG, PNG or a page of a PDF; every figure of a simulated run carries its mark."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solbench.analysis.report.style import SETTINGS, VERMILLION, Drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_Printer = Callable[..., object]  # matplotlib's canvases have no types
_PNG_DPI = 200
_ID = re.compile(r'(?<=\bid=")|(?<=url\(#)|(?<=href="#)')


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


def to_pdf_page(figure: Figure, title: str = "") -> bytes:
    """Return a PDF of one page with a figure."""
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    stream = io.BytesIO()
    write: _Printer = FigureCanvasPdf(figure).print_pdf
    write(stream, metadata={"Title": title, "Creator": "solbench", "CreationDate": None})
    return stream.getvalue()
