"""Write the table of faults in docs/faults.md by playing each of them on the simulated bench; it takes some minutes.

python -m docs.make_fault_table
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.faults.phases import PHASES
from tests.faults.plans import SEGMENTS
from tests.faults.play import Cell, Played, cells, play
from tests.faults.registry import FAULTS

PAGE = Path(__file__).with_name("faults.md")
_BEGIN, _END = "<!-- faults: written by docs/make_fault_table.py -->\n\n", "<!-- end of faults -->\n"


def words(played: Played) -> str:
    """Return what came of a cell: the outcome, when the cell was off, what the user is told."""
    end = played.result.outcome
    alarms = {event.body.code for event in played.of("alarm")} - {
        "storage"
    }  # which comes when the disk is looked at
    codes = [f"`{code}`" for code in sorted(alarms)]
    if played.result.alarms and not codes:
        codes = ["told of the file"]
    if not played.is_verified:
        end = f"{end}, not verified off"
    elif any(event.body.by == "program" for event in played.of("paused")):
        end = f"pauses, {_off(played)}"
    elif end == "completed":
        end = "continues"
    else:
        end = f"{end}, {_off(played)}"
    return "; ".join([end, *codes])


def table(came: Mapping[Cell, str]) -> str:
    """Return a table for each fault, of phases and kinds of segment."""
    parts = []
    for name, fault in FAULTS.items():
        kinds = list(SEGMENTS.values())
        head = [
            f"## {name}",
            "",
            f"{fault.words[0].upper()}{fault.words[1:]}.",
            "",
            f"| | {' | '.join(kinds)} |",
        ]
        rows = [f"| {phase} | {' | '.join(_row(came, name, phase))} |" for phase in PHASES]
        parts.append("\n".join([*head, f"|{'---|' * (1 + len(kinds))}", *rows]))
    return "\n\n".join(parts) + "\n"


def rows_of(text: str) -> list[tuple[str, str]]:
    """Return fault and phase of each row of the page's tables."""
    found, fault = [], ""
    for line in between(text).splitlines():
        if line.startswith("## "):
            fault = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith("| |"):
            found.append((fault, line.split(" | ")[0].removeprefix("| ")))
    return found


def between(text: str) -> str:
    """Return the part of the page that is written by this program."""
    return text[text.index(_BEGIN) + len(_BEGIN) : text.index(_END)]


def page(came: Mapping[Cell, str]) -> str:
    """Return the text of the page with the tables."""
    text = PAGE.read_text(encoding="utf-8")
    return text[: text.index(_BEGIN) + len(_BEGIN)] + table(came) + text[text.index(_END) :]


def _off(played: Played) -> str:
    off_s = played.off_after_s
    if off_s is None:
        return "the cell stays on"
    return (
        "the cell is off"
        if off_s == 0.0
        else f"off after {off_s:.2g} s"
        if off_s < 10
        else f"off after {off_s:.0f} s"
    )


def _row(came: Mapping[Cell, str], fault: str, phase: str) -> Iterable[str]:
    return (came[Cell(fault, segment, phase)] for segment in SEGMENTS)


def main() -> None:
    """Play every cell and write the page."""
    PAGE.write_text(page({cell: words(play(cell)) for cell in cells()}), encoding="utf-8")


if __name__ == "__main__":
    main()
