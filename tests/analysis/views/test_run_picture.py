"""The picture of a run that goes with a notice."""

from pathlib import Path

from solbench.acquisition.record.journal import journal_path
from solbench.acquisition.record.reader import open_run
from solbench.analysis.views.run_picture import picture_of
from tests.acquisition.runs import request, run_it

PNG = b"\x89PNG\r\n\x1a\n"
REST = """
name: rest
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
steps: [{name: rest, kind: rest, time: 3 s}]
"""


def test_it_is_drawn_of_a_journal_alone(tmp_path: Path):
    run_it(request(tmp_path / "r.h5", REST))
    drawn = picture_of(open_run(journal_path(tmp_path / "r.h5")))
    assert drawn.startswith(PNG)
    assert len(drawn) > 5000
