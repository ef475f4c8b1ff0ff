"""The dialog that makes a picture for a paper, and printing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QPixmap
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
        if print_pictures(self, [self._image()], self.paper.width_in):
            self._context.message.set("printed")


def print_pictures(parent: QWidget, images: Sequence[QImage], width_in: float | None = None) -> bool:
    """Ask for a printer and print pictures, a page each, `width_in` wide or as wide as the page; say whether it was."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    if QPrintDialog(printer, parent).exec() != QDialog.DialogCode.Accepted:
        return False
    paint_pages(printer, images, width_in)
    return True


def paint_pages(printer: QPrinter, images: Sequence[QImage], width_in: float | None = None) -> None:
    """Paint pictures on the pages of a printer, each at its top and whole."""
    painter = QPainter(printer)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    page = printer.pageRect(QPrinter.Unit.DevicePixel)
    for number, image in enumerate(images):
        if number:
            printer.newPage()
        wide = min(width_in * printer.resolution(), page.width()) if width_in else page.width()
        scale = min(wide / image.width(), page.height() / image.height())
        painter.drawImage(QRectF(0.0, 0.0, scale * image.width(), scale * image.height()), image)
    painter.end()


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
