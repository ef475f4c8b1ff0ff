"""Every text of the window in a language that is not one: run as a process, for a language is chosen at the start.

    python -m tests.gui.spoken FOLDER [RUN.h5]

Opens the window with the catalogue in `FOLDER`, goes through its screens and dialogues, and prints as JSON the texts
in which plain letters are left, by where they are.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from math import ceil
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGE = "eo"  # any for which there is no catalogue
PLACE = re.compile(r"(\{[^{}]*\}|%\([a-z]+\)s|\n)")
LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "àƀçđéƒĝĥîĵķļɱñöþɋŕšţûṽŵẋýžÀƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞɊŔŠŢÛṼŴẊÝŽ",
)
WORD = re.compile(r"[A-Za-z]{2,}|[a-z]\.[a-z]\.")


def spoken(message: str) -> str:
    """Return a message in another alphabet and 40 % longer, with its places as they are."""
    parts = PLACE.split(message)
    letters = [part if number % 2 else part.translate(LETTERS) for number, part in enumerate(parts)]
    return f"[{''.join(letters)}{'~' * (ceil(0.4 * len(message)) - 2)}]"


def write_catalogue(template: Path, folder: Path) -> None:
    """Write the catalogue in which every message of a template is spoken."""
    with template.open("rb") as file:
        messages = read_po(file)
    made = Catalog(LANGUAGE)
    for message in messages:
        if message.id:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            texts = tuple(map(spoken, ids))
            made.add(message.id, texts if len(texts) > 1 else texts[0], context=message.context)
    place = folder / LANGUAGE / "LC_MESSAGES" / "solbench.mo"
    place.parent.mkdir(parents=True)
    with place.open("wb") as file:
        write_mo(file, made)


def texts_of(widget) -> Iterator[tuple[str, str]]:
    """Return what a widget shows or says, each text with what it is."""
    from pyqtgraph import AxisItem, GraphicsView, LabelItem, TextItem
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import (
        QAbstractButton,
        QComboBox,
        QGroupBox,
        QLabel,
        QLineEdit,
        QMenu,
        QPlainTextEdit,
        QTableView,
        QTabWidget,
        QTreeWidget,
    )

    yield "title", widget.windowTitle()
    yield "hint", widget.toolTip()
    yield "accessible name", widget.accessibleName()
    yield "accessible description", widget.accessibleDescription()
    if isinstance(widget, QAbstractButton | QLabel):
        yield "text", widget.text()
    if isinstance(widget, QGroupBox | QMenu):
        yield "title", widget.title()
    if isinstance(widget, QLineEdit | QPlainTextEdit | QComboBox):
        yield "placeholder", widget.placeholderText()
    for action in widget.actions():
        yield "action", action.text()
    match widget:
        case QTabWidget():
            for number in range(widget.count()):
                yield "tab", widget.tabText(number)
                yield "tab's hint", widget.tabToolTip(number)
        case QComboBox():
            for number in range(widget.count()):
                yield "entry", widget.itemText(number)
        case QTableView():
            lines = widget.model()
            for column in range(lines.columnCount()):
                yield "header", str(lines.headerData(column, Qt.Orientation.Horizontal) or "")
                for line in range(lines.rowCount()):
                    cell = lines.index(line, column)
                    yield "cell", cell.data() or ""
                    yield "cell's hint", cell.data(Qt.ItemDataRole.ToolTipRole) or ""
        case QTreeWidget():
            head = widget.headerItem()
            for column in range(widget.columnCount()):
                yield "header", head.text(column)
                for line in range(widget.topLevelItemCount()):
                    yield "cell", widget.topLevelItem(line).text(column)
        case GraphicsView():
            for item in widget.scene().items():
                match item:
                    case AxisItem():
                        yield "axis", item.labelText if item.label.isVisible() else ""
                    case LabelItem():
                        yield "label", item.text
                    case TextItem():
                        yield "label", item.toPlainText()
                    case _:
                        yield "hint", item.toolTip()
        case _:
            pass


def look(found: dict[str, str]) -> None:
    """Take the texts with plain letters of all widgets that there are now, by where they are.

    Menus without a window are those that pyqtgraph makes for every plot; the plots here show their own instead.
    """
    from PySide6.QtWidgets import QApplication, QMenu, QWidget

    QApplication.processEvents()
    for window in QApplication.topLevelWidgets():
        for widget in (window, *window.findChildren(QWidget)) if not isinstance(window, QMenu) else ():
            for what, text in texts_of(widget):
                if WORD.search(text):
                    found.setdefault(text, f"{type(window).__name__}, {type(widget).__name__}: {what}")


def cut_off() -> dict[str, str]:
    """Return the buttons in view that are too narrow for their texts, with the pixels that are missing."""
    from PySide6.QtWidgets import QApplication, QPushButton

    found = {}
    for window in QApplication.topLevelWidgets():
        for button in window.findChildren(QPushButton):
            missing = button.fontMetrics().horizontalAdvance(button.text().replace("&", "")) - button.width()
            if button.isVisible() and missing > 0:
                found[button.text()] = f"{missing} px"
    return found


def settle(done=lambda: True) -> None:
    """Let the window work until something is done, at most a minute."""
    from time import monotonic

    from PySide6.QtWidgets import QApplication

    end = monotonic() + 60.0
    while monotonic() < end:
        QApplication.processEvents()
        if done():
            return


def walk_by_hand(window, plain: dict[str, str], narrow: dict[str, str]) -> None:
    """Open the pages of commissioning and of what is set by hand, look at them, and go back."""
    connect, start = window.screens["connect"], window.screens["start"]
    connect.model.make_unit(7)
    window.context.bench.set(connect.model.reference)
    settle(connect.commission.isEnabled)
    for key, enter, page in (
        ("connect", connect.commission, lambda: connect.page),
        ("start", start.by_hand, lambda: start.manual),
    ):
        window.show_screen(key)
        enter.click()
        settle()
        assert page().isVisible()
        look(plain)
        narrow |= cut_off()
        page().back.click()


def change_step(window) -> None:
    """Open the dialogue that changes a step, with the run on show, which nothing can change any more."""
    from solbench.gui.models.runs.changing import Changing
    from solbench.gui.screens.runs.changing import ChangeDialog

    live = window.screens["live"]
    run = window.context.run.value
    model = Changing(window.context.jobs, run, live.control.engine, "E. Example")
    live.changing = ChangeDialog(live, model, window.context.numbers)
    live.changing.open()
    for path, _ in model.steps:
        live.changing.step.setCurrentIndex(live.changing.step.findData(path))
        live.changing.step.activated.emit(live.changing.step.currentIndex())
        settle()


def walk(run: Path | None) -> dict[str, dict[str, str]]:
    """Open the window, go through its screens, menus and dialogues; return the texts with plain letters."""
    import pyqtgraph as pg
    from PySide6.QtWidgets import QApplication, QMenu

    from solbench.gui.app import speak_as_the_window
    from solbench.gui.models.context import Context
    from solbench.gui.window.main_window import MainWindow

    app = QApplication(["solbench"])
    speak_as_the_window(app)
    pg.setConfigOptions(antialias=False, useOpenGL=False)
    window = MainWindow(Context())
    window.resize(1366, 768)
    window.show()
    plain: dict[str, str] = {}
    narrow: dict[str, str] = {}
    size: dict[str, str] = {}
    if run is not None:
        window.open_file(run)
        settle(lambda: window.context.run.value is not None and window.context.run.value.known)
        data = window.screens["data"]
        data.model.add([run])
        settle(lambda: bool(data.model.chosen) and not data.model.busy)
        window.context.chosen.set(data.model.chosen)
    for key in window.screens.kinds:
        window.show_screen(key)
        window.screens[key].grab()
        if run is not None and key == "fit":
            window.screens[key].model.fit()
            settle(lambda fit=window.screens[key].model: not fit.busy)
        look(plain)
        narrow |= cut_off()
        needed = window.screens[key].minimumSizeHint().width()
        if (window.width(), window.height()) != (1366, 768) or needed > window.scroller.width():
            size[key] = (
                f"{window.width()} x {window.height()}, the screen alone {needed} of {window.scroller.width()}"
            )
    walk_by_hand(window, plain, narrow)
    for menu in window.menuBar().findChildren(QMenu):
        menu.aboutToShow.emit()
    window.show_notices()
    window.show_about()
    window.show_manual("keys")
    window.tour.offer()
    if run is not None:
        window.screens["data"].correct.click()
        change_step(window)
    look(plain)
    narrow |= cut_off()
    window.control.stop_all()
    window.exit_guard.leave()
    window.close()
    window.context.jobs.close()
    return {"plain": plain, "narrow": narrow, "size": size}


def main() -> None:
    """Print what was found."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    found = walk(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    sys.stdout.write(json.dumps(found, ensure_ascii=False))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
