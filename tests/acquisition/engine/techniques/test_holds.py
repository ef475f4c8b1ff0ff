"""Constant current and DC polarization on the simulated bench: where they stop, and what they find."""

import pytest

from solbench.acquisition.record.reader import open_run
from solbench.analysis.polarization import run_conductivity
from solbench.protocols import load_cell
from tests.acquisition.runs import CURRENT_A, TINY, quiet_bench, request, seen_run
from tests.tiers import few

TARGET_C = 0.002e-3 * 3600 * 0.785


@few(
    ("cell", "latency_s"),
    [("nbh", 1e-3), ("nps", 5e-3), pytest.param("nyzc", 1e-3, marks=pytest.mark.long)],
    1,
)
def test_on_a_silent_bench_the_charge_stops_within_a_tenth_of_a_millisecond(tmp_path, cell, latency_s):
    seen = seen_run(request(tmp_path / "a.h5", TINY, cell, quiet_bench(noise_scale=0.0, latency_s=latency_s)))
    passed_C = abs(seen.true_charge_C("segment_end", 2))
    assert passed_C == pytest.approx(TARGET_C, abs=0.2e-3 * CURRENT_A)


@few("seed", range(2), 1)
def test_with_noise_the_stop_is_within_milliseconds(tmp_path, seed):
    """The 0 % spectrum before it counts into the step, and the ammeter's noise in it on the 2 mA range."""
    seen = seen_run(request(tmp_path / "a.h5", TINY, bench=quiet_bench(latency_s=5e-3), seed=seed))
    own_C = seen.true_charge_C("segment_end", 2) - seen.true_charge_C("segment", 2)
    sweep, held = seen.of("segment_end")[1:3]
    assert own_C == pytest.approx(held.body.step_charge_C - sweep.body.step_charge_C, abs=1e-3 * CURRENT_A)
    assert abs(seen.true_charge_C("segment_end", 2)) == pytest.approx(TARGET_C, abs=20e-3 * CURRENT_A)


@few(("cell", "seed"), [pytest.param("nbh", 0, marks=pytest.mark.long), ("nps", 1), ("nyzc", 0)], (1,))
def test_two_volts_are_passed_by_a_millivolt_and_a_conversion_at_most(tmp_path, cell, seed):
    seen = seen_run(request(tmp_path / "a.h5", TINY, cell, quiet_bench(latency_s=5e-3), seed=seed))
    samples = open_run(seen.result.run).samples
    deciding = samples[samples["flags"] & 1 == 1][-1]
    before = samples[samples["seq"] < deciding["seq"]][-1]
    slope_V_s = (deciding["voltage_V"] - before["voltage_V"]) / (deciding["time_s"] - before["time_s"])
    assert before["voltage_V"] < 2.0 <= deciding["voltage_V"] <= 2.0 + 1e-3 + slope_V_s * 0.2
    off = seen.of("edge")[-1]
    assert (
        off.body.acknowledged_s - deciding["time_s"] < 0.3
    )  # half a conversion, a fast one, and the way out


def test_a_zero_offset_of_a_thousandth_of_range_is_found_and_taken_off(tmp_path):
    """0.1 % of 200 uA is 0.16 % of this charge; the rest before the current shows it."""
    protocol = TINY.replace("rest: {time: 5 s}", "rest: {time: 60 s}")
    bench = quiet_bench(errors="typical", gain_error=0.0, current_offset_of_range=1e-3)
    seen = seen_run(request(tmp_path / "a.h5", protocol, bench=bench))
    zero = next(event for event in seen.of("zero") if event.body.range == 5)
    assert abs(zero.body.mean_A) == pytest.approx(0.2e-6, rel=0.05)
    step_C = seen.of("segment_end")[2].body.step_charge_C
    assert step_C == pytest.approx(seen.true_charge_C("segment_end", 2), rel=2e-4)


@few("positive_terminal", ["ce_re1", "we_re2"], 1)
def test_the_sign_does_not_depend_on_how_the_leads_are_clamped(tmp_path, positive_terminal):
    bench = quiet_bench().model_copy(update={"positive_terminal": positive_terminal})
    seen = seen_run(request(tmp_path / "a.h5", TINY, bench=bench))
    assert seen.result.completed
    assert seen.true_charge_C("segment_end", 2) == pytest.approx(-TARGET_C, rel=1e-3)


@pytest.mark.long
@pytest.mark.parametrize(
    ("cell", "build"),
    [
        ("nps", "dc_reduced"),
        *(
            pytest.param(cell, build, marks=pytest.mark.long)
            for cell, build in [
                ("nyzc", "dc_reduced"),
                ("nyzc", "dc_pristine"),
                ("nps", "dc_pristine"),
                ("nbh", "dc_pristine"),
            ]
        ),
    ],
)
def test_dc_polarization_finds_the_records_conductivity(tmp_path, cell, build):
    wanted = request(tmp_path / "a.h5", "dc-polarization", cell, settings=(f"build={build}",), seed=2)
    seen = seen_run(wanted)
    assert seen.result.completed
    assert seen.is_safe
    electrolyte = load_cell(cell).build(build)
    reduced = build == "dc_reduced"
    true_S_m = (
        electrolyte.electronic_conductivity_reduced_S_m
        if reduced
        else electrolyte.electronic_conductivity_S_m
    )
    found = run_conductivity(open_run(seen.result.run))
    if reduced:
        assert found.steady
        assert not found.is_bound
        assert found.sigma_S_m == pytest.approx(true_S_m, rel=0.05)
    elif found.is_bound:
        assert found.sigma_S_m >= true_S_m
    else:
        assert abs(found.sigma_S_m - true_S_m) <= 3 * found.sigma_stderr_S_m
