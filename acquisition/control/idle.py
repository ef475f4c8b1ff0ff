"""Waiting without measuring: one slice of host time, and whatever experiment time that is."""

import math
import time

from solbench.acquisition.control.run_control import RunControl
from solbench.drivers.clock import HOST_SLICE_S, Clock


def idle(clock: Clock, run_control: RunControl) -> None:
    """Wait one slice of host time; raises Interrupted. A clock that only jumps stands still meanwhile."""
    slice_s = clock.slice_s
    if math.isinf(slice_s):
        run_control.poll()
        time.sleep(HOST_SLICE_S)
    else:
        clock.sleep_until(clock.now() + slice_s)
