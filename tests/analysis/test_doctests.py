import doctest
import importlib
import pkgutil

import pytest

import analysis

NAMES = [m.name for m in pkgutil.walk_packages(analysis.__path__, "analysis.")] + ["acquisition.steady"]


@pytest.mark.parametrize("name", NAMES)
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
