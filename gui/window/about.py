"""What the program is made of, and a file with what somebody who helps will ask for."""

import json
import platform
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QDialog, QFileDialog, QVBoxLayout, QWidget

import solbench
from solbench.acquisition.bench.bench_file import default_bench_path
from solbench.gui.models.common.jobs import Finished
from solbench.gui.models.common.settings import settings_path
from solbench.gui.models.context import Context
from solbench.gui.screens.parts import Note, button, row

PATIENCE_S = 60.0


def versions() -> str:
    """Return what the program runs on, a line each."""
    parts = (
        f"Solbench {solbench.__version__}",
        f"Python {platform.python_version()}",
        f"Qt {qVersion()}, pyqtgraph {version('pyqtgraph')}",
        f"{platform.system()} {platform.release()}, {platform.machine()}",
    )
    return "\n".join(parts)


def write_bundle(path: Path, doctor: str, files: Sequence[Path]) -> None:
    """Write versions, what `solbench doctor` says, and those of the files that there are; raises OSError."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("versions.txt", versions())
        bundle.writestr("doctor.txt", doctor)
        for file in files:
            if file.is_file():
                bundle.write(file, file.name)


class AboutDialog(QDialog):
    """Versions and license, and a button that saves a file for support."""

    def __init__(self, parent: QWidget, context: Context) -> None:
        super().__init__(parent)
        self._context = context
        self.setWindowTitle("About Solbench")
        self.text = Note(f"{versions()}\n\nFree software under the license in the file LICENSE.", "plain")
        self.note = Note(keep=True)
        self.save = button(
            "Save a file for support…",
            self._ask,
            "Versions, solbench doctor, settings and the bench file; no run, no cell",
        )
        self.close_it = button("Close", self.accept, "Close this")
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        layout.addWidget(self.note)
        layout.addLayout(row(None, self.save, self.close_it))

    def _ask(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "File for support", "solbench-support.zip", "Zip (*.zip)")
        if name:
            self.write(Path(name))

    def write(self, path: Path) -> None:
        """Ask the doctor, then write the file; the place or the failure is said here."""

        def done(finished: Finished) -> None:
            bench = self._context.bench.value
            files = dict.fromkeys([settings_path(), default_bench_path(), *([Path(bench)] if bench else [])])
            try:
                said = finished.said if finished.result is None else json.dumps(finished.result, indent=1)
                write_bundle(path, said, list(files))
            except OSError as error:
                self.note.say(f"✗ {path} cannot be written: {error}", "bad")
            else:
                self.note.say(f"saved {path}", "good")

        self.note.say("asking solbench doctor…", "note")
        self._context.jobs.command(["doctor", "--json"], done, timeout_s=PATIENCE_S)
