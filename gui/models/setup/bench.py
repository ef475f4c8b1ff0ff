"""Which bench there is and who answers on it: what `solbench instruments` says, as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from solbench.acquisition.bench.bench_file import BenchFile, default_bench_path, load_bench
from solbench.acquisition.bench.commissioning.standing import remarks, standing
from solbench.gui.models.common.answers import AskedInstrument, FoundInstrument, Instruments
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.common.observed import Observers
from solbench.protocols.errors import BadInput

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
        return "\u2713 answers" if self.healthy else "\u2717 problem"


class BenchModel:
    """The bench that is chosen, and what was last asked; `changed` is called after every change.

    `lines` is the dialogue: the command that was given, and its output.
    """

    def __init__(self, jobs: Jobs, recent: Sequence[str] = ()) -> None:
        self.changed = Observers()
        self._jobs = jobs
        self.recent = [path for path in recent if Path(path).exists()][:MOST_RECENT]
        self.reference: str | None = None
        self.rows: list[Row] = []
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
            own = [(f"My bench ({default_bench_path().name})", None)]
        earlier: list[tuple[str, str | None]] = [(Path(path).name, path) for path in self.recent]
        return [*own, ("Simulator: 1260 + 1287 and a cell", SIMULATED), *earlier]

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
        self.rows, self._asked = [], self._asked + 1
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

    def write(self, path: Path, adapter: str = "") -> None:
        """Look again and write what is found as a bench file (solbench instruments --write)."""
        at = ["--at", adapter.strip()] if adapter.strip() else []
        self._command(["instruments", "--find", *at, "--write", str(path), "--json"])

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
        for row in self.rows:
            self._say(f"< {row.address}  {row.identity or row.problem}")
        failed = answer is None
        self.problem = (finished.said or "the instruments were not asked: no answer came") if failed else ""
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
    shown = "" if code is None else "none" if code == 0 else f"code {code}"
    return Row(
        str(asked.address),
        which,
        asked.identity or "",
        asked.problem or "",
        asked.cure or "",
        shown,
    )


def _commissioned(bench: BenchFile) -> str:
    """Say how far a bench is commissioned, and what of that will end or is missing."""
    found = standing(bench)
    told = remarks(bench, datetime.now(UTC))
    if found.record is not None:
        return "; ".join((f"on {found.record.made:%Y-%m-%d} by {found.record.by}", *told))
    if bench.is_simulated:
        return "not needed, simulated"
    return "; ".join((f"by the typed date {found.typed}" if found.typed else "never", *told))


def bench_facts(bench: BenchFile) -> list[tuple[str, str]]:
    """Say what a bench file holds, as pairs of a label and a text."""
    leads = {"ce_re1": "CE and RE1", "we_re2": "WE and RE2", None: "not stated"}[bench.positive_terminal]
    commissioned = _commissioned(bench)
    ways = {
        "simulated": "in this program",
        "visa": "through VISA (GPIB)",
        "prologix": f"Prologix adapter {bench.adapter or ''}".strip(),
        "serial": "by their RS-423 ports",
    }
    return [
        ("Bench", bench.name),
        ("Reached", ways[bench.kind]),
        ("Positive terminal", leads),
        ("Commissioned", commissioned),
        ("Longest unwatched", f"{bench.max_unwatched}; near a limit {bench.near_limit}"),
    ]
