import pytest

from solbench.acquisition.control.run_control import Cancel
from solbench.drivers.clock import CancellableClock, Interrupted
from solbench.simulators.clock import VirtualClock


def test_nothing_happens_without_a_request():
    cancel = Cancel()
    cancel.check()
    assert cancel.requested is None


def test_the_first_request_counts():
    cancel = Cancel()
    cancel.request("stopped by Ctrl-C")
    cancel.request("stopped by a termination signal")
    with pytest.raises(Interrupted, match=r"^stopped by Ctrl-C$"):
        cancel.check()


def test_a_shield_holds_it_back_and_nests():
    cancel = Cancel()
    with cancel.shield():
        cancel.request("stop")
        with cancel.shield():
            cancel.check()
        cancel.check()
    with pytest.raises(Interrupted):
        cancel.check()


def test_a_shield_ends_with_an_error_too():
    cancel = Cancel()
    with pytest.raises(ZeroDivisionError), cancel.shield():
        _ = 1 / 0
    cancel.request("stop")
    with pytest.raises(Interrupted):
        cancel.check()


def test_a_sleep_is_cut_short_by_the_clock_itself():
    cancel = Cancel()
    base = VirtualClock()
    clock = CancellableClock(base, cancel.check)
    clock.sleep_until(10.0)
    cancel.request("stop")
    with pytest.raises(Interrupted):
        clock.sleep_until(20.0)
    assert base.now() == 10.0
