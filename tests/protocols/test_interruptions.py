import pytest

from solbench.protocols import dump_protocol, load_protocol, parse_protocol, with_settings
from solbench.protocols.errors import BadInput
from solbench.protocols.protocol import Interruptions


def test_a_protocol_that_says_nothing_waits_twelve_hours_and_takes_half_a_percent():
    rules = load_protocol("half-cell").interruptions
    assert (rules.wait_for_user.value, rules.unwatched_charge.value, rules.per_step) == (43200.0, 0.005, 3)
    assert "interruptions" not in dump_protocol(load_protocol("half-cell"))


def test_what_is_written_is_kept():
    settings = ("interruptions.wait_for_user=90 min", "interruptions.per_step=0")
    protocol = with_settings(load_protocol("half-cell"), settings)
    again = parse_protocol(dump_protocol(protocol), "again")
    assert again.interruptions == protocol.interruptions
    assert again.interruptions.wait_for_user.value == 5400.0
    assert again.interruptions.per_step == 0
    assert again.interruptions.unwatched_charge == Interruptions().unwatched_charge


@pytest.mark.parametrize("written", ["wait_for_user=0 h", "unwatched_charge=-1 %", "per_step=-1", "wait=1 h"])
def test_what_makes_no_sense_is_refused_with_its_field(written):
    with pytest.raises(BadInput, match=r"interruptions"):
        with_settings(load_protocol("half-cell"), (f"interruptions.{written}",))
