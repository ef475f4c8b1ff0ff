"""The dialog that makes a picture for a paper, and printing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPaintEngine, QPainter, QPixmap
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context
from solbench.gui.plots.paper import DPI, ENDINGS, WIDTHS_MM, Panel, Paper, Width, as_figure
from solbench.gui.values import ChoiceBox, NumberBox

KEY = "paper"
COLUMNS: dict[str, str] = {
    "single": tr("single column, {millimetres:g} mm"),
    "double": tr("double column, {millimetres:g} mm"),
}
FOLDER = "pictures_folder"
FILTERS = {
    "PDF (*.pdf)": ".pdf",
    tr("SVG drawing (*.svg)"): ".svg",
    tr("PNG, 600 dots an inch (*.png)"): ".png",
}
SHOWN_PX, SHOWN_DPI = 520, 200
PDF_END_BYTES = 1024  # within these stands the mark of a PDF's end


class PaperDialog(QDialog):
    """Width, type, lines and legend, the picture as it comes out, and what is done with it; the choice is kept."""

    def __init__(self, parent: QWidget, context: Context, panels: list[Panel], mark: str, stem: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Picture for a paper"))
        self._context, self._panels, self._mark, self._stem = context, panels, mark, stem
        self.width_box = ChoiceBox()
        for key, millimetres in WIDTHS_MM.items():
            self.width_box.addItem(COLUMNS[key].format(millimetres=millimetres), key)
        self.type_pt, self.line_pt = _points(4.0, 16.0, 0.5), _points(0.25, 4.0, 0.25)
        self.legend, self.colors = QCheckBox(tr("Legend")), QCheckBox(tr("Colours"))
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.save_button = _button(tr("Save…"), self._ask, tr("Save as PDF, SVG or PNG"))
        self.copy_button = _button(tr("Copy picture"), self._copy, tr("Copy the picture to the clipboard"))
        self.print_button = _button(tr("Print…"), self._print, tr("Print the picture in its size"))
        self._build()
        self._show(self._remembered())

    @property
    def paper(self) -> Paper:
        """Get what is chosen."""
        return Paper(
            "double" if self.width_box.currentData() == "double" else "single",
            self.type_pt.value(),
            self.line_pt.value(),
            self.legend.isChecked(),
            self.colors.isChecked(),
        )

    def save(self, path: Path) -> None:
        """Write the picture; its ending is that of the name."""
        self._context.settings.set(FOLDER, str(path.parent))
        try:
            path.write_bytes(as_figure(self._panels, self.paper, self._mark, path.suffix.lower()))
        except OSError as error:
            self._context.message.set(tr("the picture was not saved: {error}", error=error))
        else:
            self._context.message.set(tr("saved {path}", path=path))
            self.accept()

    def _build(self) -> None:
        form = QFormLayout()
        for text, field in (
            (tr("Width"), self.width_box),
            (tr("Type (pt)"), self.type_pt),
            (tr("Lines (pt)"), self.line_pt),
            ("", self.legend),
            ("", self.colors),
        ):
            field.setAccessibleName(text or field.accessibleName())
            form.addRow(text, field)
        close = _button(tr("Close"), self.reject, tr("Close without a picture"))
        buttons = QVBoxLayout()
        for button in (self.save_button, self.copy_button, self.print_button, close):
            buttons.addWidget(button)
        left = QVBoxLayout()
        left.addLayout(form)
        left.addStretch(1)
        left.addLayout(buttons)
        layout = QHBoxLayout(self)
        layout.addLayout(left)
        layout.addWidget(self.picture, 1)
        self.picture.setMinimumSize(SHOWN_PX, 300)
        self.picture.setAccessibleName(tr("The picture"))

    def _show(self, paper: Paper) -> None:
        self.width_box.setCurrentIndex(self.width_box.findData(paper.width))
        self.type_pt.setValue(paper.type_pt)
        self.line_pt.setValue(paper.line_pt)
        self.legend.setChecked(paper.legend)
        self.colors.setChecked(paper.colors)
        self.width_box.currentIndexChanged.connect(lambda _index: self._draw())
        for field in (self.type_pt, self.line_pt):
            field.valueChanged.connect(lambda _value: self._draw())
        for box in (self.legend, self.colors):
            box.toggled.connect(lambda _on: self._draw())
        self._draw()

    def _draw(self) -> None:
        image = self._image(SHOWN_DPI)
        ratio = self.devicePixelRatioF()
        wide = SHOWN_PX if self.paper.width == "double" else round(0.75 * SHOWN_PX)
        shown = image.scaledToWidth(round(wide * ratio), Qt.TransformationMode.SmoothTransformation)
        shown.setDevicePixelRatio(ratio)
        self.picture.setPixmap(QPixmap.fromImage(shown))
        paper = self.paper
        self._context.settings.set(
            KEY, [paper.width, paper.type_pt, paper.line_pt, paper.legend, paper.colors]
        )

    def _image(self, dots_an_inch: int = DPI) -> QImage:
        return QImage.fromData(as_figure(self._panels, self.paper, self._mark, ".png", dots_an_inch))

    def _remembered(self) -> Paper:
        kept: list[object] = self._context.settings.get(KEY, [])
        match kept:
            case [str() as width, float() | int() as type_pt, float() | int() as line_pt, bool(), bool()]:
                wide: Width = "double" if width == "double" else "single"
                return Paper(wide, float(type_pt), float(line_pt), bool(kept[3]), bool(kept[4]))
            case _:
                return Paper()

    def _ask(self) -> None:
        start = Path(self._context.settings.get(FOLDER, str(Path.home()))) / f"{self._stem}.pdf"
        name, chosen = QFileDialog.getSaveFileName(
            self, tr("Picture for a paper"), str(start), ";;".join(FILTERS)
        )
        if name:
            path = Path(name)
            ending = path.suffix.lower() in ENDINGS
            self.save(path if ending else path.with_name(f"{path.name}{FILTERS.get(chosen, '.pdf')}"))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setImage(self._image())
        self._context.message.set(tr("the picture is copied"))

    def _print(self) -> None:
        if said := print_pictures(self, [self._image()], self.paper.width_in):
            self._context.message.set(said)


def print_pictures(parent: QWidget, images: Sequence[QImage], width_in: float | None = None) -> str:
    """Ask for a printer and print pictures, a page each, `width_in` wide or as wide as the page.

    Returns what is to be said of it, "" where nobody wants to print.
    """
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    if QPrintDialog(printer, parent).exec() != QDialog.DialogCode.Accepted:
        return ""
    return tr("printed") if paint_pages(printer, images, width_in) else unwritten(printer)


def paint_pages(printer: QPrinter, images: Sequence[QImage], width_in: float | None = None) -> bool:
    """Paint pictures on the pages of a printer, each at its top and whole; say whether they went anywhere."""
    painter = QPainter(printer)
    if not painter.isActive():
        return False
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    page = printer.pageRect(QPrinter.Unit.DevicePixel)
    for number, image in enumerate(images):
        if number:
            printer.newPage()
        wide = min(width_in * printer.resolution(), page.width()) if width_in else page.width()
        scale = min(wide / image.width(), page.height() / image.height())
        painter.drawImage(QRectF(0.0, 0.0, scale * image.width(), scale * image.height()), image)
    painter.end()
    return is_written(printer)


def is_written(printer: QPrinter) -> bool:
    """Say whether the file of a printer that has ended is whole, if it has one: Qt says nothing of a full disk."""
    path = Path(printer.outputFileName())
    to_file = printer.outputFileName() and printer.paintEngine().type() == QPaintEngine.Type.Pdf
    if not to_file or (path.exists() and not path.is_file()):  # a preview; a device
        return True
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - PDF_END_BYTES, 0))
            return b"%%EOF" in file.read()
    except OSError:
        return False


def unwritten(printer: QPrinter) -> str:
    """Say what of a print went nowhere, and the cure."""
    if name := printer.outputFileName():
        return tr(
            "{file} cannot be written, or not completely. Choose a folder that exists, that you may write to, and that "
            "has room, and print again.",
            file=name,
        )
    return tr(
        "The printer {name} accepts nothing. See whether it is on and ready, or choose another one or a PDF file.",
        name=printer.printerName(),
    )


def _points(low: float, high: float, step: float) -> NumberBox:
    field = NumberBox()
    field.setRange(low, high)
    field.setSingleStep(step)
    field.setDecimals(2)
    return field


def _button(text: str, work: object, hint: str) -> QPushButton:
    made = QPushButton(text)
    made.setToolTip(hint)
    made.setAccessibleName(text.rstrip("…"))
    made.setAccessibleDescription(hint)
    made.clicked.connect(lambda *_: work())  # type: ignore[operator]
    return made
