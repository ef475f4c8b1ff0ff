"""How the user writes numbers: as chosen in the menu, else as the system does."""

from PySide6.QtCore import QLocale

from solbench.gui.models.common.numbers import Style
from solbench.gui.models.common.words import tr

HABITS = {
    "system": tr("As the &system"),
    "point": tr("1.5  decimal &point"),
    "comma": tr("1,5  decimal &comma"),
}


def style_of(habit: str) -> Style:
    """Return how numbers are written under a habit."""
    if habit == "point":
        return "point"
    return "comma" if habit == "comma" or QLocale.system().decimalPoint() == "," else "point"
