import pytest

from solbench.acquisition.control.run_control import RunControl
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
