"""A run is named by any of its files, or without an ending; an ending that no file of a run has belongs to its name."""

from pathlib import Path

import pytest

from solbench.acquisition.record.beside.packed import packed_path
from solbench.acquisition.record.beside.paths import BESIDE, journal_path, run_file


@pytest.mark.parametrize("name", ["a", "NPS-14", "cell 1.5", "a.b.c", "größe"])
def test_every_file_of_a_run_names_it(name: str, tmp_path: Path) -> None:
    run = tmp_path / f"{name}.h5"
    named = [tmp_path / f"{name}{ending}" for ending in ("", *BESIDE)]
    assert {run_file(each) for each in (*named, packed_path(journal_path(run)), str(run))} == {run}


def test_a_name_is_meant_in_the_present_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_file("my-run") == tmp_path / "my-run.h5"
