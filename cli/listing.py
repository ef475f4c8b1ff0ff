"""The runs of a folder as a table for people, for spreadsheets, and for programs."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from solbench.acquisition.control.registry import live_entries
from solbench.acquisition.errors import AcquisitionError
from solbench.acquisition.record.beside.paths import run_file
from solbench.acquisition.record.beside.tags import has_all
from solbench.analysis.exports.spreadsheet import write_csv
from solbench.analysis.listing.columns import COLUMNS, USUAL, Column, Fitted, in_order, table
from solbench.analysis.listing.line import RunLine
from solbench.cli.kept_lines import lines_of
from solbench.cli.kept_summary import in_words, keep, kept, place_of
from solbench.protocols.errors import BadInput

Row = dict[str, object]
MOST_WIDE = 40  # characters of a column for people


class Listing:
    """The runs of a folder, the newest first, that have all of some tags; raises BadInput for no folder."""

    def __init__(self, folder: Path, tags: Sequence[str], columns: Sequence[Column]) -> None:
        if not folder.is_dir():
            raise BadInput(
                "there is no such folder", "Name a folder with run files", file=str(folder), field="FOLDER"
            )
        lines = [line for line in lines_of(folder, live_entries()) if not tags or has_all(line.tags, tags)]
        self.columns = tuple(columns) or tuple(COLUMNS[name] for name in USUAL)
        self.lines = in_order(lines, COLUMNS["started"], lambda _path: None, down=True)
        self._fitted: dict[Path, Fitted | None] = {}

    def as_text(self) -> str:
        """Return the list as lines for people."""
        rows = table(self.lines, self.columns, self._fit)
        rows = [[_short(text) for text in row[:-1]] + row[-1:] for row in rows]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = (
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows
        )
        return "\n".join(line.rstrip() for line in lines)

    def as_csv(self) -> str:
        """Return the list as a table for spreadsheets, with commas."""
        text = io.StringIO()
        write_csv(text, table(self.lines, self.columns, self._fit))
        return text.getvalue().rstrip("\n")

    def rows(self) -> list[Row]:
        """Return what is known of each run by name; what takes fits where such a column is wanted."""
        return [self._row(line) for line in self.lines]

    def _row(self, line: RunLine) -> Row:
        row: Row = {**asdict(line), "path": str(line.path)}
        if any(column.takes_fits for column in self.columns):
            row |= asdict(self._fit(line.path) or Fitted())
        return row

    def _fit(self, path: Path) -> Fitted | None:
        """Return what takes fits of the spectra of a run; kept where that is final, None where it cannot be read."""
        if not any(column.takes_fits for column in self.columns):
            return None
        if path not in self._fitted:
            try:
                self._fitted[path] = _fit(path)
            except (AcquisitionError, BadInput, OSError):
                self._fitted[path] = None
        return self._fitted[path]


def _short(text: str) -> str:
    """Return a text of a column as it does not push the others out; `--csv` and `--json` have all of it."""
    return text if len(text) <= MOST_WIDE else f"{text[: MOST_WIDE - 1]}…"


def _fit(path: Path) -> Fitted:
    import json

    run, place = run_file(path), place_of(run_file(path))
    found = kept(place)
    if found is not None:
        return Fitted.of(json.loads(found.json))
    from solbench.acquisition.record.reader import open_run  # takes a moment to load, as what follows does
    from solbench.analysis.summary import summarise

    opened = open_run(path)
    summary = summarise(opened)
    if opened.end is not None:
        keep(place, run, in_words(summary, opened.header.run))
    return Fitted.of(summary)
