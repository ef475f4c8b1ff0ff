import pytest

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import State, Verb
from solbench.drivers.clock import CancellableClock, Interrupted
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
    assert run_control.pop() == (Verb.PAUSE, "pause", "user")
    assert run_control.state is State.PAUSED
    assert run_control.ask(Verb.RESUME, "resume").becomes is State.RUNNING


def test_a_pause_after_a_skip_follows_it():
    run_control = running()
    assert run_control.ask(Verb.SKIP, "skip").accepted
    assert run_control.ask(Verb.PAUSE, "pause").accepted
    assert run_control.pop() == (Verb.SKIP, "skip", "user")
    with pytest.raises(Interrupted, match="pause"):
        run_control.poll()


@pytest.mark.parametrize("verb", [Verb.SKIP, Verb.SPECTRUM])
def test_what_a_paused_run_refuses_is_refused_before_the_pause_begins(verb: Verb):
    run_control = running()
    run_control.ask(Verb.PAUSE, "pause")
    assert not run_control.ask(verb, "too late").accepted
    assert run_control.pop() == (Verb.PAUSE, "pause", "user")
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
    assert run_control.pop() == (Verb.STOP, "stop", "user")
