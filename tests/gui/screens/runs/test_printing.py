"""The report on paper: all of its words, its figures, and the mark on every sheet; nothing beyond the margins."""

from __future__ import annotations

import resource
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPageLayout, QPageSize
from PySide6.QtPrintSupport import QPrinter, QPrintPreviewDialog
from pytestqt.qtbot import QtBot

from solbench.analysis.report.page import figure_of, table_of
from solbench.analysis.report.style import Drawing
from solbench.analysis.report.tables import Table
from solbench.gui.models.context import Context
from solbench.gui.plots.paper_dialog import paint_pages
from solbench.gui.screens.report import ReportScreen
from solbench.gui.screens.runs.printing import PrintedReport, preview
from tests.gui.models.fakes import FakeJobs
from tests.tiers import few

Show = Callable[..., Any]
MARK = "SIMULATED: nothing here was measured"


@few(
    ("rows", "columns", "orientation"),
    [(30, 14, QPageLayout.Orientation.Landscape), (2, 4, QPageLayout.Orientation.Portrait)],
    (1,),
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


def test_all_goes_on_while_a_report_that_was_made_for_it_is_previewed(
    show: Show, context: Context, jobs: FakeJobs, qtbot: QtBot, tmp_path: Path
) -> None:
    screen, ticks, seen = show(ReportScreen), [0], list[int]()
    context.chosen.set((tmp_path / "a.h5",))

    def tick() -> None:  # as the window's timer does
        jobs.deliver()
        ticks[0] += 1

    def look() -> None:
        for dialog in screen.findChildren(QPrintPreviewDialog):
            seen.append(ticks[0])
            if len(seen) > 20:
                dialog.reject()

    qtbot.mouseClick(screen.print_button, Qt.MouseButton.LeftButton)
    (given,) = jobs.given
    made = Path(given[given.index("-o") + 1])
    made.write_text("<title>mine</title><p>all of it</p>")
    jobs.call(lambda: None, lambda _: jobs.finish({"files": [str(made)], "withheld": []}), print)
    timers = [QTimer(screen, interval=1) for _ in range(2)]
    for timer, work in zip(timers, (tick, look), strict=True):
        timer.timeout.connect(work)
        timer.start()
    qtbot.waitUntil(lambda: bool(seen) and not screen.findChildren(QPrintPreviewDialog), timeout=30_000)
    for timer in timers:
        timer.stop()
    assert seen[-1] - seen[0] > 5
    assert not made.parent.exists()
    assert not screen.model.failed


@pytest.mark.parametrize("where", ["no/such/folder.pdf", "a_folder", "full.pdf"])
@pytest.mark.parametrize("pictures", [True, False])
def test_a_pdf_that_cannot_be_written_is_said_and_one_that_can_is_not(
    show: Show, tmp_path: Path, where: str, pictures: bool
) -> None:
    (tmp_path / "a_folder").mkdir()
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    report = PrintedReport("<title>mine</title><p>all of it</p>", [])

    def painted(path: Path) -> object:
        printer = QPrinter()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(path))
        if pictures:
            return paint_pages(printer, [image])
        screen = show(ReportScreen)
        preview(screen, report, screen.model.say_failed)
        (dialog,) = screen.findChildren(QPrintPreviewDialog)
        dialog.paintRequested.emit(printer)
        dialog.reject()
        assert screen.model.failed == (str(path) in screen.note.text())
        return not screen.model.failed

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    if where == "full.pdf":
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, limits[1]))
    try:
        assert not painted(tmp_path / where)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert painted(tmp_path / "fine.pdf")
