"""Tables of a PDF: every word of them is there, however long a cell is."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader

from solbench.analysis.report.pdf import to_pdf
from solbench.analysis.report.tables import Table
from tests.tiers import few


@few(("lines", "words", "pages"), [(3, 9, {1}), (55, 4, {1, 2}), (150, 900, {3, 4, 5})], 2)
def test_a_cell_that_is_taller_than_a_page_goes_over_several(
    lines: int, words: int, pages: set[int], tmp_path: Path
) -> None:
    steps = [f"step{n}: charge to 2 V" for n in range(lines)]
    notes = [f"word{n}" for n in range(words)]
    rows = (("a", "\n".join(steps), "x"), ("b", "short", "y"), ("c", " ".join(notes), "z"))
    table = Table("Protocols", ("protocol", "steps", "more"), rows, "a note")
    to_pdf(tmp_path / "t.pdf", "title", "", [], [table])
    found = [page.extract_text() for page in PdfReader(tmp_path / "t.pdf").pages]
    told = {word.strip(":") for text in found for word in text.split()}
    assert {f"step{n}" for n in range(lines)} | set(notes) | {"short", "x", "y", "z"} <= told
    assert len(found) in pages
    assert all("protocol steps more" in " ".join(text.split()) for text in found[:-1])


@pytest.mark.parametrize("first", [24, 28, 36, 44])
def test_beside_a_row_that_is_taller_than_a_page_a_short_one_stays_in_one_piece(
    first: int, tmp_path: Path
) -> None:
    lines = {"a": first, "b": 10, "c": 90}
    rows = tuple((f"r{name}", "\n".join(f"{name}{n}" for n in range(count))) for name, count in lines.items())
    to_pdf(tmp_path / "t.pdf", "title", "", [], [Table("Protocols", ("protocol", "steps"), rows, "")])
    pages = [set(page.extract_text().split()) for page in PdfReader(tmp_path / "t.pdf").pages]
    on = {
        name: sum(any(f"{name}{n}" in page for n in range(lines[name])) for page in pages) for name in lines
    }
    assert (on["a"], on["b"]) == (1, 1)
    assert on["c"] > 1
