"""What is told on a bench of any make names instruments that are there, and cures that help there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from solbench.acquisition.bench.bench_file import BenchFile, InstrumentEntry
from solbench.acquisition.bench.models import MODELS
from solbench.protocols import check, load_cell, load_protocol, with_settings
from tests.conformance.benches import simulated_file
from tests.modules import ROOT

MAKES = [
    (model, family)
    for model in ("solartron", "ec301", "keithley2400", "keithley2400_1260")
    for family in (("1260", "1260A", "1255B") if "1260" in MODELS[model].fields else ("",))
]
HOLDERS = re.compile(r"\b(1287|EC301|2400)\b")
ROOMS = ("acquisition/engine", "acquisition/run", "acquisition/record", "protocols")
DEFAULT_OF_A_CHECK = {("protocols/plausible.py", "1287")}  # without a bench


def bench_of(model: str, family: str) -> BenchFile:
    made = simulated_file(model, "we_re2" if MODELS[model].signs_of else None)
    entry = InstrumentEntry(settings={"family": family})
    return made.model_copy(update={"analyzer_1260": entry}) if family else made


def refused(bench: BenchFile, settings: tuple[str, ...], build: str = "pellet") -> list[str]:
    """What is wrong with a spectrum of these settings on a bench, as it is told."""
    protocol = with_settings(load_protocol("ionic-conductivity"), (f"build={build}", *settings))
    return [
        str(one)
        for one in check(protocol, load_cell("nps"), instruments=bench.limits)
        if one.grade == "error"
    ]


def cures(told: str) -> Iterator[str]:
    """What a message says to write, as settings."""
    yield from (f"instruments={one}" for one in re.findall(r"'instruments: (\w+)'", told))
    yield from (f"top={one}" for one in re.findall(r"Start at (\d+ MHz)", told))


@pytest.mark.parametrize(("model", "family"), MAKES)
@pytest.mark.parametrize(
    "asked", [("top=32 MHz",), ("top=40 MHz",), ("instruments=1260",), ("top=2 MHz", "instruments=1260"), ()]
)
def test_each_cure_that_is_told_leads_to_a_spectrum_on_this_bench(
    model: str, family: str, asked: tuple[str, ...]
) -> None:
    bench = bench_of(model, family)

    def follow(settings: tuple[str, ...], left: int) -> None:
        errors = refused(bench, settings)
        followed = [one for told in errors for one in cures(told)]
        assert left or not errors, (settings, errors)
        assert followed or not errors or "Choose another bench" in " ".join(errors)
        for cure in followed:
            follow((*settings, cure), left - 1)

    follow(asked, 4)


@pytest.mark.parametrize(("model", "family"), MAKES)
def test_a_limit_is_that_of_the_instruments_which_are_there(model: str, family: str) -> None:
    bench = bench_of(model, family)
    asked = [("top=2 MHz",), ("top=40 MHz",), ("instruments=1260", "top=40 MHz")]
    told = " ".join(text for settings in asked for text in refused(bench, settings))
    can_measure = bench.abilities & {"impedance", "standalone impedance"}
    assert (f"the {family or 'no analyzer'}" in told) == bool(can_measure)
    assert set(re.findall(r"the (1260A?|1255B)\b", told)) <= {family}
    assert set(HOLDERS.findall(told.replace(bench.name, ""))) <= {MODELS[model].limits.source}


def texts(path: Path) -> Iterator[str]:
    """The texts in a module that are no documentation."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        for field in ("body", "orelse"):
            body = getattr(node, field, None)
            for statement in body if isinstance(body, list) else ():
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    statement.value.value = None
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_what_every_bench_may_tell_names_no_instrument_that_only_some_have() -> None:
    """Whoever has an EC301 is not sent to a 1287."""
    found = {
        (path.relative_to(ROOT).as_posix(), text)
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for text in texts(path)
        if HOLDERS.search(text)
    }
    assert found - DEFAULT_OF_A_CHECK == set()
