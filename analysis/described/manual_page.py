"""The page of a lab manual that says what a protocol will do: one figure, tables, the protocol itself."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from solbench.acquisition.errors import OutputExists
from solbench.analysis.described.description import Description, Span
from solbench.analysis.report.page import STYLE, figure_of, table_of
from solbench.analysis.report.pdf import to_pdf
from solbench.analysis.report.render import painted, to_png, to_svg
from solbench.analysis.report.style import BLUE, GREEN, VERMILLION, Drawing, grid
from solbench.analysis.report.tables import Table
from solbench.protocols.errors import BadInput
from solbench.protocols.protocol import Protocol, dump_protocol
from solbench.protocols.quantities.durations import format_duration
from solbench.protocols.segments import (
    ConstantCurrent,
    ConstantVoltage,
    Polarization,
    Prompt,
    Rest,
    Scan,
    Segment,
    Sweep,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_IN = (8.4, 4.6)
MOST_NAMED = 12  # steps: more names would lie on each other
SUFFIXES = (".html", ".pdf", ".png")
UNITS = ((60.0, "s", 1.0), (7200.0, "min", 60.0), (4 * 86400.0, "h", 3600.0), (float("inf"), "d", 86400.0))


def planned(described: Description, area_m2: float) -> Drawing:
    """Return the figure of what is set over the time that is expected; currents per area (m2)."""
    whole = "" if described.is_whole else f" The first {len(described.spans)} parts of the run are drawn."
    caption = (
        "What is set, over the estimated time; ends by voltage may come earlier or later. Grey: "
        f"open circuit; marks above: spectra; dashed: the voltages at which a step ends.{whole}"
    )

    def paint(figure: Figure) -> None:
        _paint(figure, described.spans, area_m2)

    return Drawing("planned", f"{described.title}: what is planned", caption, SIZE_IN, (), paint)


def write_page(described: Description, protocol: Protocol, area_m2: float, path: Path) -> None:
    """Write the page as HTML or PDF, or its figure as PNG, by the ending of `path`; raises BadInput, OutputExists."""
    if path.suffix not in SUFFIXES:
        raise BadInput(
            "a page ends in .html or .pdf, a figure in .png", f"Write {path.stem}.html", field="-o"
        )
    if path.exists():
        raise OutputExists(str(path))
    drawing = planned(described, area_m2)
    if path.suffix == ".pdf":
        to_pdf(path, described.title, "", [drawing], tables_of(described))
        return
    with painted(drawing) as figure:
        if path.suffix == ".png":
            to_png(figure, path)
            return
        svg = to_svg(figure, drawing)
    path.write_text(_html(described, protocol, drawing, svg), encoding="utf-8")


def tables_of(described: Description) -> list[Table]:
    """Return the tables of the page."""
    steps = tuple(
        (
            f"{number}",
            f"{'· ' * step.depth}{step.name}",
            step.words,
            step.amounts,
            format_duration(step.duration_s) if step.duration_s is not None else "",
        )
        for number, step in enumerate(described.steps, 1)
    )
    found = [
        Table("Steps", ("", "step", "what is done", "in this cell", "takes"), steps),
        Table("Changed during the run", ("when, by whom", "what"), described.changes),
        Table("Limits", ("what", "and then"), described.limits, "They hold whatever the steps say."),
        Table("What it takes", ("", ""), described.takes),
        Table("Cell and conditions", ("", ""), (*described.cell, *described.conditions)),
        Table("To be noted", ("",), tuple((str(finding),) for finding in described.findings)),
    ]
    return [table for table in found if table.rows]


def _html(described: Description, protocol: Protocol, drawing: Drawing, svg: str) -> str:
    title = escape(described.title)
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
        f"<h1>{title}</h1>",
        f"<p>{escape(described.notes)}</p>" if described.notes else "",
        figure_of(drawing, svg),
        *(table_of(table) for table in tables_of(described)),
        f"<details><summary>The protocol</summary><pre>{escape(dump_protocol(protocol))}</pre></details>",
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _paint(figure: Figure, spans: Sequence[Span], area_m2: float) -> None:
    above, below = (row[0] for row in grid(figure, 1, (1.0, 1.0), gaps_in=(0.7, 0.2)))
    end_s = spans[-1].end_s if spans else 1.0
    unit, scale_s = next((name, scale_s) for most_s, name, scale_s in UNITS if end_s <= most_s)
    for span in spans:
        begin, end = span.begin_s / scale_s, span.end_s / scale_s
        segment = span.segment
        if isinstance(segment, Rest | Prompt):
            for axes in (above, below):
                axes.axvspan(begin, end, color="#eeeeee", lw=0.0)
        elif isinstance(segment, Sweep):
            above.plot(
                [begin], [1.02], "v", color=GREEN, transform=above.get_xaxis_transform(), clip_on=False
            )
        _current(above, segment, (begin, end), area_m2)
        _voltage(below, segment, (begin, end))
    begun = {span.segment.step.index: span for span in reversed(spans)}
    for span in begun.values() if len(begun) <= MOST_NAMED else ():
        place = span.begin_s / scale_s
        below.text(
            place, 0.96, f" {span.segment.step.name}", transform=below.get_xaxis_transform(), va="top", size=7
        )
    for axes, label in ((above, "current / mA cm$^{-2}$"), (below, "voltage / V")):
        axes.set_xlim(0.0, end_s / scale_s)
        axes.set_ylabel(label)
        axes.margins(y=0.15)
    above.tick_params(labelbottom=False)
    below.set_xlabel(f"expected time / {unit}")


def _current(axes: Axes, segment: Segment, between: tuple[float, float], area_m2: float) -> None:
    if isinstance(segment, ConstantCurrent):
        level = segment.current_A / area_m2 / 10.0
        axes.plot(between, (level, level), color=BLUE)
        axes.fill_between(between, 0.0, level, color=BLUE, alpha=0.15, lw=0.0)


def _voltage(axes: Axes, segment: Segment, between: tuple[float, float]) -> None:
    begin, end = between
    if isinstance(segment, ConstantVoltage | Polarization):
        axes.plot(between, (segment.voltage_V, segment.voltage_V), color=VERMILLION)
    elif isinstance(segment, Scan):
        ways = [0.0, *accumulate(abs(b - a) for a, b in pairwise(segment.levels_V))]
        times = [begin + (end - begin) * way / ways[-1] for way in ways]
        axes.plot(times, segment.levels_V, color=VERMILLION)
    elif isinstance(segment, ConstantCurrent):
        for limit in segment.ends:
            if limit.quantity in ("voltage_above", "voltage_below"):
                axes.plot(between, (limit.value, limit.value), color=VERMILLION, ls="--", lw=1.0)
