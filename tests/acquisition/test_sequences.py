"""Random sequences of verbs, kills, resumes, other runs and make-safe: no answer is untrue, no charge is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acquisition.sequences import played


def play(folder: Path, monkeypatch: pytest.MonkeyPatch, seeds: range, acts: int) -> dict[int, list[str]]:
    wrong = {}
    for seed in seeds:
        place = folder / str(seed)
        (place / "state").mkdir(parents=True)
        monkeypatch.setenv("SOLBENCH_STATE", str(place / "state"))
        lab = played(place, seed, acts)
        if lab.wrong:
            wrong[seed] = [*lab.wrong, " ".join(lab.done)]
    return wrong


@pytest.mark.parametrize("seeds", [range(3), pytest.param(range(3, 40), marks=pytest.mark.long)])
def test_forty_sequences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeds: range) -> None:
    assert play(tmp_path, monkeypatch, seeds, 4) == {}


@pytest.mark.long
@pytest.mark.parametrize("begin", range(1000, 2000, 100))
def test_a_thousand_sequences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: int) -> None:
    assert play(tmp_path, monkeypatch, range(begin, begin + 100), 10) == {}
