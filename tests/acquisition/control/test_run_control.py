import pytest

from solbench.acquisition.control.run_control import REMEMBERED, RunControl
from solbench.acquisition.control.verbs import State, Verb
from solbench.drivers.clock import CancellableClock, Interrupted
from solbench.protocols.segments import StepRef
from solbench.simulators.clock import VirtualClock


def test_nothing_happens_without_a_request():
    run_control = RunControl()
    run_control.poll()
    assert run_control.requested is None


def test_the_first_request_counts():
    run_control = RunControl()
    run_control.request("stopped by Ctrl-C")
    run_control.request("stopped by a termination signal")
    with pytest.raises(Interrupted, match=r"^stopped by Ctrl-C$"):
        run_control.poll()


def test_a_shield_holds_it_back_and_nests():
    run_control = RunControl()
    with run_control.shield():
        run_control.request("stop")
        with run_control.shield():
            run_control.poll()
        run_control.poll()
    with pytest.raises(Interrupted):
        run_control.poll()


def test_a_shield_ends_with_an_error_too():
    run_control = RunControl()
    with pytest.raises(ZeroDivisionError), run_control.shield():
        _ = 1 / 0
    run_control.request("stop")
    with pytest.raises(Interrupted):
        run_control.poll()


def test_a_sleep_is_cut_short_by_the_clock_itself():
    run_control = RunControl()
    base = VirtualClock()
    clock = CancellableClock(base, run_control.poll)
    clock.sleep_until(10.0)
    run_control.request("stop")
    with pytest.raises(Interrupted):
        clock.sleep_until(20.0)
    assert base.now() == 10.0


def popped(run_control: RunControl) -> tuple[object, ...]:
    """What is acted on next: verb, reason, and whose it is."""
    return tuple(run_control.pop() or ())[:3]


def running() -> RunControl:
    run_control = RunControl()
    run_control.state = State.RUNNING
    return run_control


def test_a_pause_that_has_not_begun_is_taken_back_by_resume():
    run_control = running()
    run_control.ask(Verb.PAUSE, "pause")
    answer = run_control.ask(Verb.RESUME, "resume")
    assert answer.accepted
    assert "taken back" in answer.text
    run_control.poll()
    assert run_control.pop() is None
    assert run_control.state is State.RUNNING


def test_a_pause_begins_as_it_is_taken_and_is_then_resumed():
    run_control = running()
    run_control.ask(Verb.PAUSE, "pause")
    assert popped(run_control) == (Verb.PAUSE, "pause", "user")
    assert run_control.state is State.PAUSED
    assert run_control.ask(Verb.RESUME, "resume").becomes is State.RUNNING


def test_a_pause_after_a_skip_follows_it():
    run_control = running()
    assert run_control.ask(Verb.SKIP, "skip").accepted
    assert run_control.ask(Verb.PAUSE, "pause").accepted
    assert popped(run_control) == (Verb.SKIP, "skip", "user")
    with pytest.raises(Interrupted, match="pause"):
        run_control.poll()


@pytest.mark.parametrize("verb", [Verb.SKIP, Verb.SPECTRUM])
def test_what_a_paused_run_refuses_is_refused_before_the_pause_begins(verb: Verb):
    run_control = running()
    run_control.ask(Verb.PAUSE, "pause")
    assert not run_control.ask(verb, "too late").accepted
    assert popped(run_control) == (Verb.PAUSE, "pause", "user")
    assert run_control.pop() is None


def test_a_pause_of_the_program_is_not_taken_back_and_the_reason_is_said():
    run_control = running()
    run_control.interrupt(Verb.PAUSE, "the disk is nearly full")
    answer = run_control.ask(Verb.RESUME, "resume")
    assert not answer.accepted
    assert "the disk is nearly full" in answer.text


def test_a_pause_of_the_program_hinders_no_stop():
    run_control = running()
    run_control.interrupt(Verb.PAUSE, "the disk is nearly full")
    run_control.ask(Verb.STOP, "stop")
    run_control.begin_pause()
    assert run_control.state is State.STOPPING
    assert popped(run_control) == (Verb.STOP, "stop", "user")


def step(index: int) -> StepRef:
    return StepRef(index, f"step {index}", "rest", f"steps.{index}")


def told(run_control: RunControl) -> dict[int, bool]:
    return {outcome.request: outcome.done for outcome in run_control.outcomes}


def test_what_was_pending_is_told_not_to_be_done_when_the_run_is_stopped():
    run_control = running()
    skip = run_control.ask(Verb.SKIP, "skip")
    pause = run_control.ask(Verb.PAUSE, "pause")
    stop = run_control.ask(Verb.STOP, "stop")
    assert len({skip.request, pause.request, stop.request, 0}) == 4
    assert told(run_control) == {skip.request: False, pause.request: False}
    run_control.end("the cell is off", verified=True)
    assert told(run_control)[stop.request]
    assert "stopped before" in run_control.outcomes[0].text


@pytest.mark.parametrize("verified", [True, False])
def test_a_stop_was_done_only_where_the_cell_is_verified_off(verified: bool):
    run_control = running()
    stop = run_control.ask(Verb.STOP, "stop")
    assert run_control.ask(Verb.STOP, "again").request == 0
    run_control.end("how", verified=verified)
    assert told(run_control) == {stop.request: verified}


def test_a_pause_that_is_taken_back_is_told_not_to_have_begun():
    run_control = running()
    pause = run_control.ask(Verb.PAUSE, "pause")
    assert run_control.ask(Verb.PAUSE, "again").request == pause.request
    run_control.ask(Verb.RESUME, "resume")
    assert told(run_control) == {pause.request: False}


def test_two_skips_of_one_step_are_one_and_of_two_steps_two():
    run_control = running()
    run_control.step = step(0)
    first = run_control.ask(Verb.SKIP, "first")
    again = run_control.ask(Verb.SKIP, "again")
    assert (again.request, again.text) == (first.request, "the step is being skipped already")
    run_control.step = step(1)  # step 0 ended by itself before the engine acted
    second = run_control.ask(Verb.SKIP, "second")
    assert second.request != first.request
    pending = [run_control.pop(), run_control.pop()]
    assert [one.step.index for one in pending if one is not None and one.step is not None] == [0, 1]


def test_a_resume_counts_when_the_pause_is_over_and_a_pause_in_the_same_moment_follows_it():
    run_control = running()
    run_control.ask(Verb.PAUSE, "pause")
    run_control.pop()
    resume = run_control.ask(Verb.RESUME, "resume")
    assert run_control.ask(Verb.RESUME, "again").request == resume.request
    again = run_control.ask(Verb.PAUSE, "pause again")
    assert told(run_control) == {}
    run_control.settle_resumed()
    assert told(run_control) == {resume.request: True}
    assert popped(run_control) == (Verb.PAUSE, "pause again", "user")
    run_control.end("stopped", verified=True)
    assert again.request not in told(run_control)  # the engine has it, and tells
    assert run_control.ask(Verb.RESUME, "late").accepted is False


def test_the_first_word_about_a_request_counts_and_old_ones_are_forgotten():
    run_control = running()
    for _ in range(50):
        request = run_control.promise()
        run_control.settle(request, "first")
        run_control.settle(request, "second", done=False)
    run_control.settle(0, "nothing was to follow")
    assert len(run_control.outcomes) == REMEMBERED
    assert {outcome.text for outcome in run_control.outcomes} == {"first"}
