"""The page of settings must be the one that the settings' own descriptions make."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from docs import make_settings_page as maker

import solbench.drivers.links.link
import solbench.drivers.solartron.settings
import solbench.simulators
import solbench.simulators.electronics.settings

LINKS = ("solbench.drivers.links", "solbench.drivers.thermometer")


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
        for title, module in maker.GROUPS
        if title.startswith(("Drivers: ", "Simulated bench: ")) and not module.__name__.startswith(LINKS)
        for kind in maker._dataclasses(module)
        for setting in maker.settings_of(kind)
        if not setting.words and setting.name != "link"
    ]
    assert silent == []


# Pattern of numbers that stand in the code and say nothing about an instrument -> what they are for.
NOT_OF_AN_INSTRUMENT = {
    "bus.*": "numbers of boards and handles, of the library's own",
    "electronics.noise.*": "arithmetic of the random numbers",
    "electronics.*STREAM*": "which random numbers belong to what",
    "electronics.clipping._STEPS": "steps of a sum over one period",
    "electronics.faults.EXPONENT": "place in a line that a fault changes",
    "electronics.power_stage.OPEN*": "names",
    "electronics.power_stage.*_STEP_S": "steps in time, small against what is looked at",
    "electronics.ramp.*": "steps of a level that moves, small against what is read",
    "electronics.rear_outputs._REAL_PART": "as in parameters, where it is said",
    "electronics.series_resistor.*": "steps and tolerances of an equation that is solved",
    "electronics.settings.*": "bounds of settings, and zeros",
    "electronics.signals.NOTHING": "no signal",
    "electronics.standalone.*": "zeros: open leads carry nothing, nothing lags",
    "electronics.surroundings.NOISE_WINDOW_S": "in what the noise of a scenario is given",
    "electronics.transient.*": "how finely memories are told apart; they are followed to 2e-5",
    "electronics.voltmeter._NO_LEAK": "an average below this is not worked out",
    "instruments.instrument.Instrument._REMEMBERED": "length of a memory that saves time",
    "instruments.ports._LINES_KEPT": "length of what the terminal keeps for a test",
    "instruments.results._*": "what two digits of exponent can hold, and no division by nothing",
    "instruments.solartron1260._BOTH": "part of its table of codes",
    "instruments.solartron1287._EARLY_S": "what comes first of two things at one instant",
    "instruments.sweep._NEARLY": "rounding of steps that are counted",
    "instruments.sweep.Phase.*": "names",
    "instruments.thermometer.*": "a made-up instrument",
    "makes.*._NEARLY": "rounding",
}
# Function with numbers in its text -> what they are.
IN_THE_TEXT = {
    "bus.visa_library._Session.*": "defaults and milliseconds of VISA",
    "bus.visa_library.SimulatedVisaLibrary.wait_on_event": "milliseconds of VISA",
    "electronics.generator.Generator.__init__": "a frequency until the 1260 sets its own",
    "electronics.power_stage.PowerStage._choose_resistor": "decades",
    "electronics.standalone.OpenLeads.impedance": "leads on a table are no cell; their leakage is a setting",
    "electronics.voltmeter._bend": "a parabola with one at half of full scale",
    "instruments.results.in_coordinates": "degrees and decibels",
    "instruments.solartron1260.Solartron1260._measure": "rounding up of what is whole",
    "instruments.solartron1260.Solartron1260._variable": "a fault that names another frequency",
    "instruments.solartron1287.Solartron1287.*clock": "hours, minutes and hundredths",
    "makes.ec301.Ec301._settle": "millivolts",
    "makes.keithley2400.Keithley2400._set_number": "rounding",
}
PLAIN = (0.0, 0.5, 1.0, 2.0)


def unexplained(names: list[str], explained: dict[str, str]) -> list[str]:
    return [name for name in names if not any(fnmatchcase(name, pattern) for pattern in explained)]


def test_every_number_in_the_simulated_instruments_is_on_the_page_or_explained() -> None:
    found = maker.constants()
    assert len(found) > 60
    silent = [one.name for one in found if not one.words]
    assert unexplained(silent, NOT_OF_AN_INSTRUMENT) == [], "say below it what it is and how sure (A to K)"
    assert [one.name for one in found if one.words and not one.grades] == []
    stale = [pattern for pattern in NOT_OF_AN_INSTRUMENT if not any(fnmatchcase(n, pattern) for n in silent)]
    assert stale == []


def numbers_in_functions(tree: ast.AST, where: str) -> Iterator[tuple[str, float]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            inside = f"{where}.{node.name}"
            if isinstance(node, ast.FunctionDef):
                for one in ast.walk(node):
                    if (
                        isinstance(one, ast.Constant)
                        and isinstance(one.value, float)
                        and one.value not in PLAIN
                    ):
                        yield inside, one.value
            else:
                yield from numbers_in_functions(node, inside)


def test_no_number_of_an_instrument_hides_in_a_function() -> None:
    root = Path(solbench.simulators.__path__[0])
    names = [
        name
        for room in maker.INSTRUMENTS
        for path in (root / room).glob("*.py")
        for name, _ in numbers_in_functions(
            ast.parse(path.read_text(encoding="utf-8")), f"{room}.{path.stem}"
        )
    ]
    assert names
    assert unexplained(names, IN_THE_TEXT) == [], "make it a setting, or a constant with its grade below it"
    assert [p for p in IN_THE_TEXT if not any(fnmatchcase(name, p) for name in names)] == []


def test_a_number_that_somebody_forgets_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for room in maker.INSTRUMENTS:
        (tmp_path / room).mkdir()
    (tmp_path / "instruments" / "new.py").write_text(
        'DELAY_S = 0.3\nLIMIT_A = 2.0\n"""Largest current (D)."""\nclass New:\n    counts = (1, 2)\n'
        "    def f(self):\n        return 3.7 * self.x\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(solbench.simulators, "__path__", [str(tmp_path)])
    found = {one.name: one.words for one in maker.constants()}
    assert found == {
        "instruments.new.DELAY_S": "",
        "instruments.new.LIMIT_A": "Largest current (D).",
        "instruments.new.New.counts": "",
    }
    assert unexplained(list(found), NOT_OF_AN_INSTRUMENT) == list(found)
    tree = ast.parse((tmp_path / "instruments" / "new.py").read_text(encoding="utf-8"))
    assert list(numbers_in_functions(tree, "instruments.new")) == [("instruments.new.New.f", 3.7)]


def test_the_page_has_the_constants_and_the_units() -> None:
    text = maker.page()
    assert "| `electronics.power_stage.FULL_SCALE_V` | `0.2` | A |" in text
    assert "| `interface.lag_shape` | delay (50%), pole (50%) | C |" in text
    assert "| `VB` | -40.95 to 40.95 | 0 |" in text
