"""Panels around a middle that can be dragged, laid over each other, taken out, closed, and put back in order."""

import base64
import binascii
import zlib
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

VERSION = 2  # of the set of panels: an arrangement of another set is not taken
Area = Qt.DockWidgetArea
SETTLE_MS = 40  # after the last change of a window that is being resized


@dataclass(frozen=True)
class Place:
    """Where a panel is at first: an area, behind another panel as a tab or not, and its share of width and height."""

    area: Area
    behind: str = ""
    across: float = 0.0
    down: float = 0.0


class Panels(QMainWindow):
    """A middle with named panels around it; `changed` tells that another panel has come into view."""

    changed = Signal()

    def __init__(self, middle: QWidget) -> None:
        super().__init__(None, Qt.WindowType.Widget)
        self.docks: dict[str, QDockWidget] = {}
        self._places: dict[str, Place] = {}
        self._kept = ""
        self.kept_size: QSize | None = None  # of the room in which the arrangement was kept
        self.kept_sizes = dict[
            str, QSize
        ]()  # of the panels in it: Qt squeezes them as soon as it restores them
        self._placed = self._arranged = False
        self._room_before, self._sizes_before = QSize(), dict[str, QSize]()
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._settled)
        self.setCentralWidget(middle)
        self.setObjectName("panels")
        self.setDockNestingEnabled(True)
        self.setCorner(Qt.Corner.BottomLeftCorner, Area.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.TopLeftCorner, Area.LeftDockWidgetArea)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def add(self, key: str, title: str, widget: QWidget, place: Place) -> None:
        """Add a panel; a later one stands behind or beside the earlier ones of its area."""
        dock = QDockWidget(title, self)
        dock.setObjectName(key)
        dock.setAccessibleName(title)
        dock.setWidget(widget)
        dock.visibilityChanged.connect(partial(self._shown, widget))
        self.docks[key], self._places[key] = dock, place
        self._put(key)

    def in_view(self, key: str) -> bool:
        """Say whether a panel can be seen: it is open and not behind another, which Qt moves out of sight."""
        dock = self.docks[key]
        place = dock.geometry()
        return dock.isVisible() and (dock.isFloating() or (place.right() >= 0 and place.bottom() >= 0))

    def bring(self, key: str) -> None:
        """Open a panel and bring it in front of those that share its place."""
        self.docks[key].show()
        self.docks[key].raise_()

    def toggle(self, key: str) -> None:
        """Close a panel that can be seen, and bring one that cannot."""
        if self.in_view(key):
            self.docks[key].close()
        else:
            self.bring(key)

    def reset(self) -> None:
        """Put all panels where they were at first."""
        for key, dock in self.docks.items():
            dock.setFloating(False)
            self.removeDockWidget(dock)
            self._put(key)
            dock.show()
        self._share_out()

    def kept(self) -> str:
        """Return the arrangement as text, for `restore`."""
        if not self._placed:  # never shown: what was given is still what holds
            return self._kept
        raw = self.saveState(VERSION).data()
        return f"{zlib.crc32(raw):08x}:{base64.b64encode(raw).decode('ascii')}"

    def restore(self, text: str) -> bool:
        """Arrange as `kept` said; a text that is not whole changes nothing. Say whether it held."""
        raw = _bytes_of(text)
        self._kept = text if raw is not None else ""
        if raw is None or not self.restoreState(QByteArray(raw), VERSION):
            self._kept = ""
            return False
        if not all(_on_a_screen(dock) for dock in self.docks.values()):
            self.reset()
        return True

    def showEvent(self, event: QShowEvent) -> None:
        """Share out the room at the first time: before, there is none."""
        super().showEvent(event)
        if not self._placed:
            self._placed = True
            self._arrange()
            QTimer.singleShot(0, self, self._arrange_again)

    def _arrange_again(self) -> None:
        """Arrange with the room that there is once all is laid out."""
        self._arrange()
        self._arranged = True
        QTimer.singleShot(0, self, self.look_at_sizes)  # once Qt has laid out what it was told

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the panels have their shares of the room, once it stays: Qt would give all that is new to the middle."""
        super().resizeEvent(event)
        if not self._arranged or event.oldSize().isEmpty():
            return
        if not self._settle.isActive() and self._room_before != event.oldSize():
            self._room_before, self._sizes_before = event.oldSize(), self.sizes()
        self._settle.start()

    def look_at_sizes(self) -> None:
        """Take note of how the room is shared; called while nobody resizes the window, for Qt squeezes at once."""
        if self._arranged and not self._settle.isActive():
            self._room_before, self._sizes_before = self.size(), self.sizes()

    def _settled(self) -> None:
        self._scale(self._room_before, self._sizes_before)
        then, now = self._room_before, self.size()
        self._sizes_before = {  # as they are to be: the next change may come before Qt has laid them out
            key: QSize(
                round(size.width() * now.width() / then.width()),
                round(size.height() * now.height() / then.height()),
            )
            for key, size in self._sizes_before.items()
        }
        self._room_before = now

    def _beside(self) -> dict[str, QDockWidget]:
        """Return the panels that share the room with the middle."""
        return {key: dock for key, dock in self.docks.items() if self.in_view(key) and not dock.isFloating()}

    def _arrange(self) -> None:
        if not self.restore(self._kept):
            self._share_out()
        elif self.kept_size is not None:
            self._scale(self.kept_size, self.kept_sizes or self.sizes())

    def sizes(self) -> dict[str, QSize]:
        """Return the sizes of the panels beside the middle: what is in one row is as high, one with tabs below, too."""
        places = {key: dock.geometry() for key, dock in self._beside().items()}
        return {
            key: QSize(
                max(other.width() for other in places.values() if other.x() == place.x()),
                max(other.height() for other in places.values() if other.y() == place.y()),
            )
            for key, place in places.items()
        }

    def _scale(self, then: QSize, sizes: dict[str, QSize]) -> None:
        """Give the panels the shares that they had while there was another room."""
        beside = {key: dock for key, dock in self._beside().items() if key in sizes}
        for orientation, before, now, lengths in (
            (Qt.Orientation.Horizontal, then.width(), self.width(), [sizes[key].width() for key in beside]),
            (Qt.Orientation.Vertical, then.height(), self.height(), [sizes[key].height() for key in beside]),
        ):
            if before > 0 and before != now:
                wanted = [round(length * now / before) for length in lengths]
                self._resize(list(beside.values()), wanted, orientation)

    def _resize(self, docks: list[QDockWidget], wanted: list[int], orientation: Qt.Orientation) -> None:
        """Lay the panels out at once: who looks before the event loop comes to it would find the sizes of before."""
        self.resizeDocks(docks, wanted, orientation)
        if (layout := self.layout()) is not None:
            layout.activate()

    def _shown(self, widget: QWidget, on: bool) -> None:
        """Keep the Tab key from leading to what is behind another panel."""
        widget.setEnabled(on)
        self.changed.emit()

    def _put(self, key: str) -> None:
        place = self._places[key]
        if place.behind:
            self.tabifyDockWidget(self.docks[place.behind], self.docks[key])
            self.docks[place.behind].raise_()
            return
        side = place.area in (Area.LeftDockWidgetArea, Area.RightDockWidgetArea)
        self.addDockWidget(
            place.area,
            self.docks[key],
            Qt.Orientation.Vertical if side else Qt.Orientation.Horizontal,
        )

    def _share_out(self) -> None:
        across = {key: place.across * self.width() for key, place in self._places.items()}
        down = {key: place.down * self.height() for key, place in self._places.items()}
        for orientation, sizes in ((Qt.Orientation.Horizontal, across), (Qt.Orientation.Vertical, down)):
            wanted = {key: round(size) for key, size in sizes.items() if size}
            self._resize([self.docks[key] for key in wanted], list(wanted.values()), orientation)


def _bytes_of(text: str) -> bytes | None:
    """Return what a text holds, None when it was damaged: Qt is not given bytes that it did not write."""
    check, _, coded = text.partition(":")
    try:
        raw = base64.b64decode(coded, validate=True)
        return raw if coded and int(check, 16) == zlib.crc32(raw) else None
    except (ValueError, binascii.Error):
        return None


def _on_a_screen(dock: QDockWidget) -> bool:
    """Say whether a panel that stands alone can be reached: the second monitor may be gone."""
    if not dock.isFloating():
        return True
    shown = dock.frameGeometry()
    return any(screen.availableGeometry().intersects(shown) for screen in QGuiApplication.screens())
