from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any

import pytest
import yaml
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from solbench.acquisition.host.platform import default_bench_path
from solbench.gui.models.context import Context
from solbench.gui.models.protocol.validation import Judgement, judge
from solbench.gui.models.protocol.wording import KIND_WORDS
from solbench.gui.screens.protocol import MANY_STEPS, ProtocolScreen
from solbench.protocols import load_cell, load_protocol
from solbench.protocols.cells import CellRecord
from solbench.protocols.plausible import Instruments
from solbench.protocols.protocol import to_data
from tests.gui.models.fakes import FakeJobs

Show = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def screen(show: Show, context: Context) -> ProtocolScreen:
    context.cell.set("nbh")
    made = show(ProtocolScreen)
    assert isinstance(made, ProtocolScreen)
    return made


@pytest.fixture(autouse=True)
def _delivering(jobs: FakeJobs, qtbot: QtBot) -> Iterator[None]:
    """What threads have done is handed over, as by the window."""
    timer = QTimer(interval=5)
    timer.timeout.connect(jobs.deliver)
    timer.start()
    yield
    timer.stop()


def edit(screen: ProtocolScreen, *names: str) -> Any:
    assert screen.form is not None
    return screen.form.entries[names].edit  # type: ignore[attr-defined]


def steps(screen: ProtocolScreen) -> list[str]:
    return [screen.tree.topLevelItem(index).text(0) for index in range(screen.tree.topLevelItemCount())]


def test_the_bench_that_is_chosen_is_the_one_it_is_judged_for(
    screen: ProtocolScreen, context: Context, tmp_path: Path
) -> None:
    """A 2400 takes no spectrum, and an EC301 gives 1 A: the hints and the findings said what a 1260 and 1287 do."""
    benches = {}
    for model in ("solartron", "ec301", "keithley2400"):
        terminal = {} if model.startswith("keithley") else {"positive_terminal": "we_re2"}
        benches[model] = tmp_path / f"{model}.yaml"
        bench = {"name": model, "kind": "simulated", "model": model, **terminal}
        benches[model].write_text(yaml.safe_dump(bench), encoding="utf-8")
    screen.model.choose((0,))
    said = {}
    for model, path in benches.items():
        context.bench.set(str(path))
        codes = {each.code for each in screen.model.judgement.findings}
        said[model] = edit(screen, "current").toolTip(), "bench.lacks" in codes
    assert "2 A (1287)" in said["solartron"][0]
    assert "1 A (EC301)" in said["ec301"][0]
    assert "1 A (2400)" in said["keithley2400"][0]
    assert [lacks for _, lacks in said.values()] == [False, False, True]


def test_the_users_own_simulated_bench_is_judged_by_its_file(
    screen: ProtocolScreen, context: Context
) -> None:
    """It is what is meant where none is chosen, and was judged as a 1260 with a 1287."""
    own = default_bench_path()
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("name: own\nkind: simulated\nmodel: ec301\npositive_terminal: we_re2\n", encoding="utf-8")
    context.bench.set("simulated")
    screen.model.choose((0,))
    assert "2 A (1287)" in edit(screen, "current").toolTip()
    context.bench.set(None)
    assert "1 A (EC301)" in edit(screen, "current").toolTip()


@pytest.mark.parametrize(
    "content",
    [None, b"", bytes(range(256)), b"- 1\n- 2\n", b"name: [", b"name: a\nkind: simulated\nmodel: 9\n"],
)
def test_of_a_bench_whose_file_cannot_be_read_no_limits_are_told(
    screen: ProtocolScreen, context: Context, tmp_path: Path, content: bytes | None
) -> None:
    """It was judged as a 1260 with a 1287."""

    def told() -> list[str]:
        return [screen.findings.item(row, 2).text() for row in range(screen.findings.rowCount())]

    screen.model.choose((0,))
    hold = {"name": "h", "kind": "constant_voltage", "voltage": "17 V", "current_limit": "1 mA"}
    screen.model.put_in([hold | {"until": {"time": "1 h"}}])
    screen.model.choose((0,))
    assert "voltage.above_instrument" in {each.code for each in screen.model.judgement.findings}
    assert not any("bench cannot be read" in text for text in told())
    broken = tmp_path / "broken.yaml"
    if content is None:
        broken.mkdir()
    else:
        broken.write_bytes(content)
    for bench in (str(broken), str(tmp_path / "gone.yaml"), "nobody's", "x" * 5000):
        context.bench.set(bench)
        assert not any(name in edit(screen, "current").toolTip() for name in (" A (", "1287", "inf"))
        codes = {each.code for each in screen.model.judgement.findings}
        assert not any("instrument" in code or code.startswith("bench") for code in codes)
        assert any("bench cannot be read" in text for text in told())
    context.bench.set("simulated")
    assert "2 A (1287)" in edit(screen, "current").toolTip()
    assert not any("bench cannot be read" in text for text in told())


def test_all_that_is_found_at_a_field_is_said_there(screen: ProtocolScreen) -> None:
    """Of a series only what holds for its first value was."""
    screen.model.choose((1,))
    screen.model.set("$i", "current")
    step = dict(screen.model.target)
    loop = {"name": "all", "kind": "loop", "over": {"i": ["9 A", "20 A", "0.1 mA"]}, "steps": [step]}
    screen.model.put_in([loop])
    screen.model.remove()
    screen.model.data["steps"] = [loop]
    screen.model.choose((0, 0))
    screen.model.set("9.5 V", "until", "voltage")
    assert screen.form is not None
    said = screen.form.entries["current",].note.toolTip()  # type: ignore[attr-defined]
    found = [each for each in screen.model.judgement.findings if each.field.endswith("current")]
    assert len(found) > 1
    screen.model.choose((0,))
    assert screen.form is not None
    beside = screen.form.entries["over",].note.toolTip()  # type: ignore[attr-defined]
    for each in found:
        assert each.message in said
        assert each.message in beside  # where the values are typed
    assert "'20 A'" in said


@pytest.fixture
def of_many_steps(screen: ProtocolScreen, monkeypatch: pytest.MonkeyPatch) -> ProtocolScreen:
    """The two steps of the half cell are enough to be checked behind the last key."""
    monkeypatch.setattr("solbench.gui.screens.protocol.MANY_STEPS", 2)
    screen.model.choose((0,))
    return screen


def retype(qtbot: QtBot, line: Any, text: str) -> None:
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_it_opens_on_the_half_cell_with_totals(screen: ProtocolScreen, context: Context) -> None:
    assert steps(screen) == ["Protocol", "sodiation", "desodiation"]
    assert screen.totals.text().startswith("18.1 h")
    assert context.protocol.value == "half-cell"
    assert screen.findings.item(0, 2).text() == "nothing found"


def test_the_expected_end_follows_the_clock(screen: ProtocolScreen, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        hour_now = 0

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Clock":
            return cls(2026, 11, 29, cls.hour_now, cls.hour_now, tzinfo=tz)

    monkeypatch.setattr("solbench.gui.screens.protocol.datetime", Clock)
    expected = screen.model.judgement.expected
    assert expected is not None
    for Clock.hour_now, look in ((7, screen.enter), (16, screen.enter), (22, screen.tick), (23, screen.tick)):
        look()
        ends = Clock.now() + timedelta(seconds=expected.duration_s)
        assert screen.totals.text().endswith(f"{ends:%H:%M}")


def test_steps_are_selected_together_and_the_tree_stays_as_it_was(
    screen: ProtocolScreen, qtbot: QtBot
) -> None:
    screen.model.open("full-cell")
    view, tree = screen.tree.viewport(), screen.tree
    loop = next(item for item in map(tree.topLevelItem, range(tree.topLevelItemCount())) if item.childCount())
    loop.setExpanded(False)
    for number, held in ((1, Qt.KeyboardModifier.NoModifier), (2, Qt.KeyboardModifier.ControlModifier)):
        qtbot.mouseClick(view, LEFT, held, tree.visualItemRect(tree.topLevelItem(number)).center())
    assert screen.model.group == [(0,), (1,)]
    qtbot.mouseClick(screen.copy, LEFT)
    assert len(tree.selectedItems()) == 2
    closed = next(
        item for item in map(tree.topLevelItem, range(tree.topLevelItemCount())) if item.childCount()
    )
    assert not closed.isExpanded()  # the change before has made the tree anew
    qtbot.mouseClick(screen.remove, LEFT)
    assert not screen.model.modified


def test_kept_steps_are_put_in_again_in_another_window(
    screen: ProtocolScreen, context: Context, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args, **_more: ("A & B", True))
    screen.model.choose((0,))
    screen._keep_steps()
    again = ProtocolScreen(context)
    again.model.new()
    again._list_templates()
    next(each for each in again.templates.actions() if each.text() == "A && B").trigger()
    assert [step["name"] for step in again.model.data["steps"]] == ["sodiation"]
    context.settings.set("my_steps", {"x": "no list", "y": [1], "z": []})
    again._list_templates()  # what is damaged is left out
    again.close_down()


def test_a_favourite_stands_first(screen: ProtocolScreen, qtbot: QtBot, context: Context) -> None:
    screen.model.open("full-cell")
    qtbot.mouseClick(screen.favourite, LEFT)
    assert screen.choice.itemText(0) == "\u2605 full-cell"
    assert screen.choice.currentData() == "full-cell"
    qtbot.mouseClick(screen.favourite, LEFT)
    assert "\u2605" not in "".join(map(screen.choice.itemText, range(screen.choice.count())))


def test_findings_while_typing_and_a_click_that_leads_back(screen: ProtocolScreen, qtbot: QtBot) -> None:
    retype(qtbot, edit(screen, "current"), "-0.16 A/cm2")
    assert edit(screen, "current").text() == "-0.16 A/cm2"
    assert screen.findings.item(0, 1).text() == "steps.sodiation.current"
    screen.tree.setCurrentItem(screen.tree.topLevelItem(2))
    assert edit(screen, "current").text() == "0.16"
    screen.findings.cellClicked.emit(0, 0)
    assert screen.model.chosen == (0,)
    assert edit(screen, "current").hasFocus()


def test_what_a_current_comes_to_stands_below_it(screen: ProtocolScreen, qtbot: QtBot) -> None:
    retype(qtbot, edit(screen, "current"), "-C/10")
    assert screen.form is not None
    assert screen.form.entries[("current",)].note.text() == "= -115.7 µA"  # type: ignore[attr-defined]


def test_the_cursor_stays_while_the_findings_change(screen: ProtocolScreen, qtbot: QtBot) -> None:
    line = edit(screen, "current")
    line.setFocus()
    retype(qtbot, line, "-0,2 mA/cm2")
    assert edit(screen, "current") is line
    assert line.text() == "-0,2 mA/cm2"
    assert screen.model.judgement.runnable


def test_a_group_is_left_out_and_comes_back(screen: ProtocolScreen, qtbot: QtBot) -> None:
    assert screen.form is not None
    box = screen.form.entries[("cut_short",)].widget
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert "cut_short" not in screen.model.target
    assert not edit(screen, "cut_short", "voltage").isVisible()
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert edit(screen, "cut_short", "voltage").isVisible()
    assert edit(screen, "cut_short", "voltage").text() == "-4.5"
    assert screen.findings.item(0, 2).text() in (
        "nothing found",
        "no cell chosen: only the form was looked at",
    )


def test_spectra_on_the_way_come_with_a_rest_and_a_spectrum_that_can_run(
    screen: ProtocolScreen, qtbot: QtBot
) -> None:
    screen.new.click()
    actions = {action.text(): action for action in screen.add.menu().actions()}
    actions["Constant current"].trigger()
    qtbot.keyClicks(edit(screen, "until", "capacity"), "50")
    screen.form.entries[("until", "capacity")].unit.setCurrentText("%")  # type: ignore[union-attr, attr-defined]
    screen.form.entries[("until", "capacity")].unit.activated.emit(0)  # type: ignore[union-attr, attr-defined]
    qtbot.keyClicks(edit(screen, "spectra_at"), "0; 50; 100")
    assert screen.model.judgement.errors == 0, screen.model.judgement.findings
    assert screen.model.target["spectra_at"] == ["0 %", "50 %", "100 %"]


def test_a_finding_of_the_whole_stands_beside_its_field_too(screen: ProtocolScreen, qtbot: QtBot) -> None:
    retype(qtbot, edit(screen, "current"), "-5 mA/cm2")
    found = [each for each in screen.model.judgement.findings if each.field == "steps.sodiation.current"]
    assert found
    assert screen.form.entries[("current",)].note.whole == f"! {found[0].message}"  # type: ignore[union-attr, attr-defined]


def test_the_buttons_of_the_tree(screen: ProtocolScreen, qtbot: QtBot) -> None:
    actions = {action.text(): action for action in screen.add.menu().actions()}
    actions["Rest"].trigger()
    assert steps(screen) == ["Protocol", "sodiation", "rest", "desodiation"]
    qtbot.mouseClick(screen.copy, LEFT)
    assert steps(screen)[2:4] == ["rest", "rest-2"]
    qtbot.mouseClick(screen.up, LEFT)
    assert steps(screen)[2:4] == ["rest-2", "rest"]
    qtbot.mouseClick(screen.down, LEFT)
    qtbot.mouseClick(screen.remove, LEFT)
    assert steps(screen) == ["Protocol", "sodiation", "rest", "desodiation"]
    qtbot.mouseClick(screen.undo, LEFT)
    assert "rest-2" in steps(screen)
    qtbot.mouseClick(screen.redo, LEFT)
    assert "rest-2" not in steps(screen)


def test_a_changed_protocol_is_given_to_runs_as_a_draft(
    screen: ProtocolScreen, context: Context, qtbot: QtBot
) -> None:
    retype(qtbot, edit(screen, "current"), "-0.1 mA/cm2")
    screen.leave()
    given = context.protocol.value
    assert given is not None
    assert load_protocol(given).steps[0].current.text == "-0.1 mA/cm2"
    assert screen.model.reference == "half-cell"
    for _ in range(3):
        screen.model.undo()
    screen.leave()
    assert context.protocol.value == "half-cell"


@pytest.mark.long
def test_a_protocol_of_many_steps_is_written_and_read_beside_the_window(
    screen: ProtocolScreen, context: Context, qtbot: QtBot, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):  # twice as many each time
        screen.model.marked = tuple((number,) for number in range(len(screen.model.data["steps"])))
        screen.model.duplicate()
    screen.leave()
    read: list[str] = []
    written: list[Path] = []
    write = screen.model.write
    monkeypatch.setattr(screen.model, "write", lambda path: write(path) or written.append(path))
    load = yaml.load
    monkeypatch.setattr(
        yaml, "load", lambda *given, **how: read.append(current_thread().name) or load(*given, **how)
    )
    for text in ("-0.11 mA/cm2", "-0.12 mA/cm2"):
        screen.model.choose((3,))
        screen.model.set(text, "current")
        written.clear()
        qtbot.waitUntil(lambda: bool(written), timeout=60_000)
        assert context.protocol.value is not None
        assert load_protocol(context.protocol.value).steps[3].current.text == text
    assert read
    assert "MainThread" not in read


def test_many_steps_are_checked_behind_the_last_key_and_before_anybody_uses_them(
    screen: ProtocolScreen, context: Context, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = to_data(load_protocol("half-cell"))["steps"][0]
    screen.model.put_in([{**step, "name": f"step-{number}"} for number in range(MANY_STEPS)])
    screen.model.choose((3,))
    assert screen.model.judgement.runnable
    judged: list[object] = []
    judging: list[bool] = []

    def judge_it(data: dict[str, Any], record: CellRecord | None, able: Instruments) -> Judgement:
        judged.append(data)
        judging.append(current_thread() is main_thread())
        return judge(data, record, able)

    monkeypatch.setattr("solbench.gui.models.protocol.protocol_editor.judge", judge_it)
    for text in ("-0.1 mA/cm2", "-0.1 m", "-0.13 mA/cm2", "-0.13 mA/cm"):
        screen.model.set(text, "current")
    assert not judged
    qtbot.waitUntil(lambda: "-0.13 mA/cm" in screen.findings.item(0, 2).text(), timeout=60_000)
    assert len(judged) == 1
    assert judging == [False]
    for text, good in (("-0.14 mA/cm2", True), ("-0.14 m", False), ("-0.15 mA/cm2", True)):
        screen.model.set(text, "current")
        screen.leave()  # at once, as who goes and starts it
        assert (context.protocol.value is not None) == good
        if context.protocol.value is not None:
            assert load_protocol(context.protocol.value).steps[3].current.text == text


@pytest.mark.long
def test_a_click_on_a_finding_of_many_steps_leads_to_it(of_many_steps: ProtocolScreen, qtbot: QtBot) -> None:
    screen = of_many_steps
    for number in (0, 1):
        screen.model.choose((number,))
        screen.model.set("-0.1 m", "current")
    qtbot.waitUntil(lambda: screen.model.judged, timeout=60_000)
    for number in (0, 1):
        screen.model.choose(None)  # nothing was changed
        assert "being checked" not in screen.totals.text()
        screen._jump(number)
        assert screen.model.chosen == (number,)
        assert edit(screen, "current").hasFocus()
    # a step, what is typed into it, the row clicked on at once, the step that is shown then
    for place, text, row, leads_to in (
        (None, "another", 1, (1,)),
        ((0,), "-0.11 mA/cm2", 1, (1,)),
        ((1,), "0.1 mA/cm2", 0, (1,)),
    ):
        screen.model.choose(place)
        screen.model.set(text, "current" if place else "name")
        last = screen.findings.rowCount() - 1
        assert screen.findings.item(last, 2).text() == "being checked…"
        screen._jump(row)
        assert screen.model.chosen == leads_to
    assert screen.findings.item(0, 2).text() == "nothing found"


def test_nothing_is_said_of_many_steps_that_is_not_checked(
    of_many_steps: ProtocolScreen, qtbot: QtBot
) -> None:
    screen = of_many_steps
    assert screen.findings.item(0, 2).text() == "nothing found"
    qtbot.mouseClick(screen.preview.run, LEFT)
    screen.model.choose((1,))
    assert screen.preview.model.busy
    screen.model.set("0.1 m", "current")
    assert not screen.model.judged
    assert screen.findings.item(0, 2).text() == screen.totals.text() == "being checked…"
    assert not screen.preview.model.busy  # it was of another protocol
    qtbot.mouseClick(screen.preview.run, LEFT)
    assert not screen.preview.model.busy
    qtbot.waitUntil(lambda: "error" in screen.findings.item(0, 0).text(), timeout=60_000)
    assert "being checked" not in screen.totals.text()
    assert not screen.preview.run.isEnabled()


def test_saving_and_opening(
    screen: ProtocolScreen, context: Context, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.yaml"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    retype(qtbot, edit(screen, "name"), "first")
    qtbot.mouseClick(screen.save, LEFT)
    assert load_protocol(path).steps[0].name == "first"
    screen.choice.activated.emit(screen.choice.findData("dc-polarization"))
    assert steps(screen) == ["Protocol", "polarization"]
    screen.choice.activated.emit(screen.choice.findData(str(path)))
    assert steps(screen)[1] == "first"
    screen.leave()
    assert context.protocol.value == str(path)


def test_a_cell_without_the_build_is_found(screen: ProtocolScreen, context: Context, qtbot: QtBot) -> None:
    screen.model.choose(None)
    assert screen.form is not None
    box = screen.form.entries[("build",)].widget
    assert isinstance(box, QComboBox)
    assert [box.itemText(place) for place in range(box.count())] == list(
        load_cell(context.cell.value or "").builds
    )
    screen.model.set("fool", "build")
    assert screen.findings.item(0, 1).text() == "build"
    assert not screen.preview.run.isEnabled()


def test_preview_runs_on_the_simulated_bench_and_goes_with_a_change(
    screen: ProtocolScreen, qtbot: QtBot, jobs: FakeJobs
) -> None:
    qtbot.mouseClick(screen.preview.run, LEFT)
    assert jobs.given[0][:2] == ["run", "protocol.yaml"]
    assert jobs.given[0][jobs.given[0].index("--bench") + 1] == "bench.yaml"
    assert not screen.preview.run.isEnabled()
    retype(qtbot, edit(screen, "current"), "-0.1 mA/cm2")
    assert screen.preview.run.isEnabled()
    jobs.finish(None, 1, "out of date")
    assert "out of date" not in screen.preview.note.text()


def test_a_slip_takes_the_protocol_from_the_start_until_it_is_mended(
    screen: ProtocolScreen, context: Context, qtbot: QtBot
) -> None:
    retype(qtbot, edit(screen, "current"), "fast")
    screen.leave()
    assert context.protocol.value is None
    retype(qtbot, edit(screen, "current"), "-0.16 mA/cm2")
    screen.leave()
    assert context.protocol.value == "half-cell"


@pytest.mark.long
def test_aliases_are_edited_beside_the_name_and_half_typed_ones_are_marked(
    screen: ProtocolScreen, qtbot: QtBot, tmp_path: Path
) -> None:
    screen.tree.setCurrentItem(screen.tree.topLevelItem(0))
    line = edit(screen, "aliases")
    assert line.text() == "; ".join(
        f"{name} = {path}" for name, path in load_protocol("half-cell").aliases.items()
    )
    retype(qtbot, line, "share = steps.sodiation.until.capacity; tem")
    entry = screen.form.entries[("aliases",)]  # type: ignore[union-attr]
    assert "name = path" in entry.note.text()  # type: ignore[attr-defined]
    assert not screen.model.judgement.runnable
    qtbot.keyClicks(line, "perature = conditions.temperature")
    assert entry.note.text() == ""  # type: ignore[attr-defined]
    assert screen.model.judgement.runnable
    screen.save_to(tmp_path / "mine.yaml")
    saved = load_protocol(str(tmp_path / "mine.yaml"))
    assert saved.aliases == {
        "share": "steps.sodiation.until.capacity",
        "temperature": "conditions.temperature",
    }


def test_an_alias_that_leads_nowhere_is_a_finding(screen: ProtocolScreen, qtbot: QtBot) -> None:
    screen.tree.setCurrentItem(screen.tree.topLevelItem(0))
    retype(qtbot, edit(screen, "aliases"), "cycles = steps.nothing.count")
    fields = [screen.findings.item(row, 1).text() for row in range(screen.findings.rowCount())]
    assert fields == ["aliases.cycles"]


def test_comments_of_a_file_that_is_saved_over_are_told_of(screen: ProtocolScreen, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    screen.save_to(path)
    assert screen.note.text() == f"saved as {path}"
    path.write_text("# why\n" + path.read_text())
    screen.save_to(path)
    assert path.read_text().startswith("# why\n")  # the comment of what is still there stays
    assert screen.note.text() == f"saved as {path}"
    path.write_text(path.read_text() + "unknown: 1  # because\n")
    screen.save_to(path)
    assert "kept in mine.yaml.bak" in screen.note.text()
    assert "# because" in path.with_name("mine.yaml.bak").read_text()


def test_a_protocol_with_nested_loops_is_made_from_nothing(
    screen: ProtocolScreen, context: Context, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    retype(qtbot, edit(screen, "name"), "changed")
    qtbot.mouseClick(screen.new, LEFT)
    assert steps(screen) == ["Protocol"]
    assert "Undo brings them back" in screen.note.text()
    assert [finding.field for finding in screen.model.judgement.findings] == ["steps"]
    for kind in ("loop", "loop", "constant_current"):
        kinds = [*KIND_WORDS]
        screen.add.menu().actions()[kinds.index(kind)].trigger()
    assert screen.model.chosen == (0, 1, 1)
    assert screen.model.judgement.findings == ()
    path = tmp_path / "mine.yaml"
    asked: list[str] = []

    def answer(_parent: object, _title: str, suggested: str, _kinds: str) -> tuple[str, str]:
        asked.append(suggested)
        return str(path), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    qtbot.mouseClick(screen.save, LEFT)
    assert asked == ["protocol.yaml"]
    saved = to_data(load_protocol(path))
    assert saved["steps"][0]["steps"][1]["steps"][1]["kind"] == "constant_current"
    assert saved["build"] == "half"


def test_changes_that_another_protocol_took_the_place_of_come_back(
    screen: ProtocolScreen, qtbot: QtBot
) -> None:
    retype(qtbot, edit(screen, "name"), "changed")
    screen.choice.activated.emit(screen.choice.findData("dc-polarization"))
    assert "Undo brings them back" in screen.note.text()
    qtbot.mouseClick(screen.undo, LEFT)
    assert steps(screen) == ["Protocol", "changed", "desodiation"]
    assert screen.model.modified
    screen.choice.activated.emit(screen.choice.findData("half-cell"))
    screen.choice.activated.emit(screen.choice.findData("dc-polarization"))
    assert screen.note.text() == ""
    qtbot.mouseClick(screen.undo, LEFT)  # it is still at hand, with the file that it was read from
    assert steps(screen) == ["Protocol", "changed", "desodiation"]
    assert screen.model.reference == "half-cell"
    assert screen.model.modified
