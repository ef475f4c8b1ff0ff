"""The idle bench and what is set by hand, with real clicks."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from solbench.acquisition.control.messages import ManualRequest, Reply
from solbench.acquisition.control.verbs import State
from solbench.acquisition.host.platform import as_typed
from solbench.acquisition.record.events import RunEnd
from solbench.gui.models.common.answers import Meters
from solbench.gui.models.common.jobs import Finished
from solbench.gui.models.run.alarms import Alarms
from solbench.gui.models.run.run import RunModel
from solbench.gui.models.setup.idle import AGAIN_AFTER_S, IdleBench
from solbench.gui.models.setup.manual import Held, ManualRun, is_manual
from solbench.gui.screens.bench.manual import ManualPage
from solbench.gui.screens.start import StartScreen
from tests.gui.models.fakes import FakeJobs
from tests.gui.models.run.test_run import Told
from tests.gui.screens.bench.test_commissioning import Talk

LEFT = Qt.MouseButton.LeftButton


def click(qtbot, button: QPushButton) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, LEFT)


def look(**shown: Any) -> Meters:
    return Meters(bench="lab", simulated=False, **shown)


@pytest.mark.parametrize(
    ("shown", "words", "doubtful"),
    [
        (
            look(voltage_V=0.9051, current_A=2e-9, flows=False, instruments=("1287", "1260")),
            "no current",
            False,
        ),
        (look(voltage_V=0.9051, current_A=2e-4, flows=True), "A CURRENT FLOWS, though no run is", True),
        (look(voltage_V=0.9, current_A=1e-4, flows=True, run="/a/r.h5"), "a run is on this bench", False),
        (look(voltage_V=20.1, current_A=0.0, overload="voltage"), "overload: voltage", True),
        (look(taken="the bench is in use by A. User"), "in use by A. User", False),
        (look(problem="the 1287 does not answer"), "does not answer", True),
        (
            look(
                voltage_V=0.9,
                current_A=0.0,
                gauges=[
                    {"name": "cell", "unit": "K", "value": 298.4},
                    {"name": "room", "unit": "K", "value": None, "problem": "no answer"},
                ],
            ),
            "cell 25.25 \u00b0C   room: no answer",
            False,
        ),
    ],
)
def test_the_idle_bench_is_said_in_words(jobs: FakeJobs, shown: Meters, words: str, doubtful: bool) -> None:
    talk, idle = Talk(jobs), IdleBench(jobs)
    idle.watch("lab.yaml", "nbh")
    assert talk.arguments == ["meters", "--bench", "lab.yaml", "--follow", "--json"]
    talk.heard("no JSON\n")
    assert idle.words == ""
    talk.says(shown)
    assert words in idle.words
    assert idle.is_doubtful == doubtful
    idle.stop()
    assert talk.is_ended
    talk.says(shown)  # what was under way
    assert idle.words == ""


class Counting(Talk):
    """Notes which benches were looked at."""

    def __init__(self, jobs: FakeJobs) -> None:
        super().__init__(jobs)
        self.begun: list[str] = []

    def begin(self, arguments, heard, done) -> Talk:
        self.begun.append(arguments[2])
        return super().begin(arguments, heard, done)


def test_a_bench_that_cannot_be_looked_at_is_tried_again_after_a_while(
    jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk, idle, now_s = Counting(jobs), IdleBench(jobs), 100.0
    monkeypatch.setattr("time.monotonic", lambda: now_s)
    begun = talk.begun
    for _ in range(100):  # as often as the window draws
        idle.watch("lab.yaml", None)
        talk.done(Finished(2, None, "lab.yaml: there is no such file"))
    assert begun == ["lab.yaml"]
    assert idle.words == "lab.yaml: there is no such file"
    now_s += AGAIN_AFTER_S
    idle.watch("lab.yaml", None)
    assert begun == ["lab.yaml"] * 2
    assert idle.words == "lab.yaml: there is no such file", "it stays until there is something to show"
    talk.says(look(voltage_V=0.9, current_A=0.0, flows=False))
    assert not idle.is_doubtful
    talk.done(Finished(2, None, "gone"))
    idle.watch("other.yaml", None)
    assert begun[-1] == "other.yaml"
    assert idle.words == ""
    talk.done(Finished(2, None, "gone"))
    idle.stop()
    idle.watch("other.yaml", None)
    assert len(begun) == 4, "who comes back looks at once"


@pytest.fixture
def page(show, jobs, qtbot) -> ManualPage:
    """The page, reached by a click from Start."""
    start = show(StartScreen)
    click(qtbot, start.by_hand)
    assert start.manual is not None
    return start.manual


def test_the_bench_is_looked_at_while_the_page_is_in_front_and_no_longer(show, qtbot, jobs, context) -> None:
    talk = Talk(jobs)
    start = show(StartScreen)
    start._since_s -= 2.0
    start.tick()
    assert talk.arguments[0] == "meters"
    click(qtbot, start.by_hand)
    assert talk.is_ended
    talk.arguments, talk.is_ended = [], False
    screen = start.manual
    screen.tick()
    assert talk.arguments == []
    screen._since_s -= 2.0
    screen.tick()
    assert talk.arguments[0] == "meters"
    click(qtbot, screen.back)
    assert talk.is_ended
    assert start.summary.isVisible()


def test_a_manual_run_begins_with_limits_only(page, qtbot, jobs, context) -> None:
    screen = page
    assert not screen.begin.isEnabled()
    context.cell.set("nbh")
    screen.build.setCurrentText("half")
    qtbot.keyClicks(screen.limits[0], "0,05 V")
    assert not screen.begin.isEnabled()
    qtbot.keyClicks(screen.limits[1], "2.5 V")
    click(qtbot, screen.begin)
    command = jobs.given[-1]
    assert command[:5] == ["manual", "--cell", "nbh", "--build", "half"]
    assert command[5:7] == ["--voltage-min=0.05 V", "--voltage-max=2.5 V"]
    assert command[-2:] == ["--detach", "--json"]
    assert not screen.begin.isEnabled()
    while len(jobs._waiting) > 1:
        jobs.finish(None)  # what Start had asked
    jobs.finish(None, code=2, said="the limits: no. Write others.")
    assert "the limits: no." in screen.note.text()
    assert screen.begin.isEnabled()


def test_a_manual_run_that_ends_before_anything_is_set_says_so_and_another_can_begin(
    page, qtbot, jobs, context
) -> None:
    context.cell.set("nbh")
    for edit, text in zip(page.limits, ("0.05 V", "2.5 V"), strict=False):
        qtbot.keyClicks(edit, text)
    click(qtbot, page.begin)
    name = jobs.given[-1][jobs.given[-1].index("-o") + 1]
    end = RunEnd(
        completed=False,
        outcome="fault",
        reason="the cell shows 3.1 V at rest",
        quantity="",
        limit=None,
        value=None,
        verified_safe=True,
    )
    for path, ending, is_free in (("/other.h5", end, False), (name, None, False), (name, end, True)):
        told = Told()
        told.path = Path(path)
        run = RunModel(told, Alarms())
        run.end = ending
        context.run.set(run)
        page.tick()
        assert page.begin.isEnabled() == is_free
    assert "the cell shows 3.1 V at rest" in page.note.text()
    context.run.set(None)


def test_what_is_held_goes_to_the_engine_as_it_is_meant(context) -> None:
    held = Held(True, "-20,5 \u00b5A", "1 mA", "5 min", "0,3 V")
    assert held.request(context.numbers) == ManualRequest(
        current="-20.5 \u00b5A", time="5 min", until_voltage="0.3 V"
    )
    volts = Held(False, "1,2 V", "0,1 mA", "5 min", "9 V")
    assert volts.request(context.numbers) == ManualRequest(
        voltage="1.2 V", current_limit="0.1 mA", time="5 min"
    )
    assert volts.twin("r.h5", context.numbers) == as_typed(
        "solbench", "hold", "r.h5", "--voltage=1.2 V", "--current-limit=0.1 mA", "--for=5 min"
    )
    assert ManualRun("lab.yaml", "nbh", "half", " ", "2 V", "").lacks
    assert not is_manual(None)


def test_an_answer_is_shown_and_a_refusal_as_one(page) -> None:
    screen = page
    screen._answered(Reply(id=1, accepted=True, text="-20 uA until 5 min", state=State.RUNNING))
    assert screen.note.text() == "-20 µA until 5 min"
    screen._answered(Reply(id=1, accepted=False, text="'3 V' is not inside", state=State.RUNNING))
    assert screen.note.text().startswith("\u2717 ")


@pytest.mark.long
def test_a_whole_manual_run_by_clicks(window, context, qtbot, tmp_path: Path) -> None:
    context.settings.set("runs_folder", str(tmp_path))
    context.bench.set("simulated")
    context.cell.set("nbh")
    window.show_screen("start")
    click(qtbot, window.screens["start"].by_hand)
    screen = window.screens["start"].manual
    screen.build.setCurrentText("half")
    qtbot.keyClicks(screen.limits[0], "0.05 V")
    qtbot.keyClicks(screen.limits[1], "2.5 V")
    qtbot.waitUntil(lambda: screen.idle.shown is not None, timeout=30_000)
    assert screen.idle.shown.voltage_V == pytest.approx(0.905, abs=0.01)
    click(qtbot, screen.begin)
    qtbot.waitUntil(screen.off.isEnabled, timeout=60_000)
    qtbot.keyClicks(screen.value, "-20 \u00b5A")
    click(qtbot, screen.on)
    qtbot.waitUntil(lambda: "cell ON" in screen.now.text(), timeout=20_000)
    click(qtbot, screen.off)
    qtbot.waitUntil(lambda: "cell off" in screen.now.text(), timeout=20_000)
    click(qtbot, screen.finish)
    qtbot.waitUntil(lambda: not context.live.value, timeout=30_000)
