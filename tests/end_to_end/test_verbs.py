"""`solbench pause | resume | skip | spectrum | stop`: each says what has become of it, not only that it is accepted."""

from __future__ import annotations

import json
from pathlib import Path

from solbench.acquisition.record.journal import read_journal
from tests.end_to_end.programs import begin, finish, inputs, solbench

SLOW = "60 s"


def test_each_verb_says_what_it_has_done(tmp_path: Path) -> None:
    engine = begin(tmp_path, *inputs(tmp_path), "--events", "--speed", "10")
    for line in engine.stdout:
        event = json.loads(line)
        if event["kind"] == "sample" and event["current_A"] < -1e-5:
            break
    paused = solbench(tmp_path, "pause", "--json")
    assert (paused.code, paused.summary["done"]) == (0, True)
    assert paused.summary["outcome"] == "paused: the cell is verified off"
    assert paused.summary["text"] == "pausing: the cell is switched off"
    refused = solbench(tmp_path, "skip", "--json")
    assert (refused.code, refused.summary["done"]) == (1, None)
    resumed = solbench(tmp_path, "resume")
    assert resumed.code == 0
    assert resumed.out[-1] == f"{tmp_path / 'a.h5'}: resumed: the run continues"
    late = solbench(tmp_path, "spectrum", "--rest", SLOW, "--wait", "0", "--json")
    assert (late.code, late.summary["outcome"]) == (0, None)
    skipped = solbench(tmp_path, "skip", "--json")
    assert skipped.summary["outcome"] == (
        "step 0 (sodiation) was skipped; the run no longer counts as completed"
    )
    stopped = solbench(tmp_path, "stop", "--json")
    assert (stopped.code, stopped.summary["done"]) == (0, True)
    assert "the cell is verified off, the run has ended" in stopped.summary["outcome"]
    assert finish(engine).code == 1
    kinds = [event.kind for event in read_journal(tmp_path / "a.journal")]
    wanted = [kind for kind in kinds if kind in ("paused", "resumed", "skip", "end")]
    assert wanted == ["paused", "resumed", "skip", "end"]
