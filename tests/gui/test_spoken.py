"""Every text of the window is looked up: in a language of another alphabet no plain letters are left but data.

The language is chosen when a process begins, so the window is opened in one of its own (`spoken.py`).
"""

import json
import os
import re
import subprocess
import sys

import pytest

from solbench.acquisition.bench.commissioning.record import NAMES as COMMISSIONING_STEPS
from solbench.acquisition.commission.told import PASSES
from solbench.gui.models.common.words import DOMAIN, FOLDER
from solbench.gui.models.fit.fit_choice import CIRCUITS
from solbench.gui.models.protocol.form import fields_of
from solbench.gui.models.protocol.units import UNITS
from solbench.gui.models.setup.cell_editor import BUILD_FIELDS, CONDITION_FIELDS
from solbench.protocols import shipped_cells, shipped_protocols
from solbench.protocols.kinds import STEP_KINDS
from tests.gui.spoken import LANGUAGE, PLACE, WORD, spoken, write_catalogue
from tests.modules import ROOT


def words_in(texts):
    return {word for text in texts for word in WORD.findall(text)}


def choices(fields):
    for field in fields:
        yield from field.choices
        yield field.example
        yield from choices(field.fields)


# What is the same in every language, because it is data or stands like this in files, commands and on instruments.
UNITS_AND_PREFIXES = words_in(
    (*(unit for units in UNITS.values() for unit in units), "Hz kHz mAh Ah cm unknown")
)
CHOICES = words_in(
    choices(
        [
            *BUILD_FIELDS,
            *CONDITION_FIELDS,
            *(f for kind in STEP_KINDS.values() for f in fields_of(kind.model)),
        ]
    )
)
NAMES = words_in((*shipped_protocols(), *shipped_cells(), *CIRCUITS, "sodiation desodiation tiny"))
KEYS = words_in(["Ctrl Alt Shift Up Down"])
ON_INSTRUMENTS = words_in(["GENERATOR POL INPUT VOLTAGE OUT CE RE WE GEN HI LO"])
OPTIONS = words_in(["automatic modulus unit"])  # of the command fit, where they can be typed
PROGRAMS = words_in(["Solbench Python Qt pyqtgraph Linux fc vp Windows"])
MARK = words_in(["SIMULATED ideal typical KK"])  # figures travel: who sees one elsewhere is to know the mark
SAME = UNITS_AND_PREFIXES | CHOICES | NAMES | KEYS | ON_INSTRUMENTS | OPTIONS | PROGRAMS | MARK
WHOLE = (
    r"English|Esperanto",  # languages by their own names
    r"\[half-cell .*",
    r"E\. Example|unit-7\.yaml",
    r".*simulated bench.*",  # the name of a bench
    r".*the program itself.*",  # who commissioned it, as its record says
    r".*/solbench-runs.*|\d{8}-\d{4}_.*|a-report|report",  # files and folders
)
# What the rooms below say of a run, in the words of its journal and its report: decision 0064.
OF_OTHER_ROOMS = (
    r".*: -?0\.16 mA/cm² until .*",
    r"all steps ended by their own conditions",
    r"[\d.]+\s[smh], (charge reached|voltage rose to) .*",
    r".*; nothing will be concluded from spectra: .*",
    rf"\[?[A-K] .?({'|'.join(COMMISSIONING_STEPS.values())})\b.*",
    rf"\[ŵîţĥîñ: ({'|'.join(re.escape(words.replace('ohm', 'Ω')) for words in PASSES.values())}).*",
)
# Qt's own, in Qt's catalogue for the languages that it speaks.
OF_QT = r"Scroll (Left|Right)|Float|Close|Undocks and re-attaches the dock widget|Closes the dock widget"


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory):
    folder = tmp_path_factory.mktemp("locale")
    write_catalogue(FOLDER / f"{DOMAIN}.pot", folder)
    return folder


def found_in(catalogues, place, *arguments):
    own = {
        "LANGUAGE": LANGUAGE,
        "SOLBENCH_LOCALE": str(catalogues),
        "SOLBENCH_STATE": str(place / "state"),
        "XDG_CONFIG_HOME": str(place / "config"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    (place / "state").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "tests.gui.spoken", *arguments],
        cwd=ROOT,
        env=os.environ | own,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout)


def not_looked_up(plain):
    known = re.compile("|".join((*WHOLE, *OF_OTHER_ROOMS, OF_QT)), re.DOTALL)
    return {
        text: where for text, where in plain.items() if words_in([text]) - SAME and not known.fullmatch(text)
    }


def assert_spoken(found):
    assert not_looked_up(found["plain"]) == {}
    assert found["narrow"] == {}, "buttons are too narrow for texts that are 40 % longer"
    assert found["size"] == {}, "the window outgrows a screen of 1366 x 768"


@pytest.mark.long
def test_every_text_of_an_empty_window_is_looked_up_and_has_room(catalogues, tmp_path):
    assert_spoken(found_in(catalogues, tmp_path))


@pytest.mark.long
def test_every_text_of_a_window_with_a_run_is_looked_up_and_has_room(catalogues, tmp_path, finished):
    assert_spoken(found_in(catalogues, tmp_path, str(finished)))


def test_a_text_that_is_not_looked_up_would_be_found():
    assert not_looked_up(
        {"Show the grid": "here", "5 mA/cm²": "there", spoken("Show the grid"): "there"}
    ) == {"Show the grid": "here"}


def test_a_message_keeps_its_places_and_is_longer():
    message = "{count} spectra of {run:.3g}, with %(name)s"
    assert PLACE.findall(spoken(message)) == PLACE.findall(message)
    assert len(spoken(message)) >= 1.4 * len(message)
    assert words_in([spoken("Every letter of this is another")]) == set()
