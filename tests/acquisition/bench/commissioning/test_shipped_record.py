"""The record that ships is what commissioning finds of that unit, and goes with a bench file that names it."""

import math

import pytest

from solbench.acquisition.bench.bench_file import load_bench
from solbench.acquisition.bench.commissioning.record import STEPS, Measured
from solbench.acquisition.bench.commissioning.shipped_record import SHIPPED, shipped_record
from solbench.acquisition.bench.commissioning.standing import concludes
from tests.acquisition.commission.specimens import commission


def measured(value, path: str = ""):
    """Every value with an uncertainty, by its place."""
    if isinstance(value, Measured):
        yield path, value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from measured(one, f"{path}.{name}")
    elif isinstance(value, tuple):
        for place, one in enumerate(value):
            yield from measured(one, f"{path}.{place}")
    elif hasattr(type(value), "model_fields"):
        for name in value.model_fields_set:
            yield from measured(getattr(value, name), f"{path}.{name}")


@pytest.mark.long
@pytest.mark.parametrize("unit", SHIPPED)
def test_it_is_what_commissioning_finds(unit):
    shipped, found = shipped_record(unit, "b"), commission(unit, seed=1).record
    assert shipped is not None
    assert not shipped.missing(STEPS)
    before, now = dict(measured(shipped.values)), dict(measured(found.values))
    assert before.keys() == now.keys()
    off = {
        path: abs(one.value - now[path].value) / (math.hypot(one.stderr, now[path].stderr) or 1.0)
        for path, one in before.items()
        if not path.startswith(".dummy_cell")  # of another seed it is another part, within 0.1 %
    }
    assert {path: size for path, size in off.items() if size > 4.0} == {}
    for name in ("status_bits", "potential_sign", "output_polarity"):
        assert getattr(shipped.values, name) == getattr(found.values, name)


@pytest.mark.parametrize("terminal", ["we_re2", "ce_re1"])
def test_a_bench_file_of_the_unit_has_it_and_one_that_changes_the_unit_does_not(tmp_path, terminal):
    bench = tmp_path / "typical.yaml"
    text = f"name: x\nkind: simulated\npositive_terminal: {terminal}\nsimulation: {{unit: typical"
    bench.write_text(text + "}\n")
    loaded, _ = load_bench(str(bench))
    assert loaded.record is not None
    assert loaded.record.record.bench == "x"
    assert concludes(loaded, "typical")
    bench.write_text(text + ", leads: {inductance_H: 2e-6}}\n")
    assert load_bench(str(bench))[0].record is None
