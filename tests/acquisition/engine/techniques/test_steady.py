import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.acquisition.engine.techniques.steady import SteadyState

TRUE_A = 1e-9


def diffusion(time_s: float, tau_s: float) -> float:
    """The sum of modes of a diffusing species between two walls, 1 at time zero."""
    terms = (math.exp(-((2 * k + 1) ** 2) * time_s / tau_s) / (2 * k + 1) ** 2 for k in range(40))
    return 8 / math.pi**2 * sum(terms)


def first_steady(shape, noise: float = 1e-3, seed: int = 1) -> tuple[float, float] | None:
    """Time and current/true at which the rule is first met within two hours, readings 5 s apart."""
    steady, draw = SteadyState(), random.Random(seed)
    for t in range(5, 7201, 5):
        current = TRUE_A * (1 + shape(t) + noise * draw.gauss(0, 1))
        if steady.add(float(t), current):
            return float(t), 1 + shape(t)
    return None


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shape", [lambda t: 1.5 * math.exp(-t / 400), lambda t: 1.5 * diffusion(t, 400)])
def test_a_fast_transient_is_steady_within_the_hour(shape, seed):
    time_s, ratio = first_steady(shape, seed=seed)
    assert 2300 < time_s < 2900
    assert ratio < 1.007


@pytest.mark.parametrize("shape", [lambda t: 1.5 * math.exp(-t / 3000), lambda t: 1.5 * diffusion(t, 3000)])
def test_a_slow_transient_is_never_steady(shape):
    assert first_steady(shape) is None


def test_a_power_law_meets_the_rule_far_from_its_limit():
    time_s, ratio = first_steady(lambda t: 1.5 * (t / 20) ** -0.5)
    assert 3500 < time_s < 4100
    assert ratio == pytest.approx(1.11, abs=0.01)


def test_nothing_is_steady_before_the_span_is_full():
    steady = SteadyState(span_s=600.0)
    answers = [steady.add(float(t), TRUE_A) for t in range(1000)]
    assert not any(answers[:540])
    assert all(answers[620:])


def test_noise_cannot_pass_for_steadiness():
    draw = random.Random(3)
    steady = SteadyState()
    assert not any(steady.add(5.0 * k, TRUE_A * (1 + 0.5 * draw.gauss(0, 1))) for k in range(300))


def test_reset_forgets():
    steady = SteadyState()
    assert [steady.add(float(t), TRUE_A) for t in range(1000)][-1]
    steady.reset()
    assert not steady.add(1000.0, TRUE_A)


def test_the_offset_is_not_part_of_the_current():
    def ends(offset_A: float) -> bool:
        steady = SteadyState(offset_A=offset_A)
        return [steady.add(float(t), 10 * TRUE_A - 1e-14 * t) for t in range(1000)][-1]

    assert ends(0.0)
    assert not ends(9.5 * TRUE_A)


@given(st.floats(0.05, 70.0))
def test_memory_does_not_grow_with_the_rate(interval_s):
    steady = SteadyState()
    for k in range(200):
        steady.add(k * interval_s, TRUE_A)
    assert len(steady._blocks) <= 62


def test_a_rule_without_span_is_refused():
    with pytest.raises(ValueError, match="above zero"):
        SteadyState(span_s=0.0)
