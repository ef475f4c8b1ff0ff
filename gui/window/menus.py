"""The menus: every action of the window with its key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from solbench.gui.models.common.numbers import Style
from solbench.gui.panels import Panels

if TYPE_CHECKING:
    from solbench.gui.window.main_window import MainWindow

REPLAY_SPEEDS = (1.0, 60.0, 600.0, 3600.0)
HABITS = {"system": "As the &system", "point": "1.5  decimal &point", "comma": "1,5  decimal &comma"}


def fill_menus(window: MainWindow) -> None:
    """Make the menu bar of the window."""
    bar = window.menuBar()
    _file(window, bar.addMenu("&File"))
    _run(window, bar.addMenu("&Run"))
    _view(window, bar.addMenu("&View"))
    _add(bar.addMenu("&Help"), "&Tour of the simulated bench", window.tour.begin)


def style_of(habit: str) -> Style:
    """Return how numbers are written: as chosen, else as the system does."""
    if habit == "point":
        return "point"
    return "comma" if habit == "comma" or QLocale.system().decimalPoint() == "," else "point"


def _file(window: MainWindow, menu: QMenu) -> None:
    _add(menu, "&Open run file…", window.choose_file, "Ctrl+O")
    replay = menu.addMenu("&Replay run file")
    for speed in REPLAY_SPEEDS:
        _add(replay, f"{speed:g} times as fast…", partial(window.choose_file, speed))
    _add(menu, "&Quit", window.close, "Ctrl+Q")


def _run(window: MainWindow, menu: QMenu) -> None:
    _add(menu, "&Pause or resume", window.toggle_pause, "F3")
    _add(menu, "S&kip step…", window.skip, "Shift+F3")
    _add(menu, "Spectrum &now", window.control.spectrum, "F8")
    _add(menu, "&Stop", window.control.stop, "F12")
    _add(menu, "&Make the bench safe", window.control.make_safe, "Ctrl+F12")


def _view(window: MainWindow, menu: QMenu) -> None:
    for number, (key, screen) in enumerate(window.screens.kinds.items(), 1):
        _add(menu, screen.title, partial(window.show_screen, key), f"Ctrl+{number}")
    menu.addSeparator()
    panels = menu.addMenu("&Panels of Live")
    panels.aboutToShow.connect(lambda: _panels(panels, window.live.panels))
    _add(menu, "&Event log", window.toggle_log, "Ctrl+L")
    _add(menu, "&Reset the layout", window.reset_layout)
    menu.addSeparator()
    settings = window.context.settings
    _one_of(menu, {"light": "&Light", "dark": "&Dark"}, window.colors.name, window.set_look)
    habit = settings.get("numbers", "system")
    _one_of(menu.addMenu("&Numbers"), HABITS, habit if habit in HABITS else "system", window.set_numbers)


def _panels(menu: QMenu, panels: Panels) -> None:
    """Fill a menu with what opens, brings to the front and closes each panel."""
    for old in menu.actions():
        menu.removeAction(old)
        old.deleteLater()
    for key, dock in panels.docks.items():
        action = _add(menu, dock.windowTitle(), partial(panels.toggle, key))
        action.setCheckable(True)
        action.setChecked(panels.in_view(key))


def _one_of(menu: QMenu, texts: dict[str, str], chosen: str, choose: Callable[[str], None]) -> None:
    group = QActionGroup(menu)
    for name, text in texts.items():
        action = _add(menu, text, partial(choose, name))
        action.setCheckable(True)
        action.setChecked(name == chosen)
        group.addAction(action)


def _add(menu: QMenu, text: str, work: Callable[[], object], key: str = "") -> QAction:
    action = QAction(text, menu)
    if key:
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
    action.triggered.connect(lambda _checked=False: work())
    menu.addAction(action)
    return action
