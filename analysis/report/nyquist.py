"""Nyquist plots with the fit, equal axes and decades of frequency marked; the residuals of the fit under them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from solbench.acquisition.record.folds import SpectrumRecord
from solbench.analysis.report.contents import Content
from solbench.analysis.report.numbers import engineering
from solbench.analysis.report.style import (
    STATE_MARKERS,
    Colour,
    Drawing,
    grid,
    in_threes,
    log_decades,
    numbered,
    state_colours,
    width_in,
)
from solbench.analysis.states_of_run import left_out, untrusted
from solbench.fitting.elements import Array, Complex
from solbench.fitting.joint_fit import StateFit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHTS = (2.6, 1.0)
_CAPTION = (
    "Points are measured, lines the joint fit; filled points are those nearest to a decade of frequency. Axes are "
    "equal. Under each plot the residuals (Z \u2212 Z_fit)/|Z|: filled real part, open imaginary part."
)
_UNKNOWN = " Crosses are points for which the bench is not known; no fit uses them."
_LEFT_OUT = " Pale open points are left out by a correction; no fit uses them."
_APART_IN = 0.42  # labels closer than this would overlap


def spectra(contents: Sequence[Content]) -> list[Drawing]:
    """Draw the fitted spectra of half, full and symmetric cells, and those of pellets in figures of their own."""
    cells = [c for c in contents if c.states and c.kind not in ("pellet", "dc")]
    pellets = [c for c in contents if c.states and c.kind in ("pellet", "dc")]
    return [
        *_drawings(cells, "nyquist", "Impedance at the states of the cell"),
        *_drawings(pellets, "pellet", "Impedance of pellets between blocking electrodes"),
    ]


def _drawings(contents: Sequence[Content], name: str, title: str) -> list[Drawing]:
    groups = in_threes(contents)
    return [
        Drawing(
            numbered(name, i), title, _caption(group), (width_in(len(group)), 6.0), group, _painter(group)
        )
        for i, group in enumerate(groups)
    ]


def _caption(group: tuple[Content, ...]) -> str:
    points = [c.run.points_of(record) for c in group for record, _ in c.states]
    unknown, pale = any(len(untrusted(own)) for own in points), any(len(left_out(own)) for own in points)
    return _CAPTION + (_UNKNOWN if unknown else "") + (_LEFT_OUT if pale else "")


def _painter(group: tuple[Content, ...]) -> Callable[[Figure], None]:
    def draw(fig: Figure) -> None:
        above, below = grid(fig, len(group), _HEIGHTS)
        for top, bottom, content in zip(above, below, group, strict=True):
            top.set_title(content.label)
            _nyquist(top, content)
            _residuals(bottom, content)

    return draw


def _nyquist(axes: Axes, content: Content) -> None:
    states = content.states
    _equal_limits(axes, _frame([fit for _, fit in states]))
    for (record, state), colour, marker in looks_of(content):
        z = state.fit.impedance_ohm
        dense = np.geomspace(state.fit.frequency_Hz.min(), state.fit.frequency_Hz.max(), 120)
        model = state.fit.model(dense)
        axes.plot(model.real, -model.imag, "-", color=colour, lw=1.1)
        axes.plot(z.real, -z.imag, marker, color=colour, mfc="none", mew=0.8, ms=4)
        marked = decades(state.fit.frequency_Hz)
        words = _words(content, record, state, axes)
        axes.plot(z.real[marked], -z.imag[marked], marker, color=colour, ms=5, label=words)
        points = content.run.points_of(record)
        for own, sign, alpha in ((untrusted(points), "x", 0.6), (left_out(points), marker, 0.35)):
            if len(own):
                axes.plot(
                    own["real_ohm"],
                    -own["imaginary_ohm"],
                    sign,
                    color=colour,
                    mfc="none",
                    ms=4,
                    mew=0.7,
                    alpha=alpha,
                )
    _label_decades(axes, states[-1][1])
    axes.axhline(0.0, color="black", lw=0.6)
    axes.set_xlabel("Z\u2032 / \u03a9")
    axes.set_ylabel("\u2212Z\u2033 / \u03a9")
    if len(states) > 1:
        axes.legend(
            loc="upper right", ncols=2 if len(states) > 3 else 1, handletextpad=0.3, columnspacing=0.8
        )


def looks_of(content: Content) -> list[tuple[tuple[SpectrumRecord, StateFit], Colour, str]]:
    """Return the states of a run with their colours and markers."""
    states = content.states
    markers = (STATE_MARKERS * len(states))[: len(states)]
    return list(zip(states, state_colours(len(states)), markers, strict=True))


def _words(content: Content, record: SpectrumRecord, state: StateFit, axes: Axes) -> str:
    highest = float(np.max(-state.fit.impedance_ohm.imag))
    beyond = ", goes beyond" if highest > axes.get_ylim()[1] else ""
    return content.state_name(record) + beyond


def decades(frequency_Hz: Array) -> list[int]:
    """Return the places of the frequencies nearest to whole decades that the spectrum reaches.

    >>> decades(np.array([1000.0, 500.0, 200.0, 100.0, 50.0]))
    [0, 3]
    """
    logs = np.log10(frequency_Hz)
    whole = range(int(np.ceil(logs.min() - 0.02)), int(np.floor(logs.max() + 0.02)) + 1)
    return sorted({int(np.argmin(np.abs(logs - power))) for power in whole})


def _frame(fits: Sequence[StateFit]) -> tuple[float, float, float, float]:
    """Return the limits of what is to be seen: a blocking tail must not make the arcs small."""
    arcs = [fit for fit in fits if not fit.fresh] or list(fits)
    if all(
        _blocks(fit) for fit in arcs
    ):  # between blocking electrodes: the arc and where it meets the real axis
        reach = max(fit.r_sse_ohm for fit in arcs)
        return 0.0, 1.3 * reach, -0.05 * reach, 0.45 * reach
    z = np.concatenate([fit.fit.impedance_ohm for fit in arcs])
    if len(arcs) == 1:
        reach = 1.2 * max(fit.r_sse_ohm for fit in arcs)
        z = z[np.abs(z.imag) < reach] if np.any(np.abs(z.imag) < reach) else z
    return float(z.real.min()), float(z.real.max()), float((-z.imag).min()), float((-z.imag).max())


def _blocks(state: StateFit) -> bool:
    z = state.fit.impedance_ohm[int(np.argmin(state.fit.frequency_Hz))]
    return bool(-z.imag > 2.0 * z.real)


def _equal_limits(axes: Axes, frame: tuple[float, float, float, float]) -> None:
    """Give both axes the same ohms an inch, with room for the legend above."""
    left, right, low, high = frame
    box = axes.get_position()
    assert axes.figure is not None
    width, height = axes.figure.get_size_inches()  # type: ignore[union-attr]
    wide, tall = box.width * width, box.height * height
    ohm_in = max(1.16 * (right - left) / wide, 1.75 * (high - low) / tall, 1e-12)
    x, y = (left + right) / 2.0, low - 0.12 * ohm_in * tall
    x = max(x, min(left, 0.0) + 0.45 * ohm_in * wide)  # nothing is to be seen where the real part is negative
    axes.set_xlim(x - ohm_in * wide / 2.0, x + ohm_in * wide / 2.0)
    axes.set_ylim(y, y + ohm_in * tall)


def _label_decades(axes: Axes, state: StateFit) -> None:
    """Name the decades at one spectrum, those that have room, from the lowest frequency up."""
    assert axes.figure is not None
    dpi = axes.figure.dpi
    z, f = state.fit.impedance_ohm, state.fit.frequency_Hz
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    taken: list[Array] = []
    for place in sorted(decades(f), key=lambda k: f[k]):
        x, y = float(z[place].real), float(-z[place].imag)
        pixel = axes.transData.transform((x, y))
        near = any(np.hypot(*(pixel - other)) < _APART_IN * dpi for other in taken)
        if near or not (left < x < right and low < y < high):
            continue
        taken.append(pixel)
        axes.annotate(
            engineering(10.0 ** round(np.log10(f[place])), "Hz"),
            (x, y),
            xytext=(8, 0) if _steep(z, place) else (0, 7),  # beside a tail, above an arc
            textcoords="offset points",
            ha="left" if _steep(z, place) else "center",
            va="center" if _steep(z, place) else "baseline",
            fontsize=7.5,
            bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.75},
        )


def _steep(z: Complex, place: int) -> bool:
    """Say whether the curve runs upright at a point."""
    before, after = z[max(place - 1, 0)], z[min(place + 1, len(z) - 1)]
    return bool(abs((after - before).imag) > 3.0 * abs((after - before).real))


def _residuals(axes: Axes, content: Content) -> None:
    largest = 0.1
    log_decades(axes)
    for (_, state), colour, marker in looks_of(content):
        rest = 100.0 * state.fit.residuals
        axes.plot(state.fit.frequency_Hz, rest.real, marker, color=colour, ms=3)
        axes.plot(state.fit.frequency_Hz, rest.imag, marker, color=colour, ms=3, mfc="none", mew=0.7)
        largest = max(largest, float(np.max(np.abs([rest.real, rest.imag]))))
    axes.axhline(0.0, color="black", lw=0.6)
    axes.set_ylim(-1.15 * largest, 1.15 * largest)
    axes.set_xlabel("frequency / Hz")
    axes.set_ylabel("residual / %")
