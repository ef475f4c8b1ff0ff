"""What the engine does with what it does not know: it raises, with the cell off; it drops nothing in silence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.engine.station import Station
from solbench.acquisition.engine.techniques.table import TECHNIQUES
from solbench.acquisition.record.events import RunEnd
from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.acquisition.run.start import start
from solbench.protocols.segments import Rest, Segment, StepRef
from tests.acquisition.runs import SHORT, request, watched_benches


def unheard_of(station: Station, segment: Rest) -> Iterator[object]:
    """A technique that asks for something that no engine does."""
    yield station.measure()
    yield "switch on"


def test_an_action_that_the_engine_does_not_know_ends_the_run_with_the_cell_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TECHNIQUES, Rest, unheard_of)  # type: ignore[misc, arg-type]
    benches: list[object] = []
    with watched_benches(benches.append), pytest.raises(AssertionError, match="switch on"):
        start(request(tmp_path / "r.h5", SHORT), RunControl(), ())
    (bench,) = benches
    assert not bench.truth.truth.polarized  # type: ignore[attr-defined]
    end = [e.body for e in read_journal(journal_path(tmp_path / "r.h5")) if isinstance(e.body, RunEnd)]
    assert [body.outcome for body in end] == ["fault"]


def test_a_segment_that_no_technique_carries_out_is_not_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stray(Segment):
        """Like that of a kind which was not registered."""

    def stray(*_: object) -> Iterator[Segment]:
        yield Stray(StepRef(0, "a", "stray", "steps.a"))

    monkeypatch.setattr("solbench.acquisition.engine.manual.changes.plan", stray)
    with pytest.raises(KeyError):
        start(request(tmp_path / "r.h5", SHORT), RunControl(), ())
    end = [e.body for e in read_journal(journal_path(tmp_path / "r.h5")) if isinstance(e.body, RunEnd)]
    assert [body.outcome for body in end] == ["fault"]
