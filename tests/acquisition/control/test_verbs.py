"""The table of states and verbs: complete, and the engine does what it says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import TABLE, Answer, State, Verb
from solbench.drivers.clock import Interrupted
from tests.acquisition.control.test_run_control import popped


def asked_for_all(state: State, why: str) -> Iterator[tuple[Verb, RunControl, Answer]]:
    """Ask for each verb in a run of its own that is in `state`."""
    for verb in Verb:
        run_control = RunControl()
        run_control.state = state
        yield verb, run_control, run_control.ask(verb, why)


def test_every_pair_of_state_and_verb_has_an_answer():
    assert set(TABLE) == set(product(State, Verb))


@pytest.mark.parametrize("state", State)
def test_stop_is_never_refused(state: State):
    assert TABLE[state, Verb.STOP].accepted


@pytest.mark.parametrize("state", State)
def test_a_refusal_changes_nothing_and_says_why(state: State):
    for verb, run_control, answer in asked_for_all(state, "test"):
        if not answer.accepted:
            assert answer.text, verb
            assert run_control.state is state, verb
            assert run_control.requested is None, verb


@pytest.mark.parametrize("state", State)
def test_what_interrupts_is_raised_at_the_next_look_and_only_once_taken(state: State):
    for verb, run_control, answer in asked_for_all(state, "because"):
        if answer.interrupt:
            with pytest.raises(Interrupted, match="because"):
                run_control.poll()
            assert popped(run_control) == (verb, "because", "user")
        run_control.poll()


def test_stop_outranks_a_pause_that_is_still_pending():
    run_control = RunControl()
    run_control.state = State.RUNNING
    run_control.ask(Verb.PAUSE, "pause")
    run_control.ask(Verb.STOP, "stop")
    assert popped(run_control) == (Verb.STOP, "stop", "user")


def test_a_pause_does_not_replace_a_pending_stop():
    run_control = RunControl()
    run_control.state = State.RUNNING
    run_control.ask(Verb.STOP, "stop")
    assert not run_control.ask(Verb.PAUSE, "pause").accepted
    assert popped(run_control) == (Verb.STOP, "stop", "user")


def test_repeated_stops_are_accepted_and_do_no_more():
    run_control = RunControl()
    run_control.state = State.RUNNING
    run_control.ask(Verb.STOP, "first")
    for _ in range(5):
        assert run_control.ask(Verb.STOP, "again").accepted
    assert popped(run_control) == (Verb.STOP, "first", "user")
    assert run_control.pop() is None
