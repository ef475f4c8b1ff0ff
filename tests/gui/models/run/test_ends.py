"""How far the end of a segment is, and which voltages are drawn."""

import pytest

from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.verbs import State
from solbench.gui.models.run.ends import Limit, limits_of, nearest_end
from solbench.protocols.limits import SafetyLimits
from solbench.protocols.segments import ConstantCurrent, End, Rest, StepRef
from tests.records import filled

STEP = StepRef(0, "sodiation", "constant_current", "steps.sodiation")
CHARGE = End("charge", 1.0, "1 C")
BELOW = End("voltage_below", 0.5, "0.5 V", "step")
CUT = End("voltage_above", 3.0, "3 V", "cut_short")
DRIVEN = ConstantCurrent(STEP, 1e-3, (CHARGE, BELOW, CUT))


def reading(voltage_V: float | None) -> Status:
    return Status(
        run="r", path="a.h5", state=State.RUNNING, simulated=True, seq=1, flushed_seq=1, samples=1, time_s=5.0,
        voltage_V=voltage_V, current_A=1e-3, step_charge_C=0.4,
    )  # fmt: skip


def test_the_charge_that_is_left_is_told_as_time_and_a_voltage_as_its_distance() -> None:
    # 0.6 C are left at 1 mA: 600 s
    assert nearest_end(DRIVEN, reading(0.75)) == "1 C in 10 min, 0.250 V to 0.5 V"


@pytest.mark.parametrize("status", [None, reading(None)])
def test_nothing_is_told_before_the_first_reading(status: Status | None) -> None:
    assert nearest_end(DRIVEN, status) == ""


def test_a_rest_has_no_ends() -> None:
    assert nearest_end(Rest(STEP, 1.0, 2.0), reading(1.0)) == ""


def test_safety_limits_are_drawn_and_what_happens_at_the_ends() -> None:
    safety = filled(SafetyLimits, voltage_min_V=-0.2, voltage_max_V=4.0)
    low, high, *ends = limits_of(safety, DRIVEN)
    assert (low.voltage_V, high.voltage_V, low.safety, high.safety) == (-0.2, 4.0, True, True)
    assert ends == [Limit(0.5, "step ends at 0.5 V", False), Limit(3.0, "cut short at 3 V", False)]
