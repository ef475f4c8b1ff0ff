"""The report on paper: its page with figures and tables, and the mark of a simulated run on each sheet.

Qt's own document takes the page as it is but for the figures, which it cannot draw from SVG: these are taken from the
pictures beside it. Tables are set as small as they need to be to fit between the margins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from pathlib import Path

from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import QFont, QImage, QPageLayout, QPageSize, QPainter, QTextDocument
from PySide6.QtPrintSupport import QPrinter, QPrintPreviewDialog
from PySide6.QtWidgets import QWidget

from solbench.gui.plots.paper_dialog import is_written, unwritten

DOTS = 300.0  # an inch: in these it is laid out, whatever the printer has, so that pictures and letters scale alike
RESOLUTION = 1200  # dots an inch of the printer itself
MARGIN_MM = 12.0
SIZES_PT = (8.0, 7.0, 6.0, 5.0, 4.5, 4.0)  # of the letters of a table: the first at which it fits
TEXT_PT = 9.0
FIGURE = 0.8  # of the height of a sheet that a figure may take, so that its caption stands below it
_HEAD_LINES = 2.0  # of text, for the mark above and the page below
_LONGEST_WORD = 20  # characters; a longer one, such as a hash, may be broken
_LEFT_OUT = re.compile(
    r"<style>.*?</style>|<nav>.*?</nav>|<title>.*?</title>|<p class=\"mark\">.*?</p>|<h2>Figures</h2>",
    re.DOTALL,
)
_FIGURE = re.compile(
    r"<figure id=\"figure-([^\"]*)\">.*?<figcaption><b>(.*?)</b>(.*?)</figcaption>\s*</figure>", re.DOTALL
)
_TABLE = re.compile(r"<div class=\"wide\"><table>(.*?)</table></div>", re.DOTALL)
_WORD = re.compile(rf"(?<=[>\s])([^<>\s&]{{{_LONGEST_WORD},}})(?=[<\s])")
_MARK = re.compile(r"<p class=\"mark\">(.*?)</p>", re.DOTALL)
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


class PrintedReport:
    """A report that is to be printed: its page (HTML) and its pictures, each named after its figure."""

    def __init__(self, page: str, pictures: Sequence[Path]) -> None:
        self._page = page
        self._pictures = {path.stem: QImage(str(path)) for path in pictures}

    @property
    def mark(self) -> str:
        """Get what marks the report of simulated runs, "" of any other."""
        return _first(_MARK, self._page)

    @property
    def title(self) -> str:
        """Get the title of the report."""
        return _first(_TITLE, self._page)

    def paint(self, printer: QPrinter) -> int:
        """Paint it on the sheets of a printer; return how many there are, 0 where they went nowhere."""
        printer.setPageMargins(QMarginsF(*[MARGIN_MM] * 4), QPageLayout.Unit.Millimeter)
        sheet = QRectF(QPointF(), printer.pageRect(QPrinter.Unit.Inch).size() * DOTS)
        line = TEXT_PT * 1.5 * DOTS / 72.0
        body = QSizeF(sheet.width(), sheet.height() - _HEAD_LINES * line)
        document = self._document(body)
        count = document.pageCount()
        painter = QPainter(printer)
        if not painter.isActive():
            return 0
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.scale(printer.resolution() / DOTS, printer.resolution() / DOTS)
        painter.setFont(_font(TEXT_PT))
        for number in range(count):
            if number:
                printer.newPage()
            if self.mark:
                painter.setPen(Qt.GlobalColor.darkRed)
                painter.drawText(QRectF(0, 0, sheet.width(), line), Qt.AlignmentFlag.AlignCenter, self.mark)
            painter.setPen(Qt.GlobalColor.black)
            below = QRectF(0, sheet.height() - line, sheet.width(), line)
            painter.drawText(below, Qt.AlignmentFlag.AlignBottom, self.title)
            at_right = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight
            painter.drawText(below, at_right, f"{number + 1} / {count}")
            painter.save()
            painter.translate(0, line - number * body.height())
            document.drawContents(painter, QRectF(0, number * body.height(), body.width(), body.height()))
            painter.restore()
        painter.end()
        return count if is_written(printer) else 0

    def _document(self, body: QSizeF) -> QTextDocument:
        text = _LEFT_OUT.sub("", self._page)
        text = _TABLE.sub(lambda found: _table(found[1], body.width()), text)
        document = _empty()
        text = _FIGURE.sub(lambda found: self._figure(document, found, body), text)
        document.setHtml(text)
        document.setPageSize(body)
        return document

    def _figure(self, document: QTextDocument, found: re.Match[str], body: QSizeF) -> str:
        name, title, caption = found.groups()
        words = f"<p><b>{title}</b><br/>{caption}</p>"
        picture = self._pictures.get(name)
        if picture is None or picture.isNull():
            return words
        scale = min(body.width() / picture.width(), FIGURE * body.height() / picture.height())
        document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(name), picture)
        size = f"width='{scale * picture.width():.0f}' height='{scale * picture.height():.0f}'"
        return f"<p><img src='{name}' {size}/></p>{words}"


def preview(parent: QWidget, report: PrintedReport, failed: Callable[[str], None]) -> None:
    """Show a report as it would be printed, from where it goes to a printer or to a PDF; returns at once.

    `failed` is told what could not be printed, and the cure.
    """
    dialog = QPrintPreviewDialog(parent)  # with a printer of its own, which lives as long as it
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    printer = dialog.printer()
    printer.setResolution(RESOLUTION)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setPageOrientation(QPageLayout.Orientation.Landscape)  # tables are wide
    printer.setDocName(report.title)
    dialog.setWindowTitle(report.title)
    dialog.resize(parent.window().size())

    def paint(printer: QPrinter) -> None:
        if not report.paint(printer):
            failed(unwritten(printer))

    dialog.paintRequested.connect(paint)
    dialog.open()  # runs, alarms and results go on behind it


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return unescape(found[1]) if found is not None else ""


def _font(points: float) -> QFont:
    """Return a font by its height on paper; a document counts points by the screen."""
    font = QFont("DejaVu Sans")
    font.setPixelSize(round(points * DOTS / 72.0))
    return font


def _empty(points: float = TEXT_PT) -> QTextDocument:
    document = QTextDocument()
    document.setDocumentMargin(0.0)
    document.setDefaultFont(_font(points))
    return document


def _table(rows: str, width: float) -> str:
    """Return a table as large as it fits into a width (dots)."""
    rows = _WORD.sub(lambda found: "\u200b".join(found[1]), rows)
    made = ""
    for points in SIZES_PT:
        pixels = _font(points).pixelSize()
        padding = max(pixels // 3, 1)
        made = (
            f"<table border='1' cellspacing='0' cellpadding='{padding}' "
            f"style='font-size:{pixels}px; border-collapse:collapse'>{rows}</table>"
        )
        document = _empty(points)
        document.setHtml(made)
        document.setTextWidth(width)
        if document.documentLayout().documentSize().width() <= width + 1.0:
            break
    return made
