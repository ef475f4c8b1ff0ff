"""The report on paper: all of its words, its figures, and the mark on every sheet; nothing beyond the margins."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtGui import QColor, QImage, QPageLayout, QPageSize
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from solbench.analysis.report.page import figure_of, table_of
from solbench.analysis.report.style import Drawing
from solbench.analysis.report.tables import Table
from solbench.gui.screens.runs.printing import PrintedReport

MARK = "SIMULATED: nothing here was measured"


@pytest.mark.parametrize(
    ("rows", "columns", "orientation"),
    [(2, 4, QPageLayout.Orientation.Portrait), (30, 14, QPageLayout.Orientation.Landscape)],
)
def test_every_word_and_figure_is_printed_and_every_sheet_is_marked(
    qtbot: QtBot, tmp_path: Path, rows: int, columns: int, orientation: QPageLayout.Orientation
) -> None:
    head = tuple(f"head {n} / mAh cm-2" for n in range(columns))
    cells = tuple((*(f"r{row}c{n}" for n in range(columns - 1)), "0f" * 32) for row in range(rows))
    image = QImage(1200, 900, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    image.save(str(tmp_path / "voltage.png"))
    drawing = Drawing("voltage", "Voltage & charge", "What it shows.", (4.0, 3.0), (), lambda _figure: None)
    page = (
        f"<html><head><title>cell &lt;7&gt;</title><style>p {{}}</style></head><body><h1>cell 7</h1>"
        f'<p class="mark">{escape(MARK)}</p><nav>Results</nav>{table_of(Table("Half cells", head, cells))}'
        f"<h2>Figures</h2>{figure_of(drawing, '<svg ></svg>')}<p>the end of it</p></body></html>"
    )
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setPageOrientation(orientation)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "out.pdf"))
    report = PrintedReport(page, [tmp_path / "voltage.png"])
    assert (report.title, report.mark) == ("cell <7>", MARK)
    count = report.paint(printer)
    sheets = PdfReader(tmp_path / "out.pdf").pages
    assert len(sheets) == count > (2 if rows > 20 else 0)
    width = float(sheets[0].mediabox.width)
    found: list[tuple[str, float]] = []
    for number, sheet in enumerate(sheets, 1):
        own: list[tuple[str, float]] = []
        sheet.extract_text(
            visitor_text=lambda text, cm, tm, *_, own=own: own.append((text, tm[4] * cm[0] + cm[4]))
        )
        text = "".join("".join(word for word, _ in own).split())
        assert MARK.replace(" ", "") in text
        assert f"{number}/{count}" in text
        assert all(0.0 <= x < width for word, x in own if word.strip())
        found += own
    words = "".join("".join(word for word, _ in found).split())
    assert all(cell in words for row in cells for cell in row[:-1])
    for each in ("Voltage & charge", "What it shows.", "the end of it"):
        assert each.replace(" ", "") in words
    assert sum(len(sheet.images) for sheet in sheets) == 1
