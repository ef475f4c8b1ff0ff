"""What conftest holds for all tests."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

import solbench
from tests import conftest
from tests.modules import ROOT


def test_the_rooms_are_those_of_the_package() -> None:
    (package,) = solbench.__path__
    assert {folder.parent.name for folder in Path(package).glob("*/__init__.py")} == conftest.ROOMS


@pytest.mark.parametrize("room", sorted(conftest.ROOMS))
def test_a_bare_room_cannot_be_imported(room: str) -> None:
    with pytest.raises(ImportError, match=rf"{room!r} is imported as 'solbench\.{room}'"):
        importlib.import_module(room)


def test_a_patch_of_the_second_copy_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImportError, match=r"solbench\.acquisition"):
        monkeypatch.setattr("acquisition.host.keep_awake.ASKING_S", 1.0)


def test_a_bare_room_that_a_plugin_imported_ends_the_session(
    monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    monkeypatch.setitem(sys.modules, "drivers", ModuleType("drivers"))
    with pytest.raises(pytest.UsageError, match="drivers"):
        conftest.pytest_configure(pytestconfig)


def test_what_is_begun_first_is_there() -> None:
    assert [name for name in conftest.BEGUN_FIRST if not (ROOT / "tests" / name).exists()] == []


def test_every_test_has_a_time_out_and_the_long_ones_a_longer_one(pytestconfig: pytest.Config) -> None:
    assert 0 < float(pytestconfig.getini("timeout")) < conftest.LONG_TEST_S
    assert pytestconfig.pluginmanager.hasplugin("timeout")
