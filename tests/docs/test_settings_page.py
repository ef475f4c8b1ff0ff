"""The page of settings must be the one that the settings' own descriptions make."""

from __future__ import annotations

import pytest
from docs import make_settings_page as maker

import solbench.drivers.links.link
import solbench.drivers.solartron.settings
import solbench.simulators.electronics.settings


def test_page_is_current() -> None:
    text = maker.PAGE.read_text(encoding="utf-8")
    assert text == maker.page(), "run: python docs/make_settings_page.py"


@pytest.mark.parametrize(
    ("kind", "name", "grades"),
    [
        (solbench.drivers.solartron.settings.Settings1260, "error_query", "C"),
        (solbench.drivers.solartron.settings.Settings1260, "output_terminator", "A"),
        (solbench.drivers.solartron.settings.Settings1287, "conversion_s", "D"),
        (solbench.drivers.solartron.settings.Settings1287, "positive_terminal", ""),
        (solbench.drivers.links.link.LinkSettings, "command_pause_s", "B C"),
        (solbench.simulators.electronics.settings.Settings1287, "resistor_pole_Hz", "D K"),
        (solbench.simulators.electronics.settings.Settings1287, "galvanostat_loop_Hz", "A"),
    ],
)
def test_grades_are_those_in_brackets(kind: type, name: str, grades: str) -> None:
    found = {setting.name: setting.grades for setting in maker.settings_of(kind)}
    assert found[name] == grades


def test_every_graded_word_reaches_the_page() -> None:
    """No setting of the instruments may be without words, or it could hide how sure it is."""
    silent = [
        f"{kind.__name__}.{setting.name}"
        for module in (solbench.drivers.solartron.settings, solbench.simulators.electronics.settings)
        for kind in maker._dataclasses(module)
        for setting in maker.settings_of(kind)
        if not setting.words and setting.name != "link"
    ]
    assert silent == []
