"""A recorded dialogue carried out again: drivers, engine, journal and window are real, the instruments are the file."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from solbench.acquisition.bench.bench import Bench, Reach, open_at
from solbench.acquisition.bench.bench_file import BenchFile, FoundRecord, parse_bench
from solbench.acquisition.bench.commissioning.record import parse_record
from solbench.acquisition.bench.dialogue.dialogue import Dialogue
from solbench.acquisition.bench.dialogue.file import About, DialogueText
from solbench.acquisition.bench.dialogue.player import Player
from solbench.acquisition.bench.scenario import Scenario
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.errors import JournalDamaged
from solbench.acquisition.host.platform import remove
from solbench.acquisition.record.events import HoldAsked, ProtocolChanged, Sample, SessionStart, SpectrumAsked
from solbench.acquisition.record.journal import (
    Journal,
    Told,
    journal_path,
    read_header,
    read_journal,
    reserve_path,
    untold,
)
from solbench.acquisition.record.recorder import Listener
from solbench.acquisition.run.dialogue import OtherBench
from solbench.acquisition.run.start import Played, Request, Result, require_free, resume, start
from solbench.drivers.clock import SystemClock
from solbench.drivers.sensors.register_map import Function
from solbench.protocols import CellRecord, Protocol, parse_cell, parse_protocol
from solbench.protocols.errors import BadInput


@dataclass(frozen=True)
class Replayed:
    """How a replay ended.

    `is_same`: whether the program did nothing else than what was recorded; `over`: why the dialogue ended before the
    run, or where the program did something else, "" where neither was so; `lines`: how many were played.
    """

    result: Result
    is_same: bool
    over: str
    lines: int


def replay(
    dialogue: Path,
    run: Path,
    run_control: RunControl,
    listeners: Sequence[Listener] = (),
    *,
    speed: float | None = None,
    published: bool = False,
    told: Told = untold,
) -> Replayed:
    """Carry a session of a run out once more, into the new run file `run`; nothing is opened and nothing sent.

    That of a later session goes on from the journal of its run, which lies beside it and is not changed.
    `speed`: experiment seconds in a host second, None for as fast as it can be. `published` and `told` as in `start`.
    Raises BadInput where the file is no dialogue of a run, or that of a later session without its journal, and
    OutputExists.
    """
    text, protocol, cell = recorded(dialogue)
    player = Player(text, run_control, speed)
    opener = _Opener(player)
    if text.about.session == 1:
        request = _request(text, protocol, cell, run)
        result = start(request, run_control, listeners, published=published, opener=opener, told=told)
    else:
        require_free(run)
        _begin(text, run)
        file, other = _bench(text.about), None
        if text.about.other_bench:
            other = OtherBench(file, text.about.texts["bench"], text.about.names["bench"])
        played = Played(file, opener)
        try:
            result = resume(
                run, run_control, listeners, published=published, other=other, played=played, told=told
            )
        except BadInput:  # nothing has begun
            for path in (journal_path(run), reserve_path(run)):
                remove(path)
            raise
    over = f"{player.over}{_asked_words(text, player)}" if player.over else ""
    return Replayed(result, player.is_same, over, player.line_number)


def _asked_words(text: DialogueText, player: Player) -> str:
    """Say what a user asked of the session that a replay does not repeat, "" for nothing: its journal alone has it.

    Only what was asked before the line at which the player stopped: later the runs were not the same any more. What
    was asked is recorded when it is done, and so behind the first command that it led to, before the next reading.
    """
    about, source = text.about, journal_beside(text)
    found, sessions = [], 0
    try:
        header = read_header(source)
        if about.run not in ("", header.run) or header.protocol.text != about.texts["protocol"]:
            return ""  # of another run that has the name
        until_s = player.next_s - (header.clock_start_s if player.offset_s is None else player.offset_s)
        for event in islice(read_journal(source), about.records, None):
            body = event.body
            sessions += isinstance(body, SessionStart)
            if sessions > 1 or (isinstance(body, Sample) and event.time_s > until_s):
                break
            if isinstance(body, ProtocolChanged):
                found.append(f"{event.time_s:.6g} s {body.words}")
            elif isinstance(body, SpectrumAsked | HoldAsked):
                found.append(f"{event.time_s:.6g} s {body.when}")
    except (OSError, JournalDamaged):
        return ""
    if not found:
        return ""
    return (
        ". Asked of the run while it was under way, in no dialogue, and so not repeated: at the run's "
        f"{'; at '.join(found)}"
    )


def recorded(dialogue: Path) -> tuple[DialogueText, Protocol, CellRecord]:
    """Open the dialogue of a run, and return with it what was run on which cell; raises BadInput as `replay` does."""
    text = DialogueText(dialogue)
    about = text.about
    if "protocol" not in about.texts:
        raise BadInput(
            "this is the dialogue of a commissioning, in which there is no run",
            "Name one that was recorded beside a run",
            file=str(dialogue),
        )
    if about.session > 1 and "bench_in_use" not in about.texts:
        raise BadInput(
            f"this dialogue of session {about.session} of its run does not say with which bench, as those of an "
            "earlier version do not",
            "Replay that of the first session, whose name has no number",
            file=str(dialogue),
        )
    protocol = parse_protocol(about.texts["protocol"], f"protocol in {dialogue.name}")
    return text, protocol, parse_cell(about.texts["cell"], f"cell in {dialogue.name}")


def _begin(text: DialogueText, run: Path) -> None:
    """Write into the new journal of `run` what lay before a later session; raises BadInput where it is not there."""
    about, source = text.about, journal_beside(text)
    try:
        header = read_header(source)
        if header.run != about.run:
            raise JournalDamaged("it is that of another run")
        replayed = replace(header, run=str(uuid.uuid4()), replays=text.path.name)
        journal, seq = Journal.create(journal_path(run)), 0
        try:
            for event in islice(read_journal(source), about.records):
                journal.append(event.time_s, replayed if event.seq == 0 else event.body)
            seq = journal.next_seq
        finally:
            journal.close()
            if seq < about.records:
                remove(journal.path)
        if seq < about.records:
            raise JournalDamaged(f"it has {seq} records, and {about.records} lie before this session")
    except (OSError, JournalDamaged) as error:
        raise BadInput(
            f"this dialogue goes on from the journal {source.name} of its run, which cannot be used ({error})",
            "Put the journal of the run beside it, or replay the dialogue of the first session",
            file=str(text.path),
        ) from None


def journal_beside(text: DialogueText) -> Path:
    """Return where the journal of a later session's run lies: `a.2.dialogue` is one of the run `a`."""
    name = text.path.stem.removesuffix(f".{text.about.session}")
    return text.path.with_name(f"{name}.journal")


def _bench(about: About) -> BenchFile:
    """Return the bench of a dialogue."""
    return parse_bench(about.texts["bench_in_use"], about.names["bench"]).with_record(_record(about))


def _request(text: DialogueText, protocol: Protocol, cell: CellRecord, run: Path) -> Request:
    about = text.about
    return Request(
        protocol,
        cell,
        _bench(about),
        about.texts["bench"],
        run,
        seed=about.seed,
        settings=tuple(about.settings),
        replays=text.path.name,
    )


def _record(about: About) -> FoundRecord | None:
    """Return the commissioning record with which the session began."""
    if (text := about.texts.get("commissioning")) is None:
        return None
    name = about.names["commissioning"]
    return FoundRecord(name, text, parse_record(text, name))


class _NeverAsked:
    """A line of gauges that are played."""

    def read(self, unit_id: int, function: Function, register: int, count: int) -> Sequence[int]:
        """Refuse."""
        raise NotImplementedError

    def write(self, unit_id: int, register: int, words: Sequence[int]) -> None:
        """Refuse."""
        raise NotImplementedError


class _Opener:
    """Opens a bench that a player stands for."""

    def __init__(self, player: Player) -> None:
        self._player = player

    def __call__(
        self,
        bench: BenchFile,
        cell: dict[str, Any],
        run_control: RunControl,
        run: Path,
        *,
        seed: int,
        speed: float | None,
        world: Path | None,
        scenario: Scenario | None,
        dialogue: Dialogue | None,
    ) -> Bench:
        """Return the bench; what it is besides its file makes no difference. Raises BadInput."""
        about = self._player.about
        reach = Reach(
            SystemClock(),
            dict(about.addresses or {}),
            about.time_base,
            unit=about.unit,
            gauge_addresses={gauge.name: "" for gauge in bench.gauges},
            lines={gauge.line: _NeverAsked() for gauge in bench.gauges if not gauge.is_on_bus},
            resource=self._player.resource,
        )
        return open_at(bench, reach, run_control.poll, None, self._player)
