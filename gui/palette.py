"""Light and dark: our own palettes, so that tests and every desktop show the same.

Colours are those of Okabe and Ito; each is used only where it stands out from its background (contrast at least
3:1), and nothing is told by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication


@dataclass(frozen=True)
class Colors:
    """The colours of one look, as #rrggbb."""

    name: str
    window: str
    panel: str
    base: str
    text: str
    faint: str
    line: str
    accent: str
    on_accent: str
    voltage: str
    current: str
    good: str
    warning: str
    alarm: str
    on_alarm: str
    ordered: tuple[str, ...]


LIGHT = Colors(
    name="light",
    window="#f3f4f6",
    panel="#ffffff",
    base="#ffffff",
    text="#1b1f24",
    faint="#5a626c",
    line="#c5cad1",
    accent="#0072B2",
    on_accent="#ffffff",
    voltage="#0072B2",
    current="#D55E00",
    good="#00795a",
    warning="#9a4f00",
    alarm="#c01818",
    on_alarm="#ffffff",
    ordered=("#440154", "#3b528b", "#21728c", "#1f8a5b", "#8a7a00"),
)
DARK = Colors(
    name="dark",
    window="#1e2127",
    panel="#262a31",
    base="#1a1d22",
    text="#e8eaed",
    faint="#a4abb5",
    line="#474e59",
    accent="#56B4E9",
    on_accent="#10141a",
    voltage="#56B4E9",
    current="#E69F00",
    good="#3fcf9f",
    warning="#E69F00",
    alarm="#d03434",
    on_alarm="#ffffff",
    ordered=("#b48ad6", "#7f9ff0", "#43c0d0", "#6fd27a", "#f3e24a"),
)
LOOKS = {"light": LIGHT, "dark": DARK}


def ordered_color(colors: Colors, place: int, count: int) -> str:
    """Return the colour of one of `count` curves in order: from the first colour of the scale to the last."""
    if count <= 1:
        return colors.ordered[0]
    position = place / (count - 1) * (len(colors.ordered) - 1)
    below = min(int(position), len(colors.ordered) - 2)
    first, second = QColor(colors.ordered[below]), QColor(colors.ordered[below + 1])
    share = position - below
    mixed = [
        round(a + (b - a) * share)
        for a, b in zip(first.getRgb()[:3], second.getRgb()[:3], strict=True)  # type: ignore[index]
    ]
    return QColor(*mixed).name()


def apply(app: QApplication, colors: Colors) -> None:
    """Give the whole program one look."""
    sheet = _sheet(colors)
    if app.styleSheet() == sheet:
        return
    app.setStyle("Fusion")
    app.setPalette(_qt_palette(colors))
    app.setStyleSheet(sheet)


def _qt_palette(colors: Colors) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: colors.window,
        QPalette.ColorRole.WindowText: colors.text,
        QPalette.ColorRole.Base: colors.base,
        QPalette.ColorRole.AlternateBase: colors.panel,
        QPalette.ColorRole.Text: colors.text,
        QPalette.ColorRole.Button: colors.panel,
        QPalette.ColorRole.ButtonText: colors.text,
        QPalette.ColorRole.ToolTipBase: colors.panel,
        QPalette.ColorRole.ToolTipText: colors.text,
        QPalette.ColorRole.Highlight: colors.accent,
        QPalette.ColorRole.HighlightedText: colors.on_accent,
        QPalette.ColorRole.PlaceholderText: colors.faint,
        QPalette.ColorRole.Link: colors.accent,
        QPalette.ColorRole.Mid: colors.line,
    }
    palette = QPalette()
    for role, color in roles.items():
        palette.setColor(role, QColor(color))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colors.faint))
    return palette


def _sheet(colors: Colors) -> str:
    return f"""
QWidget#rail, QWidget#strip {{ background: {colors.panel}; }}
QWidget#strip {{ border-bottom: 1px solid {colors.line}; }}
QWidget#rail {{ border-right: 1px solid {colors.line}; }}
QToolButton#rail_button {{ border: 0; border-left: 3px solid transparent; padding: 6px 10px; text-align: left; }}
QToolButton#rail_button:checked {{ border-left: 3px solid {colors.accent}; background: {colors.window};
    font-weight: 600; }}
QToolButton#rail_button:hover {{ background: {colors.window}; }}
QToolButton:checked {{ background: {colors.accent}; color: {colors.on_accent}; }}
QToolButton#rail_button:checked {{ color: {colors.text}; }}
QCheckBox::indicator:unchecked {{ border: 1px solid {colors.faint}; border-radius: 2px; width: 12px; height: 12px;
    background: {colors.base}; }}
QCheckBox::indicator:unchecked:focus {{ border: 2px solid {colors.accent}; }}
QToolButton:focus, QPushButton:focus {{ outline: 2px solid {colors.accent}; }}
QPushButton#stop {{ background: {colors.alarm}; color: {colors.on_alarm}; font-weight: 700; border: 0;
    border-radius: 4px; }}
QPushButton#stop:pressed {{ background: #8d0f0f; }}
QPushButton#stop:focus {{ border: 2px solid {colors.text}; }}
QPushButton#primary {{ background: {colors.accent}; color: {colors.on_accent}; font-weight: 600; border: 0;
    border-radius: 4px; padding: 7px 16px; }}
QPushButton#primary:disabled {{ background: {colors.line}; color: {colors.faint}; }}
QFrame#alarm_bar {{ background: {colors.alarm}; }}
QFrame#alarm_bar QLabel {{ color: {colors.on_alarm}; font-weight: 600; }}
QLabel#simulation {{ background: {colors.warning}; color: {colors.base}; font-weight: 700; padding: 2px 8px;
    border-radius: 3px; }}
QLabel#faint {{ color: {colors.faint}; }}
QLabel#title {{ font-size: 14pt; font-weight: 600; }}
QLabel#value {{ font-weight: 600; }}
QWidget[stale="true"] QLabel#value, QWidget[stale="true"] QLabel#state {{ color: {colors.faint}; }}
QToolTip {{ color: {colors.text}; background: {colors.panel}; border: 1px solid {colors.line}; }}
QSplitter::handle {{ background: {colors.window}; }}
"""
