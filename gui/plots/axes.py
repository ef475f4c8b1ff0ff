"""Axes with familiar labels: elapsed time, decades with SI prefixes."""

import math
from datetime import datetime

import pyqtgraph as pg

from solbench.gui.models.common.number_format import clock, elapsed, frequency, with_prefix
from solbench.gui.models.common.numbers import Numbers
from solbench.gui.palette import Colors
from solbench.gui.plots.pens import line_pen

_STEPS_S = (
    *(0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10800, 21600, 43200),
    *(86400.0 * n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
)
_PIXELS_A_TICK = 90
SIDES = ("left", "bottom", "right", "top")
HALF_LABEL = 24  # pixels of a label that may stand beyond the end of its axis


class NumberAxis(pg.AxisItem):
    """An axis that writes its numbers in the habit of the user, as soon as `write_numbers` was called."""

    def __init__(self, orientation: str) -> None:
        self._laid_out = ""
        super().__init__(orientation)
        self.numbers = Numbers()

    def _updateLabel(self) -> None:
        """Lay the name out only where there is one that has changed: pyqtgraph asks with every change of the range."""
        if (self.labelText or self.labelUnits) and self.labelString() != self._laid_out:
            self._laid_out = self.labelString()
            super()._updateLabel()
        else:
            self.picture = None  # drawn again with the next painting
            self.update()


class PlainAxis(NumberAxis):
    """An axis whose tick labels have the user's decimal sign."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Write the ticks."""
        return [self.numbers.localized(text) for text in super().tickStrings(values, scale, spacing)]


def axes_of(**special: pg.AxisItem) -> dict[str, pg.AxisItem]:
    """Make the four axes of a plot: of plain numbers where there is no special one."""
    return {side: special.get(side) or PlainAxis(side) for side in SIDES}


def write_numbers(plot: pg.PlotItem, numbers: Numbers) -> None:
    """Let the axes of a plot write their numbers so."""
    for side in SIDES:
        axis = plot.getAxis(side)
        if isinstance(axis, NumberAxis):
            axis.numbers = numbers
            axis.picture = None  # drawn again with the next painting
            axis.update()


def style_axes(plot: pg.PlotItem, colors: Colors) -> None:
    """Set the colours of a plot's axes and labels."""
    write_numbers(plot, colors.numbers)
    lines, texts = line_pen(colors.faint), line_pen(colors.text)
    for side in SIDES:
        axis = plot.getAxis(side)
        if axis.pen() != lines or axis.textPen() != texts:  # each sets the name of the axis anew
            axis.setPen(lines)
            axis.setTextPen(texts)


class TimeAxis(NumberAxis):
    """Seconds since the start of the run, shown as hh:mm:ss or days; with `begun` set, as the time of day."""

    begun: datetime | None = None

    def show_clock(self, begun: datetime | None) -> None:
        """Show the time of day for a run that started at `begun`; None: the time since its start."""
        self.begun = begun
        self.picture = None  # drawn again with the next painting
        self.update()

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:
        """Return the tick spacing: seconds, minutes, hours or days."""
        wanted = (maxVal - minVal) / max(size / _PIXELS_A_TICK, 1.0)
        step = next((step for step in _STEPS_S if step >= wanted), _STEPS_S[-1])
        if self.begun is None:
            return [(step, 0.0)]
        midnight = self.begun.replace(hour=0, minute=0, second=0, microsecond=0)
        return [(step, -((self.begun - midnight).total_seconds() % step))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Write the ticks."""
        if self.begun is not None:
            return [clock(self.begun, value, spacing) for value in values]
        return [self.numbers.localized(_time_text(value, spacing)) if value >= 0 else "" for value in values]


def _time_text(value_s: float, spacing_s: float) -> str:
    if spacing_s < 1.0:
        return f"{value_s:.1f} s"
    text = elapsed(round(value_s))
    return text[:-3] if spacing_s >= 60.0 and "d" not in text else text


class DecadeAxis(NumberAxis):
    """A logarithmic axis for values given as their decadic logarithm."""

    def __init__(self, orientation: str, unit: str) -> None:
        super().__init__(orientation)
        self.unit = unit
        self.enableAutoSIPrefix(enable=False)
        if orientation in ("bottom", "top"):  # a decade at the end of the axis is named, too
            self.setStyle(hideOverlappingLabels=HALF_LABEL)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Return whole decades, thinned where they are too close; below two decades also 1-2-5."""
        low, high = math.ceil(minVal - 1e-9), math.floor(maxVal + 1e-9)
        room = size / (70 if self.orientation in ("bottom", "top") else 26)
        every = max(1, math.ceil((high - low + 1) / max(room, 1.0)))
        decades = [float(value) for value in range(low, high + 1) if value % every == 0]
        if maxVal - minVal >= 2.0:
            return [(1.0, decades)]
        between = [power + math.log10(n) for power in range(low - 1, high + 1) for n in (2, 5)]
        found = decades + [value for value in between if minVal <= value <= maxVal]
        return [(1.0, found if len(found) > 1 else _even(minVal, maxVal, room))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Write the ticks with SI prefixes."""
        if self.unit == "Hz":
            return [self.numbers.localized(frequency(10.0**value)) for value in values]
        if self.unit == "s":  # kiloseconds are not customary
            return [self.numbers.localized(f"{10.0**value:g} s") for value in values]
        return [self.numbers.localized(_short(with_prefix(10.0**value, self.unit, 3))) for value in values]


def _even(low: float, high: float, room: float) -> list[float]:
    """Return the logarithms of evenly spaced round values, for an axis much shorter than a decade."""
    ends = 10.0**low, 10.0**high
    wanted = (ends[1] - ends[0]) / max(min(room, 5.0), 1.0)
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(n * power for n in (1.0, 2.0, 5.0, 10.0) if n * power >= wanted)
    values = range(math.ceil(ends[0] / step), math.floor(ends[1] / step) + 1)
    return [math.log10(value * step) for value in values if value > 0]


def _short(text: str) -> str:
    number, _, unit = text.partition(" ")
    return f"{float(number):g} {unit}"
