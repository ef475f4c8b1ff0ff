"""Lines of a dialogue come back as they were, to the last digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.acquisition.bench.dialogue.lines import (
    OUTCOMES,
    TRANSFERS,
    Asked,
    Before,
    Closed,
    Looked,
    Transferred,
    decode,
    encode,
    in_words,
)

seconds = st.floats(allow_nan=False, allow_infinity=False)
counts = st.integers(0, 10**9)
anything = st.text(st.characters(max_codepoint=255))  # every byte that a wire can carry
names = st.sampled_from(["1260", "1287", "gauge cell temperature"])
lines = st.one_of(
    st.builds(
        Transferred,
        seconds,
        st.none() | seconds,
        counts,
        names,
        st.sampled_from(sorted(TRANSFERS)),
        st.sampled_from(sorted(OUTCOMES)),
        anything,
        st.text(),
    ),
    st.builds(Looked, seconds, counts, counts),
    st.builds(Asked, seconds, counts, counts, st.sampled_from(["stop", "pause"]), st.text(), names, names),
    st.builds(Before, seconds, counts, seconds, st.none() | seconds, counts),
    st.builds(Closed, seconds, counts, st.sampled_from(["closed", "full"])),
)


@given(lines)
def test_a_line_comes_back_and_is_one_line(line: Transferred | Looked | Asked | Closed) -> None:
    text = encode(line)
    assert text.count("\n") == 1
    assert decode(text) == line


def test_what_is_on_the_wire_can_be_read_by_people() -> None:
    line = decode('12.36\t12.35\t1040\t1287\twrite\tok\t"RU1"\n')
    assert line == Transferred(12.36, 12.35, 1040, "1287", "write", "ok", "RU1")
    assert line.words == "'RU1' is written to 1287"
    assert in_words("poll", "1260", "") == "the status is polled from 1260"


@pytest.mark.parametrize(
    "damaged", ["", '1.0\t=\t3\t1287\tshout\tok\t""', '1.0\t=\t3\t1287\tread\tmaybe\t""', "x\t0\t1\t\tclock"]
)
def test_a_damaged_line_is_no_line(damaged: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        decode(damaged)
