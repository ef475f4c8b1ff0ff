"""A look at a bench without a run."""

import pytest

from solbench.acquisition.bench.bench import open_bench
from solbench.acquisition.bench.bench_file import SIMULATED
from solbench.acquisition.bench.idle import Idle, look
from solbench.protocols import load_cell

CELL = load_cell("nbh").build("half").simulated_cell()


def test_a_look_shows_the_cell_and_who_answers():
    shown = look(SIMULATED, CELL)
    assert shown.voltage_V == pytest.approx(0.905, abs=0.02)
    assert abs(shown.current_A or 0.0) < 1e-7
    assert shown.flows is False
    assert set(shown.instruments) == {"1260", "1287"}
    assert not shown.taken
    assert not shown.problem


def test_a_look_at_a_cell_that_somebody_drives_leaves_it_on_and_says_so():
    opened = open_bench(SIMULATED, CELL, lambda: None)
    try:
        dc = opened.equipment.dc
        dc.initialise()
        dc.prepare_current(1e-4)
        dc.on()
        dc.set_current(-5e-5)
        flows, reading = dc.look()  # type: ignore[attr-defined]
        assert flows
        assert reading.current_A == pytest.approx(-5e-5, rel=0.02)
        assert opened.truth is not None
        assert opened.truth.truth.polarized
        dc.off()
        assert not dc.look()[0]  # type: ignore[attr-defined]
    finally:
        opened.close()


def test_an_instrument_that_does_not_answer_is_told():
    bench = SIMULATED.model_copy(update={"kind": "prologix", "adapter": "socket://127.0.0.1:9"})
    entries = {"analyzer_1260": {"address": 4}, "potentiostat_1287": {"address": 6}}
    real = type(SIMULATED).model_validate(
        {"name": "b", "kind": "prologix", "adapter": "127.0.0.1:9", "positive_terminal": "ce_re1", **entries}
    )
    assert bench.kind == real.kind
    shown = look(real)
    assert isinstance(shown, Idle)
    assert shown.voltage_V is None
    assert shown.problem
