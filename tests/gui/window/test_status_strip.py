"""What the strip says of a run, live or recorded, and what it says that Stop ends."""

from PySide6.QtCore import Qt

from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.verbs import State
from solbench.gui.models.run.alarms import Alarms
from solbench.gui.models.run.run import RunModel
from tests.gui.engines import show
from tests.gui.models.live.test_beside import entry
from tests.gui.models.run.test_run import ON, Told


def picture(state: State) -> Status:
    return Status(
        run="r", path="a.h5", state=state, simulated=True, seq=9, flushed_seq=9, samples=3, time_s=2.0
    )


def test_the_strip_says_ending_until_it_is_known_how_the_run_ended(window):
    told = Told()
    run = RunModel(told, Alarms())
    for state, word in ((State.STOPPING, "■ STOPPING"), (State.ENDED, "■ ENDING")):
        told.batch.status = picture(state)
        run.update()
        window.strip.show_run(run)
        assert window.strip.text("state") == word
    told.tell(("end", {"completed": False, "outcome": "interrupted", "reason": "stopped"}), over=True)
    run.update()
    window.strip.show_run(run)
    assert window.strip.text("state") == "✕ NOT COMPLETED"
    assert [window.strip.text(name) for name in ("voltage", "current")] == ["", ""]


def test_a_pause_shows_no_reading_of_before(window):
    told = Told()
    run = RunModel(told, Alarms())
    told.tell(ON)
    told.batch.status = reading(State.RUNNING)
    run.update()
    window.strip.show_run(run)
    assert window.strip.text("current") == "-125.60 µA"
    assert window.strip.property("stale") is False
    told.tell(("edge", {"connected": False}), ("paused", {"by": "user", "reason": "by hand"}))
    told.batch.status = reading(State.PAUSED)
    run.update()
    window.strip.show_run(run)
    assert [window.strip.text(name) for name in ("current", "cell")] == ["", "cell off"]


def test_no_word_is_cut_when_it_grows_nor_do_others_move(window):
    told = Told()
    run = RunModel(told, Alarms())
    told.tell(ON)
    window.resize(1280, 720)
    label, places = window.strip._labels["saved"], set()
    for behind in (0, 1, 22, 0, 7):
        told.batch.status = reading(State.RUNNING)
        told.batch.status.seq, told.batch.status.flushed_seq = 99, 100 - behind
        run.update()
        window.strip.show_run(run)
        assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()
        places.add(label.x())
    assert len(places) == 1


def test_an_ended_run_shows_no_reading_of_before_and_no_trouble_with_its_engine(window):
    told = Told()
    run = RunModel(told, Alarms())
    told.tell(ON)
    told.batch.status = reading(State.RUNNING)
    run.update()
    told.tell(("end", {"completed": True, "outcome": "completed", "reason": "done"}))
    run.update()
    window.strip.show_run(run)
    assert [window.strip.text(name) for name in ("voltage", "current")] == ["", ""]
    assert window.strip.text("engine") == ""


def reading(state: State) -> Status:
    read = picture(state)
    read.voltage_V, read.current_A = 0.9, -125.6e-6
    read.seq, read.connected = 0, state is State.RUNNING
    return read


def test_a_replay_never_looks_like_a_live_run(qtbot, window, finished):
    window.open_file(finished, 60.0)
    qtbot.waitUntil(lambda: window.strip.text("state") == "▷ REPLAY", timeout=60_000)
    qtbot.waitUntil(lambda: window.strip.text("cell") == "cell was on", timeout=60_000)
    assert window.strip.property("stale") is True
    assert not window.strip.pause.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: window.strip.text("state") == "❚❚ REPLAY", timeout=60_000)
    assert not window.strip.resume.isVisible()
    show(qtbot, window, finished)
    shown = {name: window.strip.text(name) for name in ("state", "voltage", "current", "cell")}
    assert shown == {"state": "✓ COMPLETED", "voltage": "", "current": "", "cell": ""}
    assert not window.strip.pause.isVisible()
    assert not window.strip.resume.isVisible()


def test_stop_names_what_it_ends(window):
    strip, live = window.strip, window.context.live
    assert strip.stop.text() == "■ STOP  F12"
    live.set((entry("a", protocol="half-cell", cell="P&G"),))
    strip.show_run(None)
    assert strip.stop.text().endswith("\nhalf-cell on P&&G")  # and no key of Alt
    assert strip.stop.accessibleName() == "■ STOP  F12 half-cell on P&G"
    live.set((entry("a", "one"), entry("b", "two")))
    strip.show_run(None)
    assert strip.stop.text().endswith("\nall 2 runs")
    told = Told()
    told.path = type(told.path)("/x/b.h5")
    window.context.run.set(RunModel(told, Alarms()))
    strip.show_run(window.context.run.value)
    assert strip.stop.toolTip() == "End p on c, two safely, the cell off: F12"
    live.set((entry("a", cell="a very long name of a cell, longer than any button is wide"),))
    strip.show_run(None)
    assert strip.stop.minimumSizeHint().width() <= strip.stop.width()
    window.context.run.set(None)
