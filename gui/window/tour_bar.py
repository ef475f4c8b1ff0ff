"""The tour in the window: a bar with a few words, and a frame around the part of the screen that they are about."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QWidget

from solbench.gui.models.common.words import tr
from solbench.gui.models.tour import STOPS, Tour
from solbench.gui.screens.parts import Button
from solbench.gui.window.question_bar import give_focus_back

OFFER = tr(
    "Is this the first time? A tour of a few minutes goes from an empty window to a "
    "finished half-cell, on the simulated bench: nothing is connected, and nothing can "
    "break."
)
MARGIN = 4
LOOKS = 4  # times that a part is scrolled to: at first its screen has not found its size yet; then the user scrolls
SHEET = "QFrame#tour_bar { background: palette(alternate-base); border: 0; border-left: 4px solid palette(highlight); }"


class TourBar(QFrame):
    """Offers the tour, and leads through it; never in the way of anything. `part` finds what is to light up."""

    def __init__(self, tour: Tour, part: Callable[[str], QWidget | None]) -> None:
        super().__init__()
        self.setObjectName("tour_bar")
        self.setStyleSheet(SHEET)
        self._tour, self._part = tour, part
        self._light: Light | None = None
        self._lit: QWidget | None = None
        self._looks = 0
        self.title = QLabel()
        self.title.setObjectName("value")
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.begin = _button(tr("Take the tour"), tour.begin, tr("Three clicks to a finished half-cell"))
        self.back = _button(
            tr("Back"), tour.back, tr("Go back to the stop before; the tour then waits at every stop")
        )
        self.next = _button(tr("Next"), tour.next, tr("Continue the tour"))
        self.leave = _button(tr("Leave"), tour.leave, tr("Leave the tour; it waits in the menu Help"))
        for each in (self.begin, self.next):
            each.setObjectName("primary")
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 6, 12, 6)
        line.setSpacing(12)
        line.addWidget(self.title)
        line.addWidget(self.text, 1)
        for each in (self.back, self.next, self.begin, self.leave):
            line.addWidget(each)
        tour.changed.subscribe(self._changed)
        self._changed()

    def tick(self) -> None:
        """Let the tour continue, and keep the frame around its part; ten times a second."""
        self._tour.tick()
        self._shine()

    def _changed(self) -> None:
        tour = self._tour
        stop = tour.stop
        shown = stop is not None or tour.offered or bool(tour.problem)
        if not shown:
            give_focus_back(self)
        self.setVisible(shown)
        self.begin.setVisible(tour.offered)
        self.back.setVisible(stop is not None and tour.number > 1)
        self.next.setVisible(stop is not None and bool(stop.go_on))
        self.leave.setText(
            tr("Leave the tour") if stop is not None else tr("Not now") if tour.offered else tr("Close")
        )
        if stop is not None:
            self.title.setText(f"{tour.number}/{len(STOPS)}  {stop.title}")
            self.text.setText(stop.text)
            self.next.setText(stop.go_on)
        else:
            self.title.setText(tr("Tour"))
            self.text.setText(OFFER if tour.offered else tour.problem)
        self._shine()

    def _shine(self) -> None:
        stop, window = self._tour.stop, self.window()
        target = self._part(stop.screen) if stop is not None else None
        if target is not self._lit:
            self._lit, self._looks = target, LOOKS
        if target is not None and self._looks:
            self._looks -= 1
            _bring_into_view(target)
        if target is None or window is self or target.visibleRegion().isEmpty():
            if self._light is not None:
                self._light.hide()
            return
        if self._light is None:
            self._light = Light(window)
        self._light.around(target)


def _bring_into_view(target: QWidget) -> None:
    """Scroll to a part that is out of sight on a small screen."""
    parent = target.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(target)
        parent = parent.parentWidget()


class Light(QWidget):
    """A frame around a part of the window, through which every click goes."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._over = window
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def around(self, target: QWidget) -> None:
        """Come to the front, around a widget of the same window."""
        place = QRect(target.mapTo(self._over, QPoint(0, 0)), target.size())
        place = place.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        if place != self.geometry():
            self.setGeometry(place)
        if not self.isVisible():
            self.show()
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame in the accent colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 3))
        painter.drawRoundedRect(self.rect().adjusted(2, 2, -2, -2), 5, 5)
        painter.end()


def _button(text: str, work: Callable[[], None], hint: str) -> Button:
    made = Button(text)
    made.setToolTip(hint)
    made.setMinimumHeight(32)
    made.clicked.connect(lambda *_: work())
    return made
