"""The strip above all screens: what the run does now, and the buttons that stop it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from solbench.gui.models.common.number_format import elapsed, with_prefix
from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.common.words import ntr, term, tr
from solbench.gui.models.live.control import Control
from solbench.gui.screens.parts import Elided, literal
from solbench.protocols.quantities.durations import format_duration

if TYPE_CHECKING:
    from solbench.gui.models.run.run import RunModel

STOP = tr("■ STOP  F12")
STOP_TIP = tr("End the run safely, the cell off: F12")
STOP_SIZE, STOP_SIZE_SMALL, MARGIN = (190, 48), (130, 40), 28

SYMBOLS = {
    "running": "▶",
    "paused": "❚❚",
    "starting": "…",
    "stopping": "■",
    "ended": "■",
    "completed": "✓",
    "not completed": "✕",
    "engine gone": "✕",
    "damaged": "✕",
}


class StatusStrip(QWidget):
    """Shows one run; every value comes from its model."""

    def __init__(self, control: Control, numbers: Numbers, resume: Callable[[], None]) -> None:
        super().__init__()
        self._control = control
        self._room = STOP_SIZE[0]
        self._numbers = numbers
        self.setObjectName("strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._labels: dict[str, QLabel] = {}
        self.pause = self._button(
            tr("Pause (cell off)  F3"), control.pause, tr("Switch the cell off and wait: F3")
        )
        self.resume = self._button(tr("Resume  F3"), resume, tr("Continue the run: F3"))
        self.stop = self._button(STOP, control.stop, STOP_TIP)
        self.stop.setObjectName("stop")
        self.stop.setFixedSize(*STOP_SIZE)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        row.addLayout(self._values(), 1)
        for button in (self.pause, self.resume):
            button.setMinimumSize(150, 48)
            row.addWidget(button)
        row.addWidget(self.stop)
        self.show_run(None)

    def text(self, name: str) -> str:
        """Return what a field shows."""
        label = self._labels[name]
        return label.whole if isinstance(label, Elided) else label.text()

    def set_small(self, small: bool) -> None:
        """Leave out what is not needed at once where there is little room; Stop stays."""
        for name in ("capacity", "left", "saved"):
            self._labels[name].setVisible(not small)
        for name, width in _WIDTHS.items():
            self._labels[name].setMinimumWidth(0 if small else width)
        size = STOP_SIZE_SMALL if small else STOP_SIZE
        self._room = size[0]
        self.stop.setFixedSize(*size)
        for button in (self.pause, self.resume):
            button.setMinimumSize(*((90, 40) if small else (150, 48)))
        self.pause.setText(tr("Pause  F3") if small else tr("Pause (cell off)  F3"))

    def show_run(self, run: RunModel | None) -> None:
        """Show a run, or that there is none."""
        recorded = run is not None and run.source.kind != "engine"
        can_resume = run is not None and run.can_resume and (run.needs_engine or not recorded)
        self.pause.setVisible(not can_resume and not recorded)
        self.pause.setEnabled(run is not None and run.now)
        self.resume.setVisible(can_resume)
        self._name_stop()
        self._set_stale(run is not None and (run.link.lost or bool(run.searching) or not run.now))
        if run is None:
            self._show(dict.fromkeys(self._labels, "") | {"state": tr("no run")})
        else:
            self._show(_texts(run))

    def _name_stop(self) -> None:
        """Say on the button what it ends."""
        words = self._control.stopped_words
        if self.stop.property("idle") is not (not words):
            self.stop.setProperty("idle", not words)
            self.stop.style().polish(self.stop)
        tip = STOP_TIP if not words else tr("End {words} safely, the cell off: F12", words=words)
        if self.stop.toolTip() == tip and self.stop.property("room") == self._room:
            return
        self.stop.setProperty("room", self._room)
        self.stop.setToolTip(tip)
        short = self.stop.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, self._room - MARGIN)
        text = f"{STOP}\n{literal(short)}" if words else STOP
        self.stop.setText(text)
        self.stop.setAccessibleName(f"{STOP} {words}".strip())

    def _show(self, texts: dict[str, str]) -> None:
        changed = False
        for name, plain in texts.items():
            text, label = self._numbers.localized(plain), self._labels[name]
            if self.text(name) != text:
                label.setText(text)
                label.setToolTip(text)
                changed = True
        if changed:
            self._row.activate()  # at once: no word is drawn where a shorter one stood

    def _values(self) -> QVBoxLayout:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row, names in (
            (first, ("state", "step", "voltage", "current", "capacity")),
            (second, ("elapsed", "left", "limit", "cell", "saved", "engine")),
        ):
            row.setSpacing(18)
            for name in names:
                label = Elided() if name in _ELASTIC else QLabel()
                label.setObjectName("value" if row is first else "detail")
                label.setMinimumWidth(_WIDTHS.get(name, 0))
                label.setAccessibleName(_NAMES[name])
                self._labels[name] = label
                row.addWidget(label, 1 if name in _ELASTIC else 0)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addLayout(first)
        column.addLayout(second)
        return column

    def _button(self, text: str, action: object, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setFocusPolicy(
            Qt.FocusPolicy.NoFocus
        )  # each has its key; Tab and Space must not reach it by chance
        button.clicked.connect(action)
        return button

    def _set_stale(self, stale: bool) -> None:
        """Grey the numbers while the engine is silent, or its instruments are."""
        if self.property("stale") is stale:
            return
        self.setProperty("stale", stale)
        for label in self._labels.values():
            label.style().polish(label)


_ELASTIC = ("step", "limit", "engine")
_NAMES = {
    "state": tr("state"),
    "step": tr("step"),
    "voltage": tr("voltage"),
    "current": tr("current"),
    "capacity": tr("capacity"),
    "elapsed": tr("elapsed"),
    "left": tr("left"),
    "limit": tr("limit"),
    "cell": tr("cell"),
    "saved": tr("saved"),
    "engine": tr("engine"),
}
_WIDTHS = {
    "state": 130,
    "voltage": 90,
    "current": 100,
    "capacity": 120,
    "elapsed": 84,
    "cell": 70,
    "saved": 116,
}


def _texts(run: RunModel) -> dict[str, str]:
    status = run.status if run.has_reading and run.end is None else None  # what flowed at last flows no more
    return {
        "state": _state(run),
        "step": _step(run),
        "voltage": with_prefix(status.voltage_V, "V", floor=1.0) if status else "",
        "current": with_prefix(status.current_A, "A", floor=1e-9) if status else "",
        "capacity": _capacity(run),
        "elapsed": elapsed(run.time_s),
        "left": _left(run),
        "limit": tr("searching for the instruments since {searching}", searching=run.searching)
        if run.searching
        else run.nearest_end,
        "cell": _cell(run),
        "saved": _saved(run),
        "engine": _engine(run),
    }


def _state(run: RunModel) -> str:
    if run.searching and run.state == "running":
        return f"… {tr('NO INSTRUMENTS')}"
    if run.alive and run.source.kind == "replay":
        return f"{'❚❚' if run.can_resume else '▷'} {tr('REPLAY')}"
    if run.alive and run.source.kind == "file":
        return f"… {tr('READING')}"
    word = (
        "ending" if run.state == "ended" else run.state
    )  # its last words, and how it ended, are still to be read
    return f"{SYMBOLS.get(run.state, '○')} {term(word).upper()}"


def _cell(run: RunModel) -> str:
    """Return whether the cell is on; of a recorded run whether it was, and what its record leaves open."""
    if run.source.kind == "engine":
        return term(run.cell_word)
    if run.alive and run.source.kind == "replay":
        was = {"cell ON": tr("cell was on"), "cell off": tr("cell was off")}
        return was.get(run.cell_word, term(run.cell_word))
    return "" if run.alive or run.cell_word == "cell off" else term(run.cell_word)


def _step(run: RunModel) -> str:
    marks = (tr("REPLAY") if run.replays else "", run.mark)
    words = run.title
    if run.segment is not None:  # first: a long title must not hide where the run is
        from solbench.gui.models.run.log import segment_word

        step = run.segment.step
        name = tr("{step}, cycle {cycle}", step=step.name, cycle=step.cycle) if step.cycle else step.name
        words = f"{name}, {segment_word(run.segment.name)} \u00b7 {run.title}"
    return "  ".join(filter(None, (*marks, words)))


def _capacity(run: RunModel) -> str:
    if run.status is None or not run.known:
        return ""
    return f"{abs(run.status.step_charge_C) / run.area_m2 / 36000.0:.4f} mAh/cm²"


def _left(run: RunModel) -> str:
    if run.plan is None or not run.now:
        return ""
    return tr(
        "about {duration} to go",
        duration=format_duration(run.left_s),
    )


def _saved(run: RunModel) -> str:
    if run.link.over or run.source.kind != "engine":
        return ntr("{count} sample", "{count} samples", run.traces.samples)
    if run.status is None:
        return ""
    behind = run.status.seq + 1 - run.status.flushed_seq
    return tr("saved") if behind <= 0 else ntr("saving {count} record", "saving {count} records", behind)


def _engine(run: RunModel) -> str:
    if run.end is not None and not run.link.over:
        return ""  # its engine is about to go, and that is no fault of the connection
    if run.link.lost:
        since = time.strftime("%H:%M:%S", time.localtime(run.heard_at))
        return tr("engine has not answered since {since}", since=since)
    return run.link.text
