"""The language of the window: its own texts are English in the code, and looked up in a catalogue of gettext.

The language is chosen once, when this module is first imported: what is a table in the code is translated with it,
and another language holds from the next start on. For translators: docs/translating.md; why so: docs/decisions/0064.
"""

from __future__ import annotations

import ctypes
import gettext
import locale
import os
import struct
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from solbench.gui.models.common.settings import settings_path, values_in

SETTING = "language"
DOMAIN = "solbench"
TERM, RULE = "term", "rule"  # contexts: what other rooms name, and what they find
FOLDER = Path(__file__).parents[2] / "locale"
"""Where catalogues lie, as LANGUAGE/LC_MESSAGES/solbench.mo."""
ANOTHER_FOLDER = "SOLBENCH_LOCALE"  # in the environment: where a translator tries a catalogue
SOURCE = ("en", "C", "POSIX")  # what needs no catalogue


def system_languages(environment: Mapping[str, str]) -> list[str]:
    """Return the languages that the system asks for, the most wanted first: "de_DE.UTF-8", "en"."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if wanted := environment.get(name):
            return [language for language in wanted.split(":") if language]
    if sys.platform == "win32":
        number = ctypes.WinDLL("kernel32").GetUserDefaultUILanguage()
        return [language] if (language := locale.windows_locale.get(number)) else []
    return []


def folders() -> tuple[Path, ...]:
    """Return the folders of catalogues, the one searched first at the front."""
    named = os.environ.get(ANOTHER_FOLDER)
    return (Path(named), FOLDER) if named else (FOLDER,)


def languages() -> list[str]:
    """Return the languages that there are catalogues for, as they are named in folders: "de", "pt_BR"."""
    found = (path.parts[-3] for folder in folders() for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return sorted(set(found))


def catalogue(languages: Sequence[str]) -> gettext.NullTranslations:
    """Return the catalogue of the first language that there is one for; English, where it comes first, needs none."""
    for language in languages:
        if language.split("_")[0].split(".")[0] in SOURCE:
            break
        for folder in folders():
            with suppress(
                OSError, ValueError, struct.error
            ):  # none there, or a damaged one: English is better
                return gettext.translation(DOMAIN, folder, [language])
    return gettext.NullTranslations()


def wanted_languages(settings: Path, environment: Mapping[str, str]) -> list[str]:
    """Return the language chosen in the menu, or those of the system where none is.

    Settings that cannot be read choose none; the window says so when it reads them itself.
    """
    with suppress(OSError, ValueError):
        if isinstance(chosen := values_in(settings).get(SETTING), str) and chosen:
            return [chosen]
    return system_languages(environment)


_SPOKEN = catalogue(wanted_languages(settings_path(), os.environ))


def spoken() -> str:
    """Return the language of the window, as its catalogue names it; "en" without one."""
    return _SPOKEN.info().get("language", "en")


def tr(message: str, /, **places: object) -> str:
    """Return a text in the language of the window; `places` are put where the text names them, in braces.

    The message is a literal and a whole sentence, for what is glued together has another order elsewhere.

    >>> tr("{file} is written", file="a.yaml")
    'a.yaml is written'
    """
    return _filled(_SPOKEN.gettext(message), message, places)


def ntr(one: str, many: str, count: int, /, **places: object) -> str:
    """Return the text for a number of things, which is the place `count`.

    >>> ntr("{count} spectrum of {run}", "{count} spectra of {run}", 1, run="a"), ntr("1 run", "{count} runs", 2)
    ('1 spectrum of a', '2 runs')
    """
    return _filled(_SPOKEN.ngettext(one, many, count), one if count == 1 else many, {"count": count} | places)


def listed(texts: Sequence[str]) -> str:
    """Return texts as a list within a sentence.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    *most, last = texts
    return tr("{most} and {last}", most=", ".join(most), last=last) if most else last


def alternatives(texts: Sequence[str]) -> str:
    """Return texts of which one is to be chosen, within a sentence.

    >>> alternatives(["a"]), alternatives(["a", "b", "c"])
    ('a', 'a or b or c')
    """
    first, *others = texts
    for other in others:
        first = tr("{first} or {other}", first=first, other=other)
    return first


def term(name: str) -> str:
    """Return a name of another room (a kind of step, a state, a field) in the language of the window.

    The rooms below do not know the window, and files and commands have these names in English. The catalogue takes
    them from the rooms' own tables (docs/make_catalogue.py), in the context "term".
    """
    return _SPOKEN.pgettext(TERM, name)


def rule_text(template: str, parameters: Mapping[str, object]) -> str:
    """Return a text of a rule of protocols in the language of the window, with the parameters of the case."""
    return _filled(_SPOKEN.pgettext(RULE, template) if template else "", template, parameters)


def day(moment: date) -> str:
    """Return the day of the week in three letters or as the language has it; `%a` would be in the system's."""
    return _DAYS[moment.weekday()]


def month(moment: date) -> str:
    """Return the month, as `day` does the day."""
    return _MONTHS[moment.month - 1]


def day_and_month(moment: date) -> str:
    """Return a day near by: "Tue 03 Mar"."""
    return tr("{weekday} {date:%d} {month}", weekday=day(moment), date=moment, month=month(moment))


def _filled(translated: str, message: str, places: Mapping[str, object]) -> str:
    """Fill the places; a translation that names others than the message gives way to it."""
    if not places:
        return translated
    try:
        return translated.format(**places)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        return message.format(**places)


_DAYS = (tr("Mon"), tr("Tue"), tr("Wed"), tr("Thu"), tr("Fri"), tr("Sat"), tr("Sun"))
_MONTHS = (
    *(tr("Jan"), tr("Feb"), tr("Mar"), tr("Apr"), tr("May"), tr("Jun")),
    *(tr("Jul"), tr("Aug"), tr("Sep"), tr("Oct"), tr("Nov"), tr("Dec")),
)
