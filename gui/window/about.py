"""What the program is made of, and the bundle that somebody who helps will ask for."""

import platform
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QVBoxLayout, QWidget

import solbench
from solbench.acquisition.host.platform import remove
from solbench.gui.models.common.jobs import Finished
from solbench.gui.models.common.words import tr
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


class AboutDialog(QDialog):
    """Versions, and a button that packs a bundle for support (solbench doctor --bundle)."""

    def __init__(self, parent: QWidget | None, context: Context) -> None:
        super().__init__(parent)
        self._context = context
        self.setWindowTitle(tr("About Solbench"))
        self.text = Note(
            tr("{versions}\n\nFree software under the license in the file LICENSE.", versions=versions()),
            "plain",
        )
        self.note = Note(keep=True)
        self.anonymous = QCheckBox(tr("without names, paths and hosts"))
        self.anonymous.setChecked(True)
        self.pack = button(
            tr("Pack a bundle for support…"),
            self._ask,
            tr("What solbench doctor finds, and the bench file; no run, no cell, no settings of this window"),
        )
        self.close_it = button(tr("Close"), self.accept, tr("Close this"))
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        layout.addWidget(self.note)
        layout.addLayout(row(self.anonymous, None, self.pack, self.close_it))

    def _ask(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Bundle for support"), "solbench.zip", tr("Zip (*.zip)")
        )
        if name:
            self.write(Path(name))

    def write(self, path: Path) -> None:
        """Write the bundle over what is there, which the file dialog has asked about; say how that went."""

        def done(finished: Finished) -> None:
            self.note.say(
                tr("packed {path}", path=path) if finished.ok else f"✗ {finished.said}",
                "good" if finished.ok else "bad",
            )

        with suppress(OSError):
            remove(path)
        anonymous = ["--anonymous"] if self.anonymous.isChecked() else []
        self.note.say(tr("asking solbench doctor…"), "note")
        arguments = ["doctor", "--bundle", str(path), "--yes", "--json", *anonymous]
        self._context.jobs.command(arguments, done, timeout_s=PATIENCE_S)
