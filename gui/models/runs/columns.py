"""The columns of the list of runs in the window's words; which there are, and by what they sort, is the list's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from solbench.analysis.listing.columns import COLUMNS, in_order
from solbench.analysis.listing.columns import USUAL as USUAL
from solbench.analysis.listing.columns import Fitted as Fitted
from solbench.gui.models.common.number_format import elapsed
from solbench.gui.models.common.words import tr

if TYPE_CHECKING:
    from solbench.gui.models.runs.overview import Overview

HEADS = {
    "state": tr("State"),
    "started": tr("Started"),
    "cell": tr("Cell"),
    "protocol": tr("Protocol"),
    "duration": tr("Length"),
    "cycles": tr("Cycles"),
    "capacity": tr("Last mAh/cm²"),
    "spectra": tr("Spectra"),
    "file": tr("File"),
    "tags": tr("Tags"),
    "electrolyte": tr("Electrolyte"),
    "build": tr("Build"),
    "operator": tr("Operator"),
    "bench": tr("Bench"),
    "temperature": tr("Temperature °C"),
    "pressure": tr("Stack pressure MPa"),
    "efficiency": tr("Last CE"),
    "r_sse": tr("R_SSE Ω"),
    "growth": tr("Growth of R_int Ω"),
    "sigma": tr("σ S/cm"),
    "sigma_e": tr("σ_e S/cm"),
    "end": tr("How it ended"),
    "notes": tr("Notes"),
}
NAMES = tuple(HEADS)
TAKES_FITS = frozenset(name for name in NAMES if COLUMNS[name].takes_fits)
UNKNOWN, UNTOLD = "–", "?"
FAILED = Fitted()
"""What a run has of which the spectra could not be fitted; it is told by its identity from a run without a value."""
_OF_TEXT = frozenset(
    {"tags", "operator", "notes", "build", "bench", "electrolyte", "end"}
)  # empty where there is none


def cells_of(row: Overview, fitted: Fitted | None = None) -> tuple[str, ...]:
    """Return a line of the list as texts, in the order of NAMES.

    They are kept with the line: each letter that is typed asks for those of all lines.
    """
    failed = fitted is FAILED
    cells = row.kept_cells.get((fitted, failed))
    if cells is None:
        cells = tuple(_text(name, row, fitted, failed) for name in NAMES)
        row.kept_cells[fitted, failed] = cells
    return cells


def words_of(row: Overview) -> str:
    """Return all that a line says of a run without fits, in small letters, to look for words in; kept with it."""
    if not row.kept_words:
        row.kept_words.append(" ".join(cells_of(row)).casefold())
    return row.kept_words[0]


def _text(name: str, row: Overview, fitted: Fitted | None, failed: bool) -> str:
    match name:
        case "state":
            return row.state
        case "cell":
            return f"{row.cell_id} ({row.cell})" if row.cell_id else row.cell
        case "protocol":
            marks = (
                " – SIMULATED" if row.simulated else "",
                f" – {tr('corrected')}" if row.corrected else "",
            )
            return "".join((row.protocol, *marks))
        case "duration":
            return UNKNOWN if row.length_s is None else elapsed(row.length_s)
        case _ if name in TAKES_FITS and failed:
            return UNTOLD
        case _:
            text = COLUMNS[name].text(row, fitted)
            return text or ("" if name in _OF_TEXT or (name in TAKES_FITS and fitted is None) else UNKNOWN)


def sorted_by(
    rows: Sequence[Overview], name: str, fitted: Callable[[Path], Fitted | None], *, down: bool
) -> list[Overview]:
    """Sort lines of the list by a column; what is not known comes last, either way."""
    return in_order(rows, COLUMNS[name], fitted, down=down)


def read_names(texts: Sequence[str]) -> tuple[str, ...]:
    """Return those of the texts that name columns, each once, the state always among them; the usual ones for none."""
    names = tuple(dict.fromkeys(text for text in texts if text in HEADS))
    return () if not names else names if "state" in names else ("state", *names)
