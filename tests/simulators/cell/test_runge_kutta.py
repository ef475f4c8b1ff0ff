import math

import pytest

from solbench.simulators.cell.runge_kutta import Course, dormand_prince, heun


def turning(values):
    x, y = values
    return [-y, x]


def error_after_a_turn(steps, method=dormand_prince):
    values = [1.0, 0.0]
    for _ in range(steps):
        values, _, _ = method(turning, values, turning(values), 2 * math.pi / steps)
    return math.hypot(values[0] - 1, values[1])


def test_the_error_falls_with_the_fifth_power_of_the_step():
    assert 28 < error_after_a_turn(40) / error_after_a_turn(80) < 36


def test_that_of_the_simpler_step_falls_with_the_second():
    assert 3.8 < error_after_a_turn(200, heun) / error_after_a_turn(400, heun) < 4.2


@pytest.mark.parametrize("step_s", [1e-4, 3e-3, 0.07])
def test_the_simpler_step_is_better_than_it_says(step_s):
    values, _, errors = heun(lambda y: [-y[0]], [1.0], [-1.0], step_s)
    assert abs(values[0] - math.exp(-step_s)) < step_s * abs(errors[0])


def test_the_estimated_error_is_that_of_the_lower_order():
    start = [1.0]
    values, rate, errors = dormand_prince(lambda y: [-y[0]], start, [-1.0], 0.5)
    assert values[0] == pytest.approx(math.exp(-0.5), rel=1e-5)
    assert rate[0] == pytest.approx(-values[0], rel=1e-12)
    assert abs(values[0] - math.exp(-0.5)) < abs(errors[0]) < 1e-3


def test_a_course_is_its_step_at_both_ends_and_of_fourth_order_between():
    def worst(step_s):
        course = Course()
        taken = course.take(turning, [1.0, 0.0], turning([1.0, 0.0]), step_s)
        assert taken == dormand_prince(turning, [1.0, 0.0], turning([1.0, 0.0]), step_s)
        assert course.at(0.0) == [1.0, 0.0]
        assert course.at(step_s) == taken[0]
        times_s = [step_s * n / 16 for n in range(1, 16)]
        return max(math.hypot(x - math.cos(t), y - math.sin(t)) for t in times_s for x, y in [course.at(t)])

    assert 28 < worst(0.2) / worst(0.1) < 36
