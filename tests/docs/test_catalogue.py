"""The catalogues of the window must be those that its code makes, and a language must be added as the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from docs import make_catalogue as maker

from solbench.gui.models.common.words import ANOTHER_FOLDER, DOMAIN, catalogue, languages, wanted_languages
from tests.modules import ROOT
from tests.protocols.test_findings import RULES

NOT_A_LITERAL = re.compile(r"(?<!def )(?<![.\w])(n?tr\((?!\s*[\"'])[^)]*)")
PAGE = ROOT / "docs" / "translating.md"


@pytest.fixture(scope="module")
def template() -> Catalog:
    return maker.template()


def test_template_and_catalogues_are_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ANOTHER_FOLDER, raising=False)
    stale = [path.name for path, content in maker.files() if path.read_bytes() != content]
    assert stale == [], "run: python docs/make_catalogue.py"


def test_every_text_given_to_a_looker_up_is_a_literal() -> None:
    found = [
        f"{path.name}: {call}"
        for path in maker.GUI.rglob("*.py")
        for call in NOT_A_LITERAL.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []
    assert NOT_A_LITERAL.findall('tr(f"{x} runs"), ntr(one, many, 2), tr("a"), tr(\n  "b"\n), str(x)') == [
        'tr(f"{x} runs"',
        "ntr(one, many, 2",
    ]


def test_kinds_fields_and_rules_of_other_rooms_are_in_the_template(template: Catalog) -> None:
    assert all(
        template.get(name, "term")
        for name in ("Impedance", "cyclic voltammetry", "doubtful", "not completed")
    )
    assert all(template.get(rule.message, "rule") for code, rule in RULES.items() if code != "refused")
    assert [message.context for message in template].count("term") > 100


def test_a_language_is_added_by_the_commands_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = PAGE.read_text(encoding="utf-8").split("```bash\n")[1].split("```")[0].splitlines()
    commands = [shlex.split(line, comments=True) for line in typed]
    assert len(commands) == 5
    (_, place), begin, (_, file), compile_it, open_it = commands
    language = open_it[0].removeprefix("LANGUAGE=")
    assert place.startswith(f"{ANOTHER_FOLDER}=")
    monkeypatch.setenv(ANOTHER_FOLDER, str(tmp_path))
    assert begin[:2] == compile_it[:2] == ["python", "docs/make_catalogue.py"]
    assert maker.main(begin[2:]) == 0
    own = tmp_path / Path(file).relative_to(f"${ANOTHER_FOLDER}")
    assert str(own) in capsys.readouterr().out
    text = own.read_text(encoding="utf-8")
    own.write_text(
        text.replace('msgid "Start run"\nmsgstr ""', 'msgid "Start run"\nmsgstr "Starta"'), "utf-8"
    )
    assert maker.main(compile_it[2:]) == 0
    assert maker.main(["--check"]) == 0
    assert language in languages()
    said = catalogue(wanted_languages(tmp_path / "none.json", {"LANGUAGE": language}))
    assert (said.gettext("Start run"), said.gettext("Stop")) == ("Starta", "Stop")


def test_a_text_that_is_gone_leaves_the_catalogue_and_what_was_translated_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ANOTHER_FOLDER, str(tmp_path))
    own = tmp_path / "nl" / "LC_MESSAGES" / f"{DOMAIN}.po"
    own.parent.mkdir(parents=True)
    own.write_text('msgid "gone"\nmsgstr "weg"\n\nmsgid "Start run"\nmsgstr "Begin"\n', "utf-8")
    assert maker.main(["--check"]) == 1
    assert maker.main([]) == 0
    with own.open("rb") as file:
        found = read_po(file)
    assert found.get("gone") is None
    assert (found["Start run"].string, found["Queue"].string) == ("Begin", "")
