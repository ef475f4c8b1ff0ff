"""What is set by hand, as the engine is asked for it."""

import pytest

from solbench.acquisition.control.messages import ManualRequest
from solbench.acquisition.engine.manual.requests import NOT_MANUAL, OFF_ALREADY, ManualRequests, step_of
from solbench.acquisition.record.progress import Progress
from solbench.protocols import load_cell, parse_protocol
from solbench.protocols.errors import BadInput
from solbench.protocols.plausible import Instruments
from tests.acquisition.runs import TINY
from tests.acquisition.test_by_hand import MANUAL, hold

BUILD = load_cell("nbh").build("half")


def requests(text: str = MANUAL) -> ManualRequests:
    return ManualRequests(parse_protocol(text, "test"), BUILD, Progress(), Instruments())


def test_a_hold_is_read_as_a_step_of_a_protocol_is():
    assert step_of(hold(current="-10uA", time="5min")).kind == "constant_current"
    with pytest.raises(BadInput, match="how long"):
        step_of(hold(voltage="1 V", current_limit="1 mA"))


def test_what_is_set_before_the_step_begins_waits_for_it_and_off_takes_it_back():
    made = requests()
    assert made.ask(hold(current="10 uA", time="1 min"), "a test").accepted
    assert made.is_pending
    assert made.ask(ManualRequest(do="off"), "a test").text != OFF_ALREADY
    assert not made.is_pending
    assert made.ask(ManualRequest(do="off"), "a test").text == OFF_ALREADY
    assert requests(TINY).ask(ManualRequest(do="off"), "a test").text == NOT_MANUAL


def test_what_is_preset_is_checked_as_well():
    made = requests()
    with pytest.raises(BadInput, match=r"0\.5 mA"):
        made.preset(hold(current="1 mA", time="1 min"), "a test")
    assert not made.is_pending
