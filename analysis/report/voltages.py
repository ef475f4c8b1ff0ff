"""Figures of voltage: against areal capacity in half cells and full cells, dQ/dV, and against time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from solbench.acquisition.record.folds import StepRecord
from solbench.analysis.cycling import areal_capacity_mAh_cm2, gravimetric_mAh_g
from solbench.analysis.report.contents import Content
from solbench.analysis.report.cycles import Cycle, direction
from solbench.analysis.report.style import (
    BLUE,
    RIGHT_IN,
    SECOND_AXIS_IN,
    VERMILLION,
    Drawing,
    course,
    grid,
    in_threes,
    numbered,
    second_scale,
    thinned,
    width_in,
)
from solbench.fitting.voltage_curves import differential_capacity, settled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CAPACITY = "areal capacity / mAh cm⁻²"
VOLTAGE = "cell voltage / V"
_LOOKS = {False: (BLUE, "-"), True: (VERMILLION, "--")}  # by whether the current is positive
_STEP_V = 0.01
_PULSES = 3  # steps of one direction with a current, from which they are pulses
_BELOW = 0.09  # room below the zero of the scale against Na/Na+, for its name
_LEGEND = 0.36  # room above the curves


def half_cells(contents: Sequence[Content]) -> list[Drawing]:
    """Draw voltage against areal capacity of half cells, with the states at which spectra were taken."""
    return _panels(
        [c for c in contents if c.kind == "half" and c.cycles],
        "voltage",
        "Half cells: voltage against areal capacity",
        "Sodiation (solid) and desodiation (dashed), each counted from its own start; the points are the relaxed "
        "voltages at which the spectra were taken.",
        _half_cell,
    )


def full_cells(contents: Sequence[Content]) -> list[Drawing]:
    """Draw the first cycle of full cells."""
    return _panels(
        [c for c in contents if c.kind == "full" and c.cycles],
        "first-cycle",
        "Full cells: first cycle",
        "Charge (solid) and discharge (dashed), each counted from its own start.",
        _first_cycle,
    )


def differential(contents: Sequence[Content]) -> list[Drawing]:
    """Draw dQ/dV of the first cycle of half cells and full cells."""
    return _panels(
        [c for c in contents if c.kind in ("half", "full") and c.cycles and _currents(c.cycles[0])],
        "dq-dv",
        "Differential capacity of the first cycle",
        f"Steps of {1000 * _STEP_V:g} mV; the charge counts at the voltage at which it flowed. "
        "The capacity taken out is drawn downwards. After an interruption nothing is counted until the voltage is back "
        "where it was: its creeping back is not a peak of the material.",
        _differential,
    )


def pulses(contents: Sequence[Content]) -> list[Drawing]:
    """Draw voltage against time of half cells and full cells whose current came in pulses with rests between."""
    return _panels(
        [c for c in contents if c.kind in ("half", "full") and _most_steps(c) >= _PULSES],
        "pulses",
        "Pulses: voltage against time",
        "Every pulse and every rest of the run.",
        _against_time,
    )


def _most_steps(content: Content) -> int:
    halves = [half for cycle in content.cycles for half in (cycle.first, cycle.second) if half is not None]
    return max((sum(bool(step.current_A) for step in half.held) for half in halves), default=0)


def _panels(
    contents: Sequence[Content], name: str, title: str, caption: str, paint: Callable[[Axes, Content], None]
) -> list[Drawing]:
    def painter(group: tuple[Content, ...]) -> Callable[[Figure], None]:
        def draw(fig: Figure) -> None:
            second = SECOND_AXIS_IN if any(_has_second_axis(content) for content in group) else RIGHT_IN
            [row] = grid(fig, len(group), right_in=second)
            for axes, content in zip(row, group, strict=True):
                axes.set_title(content.label)
                paint(axes, content)

        return draw

    return [
        Drawing(numbered(name, i), title, caption, (width_in(len(group)), 3.6), group, painter(group))
        for i, group in enumerate(in_threes(contents))
    ]


def _half_cell(axes: Axes, content: Content) -> None:
    _curves(axes, content)
    records = [record for record in content.run.spectra if record.start.fraction is not None]
    if records:
        capacities = [content.capacity_of(record) for record in records]
        volts = [record.start.dc_voltage_V for record in records]
        axes.plot(capacities, volts, "o", mfc="white", mec="black", ms=6, mew=1.2, label="spectrum (at rest)")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + _LEGEND * (high - low))
    axes.legend(loc="upper left")
    _against_sodium(axes, content)


def voltage_words(content: Content) -> str:
    """Name the axis of a cell's voltage: against which electrode, where the record says that."""
    return VOLTAGE if content.reference is None else f"potential against {content.reference.electrode} / V"


def _has_second_axis(content: Content) -> bool:
    return content.reference is not None and content.reference.potential is not None


def _against_sodium(axes: Axes, content: Content) -> None:
    """Add the scale against Na/Na+ on the right, and its zero, below which sodium metal can form."""
    reference = content.reference
    if reference is None or reference.potential is None:
        return
    shift_V = reference.potential.value
    second = second_scale(axes, 1.0, shift_V)
    stderr = "" if reference.uncertainty is None else f" (\u00b1{1e3 * reference.uncertainty.value:.3g} mV)"
    second.set_ylabel(f"against Na/Na\u207a / V{stderr}")
    low, high = axes.get_ylim()
    low = min(low, -shift_V - _BELOW * (high - low)) if low < 0.0 else low
    axes.set_ylim(low, high)
    if low < -shift_V < high:
        axes.axhline(-shift_V, color="black", lw=0.8, ls=":")
        right = axes.get_xlim()[1]
        axes.annotate(
            "0 V against Na/Na\u207a",
            (right, -shift_V),
            xytext=(-4, -3),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=7.5,
        )


def _first_cycle(axes: Axes, content: Content) -> None:
    _curves(axes, content)
    axes.legend(loc="lower center")


def _curves(axes: Axes, content: Content) -> None:
    first = content.cycles[0]
    for half, charge in ((first.first, first.first_charge), (first.second, first.second_charge)):
        if half is None or charge is None:
            continue
        colour, line = _LOOKS[half.is_positive == (content.kind == "half")]
        capacity, voltage = thinned(*content.areal_curve(half))
        total = areal_capacity_mAh_cm2(charge.charge_C, content.area_m2)
        words = f"{direction(content.kind, charge.current_A)}, {total:.3g} mAh cm⁻²"
        if content.kind == "full" and content.active_mass_kg:
            words += f", {gravimetric_mAh_g(charge.charge_C, content.active_mass_kg):.3g} mAh g⁻¹"
        axes.plot(capacity, voltage, line, color=colour, label=words)
    axes.set_xlabel(CAPACITY)
    axes.set_ylabel(voltage_words(content))
    axes.set_xlim(left=-0.02 * axes.get_xlim()[1])


def _differential(axes: Axes, content: Content) -> None:
    first = content.cycles[0]
    labelled: set[float] = set()
    for step, sign in _currents(first):
        charge_C, voltage_V, breaks = content.broken_curve(step)
        counted = settled(charge_C, voltage_V, breaks, rising=(step.current_A or 0.0) > 0.0)
        found = differential_capacity(charge_C, voltage_V, _STEP_V, counted)
        per_volt = found.charge_per_volt_C_V * areal_capacity_mAh_cm2(1.0, content.area_m2)
        current_A = step.current_A or 0.0
        colour, line = _LOOKS[(current_A > 0.0) == (content.kind == "half")]
        words = None if sign in labelled else direction(content.kind, current_A)
        labelled.add(sign)
        axes.plot(found.voltage_V, sign * per_volt, line, color=colour, lw=1.1, label=words)
    axes.axhline(0.0, color="black", lw=0.6)
    axes.set_xlabel(voltage_words(content))
    axes.set_ylabel("dQ/dV / mAh cm⁻² V⁻¹")
    axes.legend(loc="best")


def _currents(cycle: Cycle) -> list[tuple[StepRecord, float]]:
    """Return the constant currents of a cycle, with the sign of their half; the charge of a held voltage has no dV."""
    halves = ((cycle.first, 1.0), (cycle.second, -1.0))
    return [(step, sign) for half, sign in halves if half is not None for step in half.held if step.current_A]


def _against_time(axes: Axes, content: Content) -> None:
    time_s, voltage = course(content.run, "voltage_V")
    axes.plot(time_s / 3600.0, voltage, color=BLUE, lw=0.9)
    axes.set_xlabel("time / h")
    axes.set_ylabel(voltage_words(content))
    _against_sodium(axes, content)
