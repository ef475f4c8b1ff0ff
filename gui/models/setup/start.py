"""Starting a run: what would be started, as a command; whether it may, line by line."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Literal

from solbench.acquisition.bench.bench_file import BenchFile, default_bench_path, load_bench
from solbench.acquisition.bench.commissioning.standing import remarks, require_commissioned
from solbench.acquisition.control.registry import Entry, entries
from solbench.acquisition.host.platform import as_typed
from solbench.acquisition.record.beside.file_names import TEMPLATE, file_name
from solbench.acquisition.record.beside.packed import is_kept
from solbench.gui.models.common.answers import Check, CheckFinding
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.settings import default_folder
from solbench.gui.models.common.words import tr
from solbench.gui.models.protocol.telling import in_one, told
from solbench.protocols import load_protocol, takes_spectra
from solbench.protocols.errors import BadInput
from solbench.protocols.settings import with_settings

NAMES = "names_of_run_files"  # the setting with the template
Grade = Literal["ok", "note", "fail"]
SYMBOLS: dict[Grade, str] = {"ok": "✓ " + tr("ok"), "note": "! " + tr("note"), "fail": "✗ " + tr("no")}
ORDER: tuple[Grade, ...] = ("fail", "note", "ok")
LONGEST_S = 180.0
SPEEDS = (None, 1.0, 60.0, 3600.0)


@dataclass(frozen=True)
class Line:
    """One line of the start page: what was looked at, how it is, and what was found."""

    grade: Grade
    name: str
    text: str

    @property
    def word(self) -> str:
        """Get the grade as a symbol and a word, so that colour alone never says it."""
        return SYMBOLS[self.grade]


@dataclass(frozen=True)
class Plan:
    """What is to be run, as `solbench run` takes it; `bench` None is the user's own.

    `dummy_cell`: a dummy cell is mounted, so that a bench that is not commissioned may be used. `scenario`: what is
    truly on a simulated bench, a file or "random"; None: what is said.
    """

    protocol: str | None
    cell: str | None
    bench: str | None
    changes: tuple[str, ...] = ()
    speed: float | None = None
    dummy_cell: bool = False
    scenario: str | None = None

    def options(self) -> list[str]:
        """Return protocol, cell, bench and settings as arguments."""
        changes = [part for change in self.changes for part in ("--set", change)]
        bench = [] if self.bench is None else ["--bench", self.bench]
        return [self.protocol or "", "--cell", self.cell or "", *bench, *changes]

    def run_options(self, output: str) -> list[str]:
        """Return what `solbench run` is given for a run file of this name."""
        speed = [] if self.speed is None else ["--speed", f"{self.speed:g}"]
        dummy = ["--dummy-cell"] if self.dummy_cell else []
        scenario = [] if self.scenario is None else ["--scenario", self.scenario]
        return [*self.options(), *speed, *dummy, *scenario, "-o", output]

    def check_options(self) -> list[str]:
        """Return what `solbench check` is given; the bench is always named, for that includes the start check."""
        named = self.bench
        if named is None:
            default = default_bench_path()
            named = str(default) if default.exists() else "simulated"
        dummy = ["--dummy-cell"] if self.dummy_cell else []
        return [*Plan(self.protocol, self.cell, named, self.changes).options(), *dummy, "--json"]


class StartModel:
    """The start page: `lines` of the last check, whether a start is possible, and the command that does it."""

    def __init__(self, jobs: Jobs, folder: Path) -> None:
        self.changed = Observers()
        self._jobs = jobs
        self.plan = Plan(None, None, None)
        self.cell_id = ""
        self.folder = folder
        self.name = ""
        self.template = TEMPLATE
        self._refusal = refusal_of(folder)
        self.lines: list[Line] = []
        self.busy = False
        self._checked: tuple[Any, ...] | None = None
        self._spectra: bool | None = None  # of what is aimed at; None: not looked at yet
        self._asked = 0

    def aim(self, plan: Plan, cell_id: str = "", again: bool = False) -> None:
        """Say what is to be started; a check of something else does not count any more."""
        if plan == self.plan and cell_id == self.cell_id and not again:
            return
        self.plan, self.cell_id = plan, cell_id
        self._forget()

    def set_output(self, folder: Path, name: str) -> None:
        """Say where the run file is to be written; the name may be left empty."""
        self.folder, self.name = folder, name.strip()
        self._refusal = refusal_of(folder)
        self.changed()

    def set_template(self, template: str) -> None:
        """Name run files so; raises BadInput for a template that cannot be used."""
        file_name(template, datetime.now(), cell_id="", record="", protocol="", step="", operator="")
        self.template = template
        self.changed()

    @property
    def output(self) -> Path:
        """Get the run file."""
        if self.name:
            return self.folder / (self.name if self.name.endswith(".h5") else f"{self.name}.h5")
        stem = suggested_name(self.plan, self.cell_id, datetime.now(), self.template)
        names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
        return next(path for name in names if is_free(path := self.folder / f"{name}.h5"))

    @property
    def page(self) -> list[Line]:
        """Get all lines: what forbids a start first, then notes; what is known at once before the last check."""
        return sorted([*self._local_lines(), *self.lines], key=lambda line: ORDER.index(line.grade))

    @property
    def simulated(self) -> bool:
        """Get whether the bench is a simulated one."""
        try:
            return load_bench(self.plan.bench)[0].is_simulated
        except BadInput:
            return False

    @property
    def ready(self) -> bool:
        """Get whether everything was checked for just this, and nothing forbids a start."""
        fresh = self._checked == (self.plan, self.cell_id) and not self.busy
        return fresh and bool(self.lines) and all(line.grade != "fail" for line in self.page)

    def check(self) -> None:
        """Ask bench, cell and disk (solbench check --bench); nothing is switched on."""
        if self.busy or any(line.grade == "fail" for line in self._local_lines()):
            self.changed()
            return
        self._asked += 1
        asked, aimed = self._asked, (self.plan, self.cell_id)
        self.busy, self.lines = True, []

        def done(finished: Finished) -> None:
            if asked != self._asked:
                return
            self.busy, self._checked = False, aimed
            self.lines = page_lines(finished)
            self.changed()

        there = self.folder if self.folder.exists() else self.folder.parent  # it is made with the first run
        self._jobs.command(["check", *self.plan.check_options()], done, there, LONGEST_S)
        self.changed()

    def run_arguments(self) -> list[str]:
        """Return what `solbench run` is given; the name of the run file is fixed from now on."""
        output = self.output
        self.make_folder()
        self.name = output.name
        return self.plan.run_options(output.name)

    def make_folder(self) -> None:
        """Make the folder of whoever has chosen none; where that cannot be, the run says so."""
        if self.folder == default_folder():
            with suppress(OSError):
                self.folder.mkdir(exist_ok=True)

    def twin(self) -> str:
        """Return the command line that does the same."""
        return as_typed("solbench", "run", *self.plan.run_options(self.output.name), "--detach")

    def _forget(self) -> None:
        self._asked += 1
        self._checked, self._spectra, self.lines, self.busy = None, None, [], False
        self._refusal = refusal_of(self.folder)
        self.changed()

    def _local_lines(self) -> list[Line]:
        chosen = [
            _chosen(
                tr("protocol"),
                self.plan.protocol,
                tr("choose one on the screen Protocol, or correct what is marked there"),
            ),
            _chosen(
                tr("cell record"),
                self.plan.cell,
                tr("choose one on the screen Cell, or correct what is marked there"),
            ),
        ]
        return [*chosen, self._id_line(), self._bench_line(), self._file_line()]

    def _id_line(self) -> Line:
        if self.cell_id:
            return Line("ok", tr("cell id"), self.cell_id)
        if self.simulated:
            return Line("note", tr("cell id"), tr("none; a simulated cell needs none"))
        return Line("fail", tr("cell id"), tr("none: type or scan it on the screen Cell"))

    def _bench_line(self) -> Line:
        try:
            bench = load_bench(self.plan.bench)[0]
            now, spectra = datetime.now(UTC), self._takes_spectra()
            require_commissioned(bench, now, dummy_cell=self.plan.dummy_cell, spectra=spectra)
        except BadInput as error:
            return Line("fail", tr("bench"), str(error))
        busy = _busy(bench)
        if busy is not None:
            return Line(
                "fail",
                tr("bench"),
                tr(
                    "{bench} is taken by {path}; put this run in the queue",
                    bench=bench.name,
                    path=Path(busy.path).name,
                ),
            )
        free = (
            tr("{bench}, simulated, free", bench=bench.name)
            if bench.is_simulated
            else tr("{bench}, free", bench=bench.name)
        )
        told = remarks(bench, now)
        return Line("note", tr("bench"), "; ".join((free, *told))) if told else Line("ok", tr("bench"), free)

    def _takes_spectra(self) -> bool:
        """Say whether the chosen protocol takes spectra; one that cannot be read is told in another line."""
        if self._spectra is None:
            try:
                loaded = load_protocol(self.plan.protocol or "")
                self._spectra = takes_spectra(with_settings(loaded, list(self.plan.changes)))
            except BadInput:
                self._spectra = False
        return self._spectra

    def _file_line(self) -> Line:
        path = self.output
        if self._refusal:
            return Line("fail", tr("run file"), self._refusal)
        if not is_free(path):
            return Line(
                "fail",
                tr("run file"),
                tr("{path} exists already and is never overwritten; change the name", path=path.name),
            )
        return Line("ok", tr("run file"), str(path))


def is_free(path: Path) -> bool:
    """Say whether no run has this file."""
    return not (path.exists() or is_kept(path.with_suffix(".journal")))


def refusal_of(folder: Path) -> str:
    """Return why no run can be written into a folder, "" where one can: by writing, for rights alone do not tell.

    The folder of whoever has chosen none is made with the first run.
    """
    if folder == default_folder() and not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        return tr("the folder {folder} is not there; choose another", folder=folder)
    try:
        with TemporaryFile(dir=folder):
            return ""
    except OSError as failure:
        reason = (failure.strerror or str(failure)).lower()
        return tr(
            "nothing can be written into the folder {folder} ({reason}); choose another",
            folder=folder,
            reason=reason,
        )


def _chosen(name: str, reference: str | None, cure: str) -> Line:
    if reference is None:
        return Line("fail", name, tr("none: {cure}", cure=cure))
    return Line("ok", name, Path(reference).name)


def is_paced(reference: str | None) -> bool:
    """Say whether a run sets the speed of its bench; a simulated one that is served by another program has its own."""
    try:
        return load_bench(reference)[0].kind == "simulated"
    except BadInput:
        return False


def _busy(bench: BenchFile) -> Entry | None:
    """Return the living run on a bench, None if it is free."""
    known = entries()
    if not known:  # as nearly always; what tells benches apart takes a tenth of a second to load
        return None
    from solbench.acquisition.bench.guarded import key_if_any

    return other_run(key_if_any(bench), known)


def other_run(bench_key: str, known: Sequence[Entry]) -> Entry | None:
    """Return a living run on a bench, None if it is free, or in the run's own process (no key)."""
    here = (entry for entry in known if bench_key and entry.bench_key == bench_key)
    return next((entry for entry in here if entry.alive), None)


def page_lines(finished: Finished) -> list[Line]:
    """Make lines of what `solbench check --bench --json` printed; a refusal is one line that fails."""
    check = finished.read(Check)
    if check is None:
        return [Line("fail", tr("check"), finished.said or tr("the check gave no answer; try again"))]
    lines = [_finding_line(finding) for finding in check.findings]
    if not lines:
        lines = [Line("ok", tr("protocol and cell"), tr("nothing found that is wrong"))]
    for item in check.start_check or ():
        grade: Grade = "fail" if not item.passed else "note" if item.remark else "ok"
        lines.append(Line(grade, item.name, item.text))
    if not check.start_check and all(line.grade != "fail" for line in lines):
        lines.append(Line("fail", tr("start check"), tr("it was not done; check again")))
    return lines


def _finding_line(finding: CheckFinding) -> Line:
    text = in_one(*told(finding.code, finding.message, finding.cure, finding.parameters))
    return Line("fail" if finding.grade == "error" else "note", finding.field, text)


def suggested_name(plan: Plan, cell_id: str, now: datetime, template: str = TEMPLATE) -> str:
    """Return a name for the run file by a template; that which always can be where it cannot be used."""
    with suppress(BadInput):
        return file_name(
            template,
            now,
            cell_id=cell_id,
            record=Path(plan.cell or "cell").stem,
            protocol=Path(plan.protocol or "protocol").stem,
            step=_first_step(plan.protocol or "") if "{step}" in template else "",
            operator=_setting(plan.changes, "conditions.operator"),
        )
    return suggested_name(plan, cell_id, now)


def _first_step(protocol: str) -> str:
    with suppress(BadInput):
        return next((step.name for step in load_protocol(protocol).steps), "")
    return ""


def _setting(changes: Sequence[str], name: str) -> str:
    """Return what a setting among changes is, "" if it is not there."""
    found = next((change for change in changes if change.startswith(f"{name}=")), "")
    return found.removeprefix(f"{name}=").strip("'").replace("''", "'")
