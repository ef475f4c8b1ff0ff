"""The manual step: where it may stand, and what is said of it."""

from solbench.protocols import check, estimate, load_cell
from solbench.protocols.kinds.manual import KIND
from solbench.protocols.protocol import parse_protocol
from tests.acquisition.test_by_hand import MANUAL


def test_a_manual_step_stands_last_and_in_no_loop():
    for steps in (
        "[{name: m, kind: manual, at_most: 1 min}, {name: r, kind: rest, time: 1 min}]",
        "[{name: l, kind: loop, count: 2, steps: [{name: m, kind: manual, at_most: 1 min}]}]",
    ):
        text = MANUAL.partition("steps:")[0] + f"steps: {steps}\n"
        found = check(parse_protocol(text, "test"), load_cell("nbh"))
        assert [finding.code for finding in found if finding.grade == "error"] == ["manual.not_last"]


def test_nobody_knows_what_will_be_set_and_left_alone_it_takes_as_long_as_it_waits():
    protocol = parse_protocol(MANUAL, "test")
    assert check(protocol, load_cell("nbh")) == []
    (step,) = estimate(protocol, load_cell("nbh").build("half")).steps
    assert (step.duration_s, step.at_least_s) == (30.0, 30.0)
    assert KIND.brief({"at_most": "30 s"}) == "by hand, ends when nothing was set for 30 s"
