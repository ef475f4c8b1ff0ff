"""For all tests: random examples are bounded in number, not in time, for time says how busy the machine is;
and a room is imported by its full name."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer.main
import typer.testing
from hypothesis import HealthCheck, settings

from tests.modules import ROOMS, ROOT

# The program is started several hundred times; where Python may not keep what it compiled, each start compiles it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Matrices are small here; the threads of one worker would take the processors from the others, and wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("solbench", max_examples=30, **CALM)
settings.register_profile("thorough", max_examples=500, **CALM)
settings.load_profile("solbench")

LONG_TEST_S = 1800
# These take the longest, those that mostly wait beside those that compute. Begun last, each would keep one worker busy
# after the others are through; begun together, those that wait would leave the processors idle.
BEGUN_FIRST = (
    "end_to_end/test_reconnect.py",
    "acquisition/run/test_ladder.py",
    "fitting/test_joint_fit.py",
    "end_to_end/test_guardian.py",
    "acquisition/test_half_cell.py",
    "acquisition/test_cycling.py",
    "end_to_end/test_spectrum_now.py",
    "gui/window/test_menus.py",
    "end_to_end/test_queue_run.py",
    "acquisition/test_asked_interrupted.py",
    "gui/test_layouts.py",
    "gui/models/sources/test_feed.py",
    "acquisition/test_asked_spectrum.py",
    "test_step_kinds.py",
    "gui/test_attached.py",
    "docs/test_adding_a_step_kind_page.py",
    "gui/window/test_main_window.py",
    "gui/test_leaving.py",
    "acquisition/test_safety.py",
    "acquisition/test_lost_answers.py",
    "end_to_end/test_left_on.py",
    "acquisition/test_garbled_readings.py",
    "mistakes/test_mistakes.py",
    "end_to_end/test_kill.py",
    "analysis/report/test_make.py",
    "faults/test_fault_table.py",
    "end_to_end/test_one_master.py",
    "gui/test_spectrum_now.py",
    "cli/commands/test_simulate.py",
    "gui/test_searching.py",
    "gui/test_tour.py",
    "gui/plots/test_saving.py",
    "acquisition/record/test_journal.py",
)


class NoBareRooms:
    """Refuses `import drivers`: the root of the repository is on the path, so that a second copy would be found.

    What a test then patches is the copy, and the test passes whatever the program does.
    """

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """None for all but the rooms.

        Raises:
            ImportError: the name is that of a room.
        """
        if name in ROOMS:
            raise ImportError(f"{name!r} is imported as 'solbench.{name}'")
        return None


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()  # hardly anything goes before all is collected
    if bare := ROOMS & sys.modules.keys():
        raise pytest.UsageError(f"imported without 'solbench.' before the tests began: {sorted(bare)}")
    sys.meta_path.insert(0, NoBareRooms)

    # The commands are the same at each call; to make all of them takes longer than most calls do.
    pytest.MonkeyPatch().setattr(typer.testing, "_get_command", cache(typer.main.get_command))

    place = tempfile.mkdtemp(prefix="solbench-tests-")  # neither the locks nor the benches of this PC's users
    os.environ["SOLBENCH_LOCKS"] = os.path.join(place, "locks")
    os.environ["XDG_CONFIG_HOME"] = os.environ["APPDATA"] = os.path.join(place, "config")
    os.mkdir(os.environ["SOLBENCH_LOCKS"])


def pytest_unconfigure(config: pytest.Config) -> None:
    sys.meta_path.remove(NoBareRooms)
    shutil.rmtree(os.path.dirname(os.environ["SOLBENCH_LOCKS"]), ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Share what is compiled on a fresh clone: each worker begins elsewhere, and finds done what others did."""
    worker: dict[str, Any] | None = getattr(session.config, "workerinput", None)
    tests = ROOT / "tests"
    if worker is None or [Path(argument).absolute() for argument in session.config.args] != [tests]:
        return
    files = sorted(tests.rglob("test_*.py"))
    first = len(files) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
    for file in files[first:] + files[:first]:
        above = [folder / "conftest.py" for folder in reversed(file.parents) if folder.is_relative_to(tests)]
        for path in [*filter(Path.exists, above), file]:
            with suppress(Exception, pytest.skip.Exception):  # said where it is collected
                import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, obj: object
) -> list[pytest.Item] | None:
    """Leave long tests out before their parameters are made: each worker collects, and most that it finds is long."""
    config = collector.config
    if config.getoption("markexpr") != "not long" or any("::" in argument for argument in config.args):
        return None
    marks = getattr(obj, "pytestmark", ())
    return [] if isinstance(marks, list) and any(mark.name == "long" for mark in marks) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.timeout(LONG_TEST_S))
    places = {ROOT / "tests" / name: place for place, name in enumerate(BEGUN_FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """The one that survives a test which ends its worker."""
    from tests.scheduling import FilesOnce

    return FilesOnce(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """What is imported and collected stays; otherwise every collection of garbage would look through all of it."""
    gc.freeze()  # the little garbage among it stays as well: to look for it takes longer than it is worth
    gc.enable()
