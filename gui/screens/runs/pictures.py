"""Figures below each other, each of them copied and saved from its menu."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QMenu, QScrollArea, QVBoxLayout, QWidget

from solbench.gui.models.common.words import tr
from solbench.gui.screens.parts import Note

LEAST, EDGE = 320, 24  # pixels of a figure, and around it


class Pictures(QScrollArea):
    """Shows files of pictures; `empty` is what stands there while there are none."""

    def __init__(self, name: str, empty: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setWidgetResizable(True)
        self.empty = Note(empty)
        self.shown: list[Path] = []
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.addWidget(self.empty)
        self.setWidget(inside)

    def show_pictures(self, paths: Sequence[Path]) -> None:
        """Show these pictures in the place of those before."""
        if list(paths) == self.shown:
            return
        self.shown = list(paths)
        self.empty.setVisible(not self.shown)
        for old in self.findChildren(Picture):
            self._column.removeWidget(old)
            old.deleteLater()
        for path in self.shown:
            picture = Picture(path)
            self._column.addWidget(picture)
            picture.fit(self._room)

    @property
    def _room(self) -> int:
        """Get how wide a figure is drawn: the same with a scroll bar and without, or one would bring the other."""
        bar, frame = self.verticalScrollBar().sizeHint().width(), 2 * self.frameWidth()
        return max(self.width() - frame - bar - EDGE, LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the figures as wide as the column is now."""
        super().resizeEvent(event)
        for picture in self.findChildren(Picture):
            picture.fit(self._room)


class Picture(QLabel):
    """One picture, as wide as `fit` says but never larger than it was drawn."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.setObjectName("figure")
        self.setAccessibleName(path.stem)
        self.setToolTip(str(path))
        self._whole = QPixmap(str(path))

    def fit(self, width: int) -> None:
        """Show the picture so wide, in pixels of the window; say so where it cannot be read."""
        if self._whole.isNull():
            self.setWordWrap(True)
            self.setText(tr("The picture {file} cannot be read.", file=self.path.name))
            return
        ratio = self.devicePixelRatioF()
        wanted = min(round(width * ratio), self._whole.width())
        image = self._whole.scaledToWidth(wanted, Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(ratio)
        self.setPixmap(image)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy it."""
        if self._whole.isNull():
            return
        menu = QMenu(self)
        menu.addAction(tr("Copy picture"), self.copy)
        menu.exec(event.globalPos())

    def copy(self) -> None:
        """Copy the whole picture to the clipboard."""
        QGuiApplication.clipboard().setPixmap(self._whole)
