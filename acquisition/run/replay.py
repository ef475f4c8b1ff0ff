"""A recorded dialogue carried out again: drivers, engine, journal and window are real, the instruments are the file."""

from collections.abc import Sequence
from dataclasses import dataclass
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
from solbench.acquisition.record.journal import Told, untold
from solbench.acquisition.record.recorder import Listener
from solbench.acquisition.run.start import Request, Result, start
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
    """Carry the run of a dialogue out once more, into the new run file `run`; nothing is opened and nothing sent.

    `speed`: experiment seconds in a host second, None for as fast as it can be. `published` and `told` as in `start`.
    Raises BadInput where the file is no dialogue of a run, or that of a later session, and OutputExists.
    """
    text, protocol, cell = recorded(dialogue)
    player = Player(text, run_control, speed)
    result = start(
        _request(text, protocol, cell, run),
        run_control,
        listeners,
        published=published,
        opener=_Opener(player),
        told=told,
    )
    return Replayed(result, player.is_same, player.over, player.line_number)


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
    if about.session > 1:
        raise BadInput(
            f"this is the dialogue of session {about.session} of its run, which began in the middle of it",
            "Replay that of the first session, whose name has no number",
            file=str(dialogue),
        )
    protocol = parse_protocol(about.texts["protocol"], f"protocol in {dialogue.name}")
    return text, protocol, parse_cell(about.texts["cell"], f"cell in {dialogue.name}")


def _request(text: DialogueText, protocol: Protocol, cell: CellRecord, run: Path) -> Request:
    about = text.about
    return Request(
        protocol,
        cell,
        parse_bench(about.texts["bench_in_use"], about.names["bench"]).with_record(_record(about)),
        about.texts["bench"],
        run,
        seed=about.seed,
        settings=tuple(about.settings),
        replays=text.path.name,
    )


def _record(about: About) -> FoundRecord | None:
    """Return the commissioning record with which the run began."""
    if (text := about.texts.get("commissioning")) is None:
        return None
    name = about.names["commissioning"]
    return FoundRecord(name, text, parse_record(text, name))


class _NeverAsked:
    """A line of gauges that are played."""

    def read(self, unit_id: int, function: Function, register: int, count: int) -> Sequence[int]:
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
