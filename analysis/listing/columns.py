"""The columns that a list of runs may have, by their names; the same for the command line and the window.

What a column shows follows from the line of a run, or, where it takes fits of its spectra, from its summary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from solbench.analysis.listing.line import RunLine
from solbench.protocols.errors import BadInput
from solbench.protocols.quantities.units import ZERO_DEGC_K

Value = float | int | str | None
L = TypeVar("L", bound=RunLine)


@dataclass(frozen=True)
class Fitted:
    """What a list says of a run that takes fits of its spectra; None where it does not apply, or is withheld.

    `r_sse_ohm` is that of the last spectrum.
    """

    r_sse_ohm: float | None = None
    r_interface_growth_ohm: float | None = None
    ionic_conductivity_S_cm: float | None = None
    electronic_conductivity_S_cm: float | None = None

    @classmethod
    def of(cls, summary: Any) -> Fitted:
        """Take it from a summary, as an object or as `summary --json` gives it."""
        plain = summary if isinstance(summary, dict) else vars(summary)
        spectra = [one if isinstance(one, dict) else vars(one) for one in plain.get("spectra", ())]
        resistances = [one.get("r_sse_ohm") for one in spectra if one.get("r_sse_ohm") is not None]
        return cls(
            resistances[-1] if resistances else None,
            plain.get("r_interface_growth_ohm"),
            plain.get("ionic_conductivity_S_cm"),
            plain.get("electronic_conductivity_S_cm"),
        )


@dataclass(frozen=True)
class Column:
    """A column: its name, its head with the unit, and the value (None for none) of a line and what was fitted.

    `takes_fits`: whether it needs what was fitted. `digits`: how a number is written; times of day are sorted by `by`.
    """

    name: str
    head: str
    value: Callable[[RunLine, Fitted], Value]
    digits: str = ""
    takes_fits: bool = False
    by: Callable[[RunLine, Fitted], Value] | None = None

    def text(self, line: RunLine, fitted: Fitted | None) -> str:
        """Return what the column says of a run, "" where that is not known."""
        value = None if self.takes_fits and fitted is None else self.value(line, fitted or Fitted())
        if value is None or value == "":
            return ""
        return str(value) if isinstance(value, str) else format(value, self.digits)

    def rank(self, line: RunLine, fitted: Fitted | None) -> Value:
        """Return by what runs are sorted; None where nothing is known. Texts are sorted without regard to capitals."""
        value = (self.by or self.value)(line, fitted or Fitted())
        if isinstance(value, str):
            return value.casefold() or None
        return value


def _degC(line: RunLine) -> float | None:
    return None if line.temperature_K is None else line.temperature_K - ZERO_DEGC_K


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


COLUMNS = {
    column.name: column
    for column in (
        Column("state", "state", lambda line, _: line.standing.replace("_", " ")),
        Column("started", "started", lambda line, _: line.started, by=lambda line, _: line.unix_s),
        Column("cell", "cell", lambda line, _: line.cell_id or line.cell),
        Column("electrolyte", "electrolyte", lambda line, _: line.cell),
        Column("build", "build", lambda line, _: line.build),
        Column("protocol", "protocol", lambda line, _: line.protocol),
        Column("tags", "tags", lambda line, _: ", ".join(line.tags)),
        Column("operator", "operator", lambda line, _: line.operator),
        Column("bench", "bench", lambda line, _: "SIMULATED" if line.simulated else line.bench),
        Column("temperature", "temperature / degC", lambda line, _: _degC(line), ".2f"),
        Column(
            "pressure", "stack pressure / MPa", lambda line, _: _scaled(line.stack_pressure_Pa, 1e-6), ".4g"
        ),
        Column("duration", "duration / h", lambda line, _: _scaled(line.length_s, 1 / 3600.0), ".3f"),
        Column("cycles", "cycles", lambda line, _: line.cycles, "d"),
        Column("capacity", "last capacity / mAh cm-2", lambda line, _: line.capacity_mAh_cm2, ".4f"),
        Column("efficiency", "last CE", lambda line, _: line.efficiency, ".4f"),
        Column("spectra", "spectra", lambda line, _: line.spectra, "d"),
        Column("r_sse", "R_SSE / ohm", lambda _, fit: fit.r_sse_ohm, ".4g", takes_fits=True),
        Column(
            "growth",
            "growth of R_int / ohm",
            lambda _, fit: fit.r_interface_growth_ohm,
            ".4g",
            takes_fits=True,
        ),
        Column("sigma", "sigma / S cm-1", lambda _, fit: fit.ionic_conductivity_S_cm, ".3e", takes_fits=True),
        Column(
            "sigma_e",
            "sigma_e / S cm-1",
            lambda _, fit: fit.electronic_conductivity_S_cm,
            ".2e",
            takes_fits=True,
        ),
        Column("end", "end", lambda line, _: line.reason),
        Column("notes", "notes", lambda line, _: line.notes),
        Column("file", "file", lambda line, _: line.path.name),
    )
}
"""By name; in the order in which they are offered."""
USUAL = ("state", "started", "cell", "protocol", "tags", "duration", "cycles", "capacity", "spectra", "file")


def read_columns(text: str, field: str = "--columns") -> tuple[Column, ...]:
    """Return the columns that are named, with commas between them; raises BadInput."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in COLUMNS:
            raise BadInput(
                f"there is no column '{name}'",
                f"Write some of {', '.join(COLUMNS)}, with commas",
                field=field,
            )
    if not names:
        raise BadInput("no column is named", f"Write some of {', '.join(COLUMNS)}, with commas", field=field)
    return tuple(COLUMNS[name] for name in dict.fromkeys(names))


def in_order(
    lines: Iterable[L], column: Column, fitted: Callable[[Path], Fitted | None], *, down: bool = False
) -> list[L]:
    """Sort lines by a column; what is not known comes last either way, and what is alike stays in its order."""
    found = [(column.rank(line, fitted(line.path)), line) for line in lines]
    known = [one for one in found if one[0] is not None]
    known.sort(
        key=lambda one: _key(one[0]), reverse=down
    )  # which keeps the order of what is alike either way
    return [line for _, line in (*known, *(one for one in found if one[0] is None))]


def _key(value: Value) -> tuple[int, float, str]:
    return (1, 0.0, value) if isinstance(value, str) else (0, float(value or 0), "")


def table(
    lines: Sequence[RunLine], columns: Sequence[Column], fitted: Callable[[Path], Fitted | None]
) -> list[list[str]]:
    """Return a list of runs as rows of texts, their heads first."""
    rows = [[column.text(line, fitted(line.path)) for column in columns] for line in lines]
    return [[column.head for column in columns], *rows]
