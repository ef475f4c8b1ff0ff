"""Write the texts of the window into the template and the catalogues of its languages.

    python docs/make_catalogue.py             writes the template, and brings every catalogue up to date
    python docs/make_catalogue.py LANGUAGE    begins one for a language, such as de, if there is none
    python docs/make_catalogue.py --check     exit 1 when something is not what would be written

They lie in gui/locale, or in the folder that SOLBENCH_LOCALE names. How a language is added: docs/translating.md.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from io import BytesIO
from pathlib import Path
from pkgutil import walk_packages
from typing import get_args

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import solbench.protocols
from solbench.acquisition.control.verbs import State
from solbench.acquisition.queue.standing import ConditionKind
from solbench.analysis.exports.formats import FORMATS
from solbench.fitting.verdicts import BY_DEFINITION, VERDICT_WORDS
from solbench.gui.models.common.words import DOMAIN, RULE, TERM, folders
from solbench.gui.models.protocol.form import Field, fields_of
from solbench.gui.models.protocol.telling import rules
from solbench.gui.models.protocol.units import UNITS
from solbench.gui.models.setup.cell_editor import BUILD_FIELDS, CONDITION_FIELDS, RECORD_FIELDS
from solbench.protocols import Protocol
from solbench.protocols.findings import OF_SERIES
from solbench.protocols.kinds import SEGMENT_KINDS, STEP_KINDS

GUI = Path(__file__).parents[1] / "gui"
KEYWORDS = {"tr": None, "ntr": (1, 2)}
OTHER_STATES = (
    "ending",
    "completed",
    "not completed",
    "engine gone",
    "damaged",
    "connecting",
    "no answer",
    "cell ON",
    "cell off",
    "cell unknown",
)
NOT_WRITTEN = (
    b'"POT-Creation-Date',
    b'"PO-Revision-Date',
    b'"Generated-By',
    b'"Report-Msgid-Bugs-To',
    b'"Last-Translator: FULL',
    b'"Language-Team: LANGUAGE',
)
"""Lines of the head that say when it was written, or whom nobody named."""
NO_DAY = datetime(2000, 1, 1, tzinfo=UTC)  # what is compiled is the same whenever it is
HEAD = "# The texts of Solbench's window. What is in braces is filled in, and stays as it is.\n"


@cache
def template() -> Catalog:
    """Return every text of the window, in the order of the files, and every name that it shows of other rooms."""
    made = Catalog(project="Solbench", version="window", charset="utf-8", header_comment=HEAD, fuzzy=False)
    found = extract_from_dir(
        GUI, method_map=[("**.py", "python")], keywords=KEYWORDS, comment_tags=("Translators:",)
    )
    for file, _line, message, comments, _context in sorted(found, key=lambda each: (each[0], each[1])):
        made.add(message, locations=[(f"gui/{file}", 0)], auto_comments=comments)
    for name in terms():
        made.add(name, context=TERM)
    for room in walk_packages(solbench.protocols.__path__, "solbench.protocols."):
        import_module(room.name)  # rules are found in what is loaded
    for _, rule in sorted(rules().items()):
        for text in (rule.message, rule.cure):
            if re.sub(r"\{\w+\}", "", text).strip():  # not the rule that only passes on what was refused
                made.add(text, context=RULE)
    for text in OF_SERIES.values():
        made.add(text, context=RULE)
    return made


def terms() -> Iterator[str]:
    """Return what the window shows in the words of other rooms: kinds, states, verdicts, formats, fields."""
    yield from (kind.title for kind in STEP_KINDS.values())
    yield from (kind.words for kind in SEGMENT_KINDS.values())
    yield from VERDICT_WORDS.values()
    yield BY_DEFINITION
    yield from (state.value for state in State)
    yield from (kind.replace("_", " ") for kind in get_args(ConditionKind))
    yield from OTHER_STATES
    yield from UNITS
    yield from (format.title for format in FORMATS.values())
    models = (Protocol, *(kind.model for kind in STEP_KINDS.values()))
    own = [*BUILD_FIELDS, *RECORD_FIELDS, *CONDITION_FIELDS]
    for field in _all([*own, *(field for model in models for field in fields_of(model))]):
        yield field.label
        yield field.label.capitalize()


def _all(fields: Sequence[Field]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _all(field.fields)


def written(catalogue: Catalog) -> bytes:
    """Return the text of a template or a catalogue."""
    buffer = BytesIO()
    write_po(buffer, catalogue, width=100, omit_header=False, include_lineno=False)
    return b"".join(
        line for line in buffer.getvalue().splitlines(keepends=True) if not line.startswith(NOT_WRITTEN)
    )


def files(languages: Sequence[str] = ()) -> Iterator[tuple[Path, bytes]]:
    """Return the files that are to be, with their contents: the template, and what each language has of it."""
    texts, folder = template(), folders()[0]
    yield folder / f"{DOMAIN}.pot", written(texts)
    begun = {folder / language / "LC_MESSAGES" / f"{DOMAIN}.po" for language in languages}
    for place in sorted({*folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po"), *begun}):
        language = place.parts[-3]
        own = Catalog(language, charset="utf-8")
        if place.exists():
            with place.open("rb") as file:
                own = read_po(file, language)
        own.update(texts, no_fuzzy_matching=True)
        own.obsolete.clear()
        own.fuzzy = False
        own.creation_date = own.revision_date = NO_DAY
        yield place, written(own)
        compiled = BytesIO()
        write_mo(compiled, own)
        yield place.with_suffix(".mo"), compiled.getvalue()


def main(arguments: Sequence[str]) -> int:
    """Write the files, or say which are not as they would be written."""
    check = "--check" in arguments
    stale = 0
    for path, content in files([each for each in arguments if not each.startswith("-")]):
        if path.exists() and path.read_bytes() == content:
            continue
        stale += 1
        if check:
            print(f"{path} is not what python docs/make_catalogue.py would write", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            print(path)
    return int(check and stale > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
