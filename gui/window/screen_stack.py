"""The screens of the window one behind the other; each is built when it is first needed."""

from collections.abc import Callable
from typing import TypeVar

from solbench.gui.layouts import Dividers, Pages
from solbench.gui.models.context import Context
from solbench.gui.palette import Colors
from solbench.gui.screens import SCREENS, Listed
from solbench.gui.screens.screen import Screen
from solbench.gui.values import take_no_focus_from_wheel

S = TypeVar("S", bound=Screen)


class ScreenStack(Pages):
    """Screens by their keys; `kinds` are all that there are, in the order of the rail."""

    def __init__(self, context: Context, dividers: Dividers, colors: Callable[[], Colors]) -> None:
        super().__init__()
        self.kinds = {listed.key: listed for listed in SCREENS}
        self._context, self._dividers, self._colors = context, dividers, colors
        self._built: dict[str, Screen] = {}
        self._old_habit: set[str] = set()  # of screens behind that were drawn as the user had it before
        self._old_colors: set[str] = set()

    def __getitem__(self, key: str) -> Screen:
        if key not in self._built:
            self._built[key] = self._build(self.kinds[key])
        return self._built[key]

    def of(self, kind: type[S]) -> S:
        """Return the screen of a kind."""
        screen = self[kind.key]
        assert isinstance(screen, kind)
        return screen

    @property
    def built(self) -> list[Screen]:
        """Get the screens that have been built."""
        return list(self._built.values())

    @property
    def in_front(self) -> Screen | None:
        """Get the screen that is shown."""
        shown = self.currentWidget()
        return shown if isinstance(shown, Screen) else None

    def bring(self, key: str) -> Screen:
        """Bring a screen to the front, and return it.

        Focus on the screen before goes to the resting place of this one; Qt would give it to what had it last, and
        that may be Start run.
        """
        screen, before = self[key], self.in_front
        self._renew(key)
        focus = self.window().focusWidget()
        was_here = focus is None or focus is self.window() or self.isAncestorOf(focus)
        if before is not None and before is not screen:
            before.leave()
        self.setCurrentWidget(screen)
        if was_here:
            screen.resting_place.setFocus()
        screen.enter()
        return screen

    def show_habit(self) -> None:
        """Write the numbers of the screen in front as the user has chosen now, of others when they come there."""
        self._old_habit |= self._built.keys()
        self._renew_front()

    def show_colors(self) -> None:
        """Draw the screen in front in the present look, others when they come there."""
        self._old_colors |= self._built.keys()
        self._renew_front()

    def _renew_front(self) -> None:
        if self.in_front is not None:
            self._renew(self.in_front.key)

    def _renew(self, key: str) -> None:
        if key in self._old_habit:
            self._built[key].show_habit()
        if key in self._old_colors:
            self._built[key].set_colors(self._colors())
        self._old_habit.discard(key)
        self._old_colors.discard(key)

    def _build(self, listed: Listed) -> Screen:
        screen = listed.load()(self._context)
        self.addWidget(screen)
        self._dividers.take(screen.key, screen)
        screen.set_colors(self._colors())
        take_no_focus_from_wheel(screen)
        return screen
