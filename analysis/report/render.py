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
_POINTS_PER_INCH = 72
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
    write(text, metadata=_of_svg(drawing.title))
    return _element(text.getvalue(), drawing)


def to_svg_and_pdf_page(figure: Figure, drawing: Drawing) -> tuple[str, bytes]:
    """Return what `to_svg` and `to_pdf_page` do, drawn once; text stands in the PDF where the SVG has it."""
    from matplotlib.backends import backend_pdf, backend_svg

    make_file: _Printer = backend_pdf.PdfFile
    make_pdf: _Printer = backend_pdf.RendererPdf
    make_svg: _Printer = backend_svg.RendererSVG
    figure.dpi = _POINTS_PER_INCH
    width_in, height_in = (float(side) for side in figure.get_size_inches())
    size = (width_in * _POINTS_PER_INCH, height_in * _POINTS_PER_INCH)
    text, stream = io.StringIO(), io.BytesIO()
    svg: Any = make_svg(*size, text, image_dpi=_POINTS_PER_INCH, metadata=_of_svg(drawing.title))
    file: Any = make_file(stream, metadata=_of_pdf(""))
    file.newPage(width_in, height_in)
    pdf: Any = make_pdf(file, _POINTS_PER_INCH, height_in, width_in)
    both: Any = _Both(svg, pdf)
    figure.draw(both)
    for written in (svg, pdf, file):
        written.finalize()
    file.close()
    return _element(text.getvalue(), drawing), stream.getvalue()


class _Both:
    """Renderer of matplotlib that draws as two: most of the time of a drawing is the way through the figure.

    Measures of text are the SVG's.
    """

    def __init__(self, svg: Any, pdf: Any) -> None:
        self._svg, self._pdf = svg, pdf

    def draw_path(self, *order: Any) -> None:
        self._svg.draw_path(*order)
        self._pdf.draw_path(*order)

    def draw_markers(self, *order: Any) -> None:
        self._svg.draw_markers(*order)
        self._pdf.draw_markers(*order)

    def draw_path_collection(self, *order: Any, **more: Any) -> None:
        self._svg.draw_path_collection(*order, **more)
        self._pdf.draw_path_collection(*order, **more)

    def draw_text(self, gc: Any, x: float, y: float, *order: Any, **more: Any) -> None:
        self._svg.draw_text(gc, x, y, *order, **more)
        self._pdf.draw_text(gc, x, self._svg.height - y, *order, **more)  # counted from below

    def new_gc(self) -> Any:
        return self._pdf.new_gc()  # which knows what the other's does, too

    def __getattr__(self, name: str) -> Any:
        if name.startswith("draw_"):
            raise NotImplementedError(f"{name} for two files at once")  # else the PDF would lack it silently
        return getattr(self._svg, name)


def _element(svg: str, drawing: Drawing) -> str:
    return _ID.sub(f"{drawing.name}-", svg[svg.index("<svg") :])


def _of_svg(title: str) -> dict[str, Any]:
    return {"Date": None, "Title": title}


def _of_pdf(title: str) -> dict[str, Any]:
    return {"Title": title, "Creator": "solbench", "CreationDate": None}


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
    write(stream, metadata=_of_pdf(title))
    return stream.getvalue()
