"""The examples in the docstrings of every module say what the modules do."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.modules import MODULES

FITS = (  # whole fits; the others are done at once
    "solbench.fitting.joint_fit",
    "solbench.fitting.laws.growth",
    "solbench.fitting.spectra.automatic",
)
WITH_EXAMPLES = [name for name, path in MODULES.items() if ">>> " in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.long) if name in FITS else name for name in WITH_EXAMPLES],
)
def test_examples_in_docstrings(name: str) -> None:
    runner = doctest.DocTestRunner()
    found = [one for one in doctest.DocTestFinder().find(importlib.import_module(name)) if one.examples]
    for one in found:  # not those without an example: each costs a look at every file that was ever imported
        runner.run(one)
    assert runner.summarize(verbose=False).failed == 0
    assert found


def test_every_room_was_looked_at() -> None:
    assert len(MODULES) > 300
    assert {"acquisition", "analysis", "gui", "protocols"} <= {name.split(".")[1] for name in WITH_EXAMPLES}
