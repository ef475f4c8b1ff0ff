import doctest
import importlib
import pkgutil

import pytest

import analysis

NAMES = [f"analysis.{m.name}" for m in pkgutil.iter_modules(analysis.__path__)] + ["acquisition.steady"]


@pytest.mark.parametrize("name", NAMES)
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
