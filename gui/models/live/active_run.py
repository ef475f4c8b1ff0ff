"""Which run is on show: found again at the start, followed when one begins, opened from a file.

What reads runs is loaded when there is a run to show: the window opens sooner.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from solbench.acquisition.control.registry import Entry, live_at, live_entries
from solbench.gui.models.common.jobs import Finished
from solbench.gui.models.common.observed import Observed
from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context
from solbench.gui.models.run.alarms import gone_key

if TYPE_CHECKING:
    from solbench.gui.models.run.run import RunModel

LOOK_EVERY_S = 1.0


class ActiveRun:
    """Chooses the run on show; `tick` takes its news."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._looked_s = 0.0
        self._wished = 0  # how often somebody has chosen what is on show
        self._known: set[tuple[str, int]] = set()
        self.elsewhere: Observed[tuple[Entry, ...]] = Observed(())
        context.follow.subscribe(self.follow)

    def tick(self) -> None:
        """Take the news of the run on show, and look around for engines now and then."""
        if time.monotonic() - self._looked_s > LOOK_EVERY_S:
            self._look()
        run = self._context.run.value
        if run is not None:
            run.update()
            self._fit(run)

    def follow(self, name: str) -> None:
        """Show the live run with this id or path; one that has ended already from its file, with the reason."""
        self._wished += 1
        for entry in live_entries():
            if name in (entry.run, entry.path):
                self._show(entry)
                return
        from solbench.acquisition.record.beside.packed import is_kept
        from solbench.acquisition.record.journal import journal_path

        path = Path(name)
        if is_kept(journal_path(path)):
            self._open_file(path, awaited=True)
        else:
            self._context.message.set(tr("the run {name} has ended already", name=name))

    def open(self, path: Path, speed: float = float("inf")) -> None:
        """Show a run file: a live one is followed; another is shown whole, or replayed at `speed`."""
        self._wished += 1
        entry = live_at(path, live_entries())
        if entry is not None:
            self._show(entry)
        else:
            self._open_file(path, speed)

    def _open_file(self, path: Path, speed: float = float("inf"), awaited: bool = False) -> None:
        from solbench.gui.models.live.replay import Replay
        from solbench.gui.models.run.run import RunModel
        from solbench.gui.models.sources.recording import Recording

        wished = self._wished

        def done(recording: Recording) -> None:
            if wished == self._wished:  # else another was chosen while this one was read
                self._put(RunModel(Replay(recording, speed), self._context.alarms, awaited))

        def failed(error: Exception) -> None:
            why = tr("there is no such file") if isinstance(error, FileNotFoundError) else error
            self._context.message.set(tr("{path} cannot be opened: {why}", path=path.name, why=why))

        self._context.message.set(tr("reading {path}", path=path.name))
        self._context.jobs.call(lambda: Recording.open(path), done, failed)

    def jump(self, time_s: float) -> None:
        """Let the replay on show continue from another moment; what was before it is shown as well."""
        self._wished += 1
        from solbench.gui.models.live.replay import Replay
        from solbench.gui.models.run.run import RunModel

        run = self._context.run.value
        if run is not None and isinstance(run.source, Replay) and not run.source.jump(time_s):
            self._put(RunModel(run.source.again(time_s), self._context.alarms))

    def close(self) -> None:
        """Let go of the run on show; its engine keeps running."""
        self._put(None)

    def _look(self) -> None:
        """Follow an engine that has come up: at the start, from the command line, or after a resume."""
        self._looked_s = time.monotonic()
        run = self._context.run.value
        live = live_entries()
        self._context.live.set(tuple(live))
        self._settle(live)
        for entry in live:
            key = (entry.run, entry.pid)
            if key in self._known:
                continue
            if run is None or not run.alive or (run.path == Path(entry.path) and run.link.over):
                self._show(entry)
                break
        run = self._context.run.value
        shown = str(run.path) if run is not None else ""
        if run is not None and run.alive:
            # when it ends the window stays with it, and another is offered: who pressed Stop must not see a cell on
            self._known.update((entry.run, entry.pid) for entry in live if entry.path != shown)
        self.elsewhere.set(tuple(entry for entry in live if entry.path != shown))

    def _settle(self, live: list[Entry]) -> None:
        """Let the alarm that an engine has gone say that another has taken the run up."""
        for entry in live:
            path = Path(entry.path)
            now = time.strftime("%H:%M")
            self._context.alarms.settle(
                gone_key(path),
                tr(
                    "The engine of {path} had exited unexpectedly; the run was resumed at {now}.",
                    path=path.name,
                    now=now,
                ),
            )

    def _show(self, entry: Entry) -> None:
        from solbench.gui.models.run.run import RunModel
        from solbench.gui.models.sources.feed import Feed

        self._known.add((entry.run, entry.pid))
        self._settle([entry])
        others = (each for each in self._context.live.value if each.run != entry.run)
        self._context.live.set((entry, *others))
        run = self._context.run.value
        if run is not None and isinstance(run.source, Feed) and run.source.entry == entry:
            return
        self._put(RunModel(Feed(entry), self._context.alarms, awaited=True))

    def _put(self, run: RunModel | None) -> None:
        before = self._context.run.value
        self._context.run.set(run)
        if before is not None:
            before.close()
        if run is not None:
            self._context.message.set(tr("showing {path}", path=run.path))

    def _fit(self, run: RunModel) -> None:
        """Fit the spectra again after each whole one, in a process of its own."""
        if not run.results_wanted():
            return

        def done(finished: Finished) -> None:
            from solbench.gui.models.common.answers import Fits

            fits = finished.read(Fits)
            if fits is None or not fits.results:
                run.spectra.fail(finished.said)
            elif fits.results[0].error:
                run.spectra.fail(fits.results[0].error)
            else:
                run.spectra.take_results(fits.results[0].spectra, fits.results[0].withheld)
            run.version += 1

        self._context.jobs.command(["fit", str(run.path), "--json"], done, timeout_s=300.0)
