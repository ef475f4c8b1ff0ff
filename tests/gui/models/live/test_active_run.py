"""Which run is on show when answers come late."""

from pathlib import Path
from shutil import copy

import pytest

from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.models.live.active_run import ActiveRun
from tests.gui.models.fakes import LateJobs


@pytest.mark.parametrize("order", [(0, 0), (1, 0)])
def test_the_run_that_was_opened_last_stays_on_show_whichever_is_read_first(
    finished: Path, tmp_path: Path, order: tuple[int, ...]
) -> None:
    context = Context(Settings(tmp_path / "desktop.json"))
    context.jobs = jobs = LateJobs()
    following = ActiveRun(context)
    paths = [Path(copy(finished, tmp_path / f"{name}.h5")) for name in ("earlier", "later")]
    for path in paths:
        following.open(path)
    for place in order:
        jobs.answer(place)
    assert context.run.value is not None
    assert context.run.value.path == paths[-1]
    following.close()
