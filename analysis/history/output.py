"""The life of a cell as lines for people, as a table, and as a figure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from solbench.analysis.exports.spreadsheet import write_csv
from solbench.analysis.history.life import Life, LifeCycle, LifeResistance, Part
from solbench.analysis.report.numbers import in_ascii
from solbench.analysis.report.pdf import to_pdf
from solbench.analysis.report.render import painted, to_png, to_svg
from solbench.analysis.report.style import BLUE, GREEN, VERMILLION, Drawing, grid
from solbench.protocols.errors import BadInput

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS = (".png", ".svg", ".pdf")
MOST_CYCLES = 24  # of a text: the first and the last ones
_HEAD = (
    "kind",
    "number / 1",
    "part / 1",
    "time",
    "first charge / mAh",
    "second charge / mAh",
    "first charge / mAh cm-2",
    "second charge / mAh cm-2",
    "first charge / mAh g-1",
    "second charge / mAh g-1",
    "Coulombic efficiency / 1",
    "standard error of the efficiency / 1",
    "R_SSE / ohm",
    "R_int / ohm",
    "R_int / ohm cm2",
    "verdict",
    "file",
    "simulated / 1",
)


def as_text(life: Life) -> str:
    """Return the life of a cell as lines for people."""
    size = f", {life.area_cm2:.4g} cm2" if life.area_cm2 is not None else ""
    mass = f", {life.active_mass_mg:.4g} mg" if life.active_mass_mg is not None else ""
    mark = ", SIMULATED in part or whole" if life.simulated else ""
    lines = [f"cell {life.cell} ({life.kind or 'kind unknown'}{size}{mass}){mark}"]
    lines += [line for part in life.parts for line in _part_lines(part)]
    shown = list(life.cycles)
    if len(shown) > MOST_CYCLES:
        half = MOST_CYCLES // 2
        lines += [_cycle_line(one, life) for one in shown[:half]]
        lines.append(f"  ({len(shown) - 2 * half} cycles between these: --table)")
        shown = shown[-half:]
    lines += [_cycle_line(one, life) for one in shown]
    lines += [_resistance_line(one) for one in life.resistances]
    return "\n".join(lines)


def _part_lines(part: Part) -> Iterator[str]:
    started = part.started[:16].replace("T", " ") or "time unknown"
    ended = f", {part.ended}" if part.ended else ""
    tags = f"  [{', '.join(part.tags)}]" if part.tags else ""
    yield f"{part.number}. {started}  {part.program}: {part.file} ({part.what}{ended}){tags}"
    yield from (f"     {note}" for note in part.notes)


def _cycle_line(one: LifeCycle, life: Life) -> str:
    areal = life.area_cm2 is not None
    first = one.first_mAh_cm2 if areal else one.first_mAh
    second = one.second_mAh_cm2 if areal else one.second_mAh
    unit = "mAh/cm2" if areal else "mAh"
    back = f"{second:.4f}" if second is not None else "-"
    efficiency = "CE not determined"
    if one.efficiency is not None and one.efficiency_stderr is not None:
        efficiency = f"CE {one.efficiency:.4f} +- {one.efficiency_stderr:.4f}"
    where = f"part {one.part}" + (f", {one.second_part}" if one.second_part not in (None, one.part) else "")
    return f"  cycle {one.number}: {first:.4f} and {back} {unit}, {efficiency} ({where})"


def _resistance_line(one: LifeResistance) -> str:
    arcs = f", R_arcs {one.r_int_ohm:.4g} ohm" if one.r_int_ohm is not None else ""
    when = one.time[:16].replace("T", " ") or "time unknown"
    return (
        f"  spectrum {one.spectrum} of part {one.part}, {when}, after cycle {one.after_cycle}: "
        f"R_SSE {in_ascii(one.r_sse_ohm, one.r_sse_stderr_ohm, 'ohm')}{arcs} ({one.verdict})"
    )


def write_table(path: Path, life: Life) -> None:
    """Write cycles and resistances as CSV, a row each; raises BadInput if the file exists."""
    try:
        stream = path.open("x", encoding="utf-8", newline="")
    except FileExistsError:
        raise BadInput("this file exists", "Name another one, or move it away", file=str(path)) from None
    with stream:
        write_csv(stream, (_HEAD, *_rows(life)))


def _rows(life: Life) -> Iterator[list[object]]:
    parts = {part.number: part for part in life.parts}
    for one in life.cycles:
        charges = (
            one.first_mAh,
            one.second_mAh,
            one.first_mAh_cm2,
            one.second_mAh_cm2,
            one.first_mAh_g,
            one.second_mAh_g,
            one.efficiency,
            one.efficiency_stderr,
        )
        part = parts[one.part]
        yield [
            "cycle",
            one.number,
            one.part,
            one.started,
            *map(_cell, charges),
            *[""] * 4,
            part.file,
            int(part.simulated),
        ]
    for found in life.resistances:
        values = (found.r_sse_ohm, found.r_int_ohm, found.r_int_ohm_cm2)
        part = parts[found.part]
        yield [
            "spectrum",
            found.spectrum,
            found.part,
            found.time,
            *[""] * 8,
            *map(_cell, values),
            found.verdict,
            part.file,
            int(part.simulated),
        ]


def _cell(value: float | None) -> str:
    return "" if value is None else repr(value)


def write_figure(path: Path, life: Life) -> None:
    """Draw capacity, Coulombic efficiency and resistances against the cycle; raises BadInput for another ending."""
    if path.suffix.lower() not in ENDINGS:
        raise BadInput("a figure ends in .png, .svg or .pdf", "Name it so", field="--figure")
    if path.exists():
        raise BadInput("this file exists", "Name another one, or move it away", file=str(path))
    drawing = Drawing(
        "life",
        f"Life of {life.cell}",
        "Charges that went in and came back, the Coulombic efficiency, and the resistances, over all runs and files.",
        (11.0, 3.6),
        (),
        lambda figure: _paint(figure, life),
    )
    if path.suffix.lower() == ".pdf":
        to_pdf(path, drawing.title, "", [drawing], [])
        return
    with painted(drawing) as figure:
        if path.suffix.lower() == ".svg":
            path.write_text(to_svg(figure, drawing), encoding="utf-8")
        else:
            to_png(figure, path)


def _paint(figure: Figure, life: Life) -> None:
    from matplotlib.ticker import MaxNLocator

    [(charges, efficiencies, resistances)] = grid(figure, 3)
    areal = life.area_cm2 is not None
    for name, colour, marker in (("first", BLUE, "o"), ("second", VERMILLION, "s")):
        field = f"{name}_mAh_cm2" if areal else f"{name}_mAh"
        points = [(one.number, value) for one in life.cycles if (value := getattr(one, field)) is not None]
        if points:
            words = "goes in" if name == "first" else "comes back"
            charges.plot(*zip(*points, strict=True), marker, color=colour, ms=4, label=words)
    charges.set_ylabel("charge / mAh cm⁻²" if areal else "charge / mAh")
    known = [(one.number, 100.0 * one.efficiency) for one in life.cycles if one.efficiency is not None]
    if known:
        efficiencies.plot(*zip(*known, strict=True), "o", color=GREEN, ms=4)
    efficiencies.set_ylabel("Coulombic efficiency / %")
    for field, colour, words in (("r_sse_ohm", BLUE, "R_SSE"), ("r_int_ohm", VERMILLION, "R_arcs")):
        found = [
            (one.after_cycle, value) for one in life.resistances if (value := getattr(one, field)) is not None
        ]
        if found:
            resistances.plot(*zip(*found, strict=True), "o", color=colour, ms=4, label=words)
    resistances.set_ylabel("resistance / Ω")
    for axes in (charges, efficiencies, resistances):
        axes.set_xlabel("cycle of the life")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        for number in _firsts(life):
            if number > 1:
                axes.axvline(number - 0.5, color="0.8", lw=0.8, zorder=0)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="best")
    if life.simulated:
        figure.text(0.995, 0.995, "SIMULATED", ha="right", va="top", color="#8f3e00", weight="bold", size=8)


def _firsts(life: Life) -> list[int]:
    """Return the first cycle of each part that has one."""
    firsts: dict[int, int] = {}
    for one in life.cycles:
        firsts.setdefault(one.part, one.number)
    return list(firsts.values())
