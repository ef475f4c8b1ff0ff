"""The runs of a folder: their list as it is read, which are chosen, and each chosen one read whole to be shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from gui.models.feed import live_entries
from gui.models.figures import elapsed
from gui.models.jobs import Finished, Jobs
from gui.models.observed import Observers
from gui.models.overview import RUNNING, Overview, find_runs, overview
from gui.models.replay import whole_run
from gui.models.run import RunModel

HEADERS = ("State", "Started", "Cell", "Protocol", "Length", "Cycles", "Last mAh/cm²", "Spectra", "File")
MOST = 8  # that many runs can still be told apart in one plot
SUMMARY_S = 300.0


class Browser:
    """The list of runs; `changed` is called when it or what is shown of the chosen ones is another.

    Command-line twin of each chosen run's text: `solbench summary RUN`.
    """

    def __init__(self, jobs: Jobs, folder: Path) -> None:
        self._jobs = jobs
        self.folder = folder
        self.rows: list[Overview] = []
        self.changed = Observers()
        self.chosen: tuple[Path, ...] = ()
        self.problem = ""
        self.busy = False
        self._dropped: list[Path] = []
        self._known: dict[tuple[Path, float], Overview] = {}
        self._whole: dict[Path, RunModel] = {}
        self._asked: set[Path] = set()

    @property
    def shown(self) -> list[RunModel]:
        """Get the chosen runs that have been read, in the order of choice."""
        return [self._whole[path] for path in self.chosen if path in self._whole]

    def look(self, folder: Path | None = None) -> None:
        """List the runs of a folder again, or of another one."""
        if folder is not None and folder != self.folder:
            self.folder, self._dropped = folder, []
        if self.busy:
            return
        self.busy = True
        where, extra = self.folder, tuple(self._dropped)

        def done(rows: list[Overview]) -> None:
            self.busy, self.rows, self.problem = False, rows, ""
            if not rows:
                self.problem = f"There are no runs in {where} yet."
            self.changed()
            if where != self.folder:
                self.look()

        def failed(error: Exception) -> None:
            self.busy, self.rows, self.problem = False, [], f"{where} cannot be listed: {error}"
            self.changed()

        self._jobs.call(lambda: self._list(where, extra), done, failed)

    def add(self, paths: Sequence[Path]) -> None:
        """Take runs from elsewhere into the list and choose them beside those that are chosen."""
        listed = {row.path for row in self.rows}
        self._dropped += [path for path in paths if path not in listed and path not in self._dropped]
        self.choose([*self.chosen, *(path for path in paths if path not in self.chosen)])
        self.look()

    def choose(self, paths: Sequence[Path]) -> None:
        """Show these runs, the first eight of them; each is read once."""
        self.chosen = tuple(paths[:MOST])
        self._whole = {path: run for path, run in self._whole.items() if path in self.chosen}
        self._asked &= set(self.chosen)
        for path in self.chosen:
            if path not in self._asked:
                self._asked.add(path)
                self._read(path)
        self.changed()

    def _read(self, path: Path) -> None:
        def done(model: RunModel) -> None:
            if path in self.chosen:
                self._whole[path] = model
                self._fit(path, model)
                self.changed()

        def failed(error: Exception) -> None:
            self.problem = f"{path.name} cannot be read: {error}"
            self.changed()

        self._jobs.call(lambda: whole_run(path), done, failed)

    def _fit(self, path: Path, model: RunModel) -> None:
        if not model.spectra.shown:
            return

        def done(finished: Finished) -> None:
            if finished.result is not None:
                model.spectra.take_results(finished.result)
                self.changed()

        self._jobs.command(["summary", str(path), "--json"], done, timeout_s=SUMMARY_S)

    def _list(self, folder: Path, extra: Sequence[Path]) -> list[Overview]:
        """Read what is new in the folder; runs in a thread of its own."""
        running = {Path(entry.path) for entry in live_entries()}
        paths = dict.fromkeys([*extra, *find_runs(folder)])
        return [self._overview(path, path.absolute() in running) for path in paths]

    def _overview(self, path: Path, running: bool) -> Overview:
        try:
            key = (path, path.stat().st_mtime)
        except OSError:
            return overview(path)
        if running or key not in self._known or self._known[key].state == RUNNING:
            self._known[key] = overview(path, running)
        return self._known[key]


def cells_of(row: Overview) -> tuple[str, ...]:
    """Return a line of the list as texts, in the order of HEADERS."""
    cell = f"{row.cell} ({row.cell_id})" if row.cell_id else row.cell
    return (
        row.state,
        row.started,
        cell,
        row.protocol + (" – SIMULATED" if row.simulated else ""),
        _text(row.length_s, elapsed),
        _text(row.cycles, str),
        _text(row.capacity_mAh_cm2, "{:.4f}".format),
        _text(row.spectra, str),
        row.path.name,
    )


def matches(row: Overview, words: str) -> bool:
    """Say whether every word that was typed is somewhere in the line."""
    line = " ".join(cells_of(row)).casefold()
    return all(word in line for word in words.casefold().split())


def _text(value: float | None, write: Callable[..., str]) -> str:
    return "–" if value is None else write(value)
