"""What the screens share: settings, what was chosen, the run that is looked at, work under way. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from solbench.acquisition.control.registry import Entry
from solbench.acquisition.host.platform import default_bench_path
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.common.observed import Observed, Observers
from solbench.gui.models.common.settings import Settings, settings_path
from solbench.gui.models.common.words import tr
from solbench.gui.models.run.alarms import Alarms
from solbench.protocols.errors import BadInput
from solbench.protocols.plausible import UNKNOWN_INSTRUMENTS, Instruments

if TYPE_CHECKING:
    from solbench.gui.models.run.run import RunModel


class Context:
    """The models that the screens share; every value can be observed.

    `bench`, `cell` and `protocol` are what `solbench run` would be given: a file or a shipped name; bench None
    is the user's default. `bench_simulated`: what the chosen bench says of itself. `run` is the run on show,
    live or replayed, `live` are the runs that have an engine, newest first, and `beneath` an earlier one that is
    drawn faintly under the run on show; `chosen` are the run files to be fitted and reported. `show` is called with a
    screen's key or an opened file's path to show another screen, `ask` with a question and its answers.
    `speed` is that of the next simulated run (experiment seconds a second, None: as fast as it can); `unsaved` names
    what would be lost if another cell or protocol came, or the window closed. `stopping` is called by Stop, for what
    drives a cell and is no run; `recorded` with a bench file of which a commissioning record was written.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings(settings_path())
        self.jobs = Jobs()
        self.numbers = Numbers()
        self.alarms = Alarms()
        self.bench: Observed[str | None] = Observed(None)
        self.bench_simulated: Observed[bool] = Observed(is_simulated(None))
        self.bench.subscribe(lambda reference: self.bench_simulated.set(is_simulated(reference)))
        self.cell: Observed[str | None] = Observed(None)
        self.protocol: Observed[str | None] = Observed(None)
        self.changes: Observed[tuple[str, ...]] = Observed(())
        self.speed: Observed[float | None] = Observed(3600.0)
        self.unsaved: set[str] = set()
        self.run: Observed[RunModel | None] = Observed(None)
        self.live: Observed[tuple[Entry, ...]] = Observed(())
        self.beneath: Observed[RunModel | None] = Observed(None)
        self.chosen: Observed[tuple[Path, ...]] = Observed(())
        self.follow = Observers()
        self.show = Observers()
        self.ask = Observers()
        self.stopping = Observers()
        self.recorded = Observers()
        self.message: Observed[str] = Observed("")

    def look_at_bench(self) -> None:
        """Read the file of the chosen bench again: it may have been written anew meanwhile."""
        self.bench_simulated.set(is_simulated(self.bench.value))

    def start_run(
        self,
        arguments: Sequence[str],
        folder: Path,
        refused: Observers | None = None,
        *,
        command: str = "run",
        then: str = "live",
    ) -> None:
        """Start `solbench run ARGUMENTS --detach` (or another `command`) in `folder`, follow it, and show `then`.

        `refused` is called with the paragraph of a refusal; without it, it becomes the message of the window.
        """

        def done(finished: Finished) -> None:
            from solbench.gui.models.common.answers import Started

            started = finished.read(Started)
            if started is not None:  # it began; where it has ended already, its file says how
                self.follow(started.run)
                self.show(then)
            elif refused is not None:
                refused(finished.said)
            else:
                self.message.set(finished.said)

        self.message.set(tr("starting: the engine is getting ready"))
        self.jobs.command([command, *arguments, "--detach", "--json"], done, folder)


def is_simulated(bench: str | None) -> bool:
    """Say whether a bench has no metal behind it, by its file; one that cannot be read counts as real."""
    if _is_built_in(bench):
        return True
    from solbench.acquisition.bench.bench_file import load_bench

    try:
        return load_bench(bench)[0].is_simulated
    except BadInput:
        return False


def _is_built_in(bench: str | None) -> bool:
    """Say whether a bench is the simulated one that has no file."""
    return bench == "simulated" or (bench is None and not default_bench_path().exists())


def able_of(bench: str | None) -> Instruments:
    """Return what a bench can do, by its file: what is usual of a simulated one, nothing of one that cannot be read."""
    if _is_built_in(bench):
        return Instruments()
    from solbench.acquisition.bench.bench_file import load_bench

    try:
        return load_bench(bench)[0].limits
    except BadInput:
        return UNKNOWN_INSTRUMENTS


def note_unsaved(context: Context, what: str, unsaved: bool) -> None:
    """Take note that something on a screen has changes that are in no file of the user's, or no longer."""
    if unsaved:
        context.unsaved.add(what)
    else:
        context.unsaved.discard(what)
