from solbench.protocols.kinds.fields import CurrentEnds, VoltageCuts, VoltageEnds
from solbench.protocols.kinds.words import cuts_of, ends_of, typed_ends


def test_a_voltage_that_ends_a_step_lies_on_the_side_to_which_the_current_drives() -> None:
    until = {"until": {"voltage": "2 V"}}
    assert typed_ends({"current": "1 mA", **until}) == "V > 2 V"
    assert typed_ends({"current": "\u22121 mA", **until}) == "V < 2 V"


def test_what_is_not_typed_yet_is_a_question_mark() -> None:
    assert typed_ends({}) == typed_ends({"until": {}}) == typed_ends({"until": "soon"}) == "?"


def test_ends_and_cuts_in_a_sentence() -> None:
    ends = VoltageEnds.model_validate({"current": "10 uA", "time": "1 h"})
    assert ends_of(ends) == "until current 10 uA or time 1 h"
    assert ends_of(CurrentEnds.model_validate({"capacity": "95 %"})) == "until capacity 95 %"
    assert cuts_of(VoltageCuts.model_validate({"time": "2 h"})) == " (cut short at time 2 h)"
    assert cuts_of(None) == ""
