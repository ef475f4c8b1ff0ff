"""The base of every screen: a widget with a key that is given the context."""

from typing import ClassVar

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context
from solbench.gui.palette import Colors
from solbench.gui.plots.saving import About, offer_saving
from solbench.gui.screens.parts import Table


class Screen(QWidget):
    """A screen of the main window.

    `key` is its name in the list of all screens, and for `context.show`. The window calls `enter` when the
    screen comes to the front, `leave` when another does, and `tick` ten times a second while it is in front;
    a hidden screen draws nothing. `tour_part` is what the tour frames, None where it frames none.
    """

    key: ClassVar[str] = ""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.tour_part: QWidget | None = None

    @property
    def simulated(self) -> bool:
        """Get whether nothing real is shown or driven here: by the run on show, else by the chosen bench."""
        run = self.context.run.value
        return run.simulated if run is not None else self.context.bench_simulated.value

    @property
    def replayed(self) -> bool:
        """Get whether the run on show here replays a recorded dialogue."""
        run = self.context.run.value
        return run is not None and bool(run.replays)

    @property
    def resting_place(self) -> QWidget:
        """Get where the focus rests until a person moves it: no key acts there on the cell."""
        return self

    def showEvent(self, event: QShowEvent) -> None:
        """Make every plot of the screen savable."""
        self.make_savable()
        super().showEvent(event)

    def make_savable(self) -> None:
        """Make every plot of the screen savable, as a picture or as values."""
        offer_saving(self, self.context, self.about_plots)

    def about_plots(self) -> About:
        """Say what the plots here show, for their pictures: the run on show."""
        run = self.context.run.value
        if run is None:
            return About()
        marks = (tr("REPLAY") if run.replays else "", run.mark)
        return About("  ".join(filter(None, (*marks, run.title))), run.path.stem)

    def set_colors(self, colors: Colors) -> None:
        """Draw in a look."""

    def enter(self) -> None:
        """Come to the front."""

    def leave(self) -> None:
        """Go to the back."""

    def tick(self) -> None:
        """Draw new data; the screen is in front."""

    def show_habit(self) -> None:
        """Write the numbers of all forms and tables with the decimal sign chosen by the user."""
        from solbench.gui.screens.form_view import FormView  # most screens have none

        for form in self.findChildren(FormView):
            form.show_habit()
        for table in self.findChildren(Table):
            table.show_habit()

    def close_down(self) -> None:
        """Release threads, timers and files; the window is closing."""


class SetupScreen(Screen):
    """A screen on which the next run is made: it is about the chosen bench, whatever run is on show."""

    @property
    def simulated(self) -> bool:
        """Get whether the chosen bench is a simulated one."""
        return self.context.bench_simulated.value

    @property
    def replayed(self) -> bool:
        """Get that none is: the next run is made here."""
        return False
