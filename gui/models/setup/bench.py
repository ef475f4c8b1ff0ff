"""Which bench there is and who answers on it: what `solbench instruments` says, as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from solbench.acquisition.bench.bench_file import BenchFile, default_bench_path, load_bench
from solbench.acquisition.bench.commissioning.record import CommissioningRecord
from solbench.acquisition.bench.commissioning.standing import remarks, standing
from solbench.acquisition.bench.making import (
    Wiring,
    bench_of,
    bench_text,
    free_bench_path,
    whole_bench,
    wiring_of,
    with_wiring,
)
from solbench.acquisition.host.platform import write_whole
from solbench.gui.models.common.answers import AskedInstrument, FoundInstrument, Instruments
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.common.number_format import frequency
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import listed, tr
from solbench.gui.models.protocol.comments import written_over
from solbench.protocols.errors import BadInput
from solbench.protocols.files import Fields, dump_text, parse_text, read_text

SIMULATED = "simulated"
LONGEST_S = 120.0
MOST_LINES = 200
MOST_RECENT = 10


@dataclass(frozen=True)
class Row:
    """One line of the list: where, what answered, what is wrong with it and what to do."""

    address: str
    kind: str
    identity: str
    problem: str
    cure: str
    last_error: str = ""

    @property
    def healthy(self) -> bool:
        """Get whether nothing is wrong."""
        return not self.problem

    @property
    def word(self) -> str:
        """Get the state in a word and a symbol, so that colour alone never says it."""
        return "✓ " + tr("answers") if self.healthy else "✗ " + tr("problem")


class BenchModel:
    """The bench that is chosen, and what was last asked; `changed` is called after every change.

    `lines` is the dialogue: the command that was given, and its output. `said` is what came of it in words, `found`
    what a search found.
    """

    def __init__(self, jobs: Jobs, recent: Sequence[str] = ()) -> None:
        self.changed = Observers()
        self._jobs = jobs
        self.recent = [path for path in recent if Path(path).exists()][:MOST_RECENT]
        self.reference: str | None = None
        self.rows: list[Row] = []
        self.found: tuple[FoundInstrument, ...] = ()
        self.said = ""
        self.lines: list[str] = []
        self.problem = ""
        self.busy = False
        self._asked = 0
        self.bench, self.problem = _read(None)  # None while it cannot be read

    @property
    def simulated(self) -> bool:
        """Get whether no metal is behind the bench."""
        return self.bench is not None and self.bench.is_simulated

    @property
    def choices(self) -> list[tuple[str, str | None]]:
        """Get the benches to choose from, each with its reference: the user's own, the simulator, earlier files."""
        own: list[tuple[str, str | None]] = []
        if default_bench_path().exists():
            own = [(tr("My bench ({file})", file=default_bench_path().name), None)]
        earlier: list[tuple[str, str | None]] = [(Path(path).name, path) for path in self.recent]
        return [*own, (tr("Simulator: 1260 + 1287 and a cell"), SIMULATED), *earlier]

    @property
    def chosen(self) -> str | None:
        """Get the one of the choices that holds: without a bench file of the user's own it is the simulator."""
        return SIMULATED if self.reference is None and not default_bench_path().exists() else self.reference

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Get what the bench file says, as text."""
        if self.bench is None:
            return []
        return bench_facts(self.bench)

    def choose(self, reference: str | None) -> None:
        """Take another bench: a path, "simulated", or None for the user's own; what is wrong goes to `problem`."""
        self.reference = reference
        self.bench, self.problem = _read(reference)
        self.rows, self.found, self.said, self._asked = [], (), "", self._asked + 1
        self.busy = False
        if reference not in (None, SIMULATED) and self.bench is not None:
            self.recent = [reference, *(path for path in self.recent if path != reference)][:MOST_RECENT]
        self.changed()

    def ask(self) -> None:
        """Ask the instruments of the bench who they are (solbench instruments)."""
        self._command(["instruments", "--json", *bench_arguments(self.reference)])

    def look(self, adapter: str = "", everywhere: bool = False) -> None:
        """Look at every port, and at a network adapter where one is named (solbench instruments --find)."""
        at = ["--at", adapter.strip()] if adapter.strip() else []
        self._command(["instruments", "--find", *at, *(["--all"] if everywhere else []), "--json"])

    @property
    def can_make(self) -> bool:
        """Get whether the instruments of a bench were found together, so that it can be made of them."""
        return whole_bench(self.found) is not None

    def make(self, name: str, wiring: Wiring) -> None:
        """Make a bench of what was found, as it is wired, and choose it; what is wrong goes to `problem`."""
        name = name.strip() or "bench"
        path = free_bench_path(name)
        try:
            text, _ = bench_text(bench_of(self.found, name, wiring), path.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except (BadInput, OSError) as error:
            self.problem = str(error)
            self.changed()
            return
        self._say(tr("{path} is written", path=path))
        self.choose(None if path == default_bench_path() else str(path))
        self.said = tr("The bench {name} is made and chosen. It is kept in {path}.", name=name, path=path)
        self.changed()

    def make_unit(self, unit: int) -> None:
        """Make a simulated bench of the specimen `unit`, whose flaws commissioning finds, and choose it."""
        path = default_bench_path().with_name(f"unit-{unit}.yaml")
        fields: Fields = {
            "name": f"unit {unit}",
            "kind": "simulated",
            "positive_terminal": "we_re2",
        }
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, dump_text({**fields, "simulation": {"unit": unit}}))
        except OSError as error:
            self.problem = str(error)
            self.changed()
            return
        self.choose(str(path))

    @property
    def path(self) -> Path | None:
        """Get the file of the chosen bench, None of the simulated one that has none."""
        if self.chosen == SIMULATED:
            return None
        return default_bench_path() if self.reference is None else Path(self.reference)

    @property
    def wiring(self) -> Wiring:
        """Get what the file of the chosen bench says of its wiring, also where it is not complete."""
        if self.path is None:
            return Wiring(self.bench.positive_terminal, "50 Hz") if self.bench is not None else Wiring()
        fields = self._fields(self.path)
        return wiring_of(fields) if fields is not None else Wiring()

    @property
    def polarity_found(self) -> int | None:
        """Get the polarity of V OUT and I OUT that commissioning found, None where it has not."""
        record = self._record
        return record.values.output_polarity if record is not None else None

    def set_wiring(self, wiring: Wiring) -> None:
        """Write another wiring into the file of the chosen bench, whose comments stay; a problem goes to `problem`."""
        path = self.path
        fields = self._fields(path) if path is not None else None
        if path is None or fields is None or wiring == wiring_of(fields):
            return
        try:
            text, _ = written_over(
                path, dump_text(with_wiring(fields, wiring), as_json=path.suffix == ".json")
            )
            write_whole(path, text)
        except (BadInput, OSError) as error:
            self.problem = str(error)
            self.changed()
        else:
            self.read_again()

    def read_again(self) -> None:
        """Read the file of the chosen bench again: it, or its commissioning record, was written."""
        rows, found, said = self.rows, self.found, self.said
        self.choose(self.reference)
        self.rows, self.found, self.said = rows, found, said
        self.changed()

    def _fields(self, path: Path) -> Fields | None:
        try:
            return parse_text(read_text(path, str(path)), str(path))
        except BadInput:
            return None

    @property
    def _record(self) -> CommissioningRecord | None:
        if self.bench is None or self.bench.record is None:
            return None
        return self.bench.record.record

    def _command(self, arguments: list[str]) -> None:
        self._asked += 1
        asked = self._asked
        self.busy = True
        self._say(f"> solbench {' '.join(arguments)}")

        def done(finished: Finished) -> None:
            if asked == self._asked:
                self._take(finished)

        self._jobs.command(arguments, done, timeout_s=LONGEST_S)
        self.changed()

    def _take(self, finished: Finished) -> None:
        self.busy = False
        answer = finished.read(Instruments)
        for line in finished.said.splitlines():
            self._say(line)
        self.rows = rows_of(answer) if answer is not None else []
        self.found = answer.found or () if answer is not None else ()
        self.said = words_of(answer) if answer is not None else ""
        for row in self.rows:
            self._say(f"< {row.address}  {row.identity or row.problem}")
        failed = answer is None
        self.problem = (
            (finished.said or tr("the instruments were not asked: no answer came")) if failed else ""
        )
        self.changed()

    def _say(self, line: str) -> None:
        self.lines.append(line)
        del self.lines[:-MOST_LINES]


def _read(reference: str | None) -> tuple[BenchFile | None, str]:
    try:
        return load_bench(reference)[0], ""
    except BadInput as error:
        return None, str(error)


def bench_arguments(reference: str | None) -> list[str]:
    """Return the option that names a bench on the command line; none for the user's own."""
    return [] if reference is None else ["--bench", reference]


def rows_of(answer: Instruments) -> list[Row]:
    """Make rows of what `solbench instruments --json` printed, of a bench or of a search."""
    if answer.found is not None:
        return [_found_row(found) for found in answer.found]
    return [_asked_row(which, asked) for which, asked in answer.instruments.items()]


def _found_row(found: FoundInstrument) -> Row:
    place = " ".join(part for part in (found.adapter, found.address) if part)
    return Row(place, found.kind, found.identity, found.problem, found.cure)


def _asked_row(which: str, asked: AskedInstrument) -> Row:
    code = asked.last_error
    shown = "" if code is None else tr("none") if code == 0 else tr("code {code}", code=code)
    return Row(
        str(asked.address),
        which,
        asked.identity or "",
        asked.problem or "",
        asked.cure or "",
        shown,
    )


def _place_words(name: str, address: str, place: int) -> str:
    """Return an instrument with its address, which is called one at the first alone."""
    article = "an" if name[0] == "E" else "a"
    if place:
        return (
            tr("an {name} at {address}", name=name, address=address)
            if article == "an"
            else tr("a {name} at {address}", name=name, address=address)
        )
    return (
        tr("an {name} at address {address}", name=name, address=address)
        if article == "an"
        else tr("a {name} at address {address}", name=name, address=address)
    )


def words_of(answer: Instruments) -> str:
    """Say what came of asking, and what to do next."""
    if answer.found is None:
        silent = [which for which, asked in answer.instruments.items() if asked.problem]
        if silent:
            return tr(
                "No good answer from the {instruments}: see what to do below.", instruments=listed(silent)
            )
        return tr("All instruments of this bench answer.")
    made = whole_bench(answer.found)
    if made is not None:
        found = list(made[1].items())
        adapter = found[0][1].adapter
        where = listed([_place_words(name, one.address, place) for place, (name, one) in enumerate(found)])
        if adapter:
            return tr(
                "Found {instruments}, behind the adapter {adapter}. Click the end of the cell that is positive, "
                "then make the bench.",
                instruments=where,
                adapter=adapter,
            )
        return tr(
            "Found {instruments}. Click the end of the cell that is positive, then make the bench.",
            instruments=where,
        )
    kinds = [one.kind for one in answer.found if one.kind in ("1260", "1287")]
    if kinds:
        return tr(
            "Found {instruments}, but no 1260 and 1287 on one bus: switch both on, plug the GPIB "
            "cable in at both ends, and set the addresses to even numbers; or look at all GPIB "
            "addresses.",
            instruments=listed([tr("a {instrument}", instrument=kind) for kind in kinds]),
        )
    if answer.found:
        return tr("Neither a 1260 nor a 1287 answers: see what to do below.")
    return tr(
        "Nothing was found: this PC has no serial port and no GPIB card with an instrument. "
        "Plug the adapter in, or type the address of one in the network, such as 192.168.1.5, "
        "and look again."
    )


def _commissioned(bench: BenchFile) -> list[tuple[str, str]]:
    """Say how far a bench is commissioned, what of that will end or is missing, and what the record holds."""
    found = standing(bench)
    told = remarks(bench, datetime.now(UTC))
    if found.record is None:
        typed = tr("by the typed date {typed}", typed=found.typed) if found.typed else tr("never")
        words = tr("not needed, simulated") if bench.is_simulated else typed
        return [(tr("Commissioned"), "; ".join((words, *told)))]
    record = found.record
    until = tr(
        "until {ends:%Y-%m-%d}, on {made:%Y-%m-%d} by {by}", ends=record.ends, made=record.made, by=record.by
    )
    facts = [(tr("Commissioned"), "; ".join((until, *told)))]
    held = [
        tr("range {index} to {highest_hz}", index=index, highest_hz=frequency(one.highest_Hz))
        for index, one in sorted(record.values.ranges.items())
        if one.highest_Hz is not None
    ]
    return [*facts, (tr("Holds 1 % and 1°"), ", ".join(held))] if held else facts


def bench_facts(bench: BenchFile) -> list[tuple[str, str]]:
    """Say what a bench file holds, as pairs of a label and a text."""
    leads = {"ce_re1": tr("CE and RE1"), "we_re2": tr("WE and RE2"), None: tr("not stated")}[
        bench.positive_terminal
    ]
    ways = {
        "simulated": tr("in this program"),
        "visa": tr("through VISA (GPIB)"),
        "prologix": f"Prologix adapter {bench.adapter or ''}".strip(),
        "serial": tr("by their RS-423 ports"),
    }
    return [
        (tr("Bench"), bench.name),
        (tr("Reached"), ways[bench.kind]),
        (tr("Positive terminal"), leads),
        (tr("Mains"), str(bench.mains)),
        *_commissioned(bench),
        (
            tr("Longest gap"),
            tr(
                "{max_unwatched}; near a limit {near_limit}",
                max_unwatched=bench.max_unwatched,
                near_limit=bench.near_limit,
            ),
        ),
    ]
