"""Prompts as they are written and told."""

import pytest
from pydantic import ValidationError

from solbench.protocols import check, load_cell
from solbench.protocols.kinds.prompt import KIND, Prompt
from solbench.protocols.protocol import from_data


def test_what_follows_a_time_out_needs_one() -> None:
    with pytest.raises(ValidationError, match="there is none"):
        Prompt.model_validate({"name": "a", "text": "Press.", "otherwise": "go on"})
    for empty in ("", None):
        with pytest.raises(ValidationError):
            Prompt.model_validate({"name": "a", "text": empty})


def test_it_is_told_with_what_it_waits_for() -> None:
    step = Prompt.model_validate({"name": "a", "text": "Press.", "time_out": "2 h"})
    assert KIND.sentence(step) == (
        "the run waits until a person has confirmed (after 2 h without an answer it ends): Press."
    )
    assert KIND.brief({"text": "x" * 90}) == "x" * 57 + "..."


def test_conditions_that_no_cell_is_run_at_are_found() -> None:
    changed = {"temperature": "900 degC", "stack_pressure": "20 GPa"}
    step = {"name": "a", "kind": "prompt", "text": "Set it."}
    for field, value in changed.items():
        protocol = from_data(
            {
                "name": "p",
                "build": "pellet",
                "conditions": {"temperature": "25 degC", "stack_pressure": "unknown"},
                "steps": [{**step, field: value}],
            },
            "p",
        )
        [found] = check(protocol, load_cell("nps"))
        assert (found.grade, found.field) == ("error", f"steps.a.{field}")
