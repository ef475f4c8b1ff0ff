import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from pypdf import PdfReader

from solbench.analysis.report.render import painted, to_pdf_page, to_svg, to_svg_and_pdf_page
from solbench.analysis.report.style import Drawing


def everything(fig: Figure) -> None:
    """Draw what figures are made of: lines, markers, areas, collections, text at an angle and in mathematical type."""
    draw = np.random.default_rng(7)
    left, right = fig.subplots(1, 2)
    left.plot(draw.normal(size=40), "o--", label="voltage")
    left.fill_between(np.arange(40), draw.normal(size=40), alpha=0.3, hatch="/")
    left.set_xlabel("time since the step / min")
    left.legend()
    right.scatter(draw.normal(size=30), draw.normal(size=30), c=draw.uniform(size=30))
    right.contour(draw.normal(size=(5, 5)))
    right.text(0.3, 0.4, "upward", rotation=60)
    right.set_yscale("symlog")
    right.set_ylabel("$R_\\mathrm{SSE}$ / $\\Omega$")


@pytest.mark.long
def test_a_figure_drawn_once_is_what_it_is_drawn_for_each() -> None:
    drawing = Drawing("all", "All", "", (6.0, 3.0), (), everything)
    with painted(drawing) as figure:
        svg, page = to_svg_and_pdf_page(figure, drawing)
    with painted(drawing) as figure:
        assert svg == to_svg(figure, drawing)
    with painted(drawing) as figure:
        alone = to_pdf_page(figure)
    there, expected = [words(one) for one in (page, alone)]
    assert [text for text, _ in there] == [text for text, _ in expected]
    for (_, place), (_, other) in zip(there, expected, strict=True):
        assert place == pytest.approx(other, abs=1.5)  # points: text is as wide as the SVG takes it to be
    assert strokes(page) == strokes(alone)


def words(pdf: bytes) -> list[tuple[str, tuple[float, float]]]:
    """Return the texts of a page with their places (points)."""
    found: list[tuple[str, tuple[float, float]]] = []

    def see(text: str, _cm: object, place: list[float], *_: object) -> None:
        if text.strip():
            found.append((text.strip(), (place[4], place[5])))

    PdfReader(io.BytesIO(pdf)).pages[0].extract_text(visitor_text=see)
    return found


def strokes(pdf: bytes) -> int:
    """Return how often something is stroked or filled on a page."""
    content = PdfReader(io.BytesIO(pdf)).pages[0].get_contents()
    assert content is not None
    return sum(
        line.split()[-1] in (b"S", b"f", b"B") for line in content.get_data().splitlines() if line.split()
    )
