"""The table of states and verbs: complete, and the engine does what it says."""

from __future__ import annotations

from itertools import product

import pytest

from solbench.acquisition.control.run_control import Cancel
from solbench.acquisition.control.verbs import TABLE, State, Verb
from solbench.drivers.clock import Interrupted


def test_every_pair_of_state_and_verb_has_an_answer():
    assert set(TABLE) == set(product(State, Verb))


@pytest.mark.parametrize("state", State)
def test_stop_is_never_refused(state: State):
    assert TABLE[state, Verb.STOP].accepted


@pytest.mark.parametrize(("state", "verb"), list(product(State, Verb)))
def test_a_refusal_changes_nothing_and_says_why(state: State, verb: Verb):
    cancel = Cancel()
    cancel.state = state
    answer = cancel.ask(verb, "test")
    if answer.accepted:
        return
    assert answer.text
    assert cancel.state is state
    assert cancel.requested is None


@pytest.mark.parametrize(("state", "verb"), list(product(State, Verb)))
def test_what_interrupts_is_raised_at_the_next_look_and_only_once_taken(state: State, verb: Verb):
    cancel = Cancel()
    cancel.state = state
    answer = cancel.ask(verb, "because")
    if not answer.interrupt:
        cancel.check()
        return
    with pytest.raises(Interrupted, match="because"):
        cancel.check()
    assert cancel.take() == (verb, "because")
    cancel.check()


def test_stop_outranks_a_pause_that_is_still_pending():
    cancel = Cancel()
    cancel.state = State.RUNNING
    cancel.ask(Verb.PAUSE, "pause")
    cancel.ask(Verb.STOP, "stop")
    assert cancel.take() == (Verb.STOP, "stop")


def test_a_pause_does_not_replace_a_pending_stop():
    cancel = Cancel()
    cancel.state = State.RUNNING
    cancel.ask(Verb.STOP, "stop")
    assert not cancel.ask(Verb.PAUSE, "pause").accepted
    assert cancel.take() == (Verb.STOP, "stop")


def test_repeated_stops_are_accepted_and_do_no_more():
    cancel = Cancel()
    cancel.state = State.RUNNING
    cancel.ask(Verb.STOP, "first")
    for _ in range(5):
        assert cancel.ask(Verb.STOP, "again").accepted
    assert cancel.take() == (Verb.STOP, "first")
    assert cancel.take() is None
