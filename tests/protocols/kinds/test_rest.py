import pytest

from solbench.protocols.costs import Costs, SoFar
from solbench.protocols.kinds.fields import RestRule
from solbench.protocols.kinds.rest import NEVER_STEADY, REST, check_rest, rest, rest_in_words
from solbench.protocols.segments import Record, StepRef

HERE = StepRef(0, "rest", "rest", "steps.rest")
STEADY = {"slope": "1 mV/min", "over": "60 s", "at_least": "5 min", "at_most": "60 min"}


def test_a_rest_by_time_has_no_slope() -> None:
    segment = rest(HERE, RestRule.model_validate({"time": "10 min"}), Record())
    assert (segment.at_least_s, segment.at_most_s, segment.slope_V_s) == (600.0, 600.0, None)


def test_a_rest_until_steady_costs_its_shortest_and_at_most_its_longest_time() -> None:
    rule = RestRule.model_validate(STEADY)
    segment = rest(HERE, rule, Record(every_s=10.0))
    assert segment.slope_V_s == pytest.approx(1e-3 / 60)
    cost = REST.cost(segment, SoFar(Costs(), 0.0, 0.0, None))
    assert (cost.duration_s, cost.at_most_s, cost.samples, cost.silence_s) == (300.0, 3602.0, 32.0, 10.0)
    assert cost.at_least_s == 300.0
    late = rest(HERE, RestRule.model_validate({**STEADY, "over": "10 min"}), Record())
    assert REST.cost(late, SoFar(Costs(), 0.0, 0.0, None)).at_least_s == 540.0  # no slope is known before
    assert "less than 1 mV/min over 60 s" in rest_in_words(rule)


@pytest.mark.parametrize(
    ("over", "found"), [("59 min", []), ("60 min", [NEVER_STEADY.code]), ("2 h", [NEVER_STEADY.code])]
)
def test_a_slope_that_is_never_known_is_told(over: str, found: list[str]) -> None:
    rule = RestRule.model_validate({**STEADY, "over": over})
    assert [one.code for one in check_rest("steps.rest", rule)] == found
    assert all(one.field == "steps.rest.over" for one in check_rest("steps.rest", rule))
