"""The rail at the left: a button for each screen, and SIMULATION where nothing is real."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from solbench.gui.icons import SIZE as ICON
from solbench.gui.icons import icon
from solbench.gui.models.common.words import tr
from solbench.gui.palette import Colors

SIZE, SIZE_SMALL = (112, 40), (84, 26)
TEXT_ALONE, TEXT_BESIDE = Qt.ToolButtonStyle.ToolButtonTextOnly, Qt.ToolButtonStyle.ToolButtonTextBesideIcon


class Rail(QWidget):
    """Buttons by the keys of the screens; `titles` in their order, `show_screen` is called with a key."""

    def __init__(self, titles: Mapping[str, str], show_screen: Callable[[str], None]) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.buttons: dict[str, QToolButton] = {}
        self.simulation = QLabel(tr("SIMULATION"))
        self.simulation.setObjectName("simulation")
        self.simulation.setWordWrap(True)
        self.simulation.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.simulation.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 1, 8)  # the line at its edge stays whole
        column.setSpacing(2)
        for number, (key, title) in enumerate(titles.items(), 1):
            self.buttons[key] = _button(title, number)
            self.buttons[key].clicked.connect(partial(show_screen, key))
            column.addWidget(self.buttons[key])
        column.addStretch(1)
        column.addWidget(self.simulation)

    def set_colors(self, colors: Colors) -> None:
        """Draw the icons in a look."""
        for key, button in self.buttons.items():
            button.setIcon(icon(key, colors.text))

    def show_simulation(self, words: str) -> None:
        """Show what is simulated; "" where the screen is about something real."""
        self.simulation.setText(words)
        self.simulation.setVisible(bool(words))

    def set_small(self, small: bool) -> None:
        """Take less room where there is little."""
        for button in self.buttons.values():
            button.setMinimumSize(*(SIZE_SMALL if small else SIZE))
            button.setToolButtonStyle(TEXT_ALONE if small else TEXT_BESIDE)


def _button(title: str, number: int) -> QToolButton:
    button = QToolButton()
    button.setObjectName("rail_button")
    button.setText(title)
    button.setToolTip(f"{title}: Ctrl+{number % 10}")
    button.setCheckable(True)
    button.setAutoExclusive(True)
    button.setMinimumSize(*SIZE)
    button.setToolButtonStyle(TEXT_BESIDE)
    button.setIconSize(QSize(ICON, ICON))
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return button
