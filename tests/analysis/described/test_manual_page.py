"""The page of a lab manual as a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from solbench.acquisition.errors import OutputExists
from solbench.analysis.described.description import describe
from solbench.analysis.described.manual_page import tables_of, write_page
from solbench.protocols import BadInput, load_cell, parse_protocol
from tests.acquisition.record.test_loops import RAMP
from tests.tiers import few

NBH = load_cell("nbh")
AREA_m2 = 0.785e-4


@few("suffix", [".html", ".png"], 1)
def test_it_is_written_once_with_its_figure_and_steps(tmp_path: Path, suffix: str) -> None:
    protocol = parse_protocol(RAMP, "test")
    described, path = describe(protocol, NBH), tmp_path / f"page{suffix}"
    write_page(described, protocol, AREA_m2, path)
    if suffix == ".png":
        assert path.read_bytes().startswith(b"\x89PNG")
    else:
        page = path.read_text(encoding="utf-8")
        assert page.count("<svg") == 1
        for table in tables_of(described):
            assert table.title in page
        assert "current: $current" in page, "the protocol as it is written"
    with pytest.raises(OutputExists):
        write_page(described, protocol, AREA_m2, path)


def test_another_ending_is_refused(tmp_path: Path) -> None:
    protocol = parse_protocol(RAMP, "test")
    with pytest.raises(BadInput, match="a page ends in"):
        write_page(describe(protocol, NBH), protocol, AREA_m2, tmp_path / "page.txt")
