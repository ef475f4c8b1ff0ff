"""Notices: to whom, of what; in the corner of the desktop, and as a sound."""

from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QLabel,
    QPlainTextEdit,
    QSystemTrayIcon,
    QVBoxLayout,
    QWidget,
)

from solbench.acquisition.control.notices import ADDRESSES, FROM_RUNS, Notice
from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context
from solbench.gui.models.runs.notices import ALARMS, ENDS, SOUND, Notices
from solbench.gui.palette import LIGHT
from solbench.gui.screens.parts import Note, button, row

EXAMPLES = tr("mailto://user:password@gmail.com\nmsteams://…\nslack://…")


class Tray:
    """Shows notices in the corner of the desktop, where there is one, and sounds."""

    def __init__(self, window: QWidget, context: Context) -> None:
        self._window, self._context = window, context
        self._icon: QSystemTrayIcon | None = None

    def show(self, notice: Notice) -> None:
        """Show a notice."""
        if self._context.settings.get(SOUND, True) and not notice.urgent:  # alarms have a sound of their own
            QApplication.beep()
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._icon is None:
            picture = QPixmap(22, 22)
            picture.fill(LIGHT.accent)
            self._icon = QSystemTrayIcon(QIcon(picture), self._window)
            self._icon.activated.connect(lambda _reason: self._window.activateWindow())
            self._icon.show()
        kind = (
            QSystemTrayIcon.MessageIcon.Warning if notice.urgent else QSystemTrayIcon.MessageIcon.Information
        )
        self._icon.showMessage(notice.title, notice.text, kind)


class NoticesDialog(QDialog):
    """Where notices go, and of what they are; every change counts at once."""

    def __init__(self, parent: QWidget, context: Context, notices: Notices) -> None:
        super().__init__(parent)
        self._context, self._notices = context, notices
        self.setWindowTitle(tr("Notices"))
        self.resize(560, 320)
        self.addresses = QPlainTextEdit("\n".join(context.settings.texts(ADDRESSES)))
        self.addresses.setAccessibleName(tr("Addresses, a line each"))
        self.addresses.setPlaceholderText(EXAMPLES)
        self.addresses.setTabChangesFocus(True)
        self.addresses.textChanged.connect(self._keep)
        self.boxes = {
            ENDS: QCheckBox(tr("when a run has ended")),
            ALARMS: QCheckBox(tr("at alarms and pauses")),
            SOUND: QCheckBox(tr("with a sound")),
            FROM_RUNS: QCheckBox(tr("also while no window is open")),
        }
        self.boxes[FROM_RUNS].setToolTip(tr("Runs that begin from now on send their notices themselves"))
        for name, box in self.boxes.items():
            box.setChecked(bool(context.settings.get(name, name != FROM_RUNS)))
            box.toggled.connect(lambda on, name=name: context.settings.set(name, on))
        self.note = Note(
            tr(
                "Each has the last reading and a picture; this window sends it while it is open, or the run itself."
            )
        )
        self.test = button(tr("Send a test"), self._test, tr("Send a notice to every address now"))
        self.close_it = button(tr("Close"), self.accept, tr("Close this"))
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel(tr("Addresses, a line each, as apprise writes them")))
        layout.addWidget(self.addresses, 1)
        layout.addLayout(row(*self.boxes.values(), None))
        layout.addWidget(self.note)
        layout.addLayout(row(None, self.test, self.close_it))

    def _keep(self) -> None:
        lines = (line.strip() for line in self.addresses.toPlainText().splitlines())
        self._context.settings.set_texts(ADDRESSES, [line for line in lines if line])

    def _test(self) -> None:
        self._notices.send(
            Notice(tr("Solbench: a test"), tr("Notices of this window arrive here."), urgent=False)
        )
