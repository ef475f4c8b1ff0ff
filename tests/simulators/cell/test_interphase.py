import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.simulators.cell.interphase import (
    AgeingParameters,
    ChokeParameters,
    GrowthParameters,
    Interphase,
    InterphaseParameters,
    LayerState,
)

MAH_CM2 = 36000.0
AREA_M2 = 0.785e-4
ARC = InterphaseParameters(0.0, 30e-9 * 1e4, 10e-6, 0.8)
NPS = GrowthParameters(0.152 * MAH_CM2, 0.060 * MAH_CM2, 0.224 * MAH_CM2, 11.8e-6, 35.0)
NYZC = GrowthParameters(11.42 * MAH_CM2, 8.45 * MAH_CM2, 0.956 * MAH_CM2, 84.4e-6, 9000.0)
FIELDS = ("linear_C_m2", "parabolic_C_m2", "layer_charge_C_m2", "layer_thickness_m", "layer_resistance_ohm")
CHOKE = ChokeParameters(4e-3 * MAH_CM2, 60e-6)


def grown(growth, passed_mAh_cm2, choke=None):
    interphase = Interphase(ARC, AREA_M2, growth, choke)
    return interphase, interphase.sodiated(LayerState(), passed_mAh_cm2 * MAH_CM2)


@pytest.mark.parametrize(
    ("growth", "passed", "reduced"), [(NPS, 1.4, 0.224), (NPS, 0.64, 0.134), (NYZC, 1.4, 0.956)]
)
def test_reduced_charge_of_the_calibration(growth, passed, reduced):
    _, layer = grown(growth, passed)
    assert layer.reduced_C_m2 / MAH_CM2 == pytest.approx(reduced, abs=1e-3)


def test_three_quarters_of_the_first_charge_reduce_nyzc():
    interphase = Interphase(ARC, AREA_M2, NYZC)
    assert interphase.reducing_share(LayerState()) == pytest.approx(0.74, abs=1e-3)


def test_growth_obeys_its_differential_law():
    interphase, layer = grown(NPS, 0.3)
    small = 1e-6 * MAH_CM2
    slope = (interphase.sodiated(layer, small).reduced_C_m2 - layer.reduced_C_m2) / small
    assert slope == pytest.approx(interphase.reducing_share(layer), rel=1e-5)


@given(st.lists(st.floats(0, 3000), min_size=1, max_size=8))
def test_growth_does_not_depend_on_the_size_of_the_steps(charges):
    interphase = Interphase(ARC, AREA_M2, NPS)
    layer = LayerState()
    for charge in charges:
        layer = interphase.sodiated(layer, charge)
    once = interphase.sodiated(LayerState(), math.fsum(charges))
    assert layer.reduced_C_m2 == pytest.approx(once.reduced_C_m2, rel=1e-12, abs=1e-9)


def test_without_growth_nothing_forms():
    interphase, layer = grown(None, 1.4)
    assert layer == LayerState()
    assert interphase.resistance_ohm(layer) == 0.0
    assert interphase.thickness_m(layer) == 0.0


@pytest.mark.parametrize(
    ("growth", "resistance", "layer_um", "capacitance_nF"), [(NPS, 35, 11.8, 10.8), (NYZC, 9000, 84.4, 2.5)]
)
def test_layer_resistance_and_the_top_of_its_arc(growth, resistance, layer_um, capacitance_nF):
    interphase, layer = grown(growth, 1.4)
    assert interphase.resistance_ohm(layer) == pytest.approx(resistance, rel=5e-3)
    assert interphase.thickness_m(layer) * 1e6 == pytest.approx(layer_um, rel=5e-3)
    expected_Hz = 1 / (2 * math.pi * resistance * capacitance_nF * 1e-9)
    around = [expected_Hz * 10 ** (step / 100) for step in range(-50, 51)]
    top_Hz = max(around, key=lambda f: -interphase.impedance(layer, f).imag)
    assert top_Hz == pytest.approx(expected_Hz, rel=0.03)


def test_the_choke_folds_with_charge_and_lets_go_on_sodiation():
    interphase, layer = grown(NYZC, 1.4, CHOKE)
    layer_ohm = interphase.resistance_ohm(layer)
    choked = interphase.desodiated(layer, 4e-3 * MAH_CM2)
    assert interphase.choke_ohm(choked) == pytest.approx(layer_ohm * (math.e - 1), rel=1e-12)
    assert interphase.resistance_ohm(choked) == layer_ohm
    assert interphase.choke_ohm(interphase.sodiated(choked, 4e-3 * MAH_CM2)) == 0.0


def test_the_choke_leaves_a_thin_layer_alone():
    interphase, layer = grown(NYZC, 0.64, CHOKE)
    assert interphase.thickness_m(layer) == pytest.approx(40e-6, rel=0.02)
    assert interphase.desodiated(layer, MAH_CM2) == layer


def test_a_choked_cell_stays_finite():
    interphase, layer = grown(NYZC, 1.4, CHOKE)
    assert math.isfinite(interphase.choke_ohm(interphase.desodiated(layer, 1e3 * MAH_CM2)))


def aged(exponent, hours, temperature_K=298.15, cuts=1):
    ageing = AgeingParameters(6.0, 24 * 3600.0, exponent, 0.5 * 1.602176634e-19)
    interphase = Interphase(ARC, AREA_M2, ageing=ageing)
    interphase.at(temperature_K)
    layer = interphase.start()
    for _ in range(cuts):
        layer = interphase.aged(layer, hours * 3600.0 / cuts)
    return interphase.resistance_ohm(layer)


@pytest.mark.parametrize("exponent", [0.0, 0.25, 0.5, 0.8, 1.0])
def test_growth_at_rest_follows_its_law_and_reaches_what_is_written(exponent):
    assert aged(exponent, 0.0) == 0.0
    assert aged(exponent, 24.0) == pytest.approx(6.0)
    assert aged(exponent, 100.0, cuts=7) == pytest.approx(aged(exponent, 100.0))
    if exponent:
        assert aged(exponent, 4 * 24.0) == pytest.approx(6.0 * 4**exponent)
    else:
        assert aged(0.0, 4 * 24.0) < 6.0 * 4**0.25


def test_it_is_faster_in_the_warmth():
    factor = math.exp(0.5 / 8.617333e-5 * (1 / 298.15 - 1 / 318.15))
    assert aged(1.0, 24.0, 318.15) == pytest.approx(6.0 * factor, rel=1e-4)


def test_a_layer_that_passivates_grows_as_ever_first_and_less_after_each_desodiation():
    passivating = GrowthParameters(*(getattr(NPS, f) for f in FIELDS), passivation_C_m2=1.4 * MAH_CM2)
    interphase, plain = Interphase(ARC, AREA_M2, passivating), Interphase(ARC, AREA_M2, NPS)
    layer = interphase.sodiated(interphase.start(), 1.4 * MAH_CM2)
    first = plain.sodiated(LayerState(), 1.4 * MAH_CM2)
    assert layer.reduced_C_m2 == first.reduced_C_m2
    shares = [interphase.reducing_share(layer)]
    for _ in range(5):
        layer = interphase.desodiated(layer, 0.7 * MAH_CM2)
        shares.append(interphase.reducing_share(layer))
    ratios = [late / early for early, late in pairwise(shares)]
    assert ratios == pytest.approx([math.exp(-0.5)] * 5)
