import doctest
import importlib
import pkgutil

import pytest

import solbench.analysis

NAMES = [m.name for m in pkgutil.walk_packages(solbench.analysis.__path__, "solbench.analysis.")] + [
    "solbench.acquisition.engine.techniques.steady"
]


@pytest.mark.parametrize("name", NAMES)
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
