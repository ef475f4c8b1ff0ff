"""How the parts of the window are divided: remembered for each user, and put back as they were at first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeGuard

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSplitter, QStackedWidget, QWidget

from solbench.gui.models.common.settings import Settings

if TYPE_CHECKING:
    from pydantic import JsonValue

NAME = "dividers"
FIRST = "first_sizes"
USUAL = (1366, 768)
SMALL = (900, 620)
TALL = 900  # pixels of a window with room for the log and the command lines of all screens
SMALLEST = (640, 340)


def is_small(window: QWidget) -> bool:
    """Say whether there is so little room that the frame of the window has to take less of it."""
    return window.width() < SMALL[0] or window.height() < SMALL[1]


def is_tall(window: QWidget) -> bool:
    """Say whether a window has room for what is read now and then only: the log, the commands."""
    return window.height() >= TALL


def room_on_screen(window: QWidget, wanted: Sequence[object]) -> QSize:
    """Return the requested size, or as much of it as the screen has."""
    lengths = [length for length in wanted if isinstance(length, int) and 0 < length < 20_000]
    size = QSize(*lengths) if len(wanted) == len(lengths) == 2 else QSize(*USUAL)
    screen = window.screen()
    if screen is None or QGuiApplication.platformName() == "offscreen":  # there, the screen is made up
        return size
    return size.boundedTo(screen.availableGeometry().size())


class Pages(QStackedWidget):
    """Pages one behind the other, which need as much room as the one in front: Qt asks for that of the largest."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        """Return the least size of the page in front."""
        page = self.currentWidget()
        return page.minimumSizeHint().expandedTo(page.minimumSize()) if page else super().minimumSizeHint()


class Scrolling(QScrollArea):
    """Scrolls a widget once there is less room than it needs; each page of it has a place of its own."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self._places: dict[str, int] = {}
        self._page = ""
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what has the focus comes into view by itself
        self._holder = _Holder(inside)
        self.setWidget(self._holder)

    def turn_to(self, page: str) -> None:
        """Scroll to where another page was left; one that is new begins at its top."""
        if page == self._page:
            return
        self._places[self._page] = self.verticalScrollBar().value()
        self._page = page
        self._holder.ask()  # now: there is nothing to scroll yet where the page before needed less
        self.verticalScrollBar().setValue(self._places.get(page, 0))


class _Holder(QWidget):
    """Gives a widget all the room there is, and asks for no more than its least.

    Without it a scroll area gives a widget with texts that wrap the height that it would like best.
    """

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self._inside = inside
        inside.setParent(self)

    def event(self, event: QEvent) -> bool:
        """Need as much as the widget does now."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.ask()
        return super().event(event)

    def ask(self) -> None:
        """Ask the widget how much it needs."""
        self.setMinimumSize(self._inside.minimumSizeHint())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the widget all the room."""
        self._inside.resize(event.size())


def divide(splitter: QSplitter, sizes: Sequence[int]) -> None:
    """Divide a splitter so at first; before it is shown, Qt does not tell how."""
    splitter.setProperty(FIRST, [*sizes])
    splitter.setSizes(sizes)


class Dividers:
    """Remembers the sizes on both sides of every splitter of the parts that it is given."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._parts: dict[str, list[QSplitter]] = {}
        self._first: dict[str, list[list[int]]] = {}

    def take(self, name: str, part: QWidget) -> None:
        """Give a part the sizes that it had the last time; what does not fit any more is left out."""
        found = part.findChildren(QSplitter)
        self._parts[name] = found
        self._first[name] = [splitter.property(FIRST) or splitter.sizes() for splitter in found]
        everything: dict[str, JsonValue] = self._settings.get(NAME, {})
        kept = everything.get(name)
        if isinstance(kept, list) and len(kept) == len(found):
            _set(found, kept)

    def keep(self) -> None:
        """Remember the sizes of all parts that have been shown."""
        kept: dict[str, JsonValue] = dict(self._settings.get(NAME, {}))
        for name, splitters in self._parts.items():
            if splitters and all(sum(splitter.sizes()) > 0 for splitter in splitters):
                kept[name] = [[*splitter.sizes()] for splitter in splitters]
        self._settings.set(NAME, kept)

    def reset(self) -> None:
        """Divide everything as at first."""
        self._settings.set(NAME, {})
        for name, splitters in self._parts.items():
            _set(splitters, self._first[name])


def _set(splitters: list[QSplitter], sizes: Sequence[object]) -> None:
    for splitter, wanted in zip(splitters, sizes, strict=True):
        lengths = [size for size in wanted if _is_size(size)] if isinstance(wanted, list) else []
        if isinstance(wanted, list) and len(lengths) == len(wanted) == splitter.count() and sum(lengths) > 0:
            splitter.setSizes(lengths)


def _is_size(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value < 10_000
