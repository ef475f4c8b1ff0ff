"""Menus and their keys, made from what they offer."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import assert_never

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from solbench.gui.window.actions import Action, Choice, Entry, Menu, Separator


def fill_menus(bar: QMenuBar, menus: Sequence[Menu]) -> None:
    """Make the menus of a bar."""
    for menu in menus:
        _fill(_menu_in(bar, menu.text), menu.entries)


def _menu_in(owner: QMenuBar | QMenu, text: str) -> QMenu:
    """Add a menu that lives as long as its owner does.

    One that `addMenu(text)` makes is gone for Python as soon as somebody who looked for it among the owner's children
    lets go of it, though it is still shown.
    """
    menu = QMenu(text, owner)
    owner.addMenu(menu)
    return menu


def _fill(menu: QMenu, entries: Sequence[Entry] | Callable[[], Sequence[Action]]) -> None:
    if callable(entries):
        menu.aboutToShow.connect(lambda: _refill(menu, entries()))
        return
    for entry in entries:
        match entry:
            case Action():
                _add(menu, entry)
            case Choice():
                _add_choice(menu, entry)
            case Separator():
                menu.addSeparator()
            case Menu():
                _fill(_menu_in(menu, entry.text), entry.entries)
            case _:
                assert_never(entry)


def _refill(menu: QMenu, entries: Sequence[Action]) -> None:
    for old in menu.actions():
        menu.removeAction(old)
        old.deleteLater()
    for entry in entries:
        _add(menu, entry)


def _add_choice(menu: QMenu, choice: Choice) -> None:
    group = QActionGroup(menu)
    for name, text in choice.texts.items():
        group.addAction(_add(menu, Action(text, partial(choice.choose, name), ticked=name == choice.chosen)))


def _add(menu: QMenu, entry: Action) -> QAction:
    action = QAction(entry.text, menu)
    if entry.key:
        action.setShortcut(QKeySequence(entry.key))
        action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
    if entry.ticked is not None:
        action.setCheckable(True)
        action.setChecked(entry.ticked)
    action.triggered.connect(lambda *_: entry.work())
    menu.addAction(action)
    return action
