"""Reports and exports of runs, as commands: `solbench report` and `solbench export`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from solbench.acquisition.host.platform import as_typed
from solbench.analysis.exports.formats import FORMATS as KNOWN
from solbench.gui.models.common.answers import Files
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import term, tr

LONGEST_S = 600.0
FORMATS = tuple((key, term(format.title)) for key, format in KNOWN.items())


@dataclass(frozen=True)
class ReportRequest:
    """What a report is to have: its folder, its name without the ending, a PDF beside it, its figures as files."""

    folder: Path
    name: str = ""
    pdf: bool = True
    figures: bool = True


class Reporting:
    """Makes reports and exports of the chosen runs; `changed` is called when something is another."""

    def __init__(self, jobs: Jobs, folder: Path) -> None:
        self._jobs = jobs
        self.changed = Observers()
        self.runs: tuple[Path, ...] = ()
        self.request = ReportRequest(folder)
        self.busy = ""
        self.said = ""
        self.failed = False
        self.files: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        """Get the name of the page without its ending: as requested, else after the runs and not taken yet."""
        if self.request.name:
            return self.request.name
        first = f"{self.runs[0].stem}-report" if self.runs else "report"
        number, name = 1, first
        while (self.request.folder / f"{name}.html").exists() or (
            self.request.folder / f"{name}.pdf"
        ).exists():
            number += 1
            name = f"{first}-{number}"
        return name

    @property
    def page(self) -> Path:
        """Get the path of the page that would be made."""
        return self.request.folder / f"{self.name}.html"

    @property
    def arguments(self) -> list[str]:
        """Get the command that makes the report."""
        figures = (
            ["--figures", str(self.request.folder / f"{self.name}-figures")] if self.request.figures else []
        )
        pdf = ["--pdf"] if self.request.pdf else []
        return ["report", *map(str, self.runs), "-o", str(self.page), *pdf, *figures]

    @property
    def twin(self) -> str:
        """Get the same on the command line."""
        return as_typed("solbench", *self.arguments) if self.runs else ""

    @property
    def ready(self) -> bool:
        """Get whether something can be made."""
        return bool(self.runs) and not self.busy

    @property
    def pictures(self) -> list[Path]:
        """Get the pictures of the report that was made last."""
        return [path for path in self.files if path.suffix == ".png"]

    def set_runs(self, runs: Sequence[Path]) -> None:
        """Choose the runs, side by side in one report; the folder follows the first run until one is chosen."""
        self.runs = tuple(dict.fromkeys(runs))
        self.files, self.said, self.failed = (), "", False
        self.changed()

    def set_request(self, request: ReportRequest) -> None:
        """Choose what the report is to have."""
        self.request = request
        self.changed()

    def make(self) -> None:
        """Make the report, if it can be made."""
        if self.ready:
            runs = self.runs
            arguments = [*self.arguments, "--json"]
            self._run(tr("making the report"), arguments, lambda finished: self._made(runs, finished))

    def printable(self, done: Callable[[str, Sequence[Path]], None]) -> None:
        """Give `done` the page of the report (HTML) and its pictures: those that were made, else others for it alone.

        These are gone when it returns, which is to be soon: all other work waits for it.
        """
        pages = [path for path in self.files if path.suffix == ".html"]
        if pages and self.pictures:
            try:
                text = pages[0].read_text(encoding="utf-8")
            except OSError as error:
                self.say_failed(tr("{page} cannot be read: {error}", page=pages[0], error=error))
                return
            done(text, self.pictures)
            return
        if not self.ready:
            return
        folder = TemporaryDirectory(prefix="solbench-print-")
        page = Path(folder.name, "report.html")

        def made(finished: Finished) -> None:
            written = finished.read(Files)
            self.said, self.failed = finished.said, written is None
            with folder:
                if written is not None:
                    files = map(Path, written.files)
                    done(page.read_text(encoding="utf-8"), [path for path in files if path.suffix == ".png"])

        arguments = ["report", *map(str, self.runs), "-o", str(page), "--figures", folder.name, "--json"]
        self._run(tr("making the report"), arguments, made)

    def say_failed(self, words: str) -> None:
        """Say what could not be done with a report, and the cure."""
        self.said, self.failed = words, True
        self.changed()

    def export(self, kind: str) -> None:
        """Export every chosen run in a format, into a folder of the format's name beside the report."""
        if self.ready:
            self.files, self.said, self.failed = (), "", False
            self._export_next(kind, list(self.runs))

    def export_twin(self, kind: str) -> str:
        """Return the export of all runs as it is written on the command line."""
        return "; ".join(as_typed("solbench", *self._export_arguments(kind, run)) for run in self.runs)

    def _export_arguments(self, kind: str, run: Path) -> list[str]:
        return ["export", str(run), "--format", kind, "-o", str(self.request.folder / f"{run.stem}-{kind}")]

    def _export_next(self, kind: str, left: list[Path]) -> None:
        run, rest = left[0], left[1:]

        def done(finished: Finished) -> None:
            written = finished.read(Files)
            if finished.ok and written is not None and run in self.runs:
                self.files += tuple(map(Path, written.files))
            self._say(finished)
            if rest:
                self._export_next(kind, rest)

        arguments = [*self._export_arguments(kind, run), "--json"]
        self._run(tr("exporting {file}", file=run.name), arguments, done)

    def _made(self, runs: tuple[Path, ...], finished: Finished) -> None:
        """Take the files; a report that withholds a conclusion is made all the same, and says so.

        Of runs that are not the chosen ones any more the files are only told: what is on show is of these.
        """
        written = finished.read(Files)
        files = tuple(map(Path, written.files)) if written is not None else ()
        self.files = files if runs == self.runs else ()
        made = tr("{page} is made", page=files[0]) if files and runs != self.runs else ""
        self.said, self.failed = "\n".join(filter(None, (made, finished.said))), written is None

    def _say(self, finished: Finished) -> None:
        self.failed = self.failed or not finished.ok
        self.said = "\n".join(part for part in (self.said, finished.said) if part)

    def _run(self, what: str, arguments: list[str], done: object) -> None:
        self.busy = what
        self.changed()

        def finish(finished: Finished) -> None:
            self.busy = ""
            done(finished)  # type: ignore[operator]
            self.changed()

        self._jobs.command(arguments, finish, self.request.folder, timeout_s=LONGEST_S)
