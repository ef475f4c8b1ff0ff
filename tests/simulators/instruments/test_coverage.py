"""Every command of the instruments: the simulator takes it, a test sends it, and the driver sends no other.

Which commands there are stands in `commands.py`, from manuals and other programs alone.
`python -m tests.simulators.instruments.test_coverage` prints the table.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
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
from tests.simulators.conftest import Desk
from tests.simulators.instruments.commands import DRIVEN, OF_1260, OF_1287, Known

TESTS = Path(__file__).parents[2]
LISTS = ("commands.py", Path(__file__).name)
KNOWN = {"1260": OF_1260, "1287": OF_1287}
LONG = {
    "TT2": 3.0,
    "*RST": 1.0,
    "BK": 1.0,
    "BK0": 1.0,
    "SI": 3.0,
    "RE": 3.0,
    "DO": 1.0,
    "NU2": 2.0,
}  # s until it hears again
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
    files = (path for path in TESTS.rglob("*.py") if path.name not in (DRAWN, *LISTS))
    return {path.relative_to(TESTS).as_posix(): path.read_text(encoding="utf-8") for path in files}


def driven(driver: type) -> dict[str, str]:
    """Return what a driver calls each code; a channel that belongs to it (`DC1,`) is left out.

    What it writes as it stands ("CE") has no name of its own.
    """
    written = re.findall(
        r"\b(?:write|ask)\(\s*\"([*A-Z]+)[0-9]*\"", inspect.getsource(inspect.getmodule(driver) or re)
    )
    return dict.fromkeys(written, "as it stands") | {
        re.sub(r"[0-9,]+$", "", command.code): name
        for kind in driver.__mro__
        for name, command in vars(kind).items()
        if isinstance(command, Command)
    }


@cache
def rows(name: str) -> list[Row]:
    table, driver = TABLES[name]
    names = driven(driver)
    found = []
    for code in table:
        sent = re.compile(rf"[\"'; ]\??{re.escape(code)}[ ?]?(?:[-+0-9.{{]|[\"';,])")
        where = tuple(sorted(file for file, text in texts().items() if code in text and sent.search(text)))
        found.append(Row(code, names.get(code, ""), where))
    return found


@pytest.mark.parametrize("name", TABLES)
def test_every_code_of_an_instrument_is_sent_by_a_test(name: str) -> None:
    assert [row.code for row in rows(name) if not row.tests] == []


def commands_of(name: str) -> list[Known]:
    """One row a code: that of a family (`VA` to `VD`) stands for its members, too."""
    found = {
        code: row
        for row in KNOWN[name]
        for code in (row.code, *(re.sub(r"[^A-Z*].*", "", taken) for taken in row.taken.split()))
        if code
    }
    return [row._replace(code=code) for code, row in found.items()]


@pytest.mark.parametrize("name", KNOWN)
def test_the_instrument_takes_what_real_units_take_and_refuses_what_they_refuse(
    name: str, desk: Callable[..., Desk]
) -> None:
    on = desk()
    unit, tell, error = (
        (on.fra, on.tell_fra, on.fra_error) if name == "1260" else (on.pstat, on.tell, on.error)
    )
    wrong: list[str] = []
    for row in KNOWN[name]:
        for taken in row.taken.split():
            if taken.startswith("?") or taken.endswith("?"):
                wrong += [] if unit.query(taken).strip() else [f"{taken} has no answer"]
                continue
            tell("CE", taken)
            if taken in LONG:
                on.pass_time(LONG[taken])
            if row.code == "OT":
                tell("OT1")  # without EOI no answer would be read to its end
            code = error()
            wrong += [f"{taken}: error {code}"] if code else []
        for refused in row.refused.split():
            tell("CE", refused)
            wrong += [f"{refused} is taken"] if not error() else []
    assert wrong == []


@pytest.mark.parametrize("name", KNOWN)
def test_no_row_of_the_table_is_empty(name: str) -> None:
    """Of each command that is known of real units there is an answer, a use in the driver or none, and a test."""
    own, there = {row.code: row for row in rows(name)}, commands_of(name)
    assert [row.code for row in there if row.code not in own or not own[row.code].tests] == []
    assert [row.code for row in KNOWN[name] if row.grade not in ("A", "B") or not row.meaning] == []
    assert {row.code for row in own.values() if row.driver} <= {row.code for row in there}


@pytest.mark.parametrize("name", TABLES)
def test_a_driver_sends_what_it_has_to_and_each_is_a_row(name: str) -> None:
    assert sorted(driven(TABLES[name][1])) == sorted(DRIVEN[name])
    assert set(DRIVEN[name]) <= {row.code for row in commands_of(name)}


@pytest.mark.parametrize("name", TABLES)
def test_a_driver_sends_nothing_that_the_instrument_lacks(name: str) -> None:
    table, driver = TABLES[name]
    assert set(driven(driver)) - set(table) == set()


if __name__ == "__main__":
    for instrument in KNOWN:
        of_code = {row.code: row for row in rows(instrument)}
        for known in commands_of(instrument):
            row = of_code[known.code]
            tests = ", ".join(row.tests[:3])
            print(
                f"{instrument}  {known.code:5} {known.grade}  {row.driver or 'not used':28} {known.meaning}: {tests}"
            )
