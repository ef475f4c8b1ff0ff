"""A growth is told where it is one, and withheld where a contact, noise or another arc could be it."""

from dataclasses import replace

import numpy as np
import pytest

from solbench.fitting.joint_fit import StateRules, fit_pellets, fit_states
from solbench.fitting.state_fit import StateFit, undescribed, why_not
from solbench.fitting.structure import Electrolyte
from solbench.fitting.withheld import Withheld, in_words
from tests.analysis.cells import noisy
from tests.analysis.halfcells import CELLS, sound_fit
from tests.tiers import few

# What comes between the cell and its leads from state to state, in ohm.
CONTACTS = {
    "lost pressure": (0, 150, 150, 150, 150),
    "slowly loosening": (0, 12, 24, 36, 48),
    "better after the first": (14, 0, 0, 0, 0),
    "last one only": (0, 0, 0, 0, 60),
}


def with_contact(name, contact):
    return [(f, z + r) for (f, z), r in zip(CELLS[name].spectra(0.001, 3), contact, strict=True)]


@pytest.mark.parametrize(
    "contact",
    ["lost pressure", *(pytest.param(name, marks=pytest.mark.long) for name in list(CONTACTS)[1:])],
)
def test_a_contact_is_no_growth(contact):
    result = fit_states(with_contact("nbh", CONTACTS[contact]))
    assert result.withheld
    assert result.growth is result.growth_from_sodiated is result.growth_corrected is None
    assert all(np.isnan(state.r_interface_ohm) for state in result.states)


@few(("name", "contact"), [("nbh", 150.0), ("nps", 20.0)], 1)
def test_a_contact_before_the_second_of_two_spectra_is_no_growth(name, contact):
    """No interphase at all: either nothing is told, or an interval that holds none."""
    cell = replace(CELLS[name], interphase=(0,) * 5, layers_um=(0,) * 5)
    (f, first), (_, last) = cell.spectra(0.001, 3, (0, 4))
    result = fit_states([(f, first), (f, last + contact)])
    assert (
        result.withheld
        if result.growth is None
        else abs(result.growth.value_ohm) < 2.5 * result.growth.stderr_ohm
    )


@pytest.mark.long
@pytest.mark.parametrize("seed", range(40))
def test_what_is_told_beside_a_contact_is_true(seed):
    rng = np.random.default_rng(seed)
    name = ("nyzc", "nps", "nbh")[seed % 3]
    size = 10 ** rng.uniform(0, 2)
    step, ramp = np.where(np.arange(5) >= rng.integers(1, 5), size, 0), np.linspace(0, size, 5)
    result = fit_states(with_contact(name, (step, ramp, step[::-1], rng.uniform(0, size, 5))[seed // 3 % 4]))
    if result.growth is not None:
        # 3 % of R_SSE is what the same electrolyte may show; a contact within it is seen as that much growth.
        allowed = 4 * result.growth.stderr_ohm + 0.03 * (CELLS[name].sse + CELLS[name].growth)
        assert abs(result.growth.value_ohm - CELLS[name].growth) < allowed


def test_a_noisy_reference_is_none():
    states = CELLS["nps"].spectra(0.001, 3, (0, 4))
    noise = np.random.default_rng(5).normal(size=(2, len(states[0][0]))) * 0.03
    f, z = states[0]
    result = fit_states([(f, z * (1 + noise[0] + 1j * noise[1])), *states[1:]])
    assert "not_steady" in [why.code for why in result.withheld]
    assert result.growth is None


@pytest.fixture(scope="module")
def sound() -> tuple[StateFit, ...]:
    return sound_fit("nps").states


NOT_GROWN = ((0.0, 1.0),) * 5
SURE = (Electrolyte(stderr=0.0),) * 5


def changed(states, k, **values):
    """Replace what one state shows; names of the circuit's parameters are values of the fit."""
    own = {name: value for name, value in values.items() if hasattr(states[k], name)}
    fit = replace(
        states[k].fit, values=states[k].fit.values | {n: v for n, v in values.items() if n not in own}
    )
    return (*states[:k], replace(states[k], fit=fit, **own), *states[k + 1 :])


def test_each_reason_is_found_by_itself(sound):
    rules, equal = StateRules(), SURE
    assert why_not(sound, equal, NOT_GROWN, rules) == ()
    sse = sound[0].r_sse_ohm
    q, r = sound[3].fit.values["CPE2_0"], sound[3].fit.values["R2"]
    cases = {
        ("not_described", 2): changed(sound, 2, verdict="wrong"),
        ("not_steady", 4): changed(sound, 4, kk_residual=0.006),
        ("resistance_changed", 1): changed(sound, 1, r_sse_ohm=sse * 0.96),
        ("no_capacitance", 3): changed(sound, 3, CPE2_0=q * 1e-3),
        ("time_constant_changed", 3): changed(sound, 3, R2=r * 9),
        ("no_double_layer", 2): changed(sound, 2, CPE3_0=sound[2].fit.values["CPE3_0"] * 1e-2),
    }
    for (code, state), states in cases.items():
        [why] = why_not(states, equal, NOT_GROWN, rules)
        assert (why.code, why.state) == (code, state)
        assert f"spectrum {state + 1}" in in_words(why, state + 1)
    assert (
        why_not(changed(sound, 2, kk_residual=0.006), equal, NOT_GROWN, rules) == ()
    )  # weighted down, and no end of it


def test_the_limit_that_a_spectrum_of_few_points_went_beyond_is_its_own():
    """Of 16 points Kramers-Kronig describes part of the noise; the limit of many points was named."""
    f = np.geomspace(1e6, 10, 16)
    omega = 2 * np.pi * f
    z = 100 + sum(80 / (1 + 1j * omega * 10.0**-power) for power in range(4, 10)) + 1 / (1j * omega * 1e-6)
    [why] = undescribed(fit_pellets([(f, noisy(z, 0.001, 1))]).states)
    assert StateRules().wrong_f < why.limit < why.seen


def test_an_uncertain_arc_is_looked_at_if_its_change_is_certain(sound):
    rules, equal = StateRules(), SURE
    q = sound[3].fit.values["CPE2_0"]
    vague = changed(sound, 3, CPE2_0=q * 1e-3, r_interface_stderr_ohm=1e3)
    assert why_not(vague, equal, NOT_GROWN, rules) == ()
    for growth_ohm in (29.0, -29.0):
        [why] = why_not(vague, equal, (*NOT_GROWN[:3], (growth_ohm, 0.1), NOT_GROWN[4]), rules)
        assert (why.code, why.state) == ("no_capacitance", 3)


def test_an_arc_far_above_the_window_is_a_resistor(sound):
    """20 ohm and 0.5 nF, with the apex at 15.9 MHz: seen from 2 MHz, and not from 1 MHz."""
    [fast] = changed(sound[3:4], 0, R2=20.0, CPE2_0=5e-10, CPE2_1=1.0)
    assert fast.fit.frequency_Hz.max() == pytest.approx(1e6)
    seen = replace(fast, fit=replace(fast.fit, frequency_Hz=2.0 * fast.fit.frequency_Hz))
    for state, codes in ((fast, ["no_capacitance"]), (seen, [])):
        found = why_not((state, state), SURE[:2], NOT_GROWN[:2], StateRules())
        assert [why.code for why in found] == codes


@pytest.mark.long
@pytest.mark.parametrize(("name", "contact", "seed"), [("nyzc", 60.0, 5), ("nps", 21.0, 2)])
def test_a_charge_transfer_beside_a_contact_is_no_interphase(name, contact, seed):
    """Fresh tin shows no charge transfer: the shared arc takes the contact, and the states' own a double layer's."""
    cell = replace(CELLS[name], interphase=(0,) * 5, layers_um=(0,) * 5)
    (f, first), (_, last) = cell.spectra(0.001, seed, (0, 4))
    result = fit_states([(f, first), (f, last + contact)])
    assert (
        result.withheld
        if result.growth is None
        else abs(result.growth.value_ohm) < 2.5 * result.growth.stderr_ohm
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "seed", "contacts_ohm"),
    [
        (
            "nbh",
            520,
            (18.4, 0, 0, 0, 0),
        ),  # told as -17.4 +- 1.5 ohm, by the interphase of the counter electrode
        pytest.param(
            "nyzc", 516, (0, 0, 0, 0, 96.1), marks=pytest.mark.long
        ),  # as 73 +- 6 too much, by a double layer
    ],
)
def test_a_contact_that_comes_or_goes_is_taken_by_no_part_that_is_supposed(name, seed, contacts_ohm):
    spectra = CELLS[name].spectra(0.001, seed)
    result = fit_states([(f, z + contact) for (f, z), contact in zip(spectra, contacts_ohm, strict=True)])
    assert "resistance_changed" in [why.code for why in result.withheld]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
def test_a_contact_that_wears_out_is_within_the_interval_or_withheld(seed):
    random = np.random.default_rng(seed)
    name, sign = random.choice(["nps", "nyzc"]), random.choice([-1.0, 1.0])
    whole_ohm = {"nps": 15.0, "nyzc": 300.0}[name] * random.uniform(0.3, 2.0)
    spectra = CELLS[name].spectra(0.001, 100 + seed)
    shares = np.linspace(0.0, 1.0, 5)[:: int(sign)]
    growth = fit_states([(f, z + whole_ohm * x) for (f, z), x in zip(spectra, shares, strict=True)]).growth
    if growth is not None:
        off = abs(growth.value_ohm - CELLS[name].growth)
        assert off < 3.0 * growth.stderr_ohm or off < 0.03 * CELLS[name].sse + 2.0 * growth.stderr_ohm


def test_a_temperature_explains_its_own_change_of_the_electrolyte(sound):
    sse = sound[0].r_sse_ohm
    warmer = changed(sound, 1, r_sse_ohm=sse * 0.9)
    for known, codes in (
        (Electrolyte(expected=np.log(0.9), stderr=0.0), []),
        (Electrolyte(expected=np.log(1.1), stderr=0.0), ["resistance_changed"]),
        (Electrolyte(stderr=0.05), []),
        (Electrolyte(stderr=0.03), ["resistance_changed"]),
    ):
        electrolytes = (SURE[0], known, *SURE[2:])
        assert [why.code for why in why_not(warmer, electrolytes, NOT_GROWN, StateRules())] == codes


def test_one_spectrum_has_no_growth_to_withhold(sound):
    assert why_not(changed(sound, 0, kk_residual=0.5)[:1], SURE[:1], NOT_GROWN[:1], StateRules()) == ()
    assert in_words(Withheld("not_the_record", 0), 7) == "spectrum 7 is not that of the cell in the record"
