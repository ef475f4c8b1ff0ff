"""Pellets, poor to good conductors: the total is every arc before the tail; bulk and boundary where they are told."""

from __future__ import annotations

import math

import numpy as np
import pytest

from solbench.fitting.joint_fit import StateFit, fit_pellets
from solbench.fitting.spectra.arcs import StrayCapacitance, arcs_of, relative_permittivity
from tests.fitting.drawn_pellets import AREA_m2, DrawnPellet, THICKNESS_m, draw_pellet

KNOWN = StrayCapacitance(0.0)


def fitted(drawn: DrawnPellet) -> StateFit:
    [state] = fit_pellets([(drawn.frequency_Hz, drawn.impedance_ohm)]).states
    return state


def off(drawn: DrawnPellet, state: StateFit) -> list[float]:
    """By how many standard errors the total is off, and bulk and boundary where they are told apart."""
    total = drawn.bulk_ohm + drawn.boundary_ohm
    found = [(state.r_sse_ohm - total) / math.hypot(state.r_sse_stderr_ohm, 0.3)]
    by_label = {arc.label: arc for arc in arcs_of(state, KNOWN, blocking=True)}
    if "bulk" in by_label:
        bulk, boundary = by_label["bulk"], by_label["grain boundary"]
        found.append((bulk.r_ohm - drawn.bulk_ohm) / math.hypot(bulk.r_stderr_ohm, 0.3))
        found.append((boundary.r_ohm - drawn.boundary_ohm) / boundary.r_stderr_ohm)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_total_is_every_arc_before_the_tail(seed: int) -> None:
    drawn = draw_pellet(seed)
    state = fitted(drawn)
    assert state.verdict == "good"
    assert max(map(abs, off(drawn, state))) < 4.0


@pytest.mark.long
def test_the_intervals_hold_the_truth() -> None:
    totals, parts = [], []
    for seed in range(1000, 1400):
        drawn = draw_pellet(seed)
        total, *others = off(drawn, fitted(drawn))
        totals.append(abs(total))
        parts += [abs(other) for other in others]
    for found in (np.array(totals), np.array(parts)):
        assert np.mean(found < 1.96) >= 0.9
        assert np.mean(found > 3.0) <= 0.01
        assert np.max(found) < 5.0
    assert len(parts) > 200


def test_bulk_and_boundary_are_named_only_where_the_stray_capacitance_is_known() -> None:
    slow = draw_pellet(3)  # 1.6 and 0.35 Mohm
    state = fitted(slow)
    bulk_F = arcs_of(state, KNOWN, blocking=True)[0].capacitance_F
    for stray, named in ((0.0, True), (0.1 * bulk_F, True), (0.3 * bulk_F, False), (None, False)):
        arcs = arcs_of(state, StrayCapacitance(stray), blocking=True)
        assert ("bulk" in [arc.label for arc in arcs]) == named
        found = relative_permittivity(arcs, THICKNESS_m / AREA_m2)
        assert (found is not None) == named
        if found is not None:
            assert found == pytest.approx(slow.permittivity, rel=0.1)
    assert arcs[-1].label == "tail"
