"""The main window: status strip, alarms, rail of screens, event log; the keys that always work.

Screens and dialogs are loaded when they are first needed: the window opens sooner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from solbench.acquisition.control.registry import live_entries
from solbench.gui.layouts import SMALLEST, Dividers, Scrolling, is_small, is_tall, room_on_screen
from solbench.gui.models.common.number_format import speed_words
from solbench.gui.models.common.words import SETTING as LANGUAGE
from solbench.gui.models.common.words import languages, tr
from solbench.gui.models.context import Context
from solbench.gui.models.live.active_run import ActiveRun
from solbench.gui.models.live.beside import BesideRuns
from solbench.gui.models.live.control import Control
from solbench.gui.models.live.exit_guard import ExitGuard, ExitQuestion
from solbench.gui.models.live.left_on import LeftOnCells
from solbench.gui.models.protocol.chosen import last_protocol
from solbench.gui.models.runs.notices import Notices
from solbench.gui.models.tour import Tour
from solbench.gui.palette import LIGHT, LOOKS, Colors, apply, look_of_system
from solbench.gui.screens.notices import NoticesDialog, Tray
from solbench.gui.screens.parts import WITHOUT_COMMANDS, CommandLine, CommandRow
from solbench.gui.screens.screen import Screen
from solbench.gui.values import take_no_focus_from_wheel
from solbench.gui.window.actions import Action, Choice, Entry, Menu, Separator
from solbench.gui.window.alarm_bar import AlarmBar
from solbench.gui.window.event_log import EventLog
from solbench.gui.window.focus_keeper import FocusKeeper
from solbench.gui.window.habit import HABITS, style_of
from solbench.gui.window.help_window import HELP_OF, KEYS, PLOT_KEYS, HelpWindow
from solbench.gui.window.left_on_bar import LeftOnBar
from solbench.gui.window.log_off import SessionEnd, hold_up
from solbench.gui.window.menus import fill_menus
from solbench.gui.window.other_runs import OtherRuns
from solbench.gui.window.question_bar import Answer, QuestionBar
from solbench.gui.window.rail import Rail
from solbench.gui.window.replay_bar import ReplayBar
from solbench.gui.window.screen_stack import ScreenStack
from solbench.gui.window.status_strip import StatusStrip
from solbench.gui.window.stop_key import StopKey
from solbench.gui.window.tour_bar import TourBar
from solbench.protocols.errors import BadInput

if TYPE_CHECKING:
    from solbench.gui.models.run.run import RunModel
    from solbench.gui.screens.live import LiveScreen

TICK_MS = 100
MOST_RECENT = 8
SAVE_KEY = "Ctrl+S"
RECENT = "recent_runs"
LOOK_NAMES = {
    "light": tr("&Light"),
    "dark": tr("&Dark"),
    "contrast": tr("&High contrast"),
    "system": tr("&As the desktop"),
}
REPLAY_SPEEDS = (1.0, 60.0, 600.0, 3600.0)


class MainWindow(QMainWindow):
    """Everything on one window; what it shows comes from the context."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.control = Control(context)
        self.exit_guard = ExitGuard(self.control, context.unsaved)
        self.active_run = ActiveRun(context)
        context.numbers.style = style_of(context.settings.get("numbers", "system"))
        self.colors = self._look(context.settings.get("look", "light"))
        self.strip = StatusStrip(self.control, context.numbers, self.resume)
        self.replay_bar = ReplayBar(self.active_run)
        self.left_on = LeftOnCells(context)
        self.left_on_bar = LeftOnBar(self.left_on)
        self.alarm_bar = AlarmBar(context.alarms)
        self.question = QuestionBar()
        self.tour = Tour(context)
        self.dividers = Dividers(context.settings)
        self.screens = ScreenStack(context, self.dividers, lambda: self.colors)
        self.tour_bar = TourBar(self.tour, self._tour_part)
        self.log = EventLog(self.control, self.colors)
        titles = {key: listed.title for key, listed in self.screens.kinds.items()}
        self.rail = Rail(titles, self.show_screen)
        self._simulation = ""
        self._help: HelpWindow | None = None
        self.notices = Notices(context, self._picture)
        self.tray = Tray(self, context)
        self.notices.made.subscribe(self.tray.show)
        self.beside = BesideRuns(context)
        self.active_run.elsewhere.subscribe(self.beside.take)
        self.elsewhere = OtherRuns(self.beside, context.numbers, self._go_elsewhere, self.control.stop_run)
        self._small: bool | None = None
        self.scroller = Scrolling(self.screens)
        self._build()
        take_no_focus_from_wheel(self)
        fill_menus(self.menuBar(), self._menus())
        self._subscribe()
        self.setAcceptDrops(True)
        self.setMinimumSize(*SMALLEST)
        self.resize(room_on_screen(self, context.settings.get("size", [1366, 768])))
        if context.settings.get("maximized", False):
            self.setWindowState(Qt.WindowState.WindowMaximized)
        self.set_look(context.settings.get("look", LIGHT.name))
        if context.protocol.value is None:
            context.protocol.set(last_protocol(context.settings))
        first = context.settings.get("screen", "")
        self.show_screen(first if first in self.screens.kinds else next(iter(self.screens.kinds), ""))
        self.focus_keeper = FocusKeeper(self, self._resting_place)
        self.stop_key = StopKey(self, self.windowHandle, self.control.stop)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.tick)
        self.timer.start(TICK_MS)

    @property
    def screen_in_front(self) -> Screen | None:
        """Get the screen that is shown."""
        return self.screens.in_front

    @property
    def live(self) -> LiveScreen:
        """Get the live screen."""
        from solbench.gui.screens.live import LiveScreen

        return self.screens.of(LiveScreen)

    def show_screen(self, key: str) -> None:
        """Bring a screen to the front; an unknown key changes nothing."""
        if key not in self.screens.kinds:
            return
        self.screens.bring(key)
        self.scroller.turn_to(key)
        self.rail.buttons[key].setChecked(True)
        self._give_room()
        self.context.settings.set("screen", key)
        self.context.look_at_bench()
        self.tour.went(key)
        self._title()

    def reset_layout(self) -> None:
        """Put panels and dividers where they were at first."""
        self.dividers.reset()
        self.live.panels.reset()

    def set_look(self, name: str) -> None:
        """Choose the light or the dark look."""
        self.colors = self._look(name)
        self.context.settings.set("look", name)
        apply(self, self.colors)
        self.log.set_colors(self.colors)
        self.rail.set_colors(self.colors)
        self.screens.show_colors()

    def _look(self, name: str) -> Colors:
        shown = look_of_system() if name == "system" else name
        return replace(LOOKS.get(shown, LOOKS["light"]), numbers=self.context.numbers)

    def _system_changed(self) -> None:
        """Follow the desktop around, where that was chosen."""
        if self.context.settings.get("look", LIGHT.name) == "system":
            self.set_look("system")

    def set_numbers(self, habit: str) -> None:
        """Write numbers with a decimal point or comma, or as the system does."""
        self.context.settings.set("numbers", habit)
        self.context.numbers.style = style_of(habit)
        self.log.set_colors(self.colors)
        self.screens.show_habit()
        self.screens.show_colors()

    def tick(self) -> None:
        """Take what is new and draw what is in front; ten times a second."""
        self.context.jobs.deliver()
        self.active_run.tick()
        self.beside.tick()
        self.left_on.tick()
        run = self.context.run.value
        self.strip.show_run(run)
        self.replay_bar.show_run(run)
        self.log.tick()
        if self.screen_in_front is not None and not self.isMinimized():
            self.screen_in_front.tick()
        if self._simulation != self._simulation_words():
            self._title()
        self.tour_bar.tick()
        match self.exit_guard.after_stop(bool(self.context.alarms.open)):
            case "close":
                self.close()
            case "stay":
                self.context.message.set(
                    tr("the runs have ended; the window stays open because of the alarm")
                )
            case "wait":
                pass

    def open_file(self, path: Path, speed: float = float("inf")) -> None:
        """Show a run file on the live screen."""
        self.active_run.open(path, speed)
        earlier = [text for text in self.context.settings.texts(RECENT) if text != str(path)]
        self.context.settings.set_texts(RECENT, [str(path), *earlier][:MOST_RECENT])
        self.show_screen("live")

    def choose_file(self, speed: float = float("inf")) -> None:
        """Ask for a run file and show it; with a speed, play it."""
        folder = self.context.settings.get("folder", "")
        name, _ = QFileDialog.getOpenFileName(self, tr("Run file"), folder, tr("Runs (*.h5 *.journal)"))
        if name:
            self.context.settings.set("folder", str(Path(name).parent))
            self.open_file(Path(name), speed)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask what is to happen to a live run, without a dialog in the way; then let go of everything."""
        question = self.exit_guard.question
        if question is not None or self.exit_guard.waiting:
            event.ignore()
            if question is not None:
                self._ask_to_leave(question)
            return
        self.timer.stop()
        self.statusBar().clearMessage()
        self.dividers.keep()
        size = self.normalGeometry().size() if self.isMaximized() else self.size()
        self.context.settings.set("size", [size.width(), size.height()])
        self.context.settings.set("maximized", self.isMaximized())
        for screen in self.screens.built:
            screen.close_down()
        self.active_run.close()
        self.context.jobs.close()
        event.accept()

    def asked_to_log_off(self, end: SessionEnd) -> None:
        """Hold up the end of the session while a run drives a cell, and ask what is to happen to it."""
        text = hold_up(end, live_entries())
        if text:
            self.context.message.set(text)
            self.close()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take less room for the frame where there is little, as on a small screen at 200 %."""
        super().resizeEvent(event)
        small = is_small(self)
        if small != self._small:
            self._small = small
            self.strip.set_small(small)
            self.rail.set_small(small)
        self._give_room()

    def _give_room(self) -> None:
        """Show log and commands where they were asked for; else where there is room, the log on Live, too."""
        asked, tall = self.context.settings, is_tall(self)
        here = tall or (not self._small and self.rail.buttons["live"].isChecked())
        self.log.setVisible(asked.get("log", "") == "shown" or (asked.get("log", "") != "hidden" and here))
        commands = asked.get("commands", "") == "shown" or (asked.get("commands", "") != "hidden" and tall)
        if self.property(WITHOUT_COMMANDS) != (not commands):
            self.setProperty(WITHOUT_COMMANDS, not commands)
            for line in self.findChildren(CommandRow):
                line.setVisible(commands)

    def toggle_log(self) -> None:
        """Show the event log on every screen, or hide it."""
        self.context.settings.set("log", "hidden" if self.log.isVisible() else "shown")
        self._give_room()

    def toggle_commands(self) -> None:
        """Show on every screen the command that does the same, or hide it."""
        self.context.settings.set("commands", "shown" if self.property(WITHOUT_COMMANDS) else "hidden")
        self._give_room()

    def save(self) -> None:
        """Save the protocol or record of the screen in front; say so where there is none."""
        screen = self.screen_in_front
        for each in screen.findChildren(QAbstractButton) if screen is not None else []:
            if each.shortcut() == QKeySequence(SAVE_KEY):
                each.click()
                return
        self.context.message.set(
            tr(
                "nothing is saved on this screen: a protocol is on Protocol, a record on Cell, "
                "and a plot by its own button"
            )
        )

    def copy_command(self) -> None:
        """Copy the command that does the same as the screen in front, and say so."""
        lines = self.screen_in_front.findChildren(CommandLine) if self.screen_in_front is not None else []
        line = next((each for each in lines if each.text()), None)
        if line is None:
            self.context.message.set(tr("this screen has no command"))
            return
        line.copy_whole()
        self.context.message.set(tr("copied: {command}", command=line.text()))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take run files, journals, and folders of them."""
        if any(_is_run(name) or _is_text(name) or Path(name).is_dir() for name in _names(event)):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the run file that was dropped, or list the folder."""
        for path in map(Path, _names(event)):
            if path.is_dir():
                from solbench.gui.screens.data import DataScreen

                self.show_screen("data")
                self.screens.of(DataScreen).show_folder(path)
                return
            if _is_run(path.name):
                self.open_file(path)
                return
            if _is_text(path.name):
                self._take_text(path)
                return

    def _take_text(self, path: Path) -> None:
        """Take a protocol, a cell record or a bench file, by what it holds."""
        from solbench.protocols.files import parse_text, read_text

        try:
            data = parse_text(read_text(path, str(path)), str(path))
        except BadInput as error:
            self.context.message.set(str(error))
            return
        chosen, screen = {
            "steps": (self.context.protocol, "protocol"),
            "builds": (self.context.cell, "cell"),
        }.get(next((key for key in ("steps", "builds") if key in data), ""), (self.context.bench, "connect"))
        self.show_screen(screen)
        chosen.set(str(path))

    def toggle_pause(self) -> None:
        """Pause the run or the replay on show, or resume it."""
        run = self.context.run.value
        if run is not None and run.can_resume:
            self.resume()
        else:
            self.control.pause()

    def resume(self) -> None:
        """Resume a pause; ask first where a new engine would switch on a cell that may not be the one of then."""
        run = self.context.run.value
        if run is None or not run.needs_engine:
            self.control.resume()
            return
        bench = run.plan.header.bench.name if run.plan is not None else tr("its bench")
        cell = (
            tr("Its cell ({cell})", cell=run.plan.header.cell_words)
            if run.plan is not None
            else tr("Its cell")
        )
        self.question.ask(
            tr(
                "Resume {run} on {bench}? {cell} is switched on again, and must be the one that is mounted.",
                run=run.title,
                bench=bench,
                cell=cell,
            ),
            [(tr("Leave it off"), lambda: None), (tr("Resume the run"), self.control.resume)],
        )

    def skip(self) -> None:
        """Ask, then skip the present step."""
        run = self.context.run.value
        if run is None or not run.alive or run.segment is None:
            self.context.message.set(tr("skip: no step is in progress"))
            return
        name = run.segment.step.name
        self.question.ask(
            tr(
                "Skip the step {name} and continue with the next one? The run can then no longer be "
                "completed.",
                name=name,
            ),
            [(tr("Continue this step"), lambda: None), (tr("Skip the step"), self.control.skip)],
        )

    def _ask_to_leave(self, question: ExitQuestion) -> None:
        stay: Answer = (tr("Stay"), lambda: None)
        stop: list[Answer] = [(question.stop, self.exit_guard.stop)] if question.stop else []
        close: Answer = (question.close, self._leave_running)
        self.question.ask(question.text, [stay, close, *stop] if question.loses else [close, *stop, stay])

    def _resting_place(self) -> QWidget:
        screen = self.screen_in_front
        return screen.resting_place if screen is not None else self

    def _leave_running(self) -> None:
        self.exit_guard.leave()
        self.close()

    def _title(self) -> None:
        screen = self.screen_in_front
        self._simulation = self._simulation_words()
        self.rail.show_simulation(self._simulation)
        title = self.screens.kinds[screen.key].title if screen is not None else ""
        self.setWindowTitle(" – ".join(filter(None, (self._simulation, title, tr("Solbench")))))

    def _simulation_words(self) -> str:
        """Return REPLAY or SIMULATION where the screen in front is about nothing real, and what is real then."""
        screen, run = self.screen_in_front, self.context.run.value
        if screen is not None and screen.replayed:
            return tr("REPLAY")
        if screen is None or not screen.simulated:
            return ""
        real = run is not None and run.now and run.known and not run.simulated
        return tr("SIMULATION, but the run is real") if real else tr("SIMULATION")

    def _run_changed(self, run: RunModel | None) -> None:
        self.log.show_run(run)
        self._title()

    def _subscribe(self) -> None:
        self.context.show.subscribe(self._show_what)
        self.context.ask.subscribe(self.question.ask)
        self.context.run.subscribe(self._run_changed)
        self.context.bench_simulated.subscribe(lambda _value: self._title())
        self.context.message.subscribe(lambda text: self.statusBar().showMessage(text, 15_000))
        if kept := self.context.settings.put_aside:
            self.context.message.set(
                tr(
                    "the settings in {file} could not be read; they are kept as {kept}",
                    file=self.context.settings.path,
                    kept=kept.name,
                )
            )

    def _go_elsewhere(self, run: str) -> None:
        self.active_run.follow(run)
        self.show_screen("live")

    def _show_what(self, what: str) -> None:
        if what in self.screens.kinds:
            self.show_screen(what)
        elif _is_run(what):
            self.open_file(Path(what))

    def _build(self) -> None:
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.scroller)
        splitter.addWidget(self.log)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([1000, 120])
        splitter.setCollapsible(0, False)  # noqa: FBT003
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.rail)
        body.addWidget(splitter, 1)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        above = (
            self.strip,
            self.elsewhere,
            self.replay_bar,
            self.left_on_bar,
            self.alarm_bar,
            self.question,
            self.tour_bar,
        )
        for widget in above:
            column.addWidget(widget)
        column.addLayout(body, 1)
        self.setCentralWidget(centre)
        self.dividers.take("window", centre)

    def _tour_part(self, screen: str) -> QWidget | None:
        """Return the part of a screen that the tour frames, None while another screen is in front."""
        front = self.screen_in_front
        return front.tour_part if front is not None and front.key == screen else None

    def _menus(self) -> Sequence[Menu]:
        replays = [
            Action(f"{speed_words(speed)}…", partial(self.choose_file, speed)) for speed in REPLAY_SPEEDS
        ]
        file = (
            Action(tr("&New protocol"), self.new_protocol, "Ctrl+N"),
            Action(tr("&Open run file…"), self.choose_file, "Ctrl+O"),
            Menu(tr("Recent &runs"), self._recent),
            Menu(tr("&Replay run file"), replays),
            Action(tr("&Save"), self.save),
            Action(tr("Copy the &command line"), self.copy_command, "Ctrl+Shift+C"),
            Action(tr("&Notices…"), self.show_notices),
            Action(tr("&Quit"), self.close, "Ctrl+Q"),
        )
        run = (
            Action(tr("&Pause or resume"), self.toggle_pause, "F3"),
            Action(tr("S&kip step…"), self.skip, "Shift+F3"),
            Action(tr("Spectrum &now"), self.control.spectrum, "F8"),
            Action(tr("Change s&tep…"), self._change_step),
            Action(tr("&Stop"), self.control.stop, "F12"),
            Action(tr("&Make the bench safe"), self.control.make_safe, "Ctrl+F12"),
        )
        help_ = (
            Action(tr("&Manual"), self.show_manual, "F1"),
            Action(tr("&Keys"), partial(self.show_manual, KEYS)),
            Action(tr("&Tour of the simulated bench"), self.tour.begin),
            Action(tr("&About Solbench"), self.show_about),
        )
        return (
            Menu(tr("&File"), file),
            Menu(tr("&Run"), run),
            Menu(tr("&View"), self._view()),
            Menu(tr("&Help"), help_),
        )

    def _change_step(self) -> None:
        self.show_screen("live")
        self.live.change_step()

    def _recent(self) -> Sequence[Action]:
        paths = [Path(text) for text in self.context.settings.texts(RECENT)]
        found = [Action(path.name, partial(self.open_file, path)) for path in paths if path.exists()]
        return found or [Action(tr("no run was opened yet"), lambda: None)]

    def new_protocol(self) -> None:
        """Begin a protocol without steps."""
        from solbench.gui.screens.protocol import ProtocolScreen

        self.show_screen("protocol")
        self.screens.of(ProtocolScreen).new.click()

    def show_manual(self, page: str = "") -> None:
        """Show the manual, at the page of the screen in front unless another is wanted."""
        if self._help is None:
            self._help = HelpWindow(self, self._keys)
        self._help.show_page(
            page or "desktop", "" if page or self.screen_in_front is None else self._heading()
        )
        self._help.show()
        self._help.raise_()

    def _heading(self) -> str:
        """Return the part of the page Desktop that is about the screen in front."""
        screen = self.screen_in_front
        return HELP_OF.get(screen.key, "") if screen is not None else ""

    def show_notices(self) -> None:
        """Ask where notices go, and of what they are."""
        NoticesDialog(self, self.context, self.notices).open()

    def _picture(self) -> bytes:
        """Return a picture of the traces of the run on show, b"" where there is none."""
        return self.live.traces_picture() if self.context.run.value is not None else b""

    def show_about(self) -> None:
        """Show what the program is made of, with a file for whoever is asked for help."""
        from solbench.gui.window.about import AboutDialog

        AboutDialog(self, self.context).open()

    def _keys(self) -> list[tuple[str, str]]:
        """Return every key of the window and what it does: of menus, of the buttons of all screens, of plots."""
        found: dict[str, str] = {}
        for action in self.findChildren(QAction):
            if not action.shortcut().isEmpty():
                found[action.shortcut().toString()] = action.text().replace("&", "")
        for key in self.screens.kinds:
            for each in self.screens[key].findChildren(QAbstractButton):
                if not each.shortcut().isEmpty():
                    what = f"{self.screens.kinds[key].title}: {each.accessibleDescription() or each.text()}"
                    before = found.get(each.shortcut().toString())
                    found[each.shortcut().toString()] = f"{before}; {what}" if before else what
        return [*found.items(), *PLOT_KEYS]

    def _view(self) -> Sequence[Entry]:
        look = self.context.settings.get("look", LIGHT.name)
        habit = self.context.settings.get("numbers", "system")
        numbers = Choice(HABITS, habit if habit in HABITS else "system", self.set_numbers)
        screens = enumerate(self.screens.kinds.items(), 1)
        return (
            *(
                Action(kind.title, partial(self.show_screen, key), f"Ctrl+{n % 10}")
                for n, (key, kind) in screens
            ),
            Separator(),
            Menu(tr("&Panels of Live"), self._panels),
            Menu(tr("Columns of &Data"), self._data_columns),
            Action(tr("&Event log"), self.toggle_log, "Ctrl+L"),
            Action(tr("&Command lines"), self.toggle_commands),
            Action(tr("&Reset the layout"), self.reset_layout),
            Separator(),
            Choice(LOOK_NAMES, look if look in LOOK_NAMES else LIGHT.name, self.set_look),
            Menu(tr("&Numbers"), (numbers,)),
            *((Menu(tr("&Language"), (self._languages(),)),) if languages() else ()),
        )

    def _data_columns(self) -> Sequence[Action]:
        from solbench.gui.screens.data import DataScreen

        return [
            Action(*choice[:2], ticked=choice.ticked)
            for choice in self.screens.of(DataScreen).table.choices()
        ]

    def _languages(self) -> Choice:
        """Return the choice of the languages that there are catalogues for, each by its own name."""
        names = {"": tr("As the &system"), "en": "English"}
        names |= {each: QLocale(each).nativeLanguageName() or each for each in languages()}
        chosen = self.context.settings.get(LANGUAGE, "")
        return Choice(names, chosen if chosen in names else "", self.set_language)

    def set_language(self, language: str) -> None:
        """Speak a language from the next start on: what is a table in the program was made with the present one."""
        self.context.settings.set(LANGUAGE, language)
        self.context.message.set(tr("The language changes when the window is opened next."))

    def _panels(self) -> Sequence[Action]:
        """Return what opens, brings to the front and closes each panel of the live screen."""
        panels = self.live.panels
        return [
            Action(dock.windowTitle(), partial(panels.toggle, key), ticked=panels.in_view(key))
            for key, dock in panels.docks.items()
        ]


def _names(event: QDropEvent) -> list[str]:
    return [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]


def _is_text(name: str) -> bool:
    return name.endswith((".yaml", ".yml", ".json"))


def _is_run(name: str) -> bool:
    return name.endswith((".h5", ".journal"))
