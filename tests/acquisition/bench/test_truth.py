"""What a bench file says about a simulated bench is what the bench gets, or is refused."""

from __future__ import annotations

import pytest

from solbench.acquisition.bench.bench import of_world, open_bench
from solbench.acquisition.bench.bench_file import parse_bench
from solbench.acquisition.bench.truth import electronics_of
from solbench.protocols import BadInput, load_cell

HEAD = "name: here\nkind: simulated\npositive_terminal: we_re2\n"
CELL = load_cell("nps").build("half").simulated_cell()


def opened(text):
    return open_bench(parse_bench(HEAD + text, "bench.yaml"), CELL, lambda: None)


def test_a_simulated_bench_is_at_the_addresses_of_its_file():
    bench = opened("analyzer_1260: {address: GPIB1::8::INSTR}\npotentiostat_1287: {address: 2}\n")
    try:
        assert bench.addresses == {"1260": "GPIB1::8::INSTR", "1287": "GPIB0::2::INSTR"}
        assert all(one.name in one.identity() for one in bench.equipment.dc.instruments)
    finally:
        bench.close()


def test_an_address_that_no_simulated_instrument_can_have_is_refused_where_it_stands():
    with pytest.raises(BadInput) as caught:
        opened("potentiostat_1287: {address: COM3}\n")
    assert caught.value.field == "potentiostat_1287.address"
    assert "even address" in caught.value.message


def test_a_unit_and_quantities_reach_the_settings():
    bench = parse_bench(HEAD + "simulation: {unit: 7, leads: {inductance_H: 2 uH}}\n", "bench.yaml")
    settings = electronics_of(bench)
    assert settings["unit"] == "7"
    assert settings["leads"]["inductance_H"] == pytest.approx(2e-6)


@pytest.mark.parametrize("unit", ["best", "-1", "1.5"])
def test_a_unit_that_is_none_is_refused_with_its_file(unit):
    with pytest.raises(BadInput) as caught:
        opened(f"simulation: {{unit: {unit}}}\n")
    assert caught.value.file == "bench.yaml"
    assert "ideal, typical, or a whole number" in caught.value.message


def test_a_run_from_before_units_goes_on_with_the_unit_of_its_world(tmp_path):
    """A bench file without one means another unit now than when the run began."""
    world = tmp_path / "r.world"
    open_bench(
        parse_bench(HEAD + "simulation: {unit: ideal}\n", "bench.yaml"), CELL, lambda: None, world=world
    ).close()
    bench = parse_bench(HEAD, "bench.yaml")
    with pytest.raises(BadInput, match="holds the unit ideal"):
        open_bench(bench, CELL, lambda: None, world=world)
    again = open_bench(of_world(bench, world), CELL, lambda: None, world=world)
    assert (again.unit, again.file.record) == ("ideal", None)
    again.close()
    assert of_world(bench, tmp_path / "none.world") is bench
