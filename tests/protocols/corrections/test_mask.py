import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.protocols.corrections.mask import SAME, Band, Mask, read_mask
from solbench.protocols.errors import FieldError

FREQUENCIES = st.floats(1e-4, 3.2e7)
SOURCES = st.text("abc-_ 1.", max_size=8).map(lambda text: " ".join(text.split()))


@st.composite
def bands(draw):
    ends = sorted((draw(FREQUENCIES), draw(FREQUENCIES)))
    single, of_one = draw(st.booleans()), draw(st.booleans())
    where = (draw(st.integers(1, 500)), draw(SOURCES)) if of_one else (None, "")
    return Band(ends[0], ends[0] if single else ends[1], *where)


@given(st.lists(bands(), max_size=6), FREQUENCIES)
def test_what_is_written_is_read_back(listed, frequency_Hz):
    mask = Mask(tuple(listed))
    again = read_mask(mask.text)
    assert read_mask(again.text) == again
    for band in mask.bands:
        assert any(
            (other.spectrum, other.source) == (band.spectrum, band.source)
            and math.isclose(other.low_Hz, band.low_Hz, rel_tol=1e-3)
            and math.isclose(other.high_Hz, band.high_Hz, rel_tol=1e-3)
            for other in again.bands
        )
        assert read_mask(band.text).holds(band.low_Hz)
        assert band.holds(band.low_Hz)
        assert band.holds(band.high_Hz)
        assert not band.holds(band.high_Hz * (1 + 2 * SAME))
        assert not band.holds(band.low_Hz / (1 + 2 * SAME))
    assert mask.holds(frequency_Hz) == any(band.holds(frequency_Hz) for band in mask.bands)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("50 Hz,100 kHz-1 MHz", "50 Hz, 100 kHz to 1 MHz"),
        ("100-200 kHz; 1,5 kHz", "100 kHz to 200 kHz, 1.5 kHz"),
        ("1e-3-1e-2 Hz", "1 mHz to 10 mHz"),
        ("3: 2 to 1 Hz\n50 Hz", "3: 1 Hz to 2 Hz, 50 Hz"),
        ("half-cell-2 3: 50 Hz", "half-cell-2 3: 50 Hz"),
    ],
)
def test_people_write_it_so(text, written):
    assert read_mask(text).text == written


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "3:",
        "-5 Hz",
        "50 V",
        "5 Hz-",
        "a: 5 Hz",
        "1-2-3",
        "0 Hz",
        "1 to",
        "9" * 30_000,
        "50",
        "60 Hz, 50",
        "1-2",
        "1 Hz-2",
    ],
)
def test_what_is_no_mask_is_refused_with_an_example(text):
    with pytest.raises(FieldError) as error:
        read_mask(text)
    assert error.value.cure


def test_an_entry_applies_where_it_is_written_for():
    mask = read_mask("50 Hz, 3: 1 kHz, a 3: 2 kHz")
    assert mask.of("b", 1).text == "50 Hz"
    assert mask.of("b", 3).text == "50 Hz, 3: 1 kHz"
    assert mask.of("a", 3) == mask
    assert read_mask("cell 4 25 degC 1: 9 Hz").of("cell 4; 25 degC", 1)


@given(st.data())
def test_points_are_left_out_and_taken_back_by_their_places(data):
    measured_Hz = [10.0 ** (place / 10) for place in range(-20, 60)]
    places = st.sets(st.integers(0, len(measured_Hz) - 1), min_size=1)
    first, back = ([measured_Hz[place] for place in data.draw(places)] for _ in range(2))
    mask = read_mask(Mask().with_points(first, measured_Hz, 3, "a").text)
    assert [each for each in measured_Hz if mask.holds(each)] == sorted(first)
    assert not mask.of("a", 4)
    left = read_mask(mask.without_points(back, measured_Hz).text)
    assert [each for each in measured_Hz if left.holds(each)] == sorted(set(first) - set(back))
