"""The runs of a folder: their list as it is read, which are chosen, and each chosen one read whole to be shown."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from solbench.acquisition.control.registry import Entry, live_at, live_entries
from solbench.acquisition.host.platform import as_typed
from solbench.acquisition.record.beside.tags import distinct, has_all, tags_of
from solbench.analysis.listing.line import changed_s
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import ntr, tr
from solbench.gui.models.run.alarms import Alarms
from solbench.gui.models.runs.columns import FAILED, TAKES_FITS, Fitted, words_of
from solbench.gui.models.runs.overview import RUNNING, UNREAD, Overview, find_runs, overview

if TYPE_CHECKING:
    from solbench.gui.models.run.run import RunModel

MOST = 12  # that many runs can still be told apart in one plot
SUMMARY_S = 300.0
SLICE_S = 0.2  # of reading before what was read is shown
LOOK_EVERY_S = 3.0
DRAW_EVERY_S = 1.0


Key = tuple[Path, float, float, float]


class Browser:
    """The list of runs; `changed` is called when it or what is shown of the chosen ones is another.

    Live runs are followed; `tick` takes their news and looks for new runs. `kept` is a run that another screen
    shows too: it is not let go of here. Command-line twin of each chosen run's text: `solbench summary RUN`.
    """

    def __init__(self, jobs: Jobs, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._jobs = jobs
        self._clock = clock
        self.folder = folder
        self.rows: list[Overview] = []
        self.changed = Observers()
        self.chosen: tuple[Path, ...] = ()
        self._unlisted = ""
        self._unread: dict[Path, str] = {}
        self.busy = False
        self.kept: Callable[[], RunModel | None] = lambda: None
        self._dropped: list[Path] = []
        self._known: dict[Key, Overview] = {}
        self._whole: dict[Path, RunModel] = {}
        self._asked: dict[Path, int] = {}  # by which question each chosen run is read
        self._questions = count()
        self._looked_s = self._drawn_s = clock()
        self._news = False
        self._columns: frozenset[str] = frozenset()
        self._keys: dict[Path, Key] = {}  # as they were listed last: files are looked at in threads alone
        self._fits: dict[Key, Fitted | None] = {}  # None: asked for
        self._unfitted: dict[Key, str] = {}
        self._to_fit: deque[Path] = deque()
        self._fitting = False

    @property
    def shown(self) -> list[RunModel]:
        """Get the chosen runs that have been read, in the order of choice."""
        return [self._whole[path] for path in self.chosen if path in self._whole]

    @property
    def waits(self) -> bool:
        """Get whether one of the chosen runs is still being read."""
        return any(path not in self._whole and path not in self._unread for path in self.chosen)

    @property
    def problem(self) -> str:
        """Get what could not be read or fitted of the chosen runs, else of the folder, "" if nothing is wrong."""
        unread = [self._unread[path] for path in self.chosen if path in self._unread]
        return "\n".join(unread) or self._unlisted or self._unfitted_words

    @property
    def twin(self) -> str:
        """Get the same of the chosen runs on the command line."""
        return "; ".join(as_typed("solbench", "summary", str(path)) for path in self.chosen)

    def look(self, folder: Path | None = None) -> None:
        """List the runs of a folder again, or of another one; what is new in it is read piece by piece."""
        if folder is not None and folder != self.folder:
            self.folder, self.rows, self._dropped = folder, [], []
            self.choose(())  # what is drawn is always of the list
        if self.busy:
            return
        self.busy, self._looked_s = True, self._clock()
        where, extra = self.folder, tuple(self._dropped)

        def found(rows: list[Overview]) -> None:
            self._take(where, rows)

        def failed(error: Exception) -> None:
            self.busy, self.rows, self._unlisted = (
                False,
                [],
                tr("{where} cannot be listed: {error}", where=where, error=error),
            )
            self.changed()

        self._jobs.call(lambda: self._list(where, extra), found, failed)

    def look_again(self) -> None:
        """List the runs again because somebody wants it, and ask again for what could not be fitted."""
        for key in self._unfitted:
            del self._fits[key]
        self._unfitted.clear()
        self.look()

    def add(self, paths: Sequence[Path]) -> None:
        """Take runs from elsewhere into the list and choose them beside those that are chosen."""
        listed = {row.path for row in self.rows}
        self._dropped += [path for path in paths if path not in listed and path not in self._dropped]
        self.choose([*self.chosen, *(path for path in paths if path not in self.chosen)])
        self.look()

    def choose(self, paths: Sequence[Path]) -> None:
        """Show these runs, the first eight of them; each is read once."""
        self.chosen = tuple(paths[:MOST])
        for path in set(self._whole) - set(self.chosen):
            self._let_go(self._whole.pop(path))
        self._asked = {path: number for path, number in self._asked.items() if path in self.chosen}
        self._unread = {path: words for path, words in self._unread.items() if path in self._asked}
        for path in self.chosen:
            if path not in self._asked:
                self._read(path)
        self.changed()

    def again(self, path: Path) -> None:
        """Read a run again that was corrected."""
        if path in self._whole:
            self._let_go(self._whole.pop(path))
        self._asked.pop(path, None)
        self.choose(self.chosen)
        self.look()

    def tick(self) -> None:
        """Take the news of the chosen live runs, and look at the folder now and then."""
        now_s = self._clock()
        for path, run in self._whole.items():
            self._news |= not run.link.over and run.update()
            if run.results_wanted():
                self._fit(path, run)
        if self._news and now_s - self._drawn_s >= DRAW_EVERY_S:
            self._news, self._drawn_s = False, now_s
            self.changed()
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self.look()

    def want(self, columns: Iterable[str]) -> None:
        """Say which columns are on show: what takes fits is worked out for these alone, a run after the other."""
        self._columns = frozenset(columns)
        self._fit_next()

    def fitted(self, path: Path) -> Fitted | None:
        """Return what was found by fits of a run, None as long as it was not, FAILED where it could not be."""
        return self._fits.get(self._keys[path]) if path in self._keys and self._columns & TAKES_FITS else None

    @property
    def tags(self) -> tuple[str, ...]:
        """Get the tags that are in use in the folder, in alphabetical order."""
        return tuple(sorted(distinct(tag for row in self.rows for tag in row.tags), key=str.casefold))

    def close(self) -> None:
        """Let go of all runs; engines keep running."""
        for run in self._whole.values():
            run.close()

    def with_news(self, row: Overview) -> Overview:
        """Return a line of the list with what is known by now of a live run."""
        run = self._whole.get(row.path)
        if run is None or row.state != RUNNING or not run.known:
            return row
        whole = sum(track.whole for track in run.spectra.shown)
        return replace(row, length_s=run.time_s, cycles=len(run.pairs), spectra=whole)

    def _read(self, path: Path) -> None:
        asked = self._asked[path] = next(self._questions)

        def done(run: RunModel) -> None:
            if self._asked.get(path) != asked:  # it is not chosen any more, or was changed and is read again
                run.close()
                return
            self._whole[path] = run
            run.results_wanted()
            self._fit(path, run)
            self.changed()

        def failed(error: Exception) -> None:
            if self._asked.get(path) != asked:
                return
            self._unread[path] = tr("{path} cannot be read: {error}", path=path.name, error=error)
            self.changed()

        self._jobs.call(lambda: load(path), done, failed)

    def _fit(self, path: Path, run: RunModel) -> None:
        if not any(track.whole for track in run.spectra.shown):
            return

        def done(finished: Finished) -> None:
            from solbench.gui.models.common.answers import Summary

            summary = finished.read(Summary)
            if summary is not None:
                run.spectra.take_results(summary.spectra, summary.withheld)
                self.changed()

        self._jobs.command(["summary", str(path), "--json"], done, timeout_s=SUMMARY_S)

    def _fit_next(self) -> None:
        """Have the spectra of one more run fitted, where that is wanted; `solbench summary` keeps what it has found."""
        if self._fitting or not self._columns & TAKES_FITS:
            return
        while self._to_fit and self._keys[self._to_fit[0]] in self._fits:
            self._to_fit.popleft()
        if not self._to_fit:
            return
        path = self._to_fit.popleft()
        key = self._keys[path]
        self._fitting, self._fits[key] = True, None

        def done(finished: Finished) -> None:
            self._fitting = False
            if finished.result is None:
                self._fits[key] = FAILED
                self._unfitted[key] = finished.said or tr("solbench summary ended without a word")
            else:
                self._fits[key] = Fitted.of(finished.result)
            self.changed()
            self._fit_next()

        self._jobs.command(["summary", str(path), "--json"], done, timeout_s=SUMMARY_S)

    @property
    def _unfitted_words(self) -> str:
        """Say of which runs on show the spectra could not be fitted, why, and the cure; "" if there are none."""
        if not self._unfitted or not self._columns & TAKES_FITS:
            return ""
        paths = self.chosen or [row.path for row in self.rows]
        keys = [self._keys[path] for path in paths if path in self._keys]
        failed = [key for key in keys if key in self._unfitted]
        if not failed:
            return ""
        words = tr(
            "The spectra of {file} could not be fitted: {error}. Look again tries once more.",
            file=failed[0][0].name,
            error=self._unfitted[failed[0]].rstrip(". "),
        )
        others = len(failed) - 1
        more = ntr("So it is with {count} other run.", "So it is with {count} other runs.", others)
        return f"{words} {more}" if others else words

    def _let_go(self, run: RunModel) -> None:
        if run is not self.kept():
            run.close()

    def _take(self, where: Path, rows: list[Overview]) -> None:
        """Show a list, and read on where it is not all read."""
        if where != self.folder:
            self.busy = False
            self.look()
            return
        self.rows, self._unlisted = rows, "" if rows else tr("There are no runs in {where} yet.", where=where)
        self._follow_again()
        unread = [row.path for row in rows if row.state == UNREAD]
        self.busy = bool(unread)
        ended = (row for row in rows if row.standing not in ("unread", "running", "cannot_be_read"))
        self._to_fit = deque(row.path for row in ended)
        self._fit_next()
        self.changed()
        if unread:
            self._jobs.call(
                lambda: self._read_some(unread),
                lambda read: self._take(where, self._merged(read)),
                self._failed,
            )

    def _follow_again(self) -> None:
        """Read those runs again that have been resumed since."""
        for row in self.rows:
            run = self._whole.get(row.path)
            if row.state == RUNNING and run is not None and run.link.over:
                self._let_go(self._whole.pop(row.path))
                self._read(row.path)

    def _failed(self, error: Exception) -> None:
        self.busy, self._unlisted = False, str(error)
        self.changed()

    def _merged(self, read: dict[Path, Overview]) -> list[Overview]:
        return [read.get(row.path, row) for row in self.rows]

    def _list(self, folder: Path, extra: Sequence[Path]) -> list[Overview]:
        """Name the runs of a folder, with what is known of them; runs in a thread of its own."""
        running = live_entries()
        return [self._listed(path, running) for path in dict.fromkeys([*extra, *find_runs(folder)])]

    def _listed(self, path: Path, running: Sequence[Entry]) -> Overview:
        key = self._keys[path] = _key(path, live_at(path, running) is not None)
        known = self._known.get(key)
        if known is None:
            return Overview(path, "unread")
        tags = tags_of(path, known.run)
        if tags != known.tags:  # else the line itself: its texts are kept with it
            known = self._known[key] = replace(known, tags=tags)
        return known

    def _read_some(self, paths: Sequence[Path]) -> dict[Path, Overview]:
        """Read the overviews of some runs, for a moment; runs in a thread of its own."""
        running, until_s = live_entries(), time.monotonic() + SLICE_S
        found: dict[Path, Overview] = {}
        for path in paths:
            live = live_at(path, running) is not None
            key = self._keys[path] = _key(path, live)
            found[path] = self._known[key] = overview(path, live)
            if time.monotonic() > until_s:
                break
        return found


def load(path: Path) -> RunModel:
    """Read a run whole, or follow it if it is live; raises RunFileError, FileNotFoundError. Takes its time."""
    from solbench.gui.models.live.replay import whole_run
    from solbench.gui.models.run.run import RunModel
    from solbench.gui.models.sources.feed import Feed

    entry = live_at(path, live_entries())
    if entry is not None:
        return RunModel(Feed(entry), Alarms())
    return whole_run(path)


def _key(path: Path, live: bool) -> Key:
    """Return what tells a run's files from what they were; those of a live run change all the time.

    The journal counts, too: by it a run that broke off is damaged or not, and it may be put back from a copy.
    """
    from solbench.acquisition.record.correcting.corrections import corrections_path
    from solbench.acquisition.record.journal import journal_path

    own_s, journal_s = (-1.0, -1.0) if live else (changed_s(path), changed_s(journal_path(path)))
    return path, own_s, journal_s, changed_s(corrections_path(path))


def matches(row: Overview, words: str, tag: str = "") -> bool:
    """Say whether every word that was typed is somewhere in the line, and the run has a tag ("": any run)."""
    if tag and not has_all(row.tags, (tag,)):
        return False
    return all(word in words_of(row) for word in words.casefold().split())
