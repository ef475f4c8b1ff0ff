"""The guided procedure in the window, with real clicks; once with the real command behind it."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from solbench.acquisition.bench.bench_file import load_bench
from solbench.acquisition.commission.messages import (
    Answered,
    Begun,
    MountAsked,
    NumberAsked,
    Over,
    Shown,
    StepDone,
    Stopping,
    ValueLine,
)
from solbench.acquisition.commission.parts import OF_1287, TERMINALS
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.live.control import Control
from solbench.gui.screens.bench.commissioning import CommissioningPage
from solbench.gui.screens.connect import ConnectScreen
from tests.gui.models.fakes import FakeJobs

LEFT = Qt.MouseButton.LeftButton
PART = MountAsked(
    id=1,
    step="D",
    part="10 ohm",
    words="Clamp the part 10 ohm.",
    clamping="part",
    plus="WE RE2",
    minus="CE RE1",
    cost="the range 2 is then not known",
)


class Talk:
    """The window's end of a conversation of which the test is the other end."""

    def __init__(self, jobs: FakeJobs) -> None:
        self.sent: list[object] = []
        self.arguments: list[str] = []
        self.is_ended = False
        jobs.converse = self.begin

    def begin(self, arguments, heard, done) -> "Talk":
        self.arguments, self.heard, self.done = list(arguments), heard, done
        return self

    def send(self, message: object) -> None:
        self.sent.append(message)

    def end(self) -> None:
        self.is_ended = True

    def says(self, message: Any) -> None:
        self.heard(message.model_dump_json() + "\n")


@pytest.fixture
def talk(jobs: FakeJobs) -> Talk:
    return Talk(jobs)


@pytest.fixture
def page(talk, context, qtbot) -> CommissioningPage:
    made = CommissioningPage(context, lambda: None)
    qtbot.addWidget(made)
    made.resize(1250, 530)
    made.show()
    made.show_bench("lab.yaml", "lab")
    return made


def click(qtbot, button: QPushButton) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, LEFT)


def begin(qtbot, page) -> None:
    qtbot.keyClicks(page.by, "E. Example")
    click(qtbot, page.begin)


def test_nothing_begins_before_it_is_said_who_does_it_and_the_ticks_choose_the_steps(page, talk, qtbot):
    assert not page.begin.isEnabled()
    qtbot.mouseClick(page.boxes["B"], LEFT)
    page.boxes["G"].click()
    begin(qtbot, page)
    said = ["commission", "lab.yaml", "--by", "E. Example", "--leave-out", "B,G", "--guided"]
    assert talk.arguments == said
    assert "--by 'E. Example' --leave-out B,G" in page.twin.text()
    assert not page.boxes["B"].isEnabled()


@pytest.mark.parametrize("leads", ["1287", "1260"])
def test_the_leads_are_drawn_by_the_names_of_the_instrument_that_holds_the_cell(page, talk, qtbot, leads):
    begin(qtbot, page)
    drawn = set()
    for terminals in (OF_1287, *TERMINALS.values()):
        talk.says(PART.model_copy(update={"terminals": terminals, "leads": leads}))
        image = page.drawing.grab().toImage()
        drawn.add(bytes(image.constBits()))
    assert len(drawn) == 1 + len(TERMINALS)


def test_a_click_says_that_the_part_is_clamped_or_not_at_hand(page, talk, qtbot):
    begin(qtbot, page)
    talk.says(Begun(step="D"))
    assert not page.clamped.isVisible()
    talk.says(PART)
    assert "Clamp the part 10 Ω." in page.question.text()
    assert "the range 2 is then not known" in page.question.text()
    empty = page.drawing.grab().toImage()
    click(qtbot, page.clamped)
    assert talk.sent == [Answered(id=1, mounted=True)]
    assert not page.clamped.isVisible()
    talk.says(PART.model_copy(update={"id": 2, "clamping": "emf"}))
    assert page.drawing.grab().toImage() != empty
    click(qtbot, page.missing)
    assert talk.sent[-1] == Answered(id=2, mounted=False)
    talk.says(PART.model_copy(update={"id": 3, "leads": "1260"}))  # of the 1260 alone: others are drawn
    assert page.drawing.grab().toImage() != empty


def test_a_number_is_read_as_people_type_it_and_none_is_an_answer(page, talk, qtbot):
    begin(qtbot, page)
    talk.says(NumberAsked(id=3, question="What does it show?", unit="V", shown=1.5))
    qtbot.keyClicks(page.number, "nonsense")
    click(qtbot, page.enter_number)
    assert talk.sent == []
    page.number.clear()
    qtbot.keyClicks(page.number, "1,4987")
    click(qtbot, page.enter_number)
    assert talk.sent == [Answered(id=3, number=1.4987)]
    talk.says(NumberAsked(id=4, question="What does it show?", unit="V"))
    click(qtbot, page.none)
    assert talk.sent[-1] == Answered(id=4)


def test_values_come_as_they_are_found_and_the_end_says_until_when_the_record_holds(page, talk, qtbot):
    begin(qtbot, page)
    talk.says(Begun(step="C"))
    assert page.model.rows["C"].under_way
    talk.says(Shown(text="1.0002 V, 1e-4 A on RR5"))
    assert page.shown.text() == "1.0002 V, 1e-4 A on RR5"
    found = (ValueLine(name="time until the cell was off", text="69 ms"),)
    talk.says(StepDone(step="C", outcome="passed", remark="", values=found))
    assert page.values.item(0, 2).text() == "69 ms"
    talk.says(StepDone(step="D", outcome="failed", remark="range 3 opens the cell", values=()))
    over = Over(
        record="lab.json",
        lacks_direct=("D",),
        lacks_spectra=(),
        standing="nothing but dummy cells may be driven",
        stopped="stopped by the user",
    )
    talk.says(over)
    talk.done(Finished(1, None, ""))
    assert "the bench is safe" in page.question.text()
    assert "lab.json" in page.question.text()
    assert "range 3 opens the cell" in [label.text() for label in page._bounds.values()]
    assert page.begin.isVisible()


def test_the_command_of_the_procedure_is_copied(page, qtbot):
    qtbot.keyClicks(page.by, "E. Example")
    page.twin.copy_whole()
    assert QGuiApplication.clipboard().text() == "solbench commission lab.yaml --by 'E. Example'"


def test_stop_and_f12_stop_it_and_a_refusal_is_told(page, talk, context, qtbot):
    begin(qtbot, page)
    assert context.unsaved
    click(qtbot, page.stop)
    assert talk.sent == [Stopping()]
    Control(context).stop()
    assert Stopping() in talk.sent[1:]
    talk.done(Finished(2, None, "the bench is in use by a run. Wait for it."))
    assert "in use by a run" in page.question.text()
    assert not context.unsaved
    page.close_down()
    assert not talk.is_ended


@pytest.mark.long
def test_the_real_command_commissions_a_simulated_unit_by_clicks(context, qtbot, tmp_path: Path):
    context.jobs = Jobs()
    bench = tmp_path / "unit-31.yaml"
    bench.write_text("name: u\nkind: simulated\npositive_terminal: we_re2\nsimulation: {unit: 31}\n")
    screen = ConnectScreen(context)
    qtbot.addWidget(screen)
    screen.resize(1250, 530)
    screen.show()
    context.bench.set(str(bench))
    click(qtbot, screen.commission)
    page = screen.page
    for step in "BDEFGHIJK":
        page.boxes[step].click()
    begin(qtbot, page)

    def until(ready) -> None:
        def delivered() -> bool:
            context.jobs.deliver()
            return ready()

        qtbot.waitUntil(delivered, timeout=60_000)

    until(lambda: page.clamped.isVisible())
    click(qtbot, page.clamped)
    until(lambda: page.model.state == "over")
    assert page.model.rows["C"].outcome == "passed"
    record = load_bench(str(bench))[0].record
    assert record is not None
    assert record.record.by == "E. Example"
    assert screen.model.bench is not None
    assert screen.model.bench.record == record  # Connect shows it at once
    assert any("until" in text for label, text in screen.model.facts if label == "Commissioned")
    click(qtbot, page.back)
    assert screen.commission.isVisible()
    screen.close_down()
    context.jobs.close()
