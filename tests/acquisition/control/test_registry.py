"""Which run is meant by what a user types."""

import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from solbench.acquisition.control.registry import Entry, find, register, this_process
from solbench.protocols.errors import BadInput

LIVE = "7c1a0e5d-90f2-4b7e-8a33-0123456789ab"


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A run of this process, called night.h5, whose id begins with what labs call their cells."""
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    path = str(tmp_path / "night.h5")
    made = Entry(LIVE, path, *this_process(), 1, "t", "bench", "k", "half-cell", "nbh", "2026", "0")
    register(made)
    return made


@pytest.mark.parametrize(
    "name", ["night", "night.h5", "night.journal", "./night", LIVE, LIVE[:8], LIVE[:8].upper()]
)
def test_a_run_is_meant_by_its_file_or_by_eight_characters_of_its_id(entry: Entry, name: str) -> None:
    assert find(name) == entry


@pytest.mark.parametrize("length", range(1, 8))
def test_a_run_is_never_meant_by_less_of_its_id(entry: Entry, length: int) -> None:
    with pytest.raises(BadInput, match=r"no run '7.*night\.h5"):
        find(LIVE[:length])


@pytest.mark.parametrize("name", ["nigh", "night2", "night.2", "x/night", LIVE[:8] + "x"])
def test_a_run_is_never_meant_by_another_name(entry: Entry, name: str) -> None:
    with pytest.raises(BadInput):
        find(name)


def test_a_dot_in_a_name_belongs_to_it(entry: Entry, tmp_path: Path) -> None:
    dotted = replace(entry, run=str(uuid.uuid4()), path=str(tmp_path / "night.2.h5"))
    register(dotted)
    assert find("night.2") == dotted
    assert find("night.2.h5") == dotted
    assert find("night") == entry
