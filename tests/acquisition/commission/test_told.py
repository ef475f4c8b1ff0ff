"""What a step found, in words, and how both sides of a guided procedure read each other."""

import math

from hypothesis import given
from hypothesis import strategies as st

from solbench.acquisition.bench.commissioning.record import STEPS, Measured, Values
from solbench.acquisition.commission.messages import HEARD, Answered, Stopping
from solbench.acquisition.commission.told import COSTS, PASSES, found_by
from solbench.acquisition.commission.written import in_unit
from tests.acquisition.commission.specimens import commission

POWERS = {"G": 9, "M": 6, "k": 3, "": 0, "m": -3, "\u00b5": -6, "n": -9, "p": -12}


@given(
    st.floats(min_value=1e-11, max_value=1e10),
    st.floats(min_value=1e-4, max_value=0.9),
    st.sampled_from([1.0, -1.0]),
)
def test_a_value_is_written_as_exactly_as_it_is_known(size: float, share: float, sign: float) -> None:
    one = Measured(value=sign * size, stderr=share * size)
    number, _, rest = in_unit(one, "S").partition(" \u00b1 ")
    stderr, _, unit = rest.partition(" ")
    scale = 10.0 ** POWERS[unit.removesuffix("S")]
    assert math.isclose(float(stderr) * scale, one.stderr, rel_tol=0.06)
    assert abs(float(number) * scale - one.value) <= 0.06 * one.stderr + 1e-12 * size


def test_every_step_has_its_bounds_and_its_cost_and_tells_what_it_put_into_the_record() -> None:
    assert set(PASSES) == set(COSTS) == set(STEPS)
    assert all(not found_by(step, Values()) for step in STEPS)
    record = commission(8, only=("A", "C", "D")).record
    assert {step: bool(found_by(step, record.values)) for step in "ACD"} == dict.fromkeys("ACD", True)


def test_an_answer_and_a_stop_are_read_as_they_were_said() -> None:
    for said in (Answered(id=3, number=1.5), Answered(id=4, mounted=True), Stopping()):
        assert HEARD.validate_json(said.model_dump_json()) == said
