"""The language of the window: which it is, and what a translation may not break."""

import gettext
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from solbench.gui.models.common import words
from solbench.gui.models.common.words import (
    ANOTHER_FOLDER,
    DOMAIN,
    SETTING,
    alternatives,
    catalogue,
    languages,
    listed,
    ntr,
    rule_text,
    system_languages,
    term,
    tr,
    wanted_languages,
)


def write(folder, language, content=None, **texts):
    made = Catalog(language)
    for message, text in texts.items():
        made.add(message, text)
    buffer = BytesIO()
    write_mo(buffer, made)
    place = folder / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    place.parent.mkdir(parents=True)
    place.write_bytes(buffer.getvalue() if content is None else content)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(ANOTHER_FOLDER, str(tmp_path))
    return tmp_path


def speak(monkeypatch, messages):
    """Let every text be looked up among `messages`, whatever its context."""

    class Spoken(gettext.NullTranslations):
        def gettext(self, message):
            return messages.get(message, message)

        def pgettext(self, context, message):
            return messages.get(message, message)

        def ngettext(self, one, many, count):
            return messages.get(one if count == 1 else many, many)

    monkeypatch.setattr(words, "_SPOKEN", Spoken())


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({"LANG": "de_DE.UTF-8"}, ["de_DE.UTF-8"]),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "fr_FR.UTF-8"}, ["fr_FR.UTF-8"]),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "sv:da"}, ["sv", "da"]),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": ""}, ["de_DE.UTF-8"]),
    ],
)
def test_the_system_is_asked_as_gettext_asks_it(environment, found):
    assert system_languages(environment) == found


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (["de_DE.UTF-8"], "Halt"),
        (["de"], "Halt"),
        (["da", "de_AT"], "Halt"),
        (["en_GB.UTF-8", "de"], "Stop"),
        (["C.UTF-8", "de"], "Stop"),
        (["fr"], "Stop"),
        (["../../etc"], "Stop"),
        ([], "Stop"),
    ],
)
def test_the_first_language_with_a_catalogue_is_spoken_unless_english_comes_first(folder, wanted, said):
    write(folder, "de", Stop="Halt")
    assert catalogue(wanted).gettext("Stop") == said
    assert "de" in languages()


@pytest.mark.parametrize(
    "content", [b"", b"no catalogue", b"\xde\x12\x04\x95", b"\xde\x12\x04\x95" + b"\xff" * 40]
)
def test_a_damaged_catalogue_leaves_the_window_in_english(folder, content):
    write(folder, "de", content)
    assert catalogue(["de"]).gettext("Stop") == "Stop"


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ('{"language": "sv"}', ["sv"]),
        ('{"language": ""}', ["de"]),
        ('{"language": 3}', ["de"]),
        ("{", ["de"]),
    ],
)
def test_what_was_chosen_in_the_menu_comes_before_the_system(tmp_path, settings, found):
    path = tmp_path / "desktop.json"
    path.write_text(settings)
    assert SETTING in settings or settings == "{"
    assert wanted_languages(path, {"LANG": "de"}) == found
    assert path.read_text() == settings, "the file is left for the window, which says what is wrong with it"
    assert wanted_languages(tmp_path / "none.json", {"LANG": "de"}) == ["de"]


@pytest.mark.parametrize(
    "translated",
    ["{datei} ist da", "{0} ist da", "{file ist da", "{} ist da", "{file.nothing} ist da", "{file:q} ist da"],
)
def test_a_translation_with_other_places_gives_way_to_the_text_itself(monkeypatch, translated):
    speak(monkeypatch, {"{file} is there": translated})
    assert tr("{file} is there", file="a") == "a is there"


def test_places_may_stand_in_another_order_and_braces_in_what_is_filled_in(monkeypatch):
    speak(monkeypatch, {"{run} on {bench}": "auf {bench}: {run}"})
    assert tr("{run} on {bench}", run="{x}", bench="b") == "auf b: {x}"
    assert tr("keep {this} as it is") == "keep {this} as it is"


def test_numbers_lists_terms_and_rules_are_looked_up_too(monkeypatch):
    speak(
        monkeypatch,
        {
            "{count} runs": "{count} Läufe",
            "{most} and {last}": "{most} und {last}",
            "{first} or {other}": "{first} oder {other}",
            "running": "läuft",
            "{what} is too high": "{what} ist zu hoch",
        },
    )
    assert ntr("1 run", "{count} runs", 3) == "3 Läufe"
    assert listed(["a", "b", "c"]) == "a, b und c"
    assert alternatives(["a", "b", "c"]) == "a oder b oder c"
    assert (term("running"), term("sodiation")) == ("läuft", "sodiation")
    assert rule_text("{what} is too high", {"what": "4 V"}) == "4 V ist zu hoch"
    assert rule_text("", {}) == ""
