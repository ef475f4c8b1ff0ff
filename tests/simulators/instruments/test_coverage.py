"""Every command of the instruments: the simulator takes it, a test sends it, and the driver sends no other.

`python -m tests.simulators.instruments.test_coverage` prints the table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from solbench.drivers.links.commands import Command
from solbench.drivers.solartron.solartron1260 import Solartron1260 as Driver1260
from solbench.drivers.solartron.solartron1287 import Solartron1287 as Driver1287
from solbench.simulators.instruments.language import Spec
from solbench.simulators.instruments.solartron1260 import TABLE as TABLE_1260
from solbench.simulators.instruments.solartron1287 import TABLE as TABLE_1287

TESTS = Path(__file__).parents[2]
DRAWN = "test_any_dialogue.py"  # it draws from the table: a code that is only sent there is only known not to hang
TABLES: dict[str, tuple[Mapping[str, Spec], type]] = {
    "1260": (TABLE_1260, Driver1260),
    "1287": (TABLE_1287, Driver1287),
}


class Row(NamedTuple):
    """A code, what the driver calls it ("" where it has no use for it), and the tests that send it."""

    code: str
    driver: str
    tests: tuple[str, ...]


@cache
def texts() -> dict[str, str]:
    files = (path for path in TESTS.rglob("*.py") if path.name not in (DRAWN, Path(__file__).name))
    return {path.relative_to(TESTS).as_posix(): path.read_text(encoding="utf-8") for path in files}


def driven(driver: type) -> dict[str, str]:
    """Return what a driver calls each code; a channel that belongs to it (`DC1,`) is left out."""
    return {
        re.sub(r"[0-9,]+$", "", command.code): name
        for kind in driver.__mro__
        for name, command in vars(kind).items()
        if isinstance(command, Command)
    }


def rows(name: str) -> list[Row]:
    table, driver = TABLES[name]
    names = driven(driver)
    found = []
    for code in table:
        sent = re.compile(rf"[\"'; ]\??{re.escape(code)}[ ?]?(?:[-+0-9.{{]|[\"';,])")
        where = tuple(sorted(file for file, text in texts().items() if sent.search(text)))
        found.append(Row(code, names.get(code, ""), where))
    return found


@pytest.mark.parametrize("name", TABLES)
def test_every_code_of_an_instrument_is_sent_by_a_test(name: str) -> None:
    assert [row.code for row in rows(name) if not row.tests] == []


@pytest.mark.parametrize("name", TABLES)
def test_a_driver_sends_nothing_that_the_instrument_lacks(name: str) -> None:
    table, driver = TABLES[name]
    assert set(driven(driver)) - set(table) == set()


if __name__ == "__main__":
    for instrument in TABLES:
        for row in rows(instrument):
            print(f"{instrument}  {row.code:5} {row.driver or '-':28} {', '.join(row.tests[:3])}")
