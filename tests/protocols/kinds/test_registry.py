from dataclasses import replace

import pytest

from solbench.protocols.errors import BadInput
from solbench.protocols.kinds.loop import Loop
from solbench.protocols.kinds.registry import (
    SEGMENT_KINDS,
    STEP_KINDS,
    by_name,
    continued,
    holding,
    kind_of,
    new_step,
)
from solbench.protocols.protocol import from_data, load_protocol, to_data

HEAD = {**to_data(load_protocol("half-cell")), "aliases": {}}


def test_the_words_of_files_and_journals_stay() -> None:
    """Files and journals of users hold these for ever; more may be added."""
    words = {"rest", "constant_current", "constant_voltage", "impedance", "dc_polarization", "loop"}
    assert words <= STEP_KINDS.keys()
    names = {"Rest", "ConstantCurrent", "ConstantVoltage", "Sweep", "Polarization"}
    assert names <= SEGMENT_KINDS.keys()
    assert {"ConstantCurrent", "ConstantVoltage"} <= continued() & holding()
    assert not {"Rest", "Sweep", "Polarization"} & (continued() | holding())


def test_two_kinds_of_one_name_are_refused_and_one_that_two_steps_make_is_not() -> None:
    rest, sweep = SEGMENT_KINDS["Rest"], SEGMENT_KINDS["Sweep"]
    assert by_name([rest, sweep, rest]) == {"Rest": rest, "Sweep": sweep}
    like_it = type("Rest", (sweep.segment,), {})
    with pytest.raises(TypeError, match="two kinds have the name Rest"):
        by_name([rest, sweep, replace(sweep, segment=like_it)])
    with pytest.raises(TypeError, match="two kinds have the name impedance"):
        by_name([*STEP_KINDS.values(), replace(STEP_KINDS["loop"], name="impedance")])


def test_steps_in_loops_are_of_their_own_kinds() -> None:
    steps = [{"name": "inner", **new_step(kind)} for kind in STEP_KINDS.values()]
    for step in steps:
        outer = {"name": "outer", "kind": "loop", "count": 2, "steps": [step]}
        (read,) = from_data({**HEAD, "steps": [outer]}, "test").steps
        assert isinstance(read, Loop)
        assert kind_of(read.steps[0]).name == step["kind"]


def test_a_step_without_or_with_an_unknown_kind_is_told_those_there_are() -> None:
    with pytest.raises(BadInput, match="this has no 'kind'") as missing:
        from_data({**HEAD, "steps": [{"name": "a"}]}, "test")
    with pytest.raises(BadInput, match=r"there is no kind 'rests'\. Did you mean 'rest'") as unknown:
        from_data({**HEAD, "steps": [{"name": "a", "kind": "rests"}]}, "test")
    for kind in STEP_KINDS:
        assert kind in missing.value.cure
        assert kind in unknown.value.cure
