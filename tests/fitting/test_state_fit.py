"""A contact in the first or the last spectrum alone makes a growth that the temperature could be blamed for."""

from __future__ import annotations

import pytest

from solbench.fitting.joint_fit import fit_states
from tests.analysis.halfcells import CELLS


@pytest.mark.long
@pytest.mark.parametrize("spoilt", [0, 4])
def test_a_contact_in_one_end_alone_is_found_within_what_a_temperature_may_explain(spoilt: int) -> None:
    spectra = CELLS["nps"].spectra(0.001, 7)
    f, z = spectra[spoilt]
    spectra[spoilt] = (f, z + 20.0)
    result = fit_states(spectra)
    assert [why.code for why in result.withheld] == ["resistance_changed"]
    assert result.growth is None


@pytest.mark.long
@pytest.mark.parametrize("name", CELLS)
def test_sound_cells_have_no_odd_end(name: str) -> None:
    told = [fit_states(CELLS[name].spectra(0.001, seed)).growth for seed in range(20)]
    assert sum(growth is None for growth in told) <= 1
