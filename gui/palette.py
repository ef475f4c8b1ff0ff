"""Light and dark: our own palettes, so that tests and every desktop show the same.

Colours are those of Okabe and Ito; each is used only where it stands out from its background (contrast at least
3:1), and colour is never the only sign.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from solbench.gui.models.common.numbers import Numbers

MARKS = Path(__file__).with_name("marks")


@dataclass(frozen=True)
class Colors:
    """One look: its colours as #rrggbb, and how numbers are written in it."""

    name: str
    window: str
    panel: str
    base: str
    text: str
    faint: str
    line: str
    edge: str
    accent: str
    on_accent: str
    voltage: str
    current: str
    good: str
    warning: str
    alarm: str
    on_alarm: str
    ordered: tuple[str, ...]
    distinct: tuple[str, ...]
    numbers: Numbers = field(default_factory=Numbers, compare=False)


LIGHT = Colors(
    name="light",
    window="#f3f4f6",
    panel="#ffffff",
    base="#ffffff",
    text="#1b1f24",
    faint="#5a626c",
    line="#c5cad1",
    edge="#868e99",
    accent="#0072B2",
    on_accent="#ffffff",
    voltage="#0072B2",
    current="#D55E00",
    good="#00795a",
    warning="#9a4f00",
    alarm="#c01818",
    on_alarm="#ffffff",
    ordered=("#440154", "#3b528b", "#21728c", "#1f8a5b", "#8a7a00"),
    distinct=("#0072B2", "#B34700", "#00795a", "#9b3f86", "#1b1f24", "#8a6d00", "#5b4bb7", "#b0223a"),
)
DARK = Colors(
    name="dark",
    window="#1e2127",
    panel="#262a31",
    base="#1a1d22",
    text="#e8eaed",
    faint="#a4abb5",
    line="#474e59",
    edge="#727c8b",
    accent="#56B4E9",
    on_accent="#10141a",
    voltage="#56B4E9",
    current="#E69F00",
    good="#3fcf9f",
    warning="#E69F00",
    alarm="#d03434",
    on_alarm="#ffffff",
    ordered=("#b48ad6", "#7f9ff0", "#43c0d0", "#6fd27a", "#f3e24a"),
    distinct=("#56B4E9", "#E69F00", "#3fcf9f", "#e08fc4", "#e8eaed", "#f3e24a", "#a99bff", "#ff8a80"),
)
CONTRAST = replace(
    DARK,
    name="contrast",
    window="#000000",
    panel="#000000",
    base="#000000",
    text="#ffffff",
    faint="#e0e0e0",
    line="#9a9a9a",
    edge="#ffffff",
    accent="#ffd60a",
    on_accent="#000000",
    voltage="#7fd0ff",
    current="#ffb000",
    good="#5fe6b8",
    warning="#ffb84d",
    alarm="#b00020",
    on_alarm="#ffffff",
)
LOOK = "look"  # a property of the program: whose palette it has
FUSION = "fusion"  # the style that looks the same on every system
LOOKS = {"light": LIGHT, "dark": DARK, "contrast": CONTRAST}


def look_of_system() -> str:
    """Return the look that the desktop around the window has."""
    hints = QGuiApplication.styleHints()
    return "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"


def present_look() -> Colors:
    """Return the look that the program has now."""
    window = QGuiApplication.palette().color(QPalette.ColorRole.Window).name()
    return next((colors for colors in LOOKS.values() if colors.window == window), LIGHT)


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


def distinct_color(colors: Colors, place: int) -> str:
    """Return the colour of one of several runs, which have no order."""
    return colors.distinct[place % len(colors.distinct)]


def apply(window: QWidget, colors: Colors) -> None:
    """Give a window and all that belongs to it one look; the palette is that of the whole program.

    With a sheet of the whole program, Qt would style a part anew each time it is put into another: screens would take
    half as long again to build.
    """
    sheet, app = _sheet(colors), QApplication.instance()
    assert isinstance(app, QApplication)
    window.setStyleSheet("")  # one sheet in the place of another takes Qt five times as long as after none
    if app.style().name() != FUSION:
        app.setStyle(FUSION)
    if app.property(LOOK) != colors.name:
        app.setPalette(_qt_palette(colors))
        app.setProperty(LOOK, colors.name)
    window.setStyleSheet(sheet)


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
{_controls(colors)}QPushButton#stop {{ background: {colors.alarm}; color: {colors.on_alarm}; font-weight: 700;
    border: 2px solid {colors.alarm}; }}
QPushButton#stop[idle="true"] {{ background: {colors.panel}; color: {colors.text}; }}
QPushButton#stop:hover, QPushButton#stop:pressed {{ background: #8d0f0f; color: {colors.on_alarm}; }}
QPushButton#stop:focus {{ border: 2px solid {colors.text}; }}
QPushButton#primary {{ background: {colors.accent}; color: {colors.on_accent}; font-weight: 600;
    border: 2px solid {colors.accent}; padding: 5px 14px; }}
QPushButton#primary:focus {{ border: 2px solid {colors.text}; }}
QPushButton#primary:disabled {{ background: {colors.line}; color: {colors.faint}; border-color: {colors.line}; }}
QFrame#run_strip {{ background: {colors.panel}; border: 1px solid {colors.line}; border-radius: 3px; }}
QFrame#run_strip[warns="true"] {{ border: 2px solid {colors.warning}; }}
QFrame#left_on_bar {{ background: {colors.alarm}; }}
QFrame#left_on_bar QLabel {{ color: {colors.on_alarm}; }}
QFrame#left_on_bar QLabel#title {{ color: {colors.on_alarm}; }}
QFrame#alarm_bar {{ background: {colors.alarm}; }}
QFrame#alarm_bar QLabel {{ color: {colors.on_alarm}; font-weight: 600; }}
QLabel#simulation {{ background: {colors.warning}; color: {colors.base}; font-weight: 700; padding: 2px 8px;
    border-radius: 3px; }}
QLabel#faint {{ color: {colors.faint}; }}
QLabel#title {{ font-size: 14pt; font-weight: 600; }}
QLabel#value {{ font-weight: 600; }}
QWidget[stale="true"] QLabel#value, QWidget[stale="true"] QLabel#state {{ color: {colors.faint}; }}
QToolTip {{ color: {colors.text}; background: {colors.panel}; border: 1px solid {colors.line}; }}
QSplitter::handle, QMainWindow::separator {{ background: {colors.window}; }}
QSplitter::handle:hover, QMainWindow::separator:hover {{ background: {colors.accent}; }}
QMainWindow::separator {{ width: 5px; height: 5px; }}
"""


def _controls(colors: Colors) -> str:
    """Edges that can be seen (3:1 on their ground), and a ring around what has the focus."""
    fields = "QLineEdit, QPlainTextEdit, QAbstractItemView"
    focused = ", ".join(f"{field}:focus" for field in fields.split(", "))
    ring = f"border: 2px solid {colors.accent};"
    return f"""{fields} {{ border: 1px solid {colors.edge}; border-radius: 3px; background: {colors.base};
    selection-background-color: {colors.accent}; selection-color: {colors.on_accent}; }}
QLineEdit {{ padding: 3px 5px; }}
{focused} {{ {ring} }}
QLineEdit:focus {{ padding: 2px 4px; }}
QLineEdit:read-only {{ background: {colors.window}; }}
QLineEdit:disabled, QPlainTextEdit:disabled {{ background: {colors.window}; border-color: {colors.line}; }}
QComboBox {{ background: {colors.panel}; color: {colors.text}; border: 1px solid {colors.edge};
    border-radius: 3px; padding: 3px 6px; }}
QComboBox:focus {{ {ring} padding: 2px 5px; }}
QComboBox:disabled {{ color: {colors.faint}; border-color: {colors.line}; background: {colors.window}; }}
QComboBox::drop-down {{ border: 0; width: 22px; }}
QComboBox::down-arrow {{ image: url("{_mark("arrow", colors)}"); width: 12px; height: 12px; }}
QComboBox QLineEdit, QComboBox QLineEdit:focus {{ border: 0; padding: 0; }}
QHeaderView, QHeaderView:focus {{ border: 0; border-radius: 0; background: {colors.panel}; }}
QHeaderView::section {{ background: {colors.panel}; color: {colors.text}; border: 0; padding: 2px 4px;
    border-right: 1px solid {colors.line}; border-bottom: 1px solid {colors.line}; }}
QPushButton, QToolButton {{ background: {colors.panel}; color: {colors.text}; border: 1px solid {colors.edge};
    border-radius: 4px; padding: 4px 10px; }}
QPushButton:hover, QToolButton:hover {{ border-color: {colors.accent}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {colors.line}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {colors.faint}; border-color: {colors.line};
    background: {colors.window}; }}
QPushButton:focus, QToolButton:focus {{ {ring} padding: 3px 9px; }}
QToolButton#star {{ font-size: 14pt; padding: 0 10px; }}
QFileDialog QToolButton {{ padding: 0; border-color: transparent; }}
QToolButton#rail_button:focus {{ border: 2px solid {colors.accent}; }}
{_boxes(colors)}QCheckBox {{ min-height: 24px; }}
QAbstractItemView::item {{ min-height: 20px; }}
QTabBar::tab {{ background: {colors.window}; color: {colors.text}; border: 1px solid {colors.line};
    padding: 4px 12px; min-height: 18px; }}
QTabBar::tab:hover {{ border-color: {colors.accent}; }}
QTabBar::tab:selected {{ background: {colors.panel}; border-color: {colors.edge}; }}
QTabBar::tab:top:selected {{ border-top: 3px solid {colors.accent}; }}
QTabBar::tab:bottom:selected {{ border-bottom: 3px solid {colors.accent}; }}
QMainWindow#panels > QTabBar::tab {{ padding: 4px 7px; }}
QTabBar:focus {{ border: 2px solid {colors.accent}; }}
QDockWidget {{ titlebar-close-icon: url("{_mark("close", colors)}");
    titlebar-normal-icon: url("{_mark("float", colors)}"); }}
QDockWidget::title {{ padding: 3px 4px; text-align: left; }}
QTabWidget::pane {{ border: 1px solid {colors.line}; }}
QGroupBox {{ border: 1px solid {colors.line}; border-radius: 3px; margin-top: 22px; }}
QGroupBox[absent="true"] {{ border-color: transparent; padding: 0; margin-top: 24px; }}
QGroupBox::title {{ subcontrol-origin: margin; subcontrol-position: top left; padding: 3px 0; }}
QFrame#ring {{ border: 2px solid {colors.accent}; background: transparent; }}
"""


def _boxes(colors: Colors) -> str:
    """Check boxes and round ones: an edge while empty, filled while checked."""
    mark = _mark("check", colors)
    radio = "QRadioButton::indicator"
    round_ones = f"""{radio} {{ width: 14px; height: 14px; border: 1px solid {colors.edge}; border-radius: 8px;
    background: {colors.base}; }}
{radio}:checked {{ width: 6px; height: 6px; border: 5px solid {colors.accent}; }}
{radio}:disabled {{ background: {colors.window}; }}
{radio}:checked:disabled {{ border-color: {colors.edge}; }}
QRadioButton {{ margin-right: 8px; }}
QRadioButton:focus {{ text-decoration: underline; }}
"""
    return round_ones + "".join(
        f"""{kind}::indicator {{ width: 14px; height: 14px; border: 1px solid {colors.edge}; border-radius: 2px;
    background: {colors.base}; }}
{kind}::indicator:checked {{ background: {colors.accent}; border-color: {colors.accent}; image: url("{mark}"); }}
{kind}::indicator:focus {{ border: 2px solid {colors.text}; width: 12px; height: 12px; }}
{kind}::indicator:disabled {{ border-color: {colors.line}; background: {colors.window}; }}
{kind}::indicator:checked:disabled {{ border-color: {colors.edge}; background: {colors.edge}; }}
"""
        for kind in ("QCheckBox", "QGroupBox", "QTableView", "QListView")
    )


def _mark(name: str, colors: Colors) -> str:
    return (MARKS / f"{name}-{'light' if colors.name == 'light' else 'dark'}.svg").as_posix()
