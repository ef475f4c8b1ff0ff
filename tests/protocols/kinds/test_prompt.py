"""Prompts as they are written and told."""

import pytest
from pydantic import ValidationError

from solbench.protocols.kinds.prompt import KIND, Prompt


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
