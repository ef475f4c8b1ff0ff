"""Which run is meant by what a user types."""

import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from solbench.acquisition.control.registry import Entry, find, live_at, live_entries, register, this_process
from solbench.cli.listing import Listing
from solbench.protocols.errors import BadInput
from tests.acquisition.runs import RUNS_0_1

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


@pytest.mark.parametrize("names", [("run.h5", "run.journal"), ("run.journal",)])
def test_a_run_is_the_same_by_whichever_link_it_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    for name in (*names, "other.h5"):
        (real / name).touch()
    lines = (RUNS_0_1 / "dc.journal").read_bytes().splitlines(keepends=True)
    (real / "run.journal").write_bytes(b"".join(lines[:-1]))
    try:
        link.symlink_to(real, target_is_directory=True)
    except OSError:
        pytest.skip("on Windows not every user may make links")
    if not (link / "other.h5").exists():
        pytest.skip("Wine makes links of folders, and they lead nowhere")
    register(Entry(LIVE, str(link / "run.h5"), *this_process(), 1, "t", "bench", "k", "p", "c", "2026", "0"))
    live = live_entries()
    for folder in (real, link):
        for name in names:
            assert live_at(folder / name, live) is not None
            assert find(str(folder / name)).run == LIVE
        assert live_at(folder / "other.h5", live) is None
        listed = {line.path.name: line.standing for line in Listing(folder, (), ()).lines}
        assert listed == {names[0]: "running", "other.h5": "cannot_be_read"}
