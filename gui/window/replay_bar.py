"""The bar of a replay: where it is, halt and continue, how fast, jump to a moment or a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QWidget

from solbench.gui.models.common.number_format import elapsed, speed_words
from solbench.gui.models.common.words import tr
from solbench.gui.models.live.active_run import ActiveRun
from solbench.gui.screens.parts import Button, name_button
from solbench.gui.values import ChoiceBox, ValueSlider

if TYPE_CHECKING:
    from solbench.gui.models.live.replay import Replay
    from solbench.gui.models.run.run import RunModel

POSITIONS = 10_000
HALT = tr("Halt or continue the replay")


class ReplayBar(QWidget):
    """Steers the replay on show; hidden while there is none."""

    def __init__(self, following: ActiveRun) -> None:
        super().__init__()
        self.setObjectName("strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._following = following
        self._replay: Replay | None = None
        self.halt = Button("")
        name_button(self.halt, HALT)
        self.halt.setMinimumWidth(90)
        self.halt.setToolTip(tr("Halt the replay, or let it continue: F3"))
        self.place = ValueSlider(Qt.Orientation.Horizontal)
        self.place.setRange(0, POSITIONS)
        self.place.setPageStep(POSITIONS // 20)
        self.place.setSingleStep(POSITIONS // 200)
        self.place.setTracking(False)
        self.place.setAccessibleName(tr("Moment of the replay"))
        self.place.setToolTip(
            tr("Where the replay is; drag it, or use the arrow and page keys, to another moment")
        )
        self.time = QLabel()
        self.steps = _combo(tr("Jump to a step"), tr("Show the run from the beginning of a step on"))
        self.speed = _combo(tr("Speed of the replay"), tr("Seconds of the run in a second"))
        self._lay_out()
        self.halt.clicked.connect(self._halt)
        self.place.valueChanged.connect(self._move)
        self.steps.activated.connect(lambda _row: self._following.jump(self.steps.currentData()))
        self.speed.activated.connect(self._change_speed)
        self.hide()

    def show_run(self, run: RunModel | None) -> None:
        """Show where the replay on show is; whatever else is on show hides the bar."""
        replay = _replay_of(run)
        if replay is not self._replay:
            self._begin(replay)
        if replay is None:
            return
        self.halt.setText("▶ " + tr("Continue") if replay.paused else "❚❚ " + tr("Halt"))
        name_button(self.halt, HALT)
        self.time.setText(
            tr("{at_s} of {length_s}", at_s=elapsed(replay.at_s), length_s=elapsed(replay.length_s))
        )
        if not self.place.isSliderDown():
            with QSignalBlocker(self.place):
                self.place.setValue(round(POSITIONS * replay.at_s / max(replay.length_s, 1e-9)))
        if not self.steps.view().isVisible():
            self.steps.setCurrentIndex(replay.step_at(replay.at_s))

    def _begin(self, replay: Replay | None) -> None:
        """Show another replay; the same run from another moment on keeps the list of its steps."""
        before, self._replay = self._replay, replay
        self.setVisible(replay is not None)
        if replay is None:
            return
        if before is None or before.steps != replay.steps:
            self.steps.clear()
            for time_s, name in replay.steps:
                self.steps.addItem(f"{elapsed(time_s)}  {name}", time_s)
        self._offer_speeds()
        if self.speed.findData(replay.speed) < 0:
            self.speed.insertItem(0, speed_words(replay.speed), replay.speed)
        self.speed.setCurrentIndex(self.speed.findData(replay.speed))

    def _offer_speeds(self) -> None:
        from solbench.gui.models.live.replay import SPEEDS

        for speed in SPEEDS if not self.speed.count() else ():
            self.speed.addItem(speed_words(speed), speed)

    def _halt(self) -> None:
        if self._replay is not None:
            self._replay.set_paused(not self._replay.paused)

    def _move(self, value: int) -> None:
        if self._replay is not None:
            self._following.jump(self._replay.length_s * value / POSITIONS)

    def _change_speed(self) -> None:
        if self._replay is not None:
            self._replay.set_speed(self.speed.currentData())

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 5, 10, 5)
        row.setSpacing(10)
        row.addWidget(QLabel(tr("Replay")))
        row.addWidget(self.halt)
        row.addWidget(self.place, 1)
        for widget in (self.time, self.steps, self.speed):
            row.addWidget(widget)
        for control in (self.halt, self.place, self.steps, self.speed):
            control.setMinimumHeight(32)


def _replay_of(run: RunModel | None) -> Replay | None:
    """Return the replay on show, None where there is none."""
    if run is None:
        return None
    from solbench.gui.models.live.replay import Replay

    return run.source if isinstance(run.source, Replay) and run.source.bar else None


def _combo(name: str, tip: str) -> QComboBox:
    combo = ChoiceBox()
    combo.setAccessibleName(name)
    combo.setToolTip(tip)
    combo.setMinimumWidth(150)
    combo.setMaximumWidth(240)
    combo.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return combo
