"""The first state as the reference of the interface; states that tell nothing of it."""

import math

import pytest

from solbench.analysis.batch import Job, fit_job
from solbench.fitting.joint_fit import fit_states
from tests.analysis.halfcells import CELLS

STATES = CELLS["nps"].spectra(0.002, 1, (0, 2, 4))


@pytest.mark.long
def test_reference_is_the_first_state_alone_and_is_not_an_estimate():
    result = fit_states(STATES)
    assert [state.is_reference for state in result.states] == [True] + [False] * (len(result.states) - 1)
    assert result.growth.stderr_ohm > 0.0


def test_one_state_alone_tells_nothing_of_the_interface():
    (state,) = fit_states(STATES[:1]).states
    assert math.isnan(state.r_interface_ohm)
    assert not state.is_reference
    found = fit_job(Job("one", tuple(STATES[:1]), (1,), joint=True))
    assert found.spectra[0].r_interface_ohm is None
    assert found.r_interface_growth_ohm is None


@pytest.mark.long
def test_a_cell_without_an_interphase_has_no_interface():
    found = fit_job(Job("pellets", tuple(STATES), (1, 2, 3), joint=True, interphase=False))
    assert {spectrum.r_interface_ohm for spectrum in found.spectra} == {None}
    assert found.r_interface_growth_ohm is None
    assert found.spectra[0].r_sse_ohm == pytest.approx(found.spectra[2].r_sse_ohm, rel=0.02)
