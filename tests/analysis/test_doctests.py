import doctest
import importlib
import pkgutil

import pytest

import analysis
import analysis.exports
import analysis.imports

PACKAGES = (analysis, analysis.exports, analysis.imports)
NAMES = [f"{p.__name__}.{m.name}" for p in PACKAGES for m in pkgutil.iter_modules(p.__path__)] + [
    "acquisition.steady"
]


@pytest.mark.parametrize("name", NAMES)
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
