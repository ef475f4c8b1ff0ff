"""The examples of the notebooks page, run one after the other beside a run file."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from tests.acquisition.runs import request, run_it

PAGE = Path(__file__).parents[2] / "docs" / "notebooks.md"


@pytest.mark.long
def test_examples_say_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_it(request(tmp_path / "my-run.h5"))
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8").replace("```", "")
    test = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    said: list[str] = []
    result = doctest.DocTestRunner().run(test, out=said.append)
    assert result.failed == 0, "".join(said)
    assert result.attempted > 30
