"""`solbench queue`: runs that wait for their bench, one after the other."""

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from solbench.acquisition.bench.guarded import key_if_any
from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.registry import Entry, entries
from solbench.acquisition.errors import Fault
from solbench.acquisition.queue.queued_run import ACCEPTED, QueuedRun
from solbench.acquisition.queue.run_queue import Blocked, QueueBusy, RunQueue
from solbench.acquisition.queue.standing import (
    condition,
    goes_on,
    needs_confirmation,
    next_of,
    progress,
    progress_words,
    status_of,
)
from solbench.acquisition.record.beside.file_names import TEMPLATE
from solbench.acquisition.record.beside.packed import is_kept
from solbench.acquisition.record.beside.tags import distinct, read_tag
from solbench.acquisition.record.journal import run_file
from solbench.cli import arguments, inputs
from solbench.cli.detach import EndedAlready, start_detached
from solbench.cli.output import JsonOption, errors_in_words, print_json, say
from solbench.protocols import check, dump_cell, dump_protocol, estimate, format_duration, raise_errors
from solbench.protocols.errors import BadInput
from solbench.protocols.files import is_meant_as_path

LOOK_S = 2.0

app = typer.Typer(help="Runs that wait for their bench, one after the other.", no_args_is_help=True)
Number = Annotated[
    int, typer.Argument(metavar="ID", help="The number of the run, as solbench queue list says.")
]


class ListedRun(QueuedRun):
    """A run of the queue with what it waits for, or how far it is: `progress` from 0 to 1."""

    condition: str
    step: str | None
    progress: float | None


class Queue(BaseModel):
    """What `queue list --json` prints."""

    queue: list[ListedRun]


@dataclass(frozen=True)
class Started:
    """What `queue next --json` prints: the number in the queue, the run file, its id and its process."""

    number: int
    run: str
    id: str
    pid: int


@app.command("list")
def list_(json: JsonOption = False) -> None:
    """List the runs of the queue in order."""
    with errors_in_words():
        items, known = RunQueue().items(), entries()
        if json:
            print_json(Queue(queue=[_described(item, known) for item in items]))
            return
        for item in items:
            about = f"{item.protocol_name} on {item.cell_id or item.cell_name}"
            print(f"{item.id:>3}  {about}, {format_duration(item.duration_s)}: {_condition(item, known)}")
        if not items:
            print("nothing waits")


@app.command("add")
def add(
    protocol: arguments.ProtocolArgument,
    cell: arguments.CellOption = None,
    bench: arguments.BenchOption = None,
    settings: arguments.SetOption = None,
    speed: arguments.SpeedOption = None,
    seed: arguments.SeedOption = 0,
    output: arguments.RunFileOption = None,
    dummy_cell: arguments.DummyCellOption = False,
    dialogue: arguments.DialogueOption = False,
    continues: arguments.ContinuesOption = None,
    json: JsonOption = False,
    tag: arguments.TagOption = None,
) -> None:
    """Add a run of PROTOCOL at the end of the queue; errors in it are reported now."""
    with errors_in_words():
        tags = distinct(read_tag(one, "--tag") for one in tag or ())
        said = loaded = inputs.read_protocol(protocol, settings)
        record = inputs.read_cell(cell)
        bench_file, _ = inputs.read_bench(bench, loaded, dummy_cell=dummy_cell)
        if continues is not None and not _comes_before(continues):
            loaded, _ = inputs.continued(
                loaded, record, continues, Path(), simulated=bench_file.is_simulated
            )  # refused now; from where it goes on is seen again when it begins
        raise_errors(check(loaded, record, instruments=bench_file.limits), protocol, cell or "--cell")
        path = inputs.output_path(output, loaded, record)
        item = QueuedRun(
            id=0,
            protocol=protocol,
            cell=cell or record.name,
            bench=bench if bench in (None, "simulated") else str(Path(bench).absolute()),
            bench_name=bench_file.name,
            bench_key=key_if_any(bench_file),
            changes=[],
            speed=speed,
            output=str(path),
            cell_id=loaded.conditions.cell_id or "",
            protocol_name=loaded.name,
            cell_name=record.name,
            duration_s=estimate(loaded, record.build(loaded.build)).duration_s,
            seed=seed,
            dummy_cell=dummy_cell,
            accepted=datetime.now(UTC).strftime(ACCEPTED),
            dialogue=dialogue,
            continues=_absolute(continues) if continues is not None else "",
            continues_in=str(Path().absolute()) if continues is not None else "",
            tags=list(tags),
        )
        _require_free(path)
        added = RunQueue().add(item, dump_protocol(said), dump_cell(record))
        _tell(added, f"{added.protocol_name} waits as number {added.id}", json)


@app.command("remove")
def remove(number: Number) -> None:
    """Remove a run from the queue; if it has started it continues."""
    with errors_in_words():
        queue = RunQueue()
        item = queue.get(number)
        queue.remove(number)
        _say(item, "removed")


@app.command("up")
def up(number: Number) -> None:
    """Move a run one place towards the front."""
    with errors_in_words():
        _move(number, -1)


@app.command("down")
def down(number: Number) -> None:
    """Move a run one place towards the end."""
    with errors_in_words():
        _move(number, 1)


@app.command("hold")
def hold(number: Number) -> None:
    """Keep a run from starting until it is released."""
    with errors_in_words():
        _say(RunQueue().change(number, held=True), "held until it is released")


@app.command("release")
def release(
    number: Number,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="RUN.h5", help="Another run file.")
    ] = None,
) -> None:
    """Let a run that was held or refused, or marked as started and never begun, wait for its turn again."""
    with errors_in_words():
        path = run_file(output) if output is not None else None
        if path is not None:
            _require_free(path)
        _say(RunQueue().release(number, path), "waits for its turn")


@app.command("confirm")
def confirm(
    numbers: Annotated[
        list[int], typer.Argument(metavar="ID...", help="Their numbers, as solbench queue list says.")
    ],
) -> None:
    """Confirm that the cells of runs are mounted now, each on its bench."""
    with errors_in_words():
        queue = RunQueue()
        for number in numbers:
            _say(queue.confirm(number), "its cell is confirmed as mounted")


@app.command("copy")
def copy(
    number: Number,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="RUN.h5", help="The run file, for one copy.")
    ] = None,
    cells: Annotated[
        list[str] | None,
        typer.Option("--for", metavar="CELL_ID", help="A copy for another cell, by its id; may be repeated."),
    ] = None,
    template: Annotated[
        str, typer.Option(metavar="TEMPLATE", help="Names the run files of --for.")
    ] = TEMPLATE,
    settings: arguments.SetOption = None,
    json: JsonOption = False,
) -> None:
    """Put the same run at the end once more, with another run file, or once for each cell that is named."""
    with errors_in_words():
        queue, changes = RunQueue(), settings or []
        if (output is None) == (not cells):
            raise BadInput("say either the run file of one copy or its cells", "Give -o or --for", field="-o")
        for cell in cells or ():
            added = queue.copy_for(number, cell, template, changes)
            _tell(added, f"{added.protocol_name} for {added.cell_id} waits as number {added.id}", json)
        if output is not None:
            path = run_file(output)
            _require_free(path)
            added = queue.copy(number, path, changes)
            _tell(added, f"{added.protocol_name} waits as number {added.id}", json)


@app.command("change")
def change(
    number: Number,
    settings: arguments.SetOption = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="RUN.h5", help="Another run file.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Change the settings of a run that has not begun, such as its cell (conditions.cell_id=ID), or its run file."""
    with errors_in_words():
        queue = RunQueue()
        path = run_file(output) if output is not None else None
        if path is not None and str(path) != queue.get(number).output:
            _require_free(path)
        changed = queue.rewrite(number, settings or [], path)
        _tell(changed, f"{changed.id}: {changed.protocol_name} on {changed.shown_cell}: changed", json)


@app.command("next")
def next_(json: JsonOption = False) -> None:
    """Start the next run, if its bench is free and its cell confirmed."""
    with errors_in_words():
        item, entry = start_next(RunQueue())
        if json:
            print_json(Started(item.id, item.output, entry.run, entry.pid))
        else:
            print(f"{item.output} runs in process {entry.pid}")


@app.command("run")
def run() -> None:
    """Start one run after the other until none waits; Ctrl-C ends this, not the run."""
    run_queue, talk = RunQueue(), _Talk()
    with errors_in_words():
        try:
            while goes_on(items := run_queue.items(), known := entries()):
                talk.of_ends(items, known)
                _go_on(run_queue, talk)
                time.sleep(LOOK_S)
            talk.of_ends(run_queue.items(), entries())
        except KeyboardInterrupt:
            say("the queue is left as it is; the run continues")


class _Talk:
    """Says each thing once: what blocks the queue, and how its runs ended."""

    def __init__(self) -> None:
        self._blocked = ""
        self._ended: dict[int, str] = {}
        self._first = True

    def of_blocks(self, text: str) -> None:
        """Say what blocks the queue, unless that was said last."""
        if text and text != self._blocked:
            say(text)
        self._blocked = text

    def of_ends(self, items: list[QueuedRun], known: list[Entry]) -> None:
        """Say how runs ended since the last look; of those that had ended before only what needs somebody."""
        for item in items:
            how = condition(item, known)
            ends = item.state == "started" and how.kind in (
                "completed",
                "not_completed",
                "broke_off",
                "damaged",
            )
            urgent = how.kind in ("broke_off", "damaged")
            told = self._ended.get(item.id) == how.text or (self._first and not urgent)
            if ends and not told:
                say(f"run {item.id} ({item.output}): {how.text}")
            if ends:
                self._ended[item.id] = how.text
        self._first = False


def _go_on(run_queue: RunQueue, talk: _Talk) -> None:
    """Start the next run if it may begin; say what blocks it, and go on past one that is refused."""
    try:
        item, _ = start_next(run_queue)
    except Blocked as blocked:
        talk.of_blocks(str(blocked) if next_of(run_queue.items()) is not None else "")
    except EndedAlready as ended:
        say(str(ended))
    except (Fault, OSError) as refusal:
        say(f"refused, and left out: {refusal}")
    else:
        say(f"{item.output} has begun")
        talk.of_blocks("")


def start_next(run_queue: RunQueue) -> tuple[QueuedRun, Entry]:
    """Start the first run that may begin, detached; raises Blocked if none may, Fault if it was refused."""
    item = run_queue.take_next()
    try:
        entry = start_detached(["run", *item.arguments], Path(item.output), item.continues_in)
    except EndedAlready:  # it has run, and says itself how it ended
        run_queue.has_begun(item.id)
        raise
    except (Fault, OSError) as refusal:
        run_queue.refuse(item.id, str(refusal))
        raise
    with suppress(QueueBusy):  # its journal says it as well
        run_queue.has_begun(item.id)
    return item, entry


def _absolute(continues: str) -> str:
    """Return what a run goes on from: a file by its whole name, a cell by its id."""
    is_file = is_meant_as_path(continues) or Path(continues).is_file()
    return str(Path(continues).absolute()) if is_file else continues


def _comes_before(continues: str) -> bool:
    """Say whether a run of the queue is to write this file, or is of this cell: what it leaves is not known yet."""
    file = _absolute(continues)
    return any(
        file in (item.output, item.cell_id) and not Path(item.output).exists() for item in RunQueue().items()
    )


def _require_free(path: Path) -> None:
    taken = {item.output for item in RunQueue().items() if item.state == "waiting"}
    if str(path) in taken or path.exists() or is_kept(path.with_suffix(".journal")):
        raise BadInput(
            "this run file exists already, or another run of the queue is to write it",
            "Choose another name",
            file=str(path),
            field="-o",
        )


def _described(item: QueuedRun, known: list[Entry]) -> ListedRun:
    status = _status(item, known)
    shown = item.model_copy(update={"confirmed": item.confirmed and not needs_confirmation(item)})
    return ListedRun(
        **shown.model_dump(),
        condition=condition(item, known).text,
        step=status.step if status else None,
        progress=round(progress(item, status), 4) if status else None,
    )


def _condition(item: QueuedRun, known: list[Entry]) -> str:
    status = _status(item, known)
    return progress_words(item, status) if status else condition(item, known).text


def _status(item: QueuedRun, known: list[Entry]) -> Status | None:
    """Ask the engine of a run that is running how far it is."""
    entry = next((entry for entry in known if entry.path == item.output and entry.alive), None)
    return status_of(entry) if entry is not None else None


def _say(item: QueuedRun, words: str) -> None:
    """Print what has become of a run of the queue."""
    print(f"{item.id}: {item.protocol_name} on {item.cell_id or item.cell_name}: {words}")


def _move(number: int, by: int) -> None:
    queue = RunQueue()
    queue.move(number, by)
    items = queue.items()
    place = next(place for place, item in enumerate(items, 1) if item.id == number)
    _say(items[place - 1], f"place {place} of {len(items)}")


def _tell(item: QueuedRun, words: str, json: bool) -> None:
    if json:
        print_json(item)
    else:
        print(words)
