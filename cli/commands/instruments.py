"""`solbench instruments`: which instruments answer, and as what; what is wrong; a bench file of those found."""

import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from solbench.acquisition.bench.bench import Bench, describe, open_bench, required_addresses
from solbench.acquisition.bench.bench_file import BenchFile, load_bench
from solbench.acquisition.bench.bench_lock import BenchTaken, Holder, places_of, port_place, visa_place
from solbench.acquisition.bench.guarded import bench_key
from solbench.acquisition.bench.guardian_client import WAIT_FOR_IT
from solbench.acquisition.bench.looking import gpib_in_use, looking_at
from solbench.acquisition.bench.making import Mains, Terminal, Wiring, bench_of, bench_text, whole_bench
from solbench.acquisition.control.client import Client
from solbench.acquisition.control.registry import Entry, entries
from solbench.acquisition.record.events import SessionStart
from solbench.acquisition.record.journal import journal_path
from solbench.acquisition.record.reader import from_journal
from solbench.cli import arguments
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, JsonOption, errors_in_words, print_json, say
from solbench.drivers.errors import DriverError
from solbench.drivers.links.discovery import (
    GPIB_ADDRESSES,
    USUAL_ADDRESSES,
    Found,
    SerialCandidate,
    expect,
    identify,
    known_by_usb,
    look_at_port,
    look_at_visa,
    serial_candidates,
    visa_candidates,
)
from solbench.drivers.links.typed import as_address
from solbench.drivers.roles import BenchInstrument
from solbench.protocols import load_cell
from solbench.protocols.errors import BadInput, sentence
from solbench.protocols.files import Fields

WHICH: tuple[Literal["1260", "1287"], ...] = ("1260", "1287")
OF_PAIR: Mapping[str, Literal["1260", "1287"]] = {which: which for which in WHICH}

FindOption = Annotated[
    bool, typer.Option("--find", help="Look at every serial port, every GPIB resource and each --at.")
]
AtOption = Annotated[
    list[str] | None,
    typer.Option(
        "--at",
        metavar="ADDRESS",
        help="With --find: an adapter to look at too, as in 192.168.1.5, COM3 or socket://192.168.1.5:1234.",
    ),
]
AllOption = Annotated[
    bool, typer.Option("--all", help="With --find: ask all GPIB addresses, not the usual ones.")
]
WriteOption = Annotated[
    Path | None, typer.Option("--write", metavar="FILE", help="Write what was found as a bench file.")
]


@dataclass(frozen=True)
class Answer:
    """What one instrument answered: who it is and its last error, or what is wrong and the cure."""

    identity: str | None
    last_error: int | None
    problem: str | None
    cure: str | None
    address: int | str


@dataclass(frozen=True)
class Asked:
    """What `--json` prints of a bench; `instruments` by name.

    `run`: the run in progress there whose program was asked in their place, None where they were asked themselves.
    """

    bench: str
    simulated: bool
    instruments: Mapping[str, Answer]
    run: str | None = None


@dataclass(frozen=True)
class Search:
    """What `--find --json` prints."""

    found: list[Found]


def command(
    bench: arguments.BenchOption = None,
    find: FindOption = False,
    at: AtOption = None,
    everywhere: AllOption = False,
    write: WriteOption = None,
    terminal: Annotated[
        Terminal | None,
        typer.Option(
            "--positive-terminal", help="With --write: the leads on the positive terminal of the cell."
        ),
    ] = None,
    mains: Annotated[
        Mains | None, typer.Option("--mains", help="With --write: the mains frequency (60 Hz in America).")
    ] = None,
    polarity: Annotated[
        Literal["same", "turned"] | None,
        typer.Option(
            "--outputs", help="With --write: whether V OUT and I OUT have the same or the opposite polarity."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Ask instruments for their identity and last error; nothing is switched or set.

    Those of a bench or, with --find, all that answer at any port or address.
    """
    with errors_in_words():
        if write is not None and write.exists():
            raise BadInput(
                "this file exists already and is never overwritten", "Choose another name", file=str(write)
            )
        if find or at or write is not None:
            _find(at or [], everywhere, write, Wiring(terminal, mains, polarity_of(polarity)), json)
        else:
            _ask_bench(load_bench(bench)[0], json)


def polarity_of(outputs: Literal["same", "turned"] | None) -> Literal[1, -1] | None:
    """Return the sign that a bench file has for what is said of V OUT and I OUT."""
    return None if outputs is None else -1 if outputs == "turned" else 1


def _ask_bench(bench: BenchFile, json: bool) -> None:
    run = None
    try:
        found = _ask_instruments(bench)
    except BenchTaken as taken:
        entry = _own_run(taken.holder, bench_key(bench))
        if entry is None:
            raise BadInput(str(taken), WAIT_FOR_IT, field="--bench") from taken
        run, found = entry.path, _ask_run(entry, bench)
        say(f"{entry.path} is running on this bench: its program was asked, not the instruments")
    if bench.is_simulated:
        say("SIMULATION: these instruments are simulated.")
    if json:
        print_json(Asked(bench.name, bench.is_simulated, found, run))
    else:
        for which, answer in found.items():
            print(f"{which}  {answer.address}  {answer.identity or answer.problem}")
            if answer.cure:
                print(f"      {sentence(answer.cure)}")
    healthy = all(answer.problem is None for answer in found.values())
    raise typer.Exit(COMPLETED if healthy else ENDED_OTHERWISE)


def _ask_instruments(bench: BenchFile) -> dict[str, Answer]:
    """Ask those of a bench that is free; raises BenchTaken, BadInput, Fault."""
    with ExitStack() as stack:
        if bench.kind != "simulated":
            described = describe(bench, required_addresses(bench))
            stack.enter_context(looking_at(places_of(described), bench_key(bench), bench.name))
        opened = open_bench(bench, load_cell("nbh").build("half").simulated_cell(), lambda: None)
        stack.callback(opened.close)
        instruments = {one.name: one for one in opened.equipment.dc.instruments}
        return {name: _ask(opened, instruments[name]) for name in bench.known_model.fields}


def _own_run(holder: Holder | None, key: str) -> Entry | None:
    """Return the user's own run on the bench of that key, None where somebody else has it.

    None, too, where the run has other instruments behind the same adapter: it knows nothing of these.
    """
    if holder is None or holder.bench_key != key:
        return None
    return next((one for one in entries() if one.bench_key == key and one.alive), None)


def _ask_run(entry: Entry, bench: BenchFile) -> dict[str, Answer]:
    """Return what the program of a run knows of its instruments; raises NoEngine."""
    with Client(entry) as client:
        status = client.status()
    problem = f"it has not answered since {status.searching_since}" if status.searching_since else None
    sessions = from_journal(journal_path(Path(entry.path))).bodies(SessionStart)
    known = sessions[-1][1].instruments if sessions else {}
    addresses = required_addresses(bench)
    cure = "The run looks for it by itself" if problem else None
    return {
        name: Answer(known[name].identity if name in known else None, None, problem, cure, address)
        for name, address in addresses.items()
    }


def _ask(opened: Bench, instrument: BenchInstrument) -> Answer:
    """Ask for the last error first: who it is may be a question that it does not know."""
    address = opened.addresses[instrument.name]
    last_error = None
    with suppress(DriverError):
        last_error = instrument.last_error()
    which = OF_PAIR.get(instrument.name)
    if which is None:
        return _who(instrument, last_error, address)
    link = instrument.link
    looked = expect(identify(link.resource, address, opened.clock, link.settings.write_termination), which)
    if looked.problem:
        return Answer(None, last_error, looked.problem, looked.cure, address)
    return Answer(looked.identity, last_error, None, None, address)


def _who(instrument: BenchInstrument, last_error: int | None, address: int | str) -> Answer:
    """Ask an instrument of another make by its own driver."""
    try:
        return Answer(instrument.identity(), last_error, None, None, address)
    except DriverError as error:
        return Answer(None, last_error, str(error), None, address)


def _find(at: list[str], everywhere: bool, write: Path | None, wiring: Wiring, json: bool) -> None:
    found: list[Found] = []
    numbers = GPIB_ADDRESSES if everywhere else USUAL_ADDRESSES
    for candidate in serial_candidates():
        if (controller := known_by_usb(candidate)) is not None:
            found.append(controller)
            continue
        say(f"looking at {candidate.device} ({candidate.description})")
        found += _with_description(_look(candidate.device, numbers), candidate)
    for address in map(as_address, at):
        say(f"looking at {address}")
        found += _look(address, numbers)
    found += _visa()
    _report(found, json)
    if write is not None:
        _write(bench_of(found, wiring=wiring), write)
    whole = whole_bench(one for one in found if one.is_healthy)
    raise typer.Exit(COMPLETED if whole is not None else ENDED_OTHERWISE)


def _look(address: str, numbers: Iterable[int]) -> list[Found]:
    """Look at a port, unless somebody uses it."""
    try:
        with looking_at([port_place(address)]):
            return look_at_port(address, numbers)
    except BenchTaken as taken:
        return [_used(address, taken.holder)]


def _used(address: str, holder: Holder | None) -> Found:
    who = holder.as_words() if holder is not None else "another program"
    return Found(address, "port", "", f"it is in use by {who}, and was not asked", WAIT_FOR_IT)


def _with_description(found: list[Found], candidate: SerialCandidate) -> list[Found]:
    """Say which device a port belongs to where nothing else identifies it."""
    if candidate.vendor is None:
        text = candidate.description
    else:
        text = f"{candidate.description} (USB {candidate.vendor:04x}:{candidate.product or 0:04x})"
    return [one if one.identity else replace(one, identity=text) for one in found]


def _visa() -> list[Found]:
    """Look at what the PC's VISA library lists; one that is missing or broken is a finding."""
    import pyvisa

    if (holder := gpib_in_use()) is not None:  # even listing what is there takes the bus away from it
        return [_used("GPIB", holder)]
    try:
        manager = pyvisa.ResourceManager()
    except (OSError, ValueError) as error:
        cure = "Needed only for GPIB cards; a Prologix adapter works without"
        return [Found("VISA", "port", "", f"no VISA library can be used: {error}", cure)]
    try:
        names = visa_candidates(manager)
        with looking_at([visa_place(name) for name in names]):
            return look_at_visa(manager, names)
    except BenchTaken as taken:
        return [_used("GPIB", taken.holder)]
    finally:
        manager.close()


def _report(found: list[Found], json: bool) -> None:
    if json:
        print_json(Search(found))
        return
    if not found:
        print("nothing was found: no serial port, no GPIB resource. Name a network adapter with --at")
    for one in found:
        place = f"{one.adapter} {one.address}".strip()
        print(f"{one.kind:8}  {place}  {one.identity}".rstrip())
        if one.problem:
            print(f"          {sentence(one.problem)} {sentence(one.cure)}")


def _write(fields: Fields, path: Path) -> None:
    text, bench = bench_text(fields, str(path))
    note = (
        ""
        if bench is not None
        else "# positive_terminal: write ce_re1 or we_re2, whichever leads are clamped to the cell's positive "
        "terminal;\n# found out with a dry cell of known polarity, not with a resistor.\n"
    )
    with path.open("x", encoding="utf-8") as file:
        file.write(note + text)
    lacks = "" if bench is not None else "; add positive_terminal before the first run"
    print(f"{path} is written{lacks}", file=sys.stderr)
