"""The table of records must be the one that their classes make, and name what is in journals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from docs import make_records_table as maker

from solbench.acquisition.record.events import KINDS
from tests.acquisition.runs import RUNS_0_1

JOURNALS = sorted(RUNS_0_1.glob("*.journal"))


def test_table_is_current() -> None:
    text = maker.PAGE.read_text(encoding="utf-8")
    assert text == maker.page(), "run: python docs/make_records_table.py"


def test_every_kind_has_its_row() -> None:
    rows = maker.table().splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == list(KINDS)


@pytest.mark.parametrize("journal", JOURNALS, ids=lambda path: path.stem)
def test_the_keys_of_journals_are_in_the_table_in_their_order(journal: Path) -> None:
    rows = {row.split("`")[1]: row for row in maker.table().splitlines()[2:]}
    for line in journal.read_bytes().splitlines():
        record = json.loads(line.rpartition(b"\t")[0])
        names = [name for name in record if name not in ("seq", "kind", "time_s")]
        cells = rows[record["kind"]].split(" | ")[2]
        places = [cells.find(f"`{name}`") for name in names]
        assert -1 not in places, (record["kind"], names)
        listed = [name for name in maker.keys(KINDS[record["kind"]]) if name in names]
        assert listed == names
