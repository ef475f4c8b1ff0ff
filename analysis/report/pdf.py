"""The report as a PDF: tables as tables on wide pages, several figures a page, all of it text and lines."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from solbench.analysis.report.render import painted, to_pdf_page
from solbench.analysis.report.style import Drawing
from solbench.analysis.report.tables import Table

if TYPE_CHECKING:
    from pypdf import PdfReader, PdfWriter
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import BaseDocTemplate, Flowable

_MM = 72.0 / 25.4
_TALL, _WIDE = (210.0 * _MM, 297.0 * _MM), (297.0 * _MM, 210.0 * _MM)
_MARGIN = 14.0 * _MM
_SIZES = (7.5, 7.0, 6.5, 6.0, 5.5, 5.0)  # points: the first at which the words of a table have room
_LEADING = 1.25  # from one line to the next, of the size
_PARTS_A_PAGE = 6  # of a row that is taller than a page
_FOOTER = 130  # characters of the title below each page
_PADDING = 3.0  # points on either side of a cell
_LONGEST_WORD = 22  # characters; a longer one, such as a hash, may be broken
_REGULAR, _BOLD, _MARK = "DejaVuSans", "DejaVuSans-Bold", "#8f3e00"


@dataclass
class _Place:
    """Where a figure goes: page (from 0), lower left corner and width, points."""

    page: int = 0
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0


def to_pdf(
    path: Path,
    title: str,
    mark: str,
    drawings: Sequence[Drawing],
    tables: Sequence[Table],
    pages: Sequence[bytes] = (),
) -> None:
    """Write tables, then figures; `mark` stands on every page.

    `pages` are the figures as PDFs of one page each (`to_pdf_page`), where they were drawn already.
    """
    from pypdf import PdfReader, PdfWriter

    places = [_Place() for _ in drawings]
    text = io.BytesIO()
    document = _document(text, title, mark)
    document.build([*_tables(title, tables), *_figures(drawings, places)])
    writer = PdfWriter()
    writer.append(PdfReader(text))
    for number, (drawing, place) in enumerate(zip(drawings, places, strict=True)):
        figure = pages[number] if pages else _page_of(drawing)
        _put(writer, PdfReader(io.BytesIO(figure)), place, f"/Figure{number}")
    writer.add_metadata({"/Title": title, "/Creator": "solbench"})
    with path.open("wb") as file:
        writer.write(file)


def _page_of(drawing: Drawing) -> bytes:
    with painted(drawing) as figure:
        return to_pdf_page(figure)


def _put(writer: PdfWriter, figure: PdfReader, place: _Place, name: str) -> None:
    """Put a figure on its place as a form, whose content is taken as it is: to read it would take seconds."""
    from pypdf.generic import (
        ArrayObject,
        DecodedStreamObject,
        DictionaryObject,
        NameObject,
        RectangleObject,
    )

    page = figure.pages[0]
    box = page.mediabox
    form, contents = DecodedStreamObject(), page.get_contents()
    form.set_data(contents.get_data() if contents is not None else b"")
    form[NameObject("/Type")], form[NameObject("/Subtype")] = NameObject("/XObject"), NameObject("/Form")
    form[NameObject("/BBox")] = RectangleObject((box.left, box.bottom, box.right, box.top))
    needed = page["/Resources"].get_object()
    assert isinstance(needed, DictionaryObject)
    form[NameObject("/Resources")] = needed.clone(writer)
    target = writer.pages[place.page]
    resources = target["/Resources"].get_object()
    assert isinstance(resources, DictionaryObject)
    objects = resources.setdefault(NameObject("/XObject"), DictionaryObject()).get_object()
    objects[NameObject(name)] = writer._add_object(form.flate_encode())
    scale = place.width / float(box.width)
    drawn = DecodedStreamObject()
    drawn.set_data(f"q {scale:.5f} 0 0 {scale:.5f} {place.x:.3f} {place.y:.3f} cm {name} Do Q\n".encode())
    before = target.raw_get("/Contents")
    parts = before if isinstance(before, ArrayObject) else ArrayObject([before])
    target[NameObject("/Contents")] = ArrayObject([*parts, writer._add_object(drawn)])


@cache
def _fonts() -> None:
    """Make known the fonts that come with matplotlib: those of a PDF reader have no raised minus."""
    import matplotlib
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in (_REGULAR, _BOLD):
        pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))


def _document(stream: io.BytesIO, title: str, mark: str) -> BaseDocTemplate:
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    _fonts()

    def head(canvas: Canvas, document: BaseDocTemplate) -> None:
        width, height = document.pagesize
        canvas.setFont(_REGULAR, 6.5)
        canvas.drawRightString(width - _MARGIN, 0.5 * _MARGIN, f"{document.page}")
        canvas.drawString(_MARGIN, 0.5 * _MARGIN, shorten(title, _FOOTER, placeholder=" …"))
        if mark:
            canvas.setFillColor(_MARK)
            canvas.setFont(_BOLD, 6.5)
            canvas.drawString(_MARGIN, height - 0.6 * _MARGIN, mark[:200])
            canvas.setFillColor("#000000")

    templates = [
        PageTemplate(
            name,
            [
                Frame(
                    _MARGIN,
                    _MARGIN,
                    width - 2 * _MARGIN,
                    height - 2 * _MARGIN,
                    leftPadding=0,
                    rightPadding=0,
                    topPadding=0,
                    bottomPadding=0,
                )
            ],
            onPage=head,
            pagesize=(width, height),
        )
        for name, (width, height) in (("wide", _WIDE), ("tall", _TALL))
    ]
    return BaseDocTemplate(stream, pageTemplates=templates, title=title, creator="solbench", invariant=1)


def _style(size: float, *, bold: bool = False, after: float = 0.0) -> Any:
    from reportlab.lib.styles import ParagraphStyle

    name = _BOLD if bold else _REGULAR
    return ParagraphStyle(
        f"{name} {size}", fontName=name, fontSize=size, leading=_LEADING * size, spaceAfter=after
    )


def _paragraph(text: str, size: float, *, bold: bool = False, after: float = 0.0) -> Flowable:
    from reportlab.platypus import Paragraph

    return Paragraph(escape(text).replace("\n", "<br/>"), _style(size, bold=bold, after=after))


def _tables(title: str, tables: Sequence[Table]) -> Iterator[Flowable]:
    from reportlab.platypus import CondPageBreak

    yield _paragraph(title, 14.0, bold=True, after=8.0)
    for table in tables:
        yield CondPageBreak(70.0)
        yield _paragraph(table.title, 10.0, bold=True, after=3.0)
        yield _table(table)
        yield _paragraph(table.note, 6.5, after=10.0)


def _table(table: Table) -> Flowable:
    """Return a table whose columns are as wide as their words; the head is repeated on each page.

    A row that is taller than a page is several, which look like one; all others stay in one piece.
    """
    from reportlab.platypus import LongTable

    size, widths = _columns(table)
    room = [width - 2 * _PADDING for width in widths]
    rows = [[_paragraph(name, size, bold=True) for name in table.head]]
    most = _WIDE[1] - 2 * _MARGIN - 4 * _PADDING - _height(rows[0], room)
    looks: list[tuple[Any, ...]] = []
    for words in table.rows:
        row = [_paragraph(cell, size) for cell in words]
        may_be_tall = any(_most_high(*one, size) > most for one in zip(words, room, strict=True))
        parts = _parts(row, room, most) if may_be_tall else [row]
        first, last = len(rows), len(rows) + len(parts) - 1
        rows += parts
        if first < last:
            looks.append(("BOTTOMPADDING", (0, first), (-1, last - 1), 0.0))
            looks.append(("TOPPADDING", (0, first + 1), (-1, last), 0.0))
            looks.append(("LINEBELOW", (0, first), (-1, last - 1), 0.3, "#ffffff"))
    looks = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("BACKGROUND", (0, 0), (-1, 0), "#f0f0f0"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, "#c8c8c8"),
        ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        *looks,
    ]
    return LongTable(rows, colWidths=widths, repeatRows=1, hAlign="LEFT", style=looks)


def _height(row: Sequence[Flowable], room: Sequence[float]) -> float:
    return float(max(cell.wrap(width, _WIDE[1])[1] for cell, width in zip(row, room, strict=True)))


def _most_high(text: str, width: float, size: float) -> float:
    """Return what a cell is at most as high as: to set all of them twice takes half as long again.

    Of two lines that follow one another the second begins with what had no room in the first, so together they are
    more than full; and no character is wider than two ems.
    """
    return _LEADING * size * (1 + text.count("\n") + 2.0 * 2.0 * size * len(text) / width)


def _parts(row: list[Flowable], room: Sequence[float], most: float) -> list[list[Flowable]]:
    """Return a row as it is; one that is higher than `most` (points) as several, of which some go on a page."""
    if _height(row, room) <= most:
        return [row]
    parts, nothing, high = (
        [],
        _paragraph("", _SIZES[0]),
        max(most / _PARTS_A_PAGE, 2.0 * _LEADING * _SIZES[0]),
    )
    while _height(row, room) > high:
        cut = [cell.split(width, high) for cell, width in zip(row, room, strict=True)]
        parts.append([pieces[0] if pieces else nothing for pieces in cut])
        row = [_without_break(pieces[1]) if len(pieces) > 1 else nothing for pieces in cut]
    return [*parts, row]


def _without_break(rest: Any) -> Flowable:
    """Return the rest of a cell without the break of line before it, which would leave a line empty."""
    first = rest.frags[0] if len(rest.frags) > 1 else None
    if isinstance(first, list) and getattr(first[1][0], "lineBreak", False):
        del rest.frags[0]
    whole: Flowable = rest
    return whole


def _columns(table: Table) -> tuple[float, list[float]]:
    """Return the size of type and the widths (points) at which no number and no word has to be broken."""
    most = _WIDE[0] - 2 * _MARGIN
    rows = [table.head, *table.rows]
    size, least, wanted = _SIZES[-1], [1.0], [1.0]
    for size in _SIZES:
        columns = list(zip(*rows, strict=True))
        least = [max(_longest_word(cell, size, bold=k == 0) for k, cell in enumerate(c)) for c in columns]
        wanted = [max(_longest_line(cell, size, bold=k == 0) for k, cell in enumerate(c)) for c in columns]
        if sum(least) <= most:
            break
    if sum(wanted) <= most:
        return size, wanted
    room = max(most - sum(least), 0.0)
    more = [max(want - own, 0.0) for want, own in zip(wanted, least, strict=True)]
    share = room / max(sum(more), 1e-9)
    shrink = min(1.0, most / sum(least))
    return size, [shrink * own + share * extra for own, extra in zip(least, more, strict=True)]


def _longest_word(text: str, size: float, *, bold: bool) -> float:
    words = [word[:_LONGEST_WORD] for line in text.split("\n") for word in line.split(" ")]
    return max((_width(word, size, bold=bold) for word in words), default=0.0) + 2 * _PADDING + 0.5


def _longest_line(text: str, size: float, *, bold: bool) -> float:
    return max(_width(line, size, bold=bold) for line in text.split("\n")) + 2 * _PADDING + 0.5


def _width(text: str, size: float, *, bold: bool) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(stringWidth(text, _BOLD if bold else _REGULAR, size))


def _figures(drawings: Sequence[Drawing], places: Sequence[_Place]) -> Iterator[Flowable]:
    from reportlab.platypus import KeepTogether, NextPageTemplate, PageBreak

    if not drawings:
        return
    yield NextPageTemplate("tall")
    yield PageBreak()
    most = _TALL[0] - 2 * _MARGIN
    for drawing, place in zip(drawings, places, strict=True):
        width, height = (72.0 * side for side in drawing.size_in)
        scale = min(most / 777.6, 0.9 * (_TALL[1] - 3 * _MARGIN) / height)  # of the widest: type has one size
        yield KeepTogether(
            [
                _paragraph(drawing.title, 8.5, bold=True, after=1.0),
                _box(place, scale * width, scale * height),
                _paragraph(drawing.caption, 6.5, after=9.0),
            ]
        )


def _box(place: _Place, width: float, height: float) -> Flowable:
    """Return room for a figure, which notes where it came to lie."""
    from reportlab.platypus import Flowable as Base

    class Box(Base):  # type: ignore[misc]  # the library has no types
        def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # its names
            return width, height

        def draw(self) -> None:
            place.x, place.y = self.canv.absolutePosition(0.0, 0.0)
            place.page, place.width = self.canv.getPageNumber() - 1, width

    return Box()
