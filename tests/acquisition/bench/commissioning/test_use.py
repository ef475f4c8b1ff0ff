"""What a record says reaches the drivers, and a sign that contradicts the bench file never does."""

import pytest

from solbench.acquisition.bench.bench import describe
from solbench.acquisition.bench.commissioning.record import (
    CutOut,
    Gains,
    LeadsRecord,
    NullRecord,
    RangeRecord,
)
from solbench.acquisition.bench.commissioning.use import corrections_of
from solbench.acquisition.bench.models import CORRECTIONS
from solbench.drivers.solartron.corrections import (
    Bound,
    Corrections,
    Leads,
    Null,
    RangeCorrection,
    corrections_from,
)
from solbench.protocols.errors import BadInput
from tests.acquisition.bench.commissioning.records import known, of, record
from tests.acquisition.bench.commissioning.test_standing import bench

ADDRESSES = {"1260": "4", "1287": "6"}
VALUES = known(
    status_bits={"1260": 16, "1287": 32},
    conversion_s=(of(0.19, 0.01), of(0.021), of(0.017), of(0.003)),
    overhead_s=of(0.4),
    zero_V=of(-3e-5),
    ranges={4: RangeRecord(zero_A=of(2e-7), ratio=of(1.001, 2e-4), lag_s=of(4e-8, 1e-9), highest_Hz=3e5)},
    potential_sign=-1,
    output_polarity=-1,
    gains=Gains(pol_hundredth=of(0.99), voltage_ten=of(1.01), current_ten=of(1.02)),
    pair_leads=LeadsRecord(inductance_H=of(1.7e-6, 5e-8)),
    analyzer_leads=LeadsRecord(
        capacitance_F=of(3e-11, 1e-12),
        short=(NullRecord(frequency_Hz=1e6, real=0.1, imaginary=6.0, stderr=0.03),),
    ),
    analyzer_highest_Hz=2e7,
    contour=({"frequency_Hz": 1e3, "smallest_ohm": 0.01, "largest_ohm": 1e8},),
    cut_out=CutOut(error_code=33, time_s=of(0.05)),
    positive_terminal="we_re2",
)


def test_everything_that_a_driver_can_use_reaches_it():
    described = describe(bench(record(values=VALUES)), ADDRESSES)
    assert described.settings["1260"] == {"link": {"status_mask": 16}, "overhead_s": 0.4}
    assert described.settings["1287"] == {
        "link": {"status_mask": 32},
        "conversion_s": [0.19, 0.021, 0.017, 0.003],
        "potential_sign": -1,
        "positive_terminal": "we_re2",
    }
    assert described.settings["pair"] == {"output_polarity": -1}
    assert corrections_from(described.settings[CORRECTIONS]) == Corrections(
        (RangeCorrection(4, 4e-8, 1e-9, ratio=1.001, ratio_stderr=2e-4, zero_A=2e-7, highest_Hz=3e5),),
        Leads(inductance_H=1.7e-6, inductance_stderr_H=5e-8),
        Leads(capacitance_F=3e-11, capacitance_stderr_F=1e-12, short=(Null(1e6, 0.1, 6.0, 0.03),)),
        -3e-5,
        0.99,
        1.01,
        1.02,
        (Bound(1e3, 0.01, 1e8),),
        1e5,
        2e7,
    )


def test_what_the_user_wrote_goes_before_what_was_found():
    own = bench(record(values=VALUES), "pair: {drop_headroom: 0.5}\n")
    assert describe(own, ADDRESSES).settings["pair"] == {"output_polarity": -1, "drop_headroom": 0.5}


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("pair: {output_polarity: 1}\n", "pair.output_polarity"),
        ("", "positive_terminal"),
    ],
)
def test_a_sign_that_contradicts_the_bench_file_is_refused(line, field):
    values = VALUES if line else VALUES.model_copy(update={"positive_terminal": "ce_re1"})
    with pytest.raises(BadInput) as caught:
        describe(bench(record(values=values), line), ADDRESSES)
    assert (caught.value.file, caught.value.field) == ("lab.yaml", field)


def test_without_a_record_the_pair_is_trusted_to_100_kHz_unless_its_unit_is_ideal():
    plain = bench(text="name: lab\nkind: simulated\npositive_terminal: we_re2\n")
    limits = {
        unit: corrections_from(describe(plain, ADDRESSES, unit).settings[CORRECTIONS])
        for unit in ("", "7", "ideal")
    }
    assert limits[""].highest_Hz == limits["7"].highest_Hz == 1e5
    assert limits["ideal"] == Corrections()


def test_a_range_of_which_no_lag_was_measured_is_as_without_a_record():
    assert corrections_of(record(values=VALUES)).of_range(3).highest_Hz == 1e5
