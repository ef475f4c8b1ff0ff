"""The figures of experiments and relaxation times of chosen runs, by `solbench report --only`."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from solbench.acquisition.host.platform import as_typed
from solbench.gui.models.common.answers import Files
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import tr

ONLY = "experiments,drt"
LONGEST_S = 600.0


class RunFigures:
    """Makes figures of runs in a folder that goes with the window; `changed` is called when they are others."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self.changed = Observers()
        self.runs: tuple[Path, ...] = ()
        self.pictures: list[Path] = []
        self.said = ""
        self.failed = False
        self._folder: TemporaryDirectory[str] | None = None
        self._asked = 0

    @property
    def twin(self) -> str:
        """Get the same on the command line."""
        return as_typed("solbench", *self._arguments(Path("figures"))) if self.runs else ""

    def show(self, runs: Sequence[Path], *, again: bool = False) -> None:
        """Make the figures of these runs, unless they are on show."""
        if tuple(runs) == self.runs and not again:
            return
        self.runs, self.pictures, self.failed = tuple(runs), [], False
        self.said = tr("drawing…") if runs else ""
        self._asked += 1
        self.changed()
        if not runs:
            return
        asked, folder = self._asked, TemporaryDirectory(prefix="solbench-figures-")
        where = Path(folder.name)

        def done(finished: Finished) -> None:
            if asked != self._asked:
                folder.cleanup()
                return
            old, self._folder = self._folder, folder
            self._take(finished)
            if old is not None:
                old.cleanup()

        self._jobs.command([*self._arguments(where), "--json"], done, where, timeout_s=LONGEST_S)

    def close(self) -> None:
        """Remove what was drawn."""
        self._asked += 1
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _arguments(self, where: Path) -> list[str]:
        page = ["-o", str(where / "figures.html"), "--figures", str(where)]
        return ["report", *map(str, self.runs), *page, "--only", ONLY]

    def _take(self, finished: Finished) -> None:
        files = finished.read(Files)
        self.failed = files is None
        self.pictures = [path for path in map(Path, files.files) if path.suffix == ".png"] if files else []
        nothing = tr("The chosen runs hold no experiment of which there is a figure, and no spectra.")
        self.said = finished.said if self.failed else "" if self.pictures else nothing
        self.changed()
