"""Bench files: what is refused, and in which words."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.acquisition.bench.bench import describe, open_bench, required_addresses
from solbench.acquisition.bench.bench_file import dump_bench, load_bench, parse_bench
from solbench.acquisition.bench.models import by_hand_of
from solbench.protocols import check, load_cell, load_protocol, shipped_protocols
from solbench.protocols.check import check_bench
from solbench.protocols.errors import BadInput

REAL = """
name: bench 2
kind: visa
positive_terminal: we_re2
max_unwatched: 1 s
analyzer_1260: {address: "GPIB0::4::INSTR"}
potentiostat_1287: {address: "GPIB0::6::INSTR"}
"""


def refused(text: str) -> str:
    with pytest.raises(BadInput) as caught:
        parse_bench(text, "bench.yaml")
    paragraph = str(caught.value)
    assert paragraph.startswith("bench.yaml")
    assert "\n" not in paragraph
    assert "pydantic" not in paragraph
    return paragraph


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("max_unwatched", "max_unwached", "max_unwached"),
        ("max_unwatched: 1 s", "max_unwatched: 1", "max_unwatched"),
        ("max_unwatched: 1 s", "max_unwatched: 1 V", "max_unwatched"),
        ("positive_terminal: we_re2", "positive_terminal: we", "positive_terminal"),
        ("positive_terminal: we_re2\n", "", "Write ce_re1 or we_re2, as seen with a dry cell"),
        ("kind: visa", "kind: gpib", "kind"),
        ("name: bench 2\n", "", "name"),
        ("name: bench 2", "name: [bench", "bench.yaml"),
    ],
)
def test_a_mistake_is_named_with_its_field(old, new, says):
    assert old in REAL
    assert says in refused(REAL.replace(old, new))


@pytest.mark.parametrize(
    ("names", "place"), [(["oven", "oven"], 1), (["die/left"], 0), ([""], 0), (["die", "."], 1)]
)
def test_gauges_that_one_run_file_cannot_hold_are_refused(names, place):
    gauges = "".join(f'\n  - {{name: "{name}", address: "GPIB0::12::INSTR"}}' for name in names)
    assert f"gauges[{place}].name" in refused(f"{REAL}gauges:{gauges}\n")


@pytest.mark.parametrize(
    ("place", "name", "text"),
    [
        ("analyzer_1260.settings", "reset_s", "5 parsecs"),
        ("pair", "settle_s", "5 parsecs"),
        ("adapter_settings", "timeout_s", "3"),
        ("simulation", "latency_s", "1"),
    ],
)
def test_a_setting_that_reads_like_a_quantity_and_is_none_is_named(place, name, text):
    field, *inner = place.split(".")
    value = {key: {name: text} for key in inner} or {name: text}
    kind = "simulated" if field == "simulation" else "visa"
    bench = parse_bench(f"name: b\nkind: {kind}\npositive_terminal: we_re2\n{field}: {value}\n", "b.yaml")
    with pytest.raises(BadInput) as caught:
        open_bench(bench, {}, lambda: None) if kind == "simulated" else describe(bench, {})
    assert (caught.value.file, caught.value.field) == ("b.yaml", f"{place}.{name}")


@pytest.mark.parametrize(
    ("kind", "field", "address"),
    [
        ("prologix", "adapter", "socket://bench..lab:1234"),
        ("prologix", "adapter", f"socket://{'b' * 70}:1234"),
        ("prologix", "adapter", "sockets://192.168.1.5:1234"),
        ("serial", "potentiostat_1287.address", "socket://.lab:4001"),
    ],
)
def test_an_address_that_no_port_can_have_is_told_with_its_field(kind, field, address):
    at = {"analyzer_1260.address": "4" if kind == "prologix" else "COM3", "potentiostat_1287.address": "5"}
    at[field] = address
    lines = [f"{name.partition('.')[0]}: {{address: '{at[name]}'}}" for name in at if "." in name]
    lines += [f"adapter: '{at['adapter']}'"] if "adapter" in at else []
    bench = parse_bench(
        "\n".join([f"name: b\nkind: {kind}\npositive_terminal: we_re2", *lines, ""]), "b.yaml"
    )
    with pytest.raises(BadInput, match="that is no address") as caught:
        required_addresses(bench)
    assert (caught.value.file, caught.value.field) == ("b.yaml", field)


@pytest.mark.parametrize("text", ["1260A", "1255", "1260 IMP", "4 mA", "1e3"])
def test_a_setting_that_is_text_is_no_quantity_however_it_reads(text):
    settings = f"analyzer_1260: {{settings: {{identity_contains: {text}, reset_s: 2 s}}}}"
    bench = parse_bench(f"name: b\nkind: visa\npositive_terminal: we_re2\n{settings}\n", "b.yaml")
    found = describe(bench, {}).settings["1260"]
    assert found == {"identity_contains": text, "reset_s": 2.0}


def test_the_text_settings_of_the_simulation_are_none_either():
    simulation = "simulation: {analyzer: {identity: 1255B FREQUENCY RESPONSE ANALYZER}, latency_s: 2 ms}"
    bench = parse_bench(f"name: b\nkind: simulated\npositive_terminal: we_re2\n{simulation}\n", "b.yaml")
    opened = open_bench(bench, load_cell("nbh").build("half").simulated_cell(), lambda: None)
    assert opened.truth.settings.analyzer.identity == "1255B FREQUENCY RESPONSE ANALYZER"
    assert opened.truth.settings.latency_s == 2e-3
    opened.close()


def test_numbers_with_an_exponent_are_numbers_without_a_sign_in_it_too():
    simulation = (
        "simulation: {interface: {compliance_V: 1.4e1, resistor_pole_Hz: [1.4e7, 1e6, 1.e5, 1, 2, 3, 4, 5]}}"
    )
    bench = parse_bench(f"name: b\nkind: simulated\npositive_terminal: we_re2\n{simulation}\n", "b.yaml")
    opened = open_bench(bench, load_cell("nbh").build("half").simulated_cell(), lambda: None)
    assert opened.truth.settings.interface.compliance_V == 14.0
    assert opened.truth.settings.interface.resistor_pole_Hz[:3] == (1.4e7, 1e6, 1e5)
    opened.close()


@pytest.mark.parametrize(
    ("written", "environment"), [("@solbench", ""), ("a.yaml@solbench", "@py"), ("", "@solbench")]
)
def test_instruments_that_each_program_simulates_for_itself_are_no_bench(monkeypatch, written, environment):
    monkeypatch.setenv("PYVISA_LIBRARY", environment)
    text = REAL + (f"visa_library: '{written}'\n" if written else "")
    with pytest.raises(BadInput, match="guardian") as caught:
        parse_bench(text, "b.yaml")
    assert caught.value.field == "visa_library"
    assert "solbench simulate --bench-out" in caught.value.cure


@pytest.mark.parametrize("written", ["@py", "@sim", "/usr/lib/libvisa.so"])
def test_any_other_library_is_the_user_s_own_choice(monkeypatch, written):
    monkeypatch.setenv("PYVISA_LIBRARY", "@solbench")
    assert parse_bench(f"{REAL}visa_library: '{written}'\n", "b.yaml").visa_library == written


def test_a_round_trip_keeps_the_bench():
    bench = parse_bench(REAL, "bench.yaml")
    assert parse_bench(dump_bench(bench), "again") == bench
    assert bench.max_unwatched.value == 1.0


BESIDE = {"latency_s": 0.002, "noise_scale": 0.5, "wiring": "pair", "sensors": {}, "addresses": {"1287": 8}}


@pytest.mark.parametrize(
    ("instruments", "says"),
    [
        (("1287", "1260"), "STANDBY on the 1287"),
        (("EC301", "1260"), "CELL ENABLE"),
        (("2400",), "OUTPUT ON/OFF"),
        (("SM20",), ""),
    ],
)
def test_a_hand_is_told_where_to_switch_off(instruments: tuple[str, ...], says: str) -> None:
    assert says in by_hand_of(instruments)
    assert bool(says) is bool(by_hand_of(instruments))


OF_THE_INSTRUMENTS = {"errors": "none", "leads": {}, "analyzer": {}, "interface": {"lag_shape": "pole"}}


@given(
    st.sets(st.sampled_from(sorted(BESIDE))),
    st.sets(st.sampled_from(sorted(OF_THE_INSTRUMENTS))),
    st.sampled_from([None, "typical", "ideal", 7]),
)
def test_a_record_ships_with_the_typical_unit_as_it_is(beside, changed, unit):
    simulation = {**{k: BESIDE[k] for k in beside}, **{k: OF_THE_INSTRUMENTS[k] for k in changed}}
    simulation |= {} if unit is None else {"unit": unit}
    text = json.dumps(
        {"name": "b", "kind": "simulated", "positive_terminal": "we_re2", "simulation": simulation}
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "b.json"
        path.write_text(text)
        bench, _ = load_bench(str(path))
    whole = not changed
    assert bench.unit == str(unit or ("typical" if whole else "ideal"))
    assert (bench.record is not None) == (whole and bench.unit == "typical")


def test_the_simulated_bench_is_the_default(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    bench, text = load_bench(None)
    assert bench.kind == "simulated"
    assert parse_bench(text, "dumped") == bench


def test_the_users_own_bench_comes_before_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    (tmp_path / "solbench").mkdir()
    (tmp_path / "solbench" / "bench.yaml").write_text(REAL)
    assert load_bench(None)[0].name == "bench 2"
    assert load_bench("simulated")[0].kind == "simulated"


def test_a_bench_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"nowhere\.yaml"):
        load_bench(str(tmp_path / "nowhere.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('{address: "GPIB0::4::INSTR"}', "{}", "analyzer_1260.address"),
        ("kind: visa", "kind: simulated\nsimulation: {latency: 1 ms}", "latency"),
        ("kind: visa", "kind: simulated\nsimulation: {errors: some}", "errors"),
        ("kind: visa", "kind: simulated\npair: {drop: 0.8}", "pair.drop"),
        (
            'potentiostat_1287: {address: "GPIB0::6::INSTR"}',
            "kind: simulated\npotentiostat_1287: {settings: {link: {pause: 1 s}}}",
            "potentiostat_1287.settings",
        ),
        (
            'analyzer_1260: {address: "GPIB0::4::INSTR"}',
            "kind: simulated\nanalyzer_1260: {settings: {family: 1255b}}",
            "analyzer_1260.settings.family' has no such value; it has: 1260, 1260A, 1255B",
        ),
        (
            "kind: visa",
            "kind: simulated\npair: {output_polarity: 2}\nsimulation: {unit: ideal}",
            "pair.output_polarity' has no such value",
        ),
    ],
)
def test_a_setting_or_a_choice_that_does_not_exist_is_refused(tmp_path, old, new, says):
    text = REAL.replace(old, new)
    if "kind: simulated" in new:
        text = text.replace("kind: visa\n", "")
    bench = parse_bench(text, "bench.yaml")
    cell = load_cell("nbh").build("half").simulated_cell()
    with pytest.raises(BadInput) as caught:
        open_bench(bench, cell, lambda: None, world=tmp_path / "a.world")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("model", ["solartron", "ec301", "keithley2400", "keithley2400_1260"])
def test_a_check_tells_what_the_bench_lacks_as_the_run_would(model: str):
    """`check` found nothing in a half cell for a bench without an analyzer, and the run refused it."""
    leads = "positive_terminal: we_re2\n" if model in ("solartron", "ec301") else ""
    bench = parse_bench(f"name: b\nkind: simulated\nmodel: {model}\n{leads}", "b.yaml")
    for name in shipped_protocols():
        protocol = load_protocol(name)
        lacks = {str(one) for one in check_bench(protocol, "b", bench.abilities)}
        told = {str(one) for one in check(protocol, load_cell("nps"), instruments=bench.limits)}
        assert {one for one in told if "cannot do this" in one} == lacks, name
        if name == "half-cell":
            assert bool(lacks) is model.startswith("keithley")
