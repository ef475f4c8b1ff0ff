"""A bench file of what was found."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.acquisition.bench.bench import describe, required_addresses
from solbench.acquisition.bench.bench_file import default_bench_path, parse_bench
from solbench.acquisition.bench.making import (
    MAKES,
    Wiring,
    bench_of,
    bench_text,
    free_bench_path,
    pair_of,
    wiring_of,
    with_wiring,
)
from solbench.protocols.errors import BadInput


@dataclass(frozen=True)
class One:
    address: str
    kind: str
    adapter: str | None = "COM3"
    problem: str = ""
    write_termination: str = ""
    identity: str = ""


WIRINGS = st.builds(
    Wiring,
    st.sampled_from(["ce_re1", "we_re2"]),
    st.sampled_from(["50 Hz", "60 Hz"]),
    st.sampled_from([1, -1, None]),
)


@given(WIRINGS, st.sampled_from(["COM3", "socket://10.0.0.7:1234", ""]), st.sampled_from(["", "\n"]))
def test_a_bench_of_what_was_found_is_whole_and_wired_as_was_said(wiring, adapter, ending):
    names = ("4", "6") if adapter else ("GPIB0::4::INSTR", "GPIB0::6::INSTR")
    found = [One(names[1], "1287", adapter, write_termination=ending), One(names[0], "1260", adapter)]
    fields = bench_of(found, "left bench", wiring)
    text, bench = bench_text(fields, "b.yaml")
    assert bench is not None
    assert parse_bench(text, "b.yaml") == bench
    assert required_addresses(bench) == {"1260": names[0], "1287": names[1]}
    assert (bench.positive_terminal, str(bench.mains)) == (wiring.positive_terminal, wiring.mains)
    described = describe(bench, required_addresses(bench))
    assert described.settings["pair"].get("output_polarity") == wiring.output_polarity
    assert described.settings["1287"].get("link", {}).get("write_termination", "") == ending
    assert wiring_of(fields) == wiring


@given(WIRINGS, WIRINGS)
def test_a_wiring_that_is_said_later_stands_in_the_place_of_the_earlier_one(first, then):
    fields = with_wiring(
        with_wiring({"name": "b", "kind": "visa", "pair": {"settling_cycles": 2}}, first), then
    )
    polarity = then.output_polarity or first.output_polarity
    assert wiring_of(fields) == Wiring(then.positive_terminal, then.mains, polarity)
    assert fields["pair"]["settling_cycles"] == 2


def test_instruments_on_two_buses_make_no_bench():
    found = [One("4", "1260", "COM3"), One("6", "1287", "COM4"), One("8", "other")]
    assert len(pair_of(found)) == 1
    with pytest.raises(BadInput, match="pair on one bus"):
        bench_of(found)
    assert bench_text(bench_of([*found, One("6", "1287", "COM3")]), "b.yaml")[1] is None


@pytest.mark.parametrize(
    ("kinds", "model"),
    [
        (("1260", "EC301"), "ec301"),
        (("2400", "1260"), "keithley2400_1260"),
        (("2400",), "keithley2400"),
        (("2400", "EC301", "1287", "1260"), "solartron"),
    ],
)
@given(WIRINGS, st.sampled_from(["COM3", ""]))
def test_other_makes_make_a_bench_of_their_model(kinds, model, wiring, adapter):
    names = {kind: str(place) if adapter else f"GPIB0::{place}::INSTR" for place, kind in enumerate(kinds, 2)}
    fields = bench_of([One(names[kind], kind, adapter) for kind in kinds], "b", wiring)
    _, bench = bench_text(fields, "b.yaml")
    assert bench is not None
    assert bench.model == model
    assert required_addresses(bench) == {name: names[name] for name in MAKES[model]}
    assert (bench.positive_terminal is None) is (not bench.known_model.signs_of)


def test_a_1255b_is_named_and_measures_no_sample_by_itself():
    found = [One("4", "1260", identity="1255B FREQUENCY RESPONSE ANALYZER"), One("6", "1287")]
    _, bench = bench_text(bench_of(found, "b", Wiring("we_re2")), "b.yaml")
    assert bench is not None
    assert bench.entries["1260"].settings["family"] == "1255B"
    assert bench.abilities == {"impedance", "polarization"}


def test_a_name_makes_a_path_of_its_own_and_the_first_bench_is_the_users_own(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    first = free_bench_path("x/../y")
    assert first == default_bench_path()
    first.parent.mkdir()
    taken = set()
    for path in (first, *(free_bench_path("x/../y") for _ in range(1))):
        path.write_text("")
        taken.add(path)
    again = free_bench_path("x/../y")
    assert again not in taken
    assert again.parent == first.parent
