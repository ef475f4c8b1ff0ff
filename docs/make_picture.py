"""Draw the README's picture from the run file of a half cell, as SVG and with numpy alone.

solbench run half-cell --cell nps -o nps.h5
python docs/make_picture.py nps.h5 docs/images/half-cell.svg
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Array = np.ndarray[Any, Any]

C_M2_PER_MAH_CM2 = 3.6 * 1e4
COLOURS = ("#000000", "#0072b2", "#009e73", "#e69f00", "#d55e00")  # Okabe and Ito: told apart by everyone
WIDTH, HEIGHT = 900, 400


@dataclass(frozen=True)
class Axes:
    """A frame in pixels, and the ranges of its axes."""

    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]

    def place(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Return the pixels of points."""
        across = (np.asarray(x) - self.x[0]) / (self.x[1] - self.x[0])
        up = (np.asarray(y) - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + across * self.width, self.top + (1.0 - up) * self.height


def line(axes: Axes, x: Array, y: Array, colour: str) -> str:
    """Return a curve of the points that lie at least a pixel apart, and the last one."""
    columns, rows = axes.place(x, y)
    kept = [(columns[0], rows[0])]
    for a, b in zip(columns, rows, strict=True):
        if abs(a - kept[-1][0]) + abs(b - kept[-1][1]) >= 1.0:
            kept.append((a, b))
    kept.append((columns[-1], rows[-1]))
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in kept)
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'


def dots(axes: Axes, x: Array, y: Array, colour: str) -> str:
    """Return the points that lie within the frame."""
    inside = (x >= axes.x[0]) & (x <= axes.x[1]) & (y >= axes.y[0]) & (y <= axes.y[1])
    columns, rows = axes.place(x[inside], y[inside])
    circles = "".join(
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3"/>' for a, b in zip(columns, rows, strict=True)
    )
    return f'<g fill="none" stroke="{colour}" stroke-width="1.4">{circles}</g>'


def text(x: float, y: float, words: str, anchor: str = "middle", turn: str = "") -> str:
    """Return one line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{turn}>{words}</text>'


def number(value: float) -> str:
    """Return the number at a tick."""
    return f"{round(value, 6) + 0.0:g}".replace("-", "\u2212")


def frame(axes: Axes, labels: tuple[str, str], ticks: tuple[float, float]) -> str:
    """Return the frame with its ticks, every `ticks` units, and the names of the axes."""
    parts = [
        f'<rect x="{axes.left}" y="{axes.top}" width="{axes.width}" height="{axes.height}" fill="none" '
        'stroke="#444444"/>'
    ]
    bottom = axes.top + axes.height
    for value in np.arange(np.ceil(axes.x[0] / ticks[0]) * ticks[0], axes.x[1] + 1e-9, ticks[0]):
        column = float(axes.place(value, axes.y[0])[0])
        parts.append(f'<path d="M{column:.1f} {bottom} v5" stroke="#444444"/>')
        parts.append(text(column, bottom + 19, number(value)))
    for value in np.arange(np.ceil(axes.y[0] / ticks[1]) * ticks[1], axes.y[1] + 1e-9, ticks[1]):
        row = float(axes.place(axes.x[0], value)[1])
        parts.append(f'<path d="M{axes.left} {row:.1f} h-5" stroke="#444444"/>')
        parts.append(text(axes.left - 9, row + 4, number(value), "end"))
    middle = axes.top + axes.height / 2
    parts.append(text(axes.left + axes.width / 2, bottom + 40, labels[0]))
    turn = f' transform="rotate(-90 {axes.left - 46:.1f} {middle:.1f})"'
    parts.append(text(axes.left - 46, middle, labels[1], turn=turn))
    return "\n".join(parts)


def voltages(entry: h5py.Group) -> str:
    """Draw voltage against the areal capacity of each step."""
    axes = Axes(70, 40, 350, 290, (0.0, 1.5), (-0.5, 2.1))
    samples = entry["samples"]
    area_m2 = entry["sample/area_m2"][()]
    current = samples["current_ampere"][:]
    parts = [frame(axes, ("areal capacity / mAh cm\u207b\u00b2", "voltage / V"), (0.5, 0.5))]
    for step, start_s, words, colour in zip(
        entry["steps/step_count"][:],
        entry["steps/start_time_second"][:],
        ("sodiation", "desodiation"),
        (COLOURS[1], COLOURS[4]),
        strict=True,
    ):
        chosen = (samples["step_count"][:] == step) & (np.abs(current) > 1e-5)
        charge = samples["net_charge_coulomb"][:]
        begin = charge[np.searchsorted(samples["test_time_second"][:], start_s)]
        capacity = np.abs(charge[chosen] - begin) / area_m2 / C_M2_PER_MAH_CM2
        parts.append(line(axes, capacity, samples["voltage_volt"][chosen], colour))
        row = axes.top + 20 + 18 * int(step)
        parts.append(f'<circle cx="{axes.left + 14}" cy="{row - 4}" r="4" fill="{colour}"/>')
        parts.append(text(axes.left + 26, row, words, "start"))
    return "\n".join(parts)


def nyquist(entry: h5py.Group) -> str:
    """Draw the spectra with equal axes; of the fresh cell only what fits beside the others."""
    spectra = list(entry["spectra"].values())
    real_axis = np.concatenate([data["real_impedance_ohm"][:] for data in spectra[1:]])
    low, high = np.floor(real_axis.min() / 20) * 20, np.ceil(real_axis.max() / 20 + 0.2) * 20
    bottom = -0.1 * (high - low)
    axes = Axes(530, 40, 340, 290, (low, high), (bottom, bottom + (high - low) * 290 / 340))
    names = ("Z' / \u03a9", "\u2212Z'' / \u03a9")
    parts = [frame(axes, names, (20, 20))]
    for place, (data, colour) in enumerate(zip(spectra, COLOURS, strict=True)):
        real, up = data["real_impedance_ohm"][:], data["negative_imaginary_impedance_ohm"][:]
        parts.append(dots(axes, real, up, colour))
        percent = f"{data.attrs['fraction'] * 100:.0f} %" + (" (fresh)" if place == 0 else "")
        row = axes.top + 20 + 18 * place
        parts.append(f'<circle cx="{axes.left + 14}" cy="{row - 4}" r="4" fill="{colour}"/>')
        parts.append(text(axes.left + 26, row, percent, "start"))
    return "\n".join(parts)


def picture(path: Path) -> str:
    """Return the SVG of the run file `path`."""
    with h5py.File(path, "r") as file:
        entry = file["entry"]
        cell = entry["sample/name"][()].decode()
        bench = "simulated bench" if file.attrs["simulated"] else "measured"
        title = f"Na\u2089Sn\u2084 | {cell} | Sn, half-cell protocol, {bench}"
        parts = [voltages(entry), nyquist(entry), text(WIDTH / 2, 22, title)]
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="sans-serif" font-size="13">\n<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(picture(Path(sys.argv[1])), encoding="utf-8")
