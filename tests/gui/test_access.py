"""For eyes, hands and screen readers: names, targets, the way of the Tab key, hints, and a run by keys alone."""

import random
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QGroupBox,
    QLineEdit,
    QScrollArea,
    QWidget,
)

from solbench.gui.models.common.numbers import typeset
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.models.protocol.form import fields_of
from solbench.gui.models.setup.cell_editor import BUILD_FIELDS, CONDITION_FIELDS
from solbench.gui.screens import SCREENS
from solbench.gui.screens.form_view import FormView, TextEntry
from solbench.gui.window.main_window import MainWindow
from solbench.protocols import Protocol
from solbench.protocols.kinds import STEP_KINDS
from tests.gui.engines import let_go, show
from tests.gui.timers import stop_timers

KEYS = [listed.key for listed in SCREENS]
TARGET, BUTTON = 24, 32


def stops_in(part):
    """What the Tab key leads to within a part, in its order."""
    found, each = [], part.nextInFocusChain()
    while each is not part:
        tabbed = each.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
        if (
            part.isAncestorOf(each)
            and tabbed
            and each.focusProxy() is None
            and each.isVisible()
            and each.isEnabled()
        ):
            found.append(each)
        each = each.nextInFocusChain()
    return found


def place(widget):
    return QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())


def scrolled(widget):
    inner = widget.parentWidget()
    while inner is not None and not isinstance(inner, QScrollArea):
        inner = inner.parentWidget()
    return inner


@pytest.fixture(scope="module")
def still(tmp_path_factory, qapp):
    """A window for tests that only look at it; its timers stand still."""
    context = Context(Settings(tmp_path_factory.mktemp("still") / "desktop.json"))
    made = MainWindow(context)
    made.resize(1366, 768)
    for key in KEYS:
        made.show_screen(key)
    yield made
    let_go(made)


@pytest.fixture
def screen(request, still):
    still.show()
    still.show_screen(request.param)
    still.screens[request.param].grab()
    stop_timers(still)
    yield still.screens[request.param]
    still.hide()


EVERY = pytest.mark.parametrize("screen", KEYS, indirect=True)


@EVERY
def test_everything_that_takes_the_focus_has_a_name(still, screen):
    for part in (screen, still.strip, still.log):
        for stop in stops_in(part):
            if not stop.objectName().startswith("qt_"):
                name = QAccessible.queryAccessibleInterface(stop).text(QAccessible.Text.Name)
                assert name, f"{type(stop).__name__} in {type(stop.parent()).__name__}"


@EVERY
def test_nothing_is_too_small_to_be_hit(screen):
    for stop in stops_in(screen):
        if isinstance(stop, (QAbstractButton, QComboBox, QLineEdit)):
            inside = stop.parent().height() if isinstance(stop.parent(), QComboBox) else stop.height()
            assert inside >= TARGET, stop.accessibleName()
        if stop.inherits("QPushButton"):
            assert stop.height() >= BUTTON, stop.text()


@EVERY
def test_tab_key_goes_in_reading_order(screen):
    """Never back in a line, and upwards only to a column further right."""
    for one, other in pairwise(stops_in(screen)):
        if scrolled(one) is not scrolled(other):
            continue
        before, after = place(one), place(other)
        if before.bottom() < after.top():
            continue
        same_line = abs(before.center().y() - after.center().y()) < 12
        names = f"{one.accessibleName()} -> {other.accessibleName()}"
        assert after.left() >= before.right() - 2 or before.contains(after.center()) or not same_line, names
        assert same_line or after.left() >= before.right() - 2 or after.bottom() > before.top(), names


def test_protocol_form_is_between_the_steps_and_the_findings(window):
    window.show_screen("protocol")
    screen = window.screens["protocol"]
    for row in (0, 1, 2):
        screen.tree.setCurrentItem(screen.tree.topLevelItem(row))
        stops = stops_in(screen)
        form = [place for place, stop in enumerate(stops) if screen.form.isAncestorOf(stop)]
        assert stops.index(screen.tree) < form[0]
        assert form[-1] < stops.index(screen.findings)
        assert form == list(range(form[0], form[-1] + 1))


def quantities(fields):
    for field in fields:
        yield from quantities(field.fields)
        if field.accepts is not None:
            yield field


MODELS = [*fields_of(Protocol), *BUILD_FIELDS, *CONDITION_FIELDS]
STEPS = [field for kind in STEP_KINDS.values() for field in fields_of(kind.model)]


def test_every_number_field_says_its_kind_its_limits_and_an_example_with_unit(qtbot):
    for field in (*quantities(MODELS), *quantities(STEPS)):
        form = FormView([field], lambda *_: None, lambda *_: None)
        qtbot.addWidget(form)
        entry = form.entries[(field.name,)]
        assert isinstance(entry, TextEntry), field.name
        hint = entry.edit.toolTip()
        assert any(kind in hint.lower() for kind in field.accepts.kinds) or "c-rate" in hint.lower(), hint
        assert any(word in hint for word in ("any sign", "above zero", "zero or above", "not zero")), hint
        for kind, bound in (("current", "2 A"), ("voltage", "14.5 V"), ("frequency", "10 uHz to 1 MHz")):
            assert (kind in field.accepts.kinds) == (bound in hint.partition("; for example")[0]), hint
        example = field.example.partition(";")[0]
        field.accepts.read(example)
        assert typeset(example).split()[-1] in hint
        assert entry.edit.accessibleDescription() == hint


def test_values_beyond_the_instruments_are_named_while_typing(qtbot, window):
    window.show_screen("cell")
    window.context.cell.set("nps")
    window.show_screen("protocol")
    screen = window.screens["protocol"]
    screen.tree.setCurrentItem(screen.tree.topLevelItem(1))
    line = screen.form.entries[("current",)].edit
    line.selectAll()
    qtbot.keyClicks(line, "-5 A")
    texts = [screen.findings.item(row, 2).text() for row in range(screen.findings.rowCount())]
    assert any("far beyond what these cells carry" in text for text in texts), texts


def closed_groups(form):
    return [
        box
        for box in form.findChildren(QGroupBox)
        if box.isCheckable() and not box.isChecked() and box.isVisible() and box.isEnabled()
    ]


@pytest.mark.parametrize(
    ("key", "chosen"),
    [
        ("cell", ()),
        ("protocol", None),
        *(pytest.param("protocol", place, marks=pytest.mark.long) for place in ((0,), (1,))),
    ],
)
def test_a_group_taken_in_later_is_passed_where_it_stands(qtbot, window, key, chosen):
    """Tab goes from its box into it and on downwards, as the screen shows it, and to nothing outside in between."""
    draw = random.Random(f"{key} {chosen}")
    window.context.cell.set("nbh")
    window.show_screen(key)
    screen = window.screens[key]
    if key == "protocol":
        screen.model.choose(chosen)
    forms = [form for form in screen.findChildren(FormView) if form.isVisible()]
    assert any(closed_groups(form) for form in forms)
    for form in forms:
        while closed := closed_groups(form):
            draw.choice(closed).setFocus()
            press(qtbot, Qt.Key.Key_Space)
        QApplication.processEvents()  # the groups are laid out
        stops = stops_in(form)
        whole = stops_in(window)
        first = whole.index(stops[0])
        assert whole[first : first + len(stops)] == stops
        for one, other in pairwise(stops):
            before, after = place(one), place(other)
            lower = after.top() > before.top() + 8
            beside = abs(after.top() - before.top()) <= 8 and after.left() >= before.right() - 2
            assert lower or beside, f"{one.accessibleName()} -> {other.accessibleName()}"


def press(qtbot, *keys, modifier=Qt.KeyboardModifier.NoModifier):
    for key in keys:
        assert QApplication.focusWidget() is not None, "nothing has the focus: keys lead nowhere"
        qtbot.keyClick(QApplication.focusWidget(), key, modifier)


def tab_to(qtbot, window, wanted):
    for _ in range(80):
        if QApplication.focusWidget() is wanted:
            return
        press(qtbot, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not lead to {wanted}")


def choose(qtbot, window, box, text):
    """Take an entry of a list by its keys: arrows until it is there, as somebody does who looks."""
    tab_to(qtbot, window, box)
    press(qtbot, Qt.Key.Key_Home)
    for _ in range(box.count() + 1):
        if box.currentText() == text:
            return
        press(qtbot, Qt.Key.Key_Down)
    raise AssertionError(f"no {text}")


@pytest.mark.long
def test_newcomer_gets_to_a_report_by_keys_alone(qtbot, window, tmp_path):
    context = window.context
    for name in ("runs_folder", "reports_folder"):
        context.settings.set(name, str(tmp_path))
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    control = Qt.KeyboardModifier.ControlModifier
    press(qtbot, Qt.Key.Key_2, modifier=control)
    cell = window.screens["cell"]
    choose(qtbot, window, cell.record, "nps")
    press(qtbot, Qt.Key.Key_3, modifier=control)
    protocol = window.screens["protocol"]
    tab_to(qtbot, window, protocol.tree)
    press(qtbot, Qt.Key.Key_Home, Qt.Key.Key_Down)
    for text, *names in (("", "spectra_at"), ("1 %", "until", "capacity")):
        tab_to(qtbot, window, protocol.form.entries[tuple(names)].edit)
        press(qtbot, Qt.Key.Key_A, modifier=control)
        press(qtbot, Qt.Key.Key_Delete)
        qtbot.keyClicks(QApplication.focusWidget(), text)
    press(qtbot, Qt.Key.Key_4, modifier=control)
    start = window.screens["start"]
    choose(qtbot, window, start.speed, start.speed.itemText(start.speed.count() - 1))
    qtbot.waitUntil(start.check.isEnabled, timeout=60_000)
    tab_to(qtbot, window, start.check)
    press(qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: start.model.ready, timeout=60_000)
    press(qtbot, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.screen_in_front is window.live, timeout=60_000)
    qtbot.waitUntil(
        lambda: context.run.value is not None and context.run.value.state == "completed", timeout=60_000
    )
    qtbot.waitUntil(lambda: not context.run.value.alive, timeout=60_000)
    press(qtbot, Qt.Key.Key_9, modifier=control)
    report = window.screens["report"]
    qtbot.waitUntil(report.make.isEnabled, timeout=60_000)
    for more in (report.pdf, report.figures):  # the page is enough
        if more.isChecked():
            tab_to(qtbot, window, more)
            press(qtbot, Qt.Key.Key_Space)
    tab_to(qtbot, window, report.make)
    press(qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: list(tmp_path.glob("*.html")) != [], timeout=60_000)
    qtbot.waitUntil(lambda: not context.jobs.busy, timeout=60_000)


class Windows(QObject):
    """Collects what appears as a window of its own: it would take the focus from whoever types."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(watched)
        return False


@pytest.mark.long
def test_no_part_of_a_screen_becomes_a_window(qtbot, window, finished):
    watch = Windows()
    QApplication.instance().installEventFilter(watch)
    for key in window.screens.kinds:
        window.show_screen(key)
        window.tick()
    window.context.cell.set("nbh")
    show(qtbot, window, finished)
    QApplication.instance().removeEventFilter(watch)
    assert [type(each).__name__ for each in watch.seen] == []
