"""The verbs for the run on show: one call each, as on the command line; never in the window's own thread."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from solbench.acquisition.control.registry import Entry, entries, live_entries
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.errors import AcquisitionError
from solbench.gui.models.common.jobs import Finished
from solbench.gui.models.common.words import ntr, tr
from solbench.gui.models.context import Context

if TYPE_CHECKING:
    from solbench.acquisition.control.client import Client
    from solbench.acquisition.control.messages import ManualRequest, Reply, SpectrumRequest
    from solbench.gui.models.run.run import RunModel

ANSWER_S = 2.0
RESUME_S = 120.0  # a long journal is read before the engine can be spoken to
PATIENCE_S = "2"  # that make-safe gives an engine which has been silent already
WHO = "the desktop"


class Control:
    """Verbs for the run on show. Answers become the window's message, failures alarms."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def pause(self) -> None:
        """Switch the cell off until the run is resumed; a replay halts."""
        if not self._halt_replay(halt=True):
            self._say(Verb.PAUSE)

    def resume(self) -> None:
        """Resume a paused run; one that was stopped, or whose engine has gone, gets a new engine."""
        run = self._context.run.value
        if run is not None and run.needs_engine:
            self._resume_dead(run)
        elif not self._halt_replay(halt=False):
            self._say(Verb.RESUME)

    def skip(self) -> None:
        """Skip the present step."""
        self._say(Verb.SKIP)

    def spectrum(self, request: SpectrumRequest | None = None) -> None:
        """Request a spectrum now; then the step continues."""
        entry = self._entry()
        if entry is None:
            self._context.message.set(tr("spectrum: the run shown is not running"))
            return
        from solbench.acquisition.control.messages import SpectrumRequest

        wanted = request or SpectrumRequest()
        self._call(lambda: _with_client(entry, lambda client: client.spectrum(wanted, WHO)), "", self._failed)

    def manual(self, wish: ManualRequest, answered: Callable[[Reply], None]) -> None:
        """Set something by hand in the run shown, switch its cell off, or finish it; `answered` gets the answer."""
        entry = self._entry()
        if entry is None:
            self._context.message.set(tr("manual: the run shown is not running"))
            return
        work = partial(_with_client, entry, lambda client: client.manual(wish, WHO))
        self._context.jobs.call(work, answered, self._failed)

    @property
    def spectrum_possible(self) -> bool:
        """Get whether a spectrum may be requested now; the engine decides."""
        run = self._context.run.value
        if run is None or run.segment is None or run.source.kind != "engine" or run.state != "running":
            return False
        from solbench.protocols.kinds import SEGMENT_KINDS

        kind = SEGMENT_KINDS.get(run.segment.name)
        return kind is not None and not kind.refuses_spectrum

    @property
    def stops(self) -> tuple[Entry, ...]:
        """Get the runs that Stop ends: the one on show; if that is not live, all live runs."""
        live, run = self._context.live.value, self._context.run.value
        if run is None:
            return live
        shown = tuple(entry for entry in live if entry.path == str(run.path))
        if run.end is not None:  # its engine may still compute; there is nothing left to stop
            return tuple(entry for entry in live if entry not in shown)
        return shown or live

    @property
    def stopped_words(self) -> str:
        """Get what Stop ends, in words; "" where nothing is known to run."""
        runs = self.stops
        live = self._context.live.value
        return (
            ntr("{count} run", "all {count} runs", len(runs))
            if len(runs) > 1
            else "".join(words_of(entry, live) for entry in runs)
        )

    def stop(self) -> None:
        """End safely the runs that the button names, and no other; where it names none, all live runs.

        An engine that does not answer is ended by make-safe.
        """
        self._context.stopping()
        named, words = {entry.run for entry in self.stops}, self.stopped_words
        if not named:
            self.stop_all()
            return
        entries = [entry for entry in live_entries() if entry.run in named]
        if not entries:
            self._context.message.set(tr("stop: {words} had ended already", words=words))
        for entry in entries:
            self._stop(entry)

    def stop_run(self, entry: Entry) -> None:
        """End this run safely, whichever is on show."""
        if not entry.alive:
            self._context.message.set(
                tr("stop: {words} had ended already", words=words_of(entry, self._context.live.value))
            )
            return
        self._stop(entry)

    def stop_all(self) -> None:
        """End every live run safely, on show or not."""
        self._context.stopping()
        entries = live_entries()
        if not entries:
            self._context.message.set(tr("stop: no run is running"))
        for entry in entries:
            self._stop(entry)

    def _stop(self, entry: Entry) -> None:
        self._say_to(entry, Verb.STOP, lambda error: self._stop_failed(entry, error))

    def note(self, text: str) -> bool:
        """Write a note into the run file; say whether there is a run that takes it."""
        entry = self._entry()
        if entry is None:
            self._context.message.set(tr("the run shown is not running: the note was not kept"))
            return False
        self._call(
            lambda: _with_client(entry, lambda client: client.note(text)), tr("note kept"), self._failed
        )
        return True

    def make_safe(self) -> None:
        """Switch the cell off and verify it, with, without and against the engine: on the bench of the run on show.

        While the run on show is recorded and has ended, on the benches of all live runs; if there are none, on its
        own.
        """
        run = self._context.run.value
        live = self._context.live.value
        if live and (run is None or (run.source.kind != "engine" and not run.engine_gone)):
            for entry in live:
                self._make_safe_of(entry)
        elif run is not None and run.plan is not None:
            self._make_safe(_bench_file(run.plan.header.run, run.plan.header.bench.text))
        else:
            self._make_safe(self._context.bench.value)

    def _make_safe_of(self, entry: Entry) -> None:
        from solbench.acquisition.record.journal import journal_path, read_header

        try:
            header = read_header(journal_path(Path(entry.path)))
        except (AcquisitionError, OSError):  # the user's own bench then
            self._make_safe(self._context.bench.value)
        else:
            self._make_safe(_bench_file(header.run, header.bench.text))

    def _make_safe(self, bench: str | None) -> None:
        arguments = ["make-safe", "--json", "--patience", PATIENCE_S, *(("--bench", bench) if bench else ())]
        self._context.message.set(tr("making the bench safe"))
        self._context.jobs.command(arguments, self._made_safe, timeout_s=60.0)

    def _halt_replay(self, halt: bool) -> bool:
        """Halt the replay on show, or let it continue; return whether there is one."""
        run = self._context.run.value
        if run is None or run.source.kind == "engine":
            return False
        from solbench.gui.models.live.replay import Replay

        if not isinstance(run.source, Replay):
            return False
        run.source.set_paused(halt)
        return True

    def _say(self, verb: Verb) -> None:
        entry = self._entry()
        if entry is None:
            self._context.message.set(tr("{verb}: the run shown is not running", verb=verb.value))
            return
        self._say_to(entry, verb, self._failed)

    def _say_to(self, entry: Entry, verb: Verb, failed: Callable[[Exception], None]) -> None:
        self._call(lambda: _with_client(entry, lambda client: client.verb(verb, WHO)), "", failed)

    def _call(self, work: Callable[[], Reply], text: str, failed: Callable[[Exception], None]) -> None:
        def done(reply: Reply) -> None:
            self._context.message.set(text or reply.text)

        self._context.jobs.call(work, done, failed)

    @property
    def change_possible(self) -> bool:
        """Get whether steps may be changed now; the engine decides."""
        run = self._context.run.value
        if run is None or not run.known or run.source.kind != "engine":
            return False
        return run.now and run.state in ("running", "paused")

    def engine(self) -> Entry | None:
        """Return the engine of the run on show, None where there is none."""
        return self._entry()

    def _entry(self) -> Entry | None:
        """Return the engine of the run on show."""
        run = self._context.run.value
        path = str(run.path) if run is not None else ""
        return next((entry for entry in entries() if entry.path == path and entry.alive), None)

    def _failed(self, error: Exception) -> None:
        self._context.message.set(str(error))

    def _stop_failed(self, entry: Entry, error: Exception) -> None:
        self._context.alarms.raise_alarm(
            tr(
                "Stop: {error}. The bench is made safe without the engine; look at the instrument "
                "whether the cell is off.",
                error=error,
            )
        )
        self._make_safe_of(entry)

    def _made_safe(self, finished: Finished) -> None:
        if finished.ok:
            self._context.message.set(finished.said or tr("the bench is safe"))
            return
        from solbench.gui.models.common.answers import MadeSafe

        made = finished.read(MadeSafe)
        self._context.alarms.clear("make-safe")
        self._context.alarms.raise_alarm(
            made.text
            if made is not None
            else tr(
                "Switch the cell off at the instrument. Make-safe failed: {problem}", problem=finished.said
            ),
            "make-safe",
        )

    def _resume_dead(self, run: RunModel) -> None:
        """Give a run a new engine, which outlives the window as the first did; a user has said that it is its cell."""

        def done(finished: Finished) -> None:
            if finished.ok:
                self._context.follow(str(run.path))
                return
            self._context.alarms.clear("resume")
            self._context.alarms.raise_alarm(
                tr("{path} was not resumed: {problem}", path=run.path.name, problem=finished.said), "resume"
            )

        self._context.message.set(tr("a new engine takes the run up"))
        speed = self._context.speed.value if run.simulated else None
        paced = [] if speed is None else ["--speed", f"{speed:g}"]
        cell = run.plan.header.cell_words if run.plan is not None else None
        mounted = [] if cell is None else ["--mounted", cell]
        arguments = ["resume", str(run.path), *mounted, *paced, "--detach", "--json"]
        self._context.jobs.command(arguments, done, timeout_s=RESUME_S)


def words_of(entry: Entry, among: Sequence[Entry] = ()) -> str:
    """Return what people call a run: "half-cell on nbh".

    `among` others of the same name its bench is added, and its file where the bench does not tell it from all.
    """
    like = [other for other in among if other.run != entry.run]
    words = tr("{protocol} on {cell}", protocol=entry.protocol, cell=entry.cell)
    like = [other for other in like if (other.protocol, other.cell) == (entry.protocol, entry.cell)]
    if like:
        words += f", {entry.bench}"
    if any(other.bench == entry.bench for other in like):
        words += f", {Path(entry.path).stem}"
    return words


def _with_client(entry: Entry, ask: Callable[[Client], Reply]) -> Reply:
    from solbench.acquisition.control.client import Client

    with Client(entry, timeout_s=ANSWER_S) as client:
        return ask(client)


def _bench_file(run: str, text: str) -> str:
    """Return a file with the bench as it stands in the run: the user's own may have changed since."""
    folder = Path(tempfile.gettempdir())
    path = folder / f"solbench-bench-{run}.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)
