"""A run pauses with the cell off while there is still room for its end, and goes on when there is more."""

from __future__ import annotations

from pathlib import Path

import pytest

from solbench.acquisition.record.events import Event
from solbench.acquisition.record.journal import RESERVE_BYTES
from solbench.acquisition.run import disk_space
from tests.acquisition.asked import nth_sample
from tests.acquisition.runs import SHORT, Seen, request, run_it, watched_benches

PLENTY_BYTES = 10**12


@pytest.mark.parametrize(("left_bytes", "pauses"), [(2 * RESERVE_BYTES, 1), (2 * RESERVE_BYTES + 1, 0)])
def test_a_run_pauses_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left_bytes: int, pauses: int
) -> None:
    free = PLENTY_BYTES
    monkeypatch.setattr(disk_space, "free_bytes", lambda _folder: free)
    run, seen, driven = tmp_path / "r.h5", Seen(), nth_sample((0, 2))
    found: list[tuple[str, bool, bool]] = []

    def look(event: Event) -> None:
        nonlocal free
        if driven(event):
            assert seen.truth.polarized
            free = left_bytes
        if event.kind == "paused":
            found.append((event.body.reason, seen.truth.polarized, run.with_suffix(".reserve").exists()))
            free = PLENTY_BYTES

    with watched_benches(lambda bench: setattr(seen, "bench", bench)):
        result = run_it(request(run, SHORT), look)
    assert result.completed
    assert len(found) == pauses
    for reason, polarized, has_reserve in found:
        assert "disk is nearly full" in reason
        assert not polarized
        assert has_reserve
