import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from solbench.protocols import (
    BadInput,
    dc_polarization,
    dump_protocol,
    full_cell,
    half_cell,
    ionic_conductivity,
    load_protocol,
    parse_protocol,
    shipped_protocols,
    symmetric_cell,
    with_settings,
)
from solbench.protocols.files import SHIPPED, parse_text
from solbench.protocols.protocol import Protocol, from_data, to_data
from tests.protocols import strategies


def as_written(value: Any) -> Any:
    """What a written value becomes: the number 1260 is a name."""
    if isinstance(value, dict):
        return {
            key: "1260" if value[key] == 1260 and key == "instruments" else as_written(value[key])
            for key in value
        }
    return [as_written(item) for item in value] if isinstance(value, list) else value


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.protocols, some.booleans())
def test_a_protocol_survives_its_file_with_every_text_as_written(data: dict[str, Any], as_json: bool) -> None:
    protocol = from_data(data, "generated")
    text = dump_protocol(protocol, as_json=as_json)
    again = parse_protocol(text, "again.json" if as_json else "again.yaml")
    assert again == protocol
    assert to_data(again) == as_written(data)
    assert dump_protocol(again, as_json=as_json) == text


EXPERIMENTS = {
    "dc-polarization": dc_polarization,
    "full-cell": full_cell,
    "half-cell": half_cell,
    "ionic-conductivity": ionic_conductivity,
    "symmetric-cell": symmetric_cell,
}


@pytest.mark.parametrize("name", shipped_protocols())
def test_shipped_protocols_survive_being_written_and_read(name: str, tmp_path: Path) -> None:
    protocol = load_protocol(name)
    for suffix in ("yaml", "json"):
        copy = tmp_path / f"copy.{suffix}"
        copy.write_text(dump_protocol(protocol, as_json=suffix == "json"), encoding="utf-8")
        assert load_protocol(copy) == protocol


def test_the_protocol_objects_equal_the_shipped_files() -> None:
    assert set(EXPERIMENTS) <= set(shipped_protocols())
    for name, experiment in EXPERIMENTS.items():
        assert experiment() == load_protocol(name)


def test_protocol_objects_take_other_values() -> None:
    protocol = half_cell(current="C/10", spectra_at=["100 %"], temperature="25 degC")
    assert to_data(protocol)["steps"][0]["current"] == "-C/10"
    assert protocol.conditions.temperature_K == pytest.approx(298.15)
    assert protocol.conditions.stack_pressure_Pa is None
    with pytest.raises(BadInput, match=r"field steps\.sodiation\.current: '-0\.16' has no unit"):
        half_cell(current="0.16")


def test_the_half_cell_is_that_of_the_paper() -> None:
    sodiation, desodiation = to_data(load_protocol("half-cell"))["steps"]
    assert sodiation["current"] == "-0.16 mA/cm2"
    assert sodiation["until"] == {"capacity": "95 %"}
    assert sodiation["spectra_at"] == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    assert sodiation["spectrum"]["amplitude"] == "30 mV"
    assert (sodiation["spectrum"]["from"], sodiation["spectrum"]["to"]) == ("1 MHz", "1 Hz")
    assert (desodiation["current"], desodiation["until"]) == ("0.16 mA/cm2", {"voltage": "2.0 V"})


def test_the_full_cell_is_that_of_the_paper() -> None:
    rest, cycling = to_data(load_protocol("full-cell"))["steps"]
    assert rest["kind"] == "rest"  # reads the ammeter's zero
    charge, discharge = cycling["steps"]
    assert (charge["current"], charge["until"]) == ("0.064 mA/cm2", {"voltage": "3.4 V"})
    assert (discharge["current"], discharge["until"]) == ("-0.064 mA/cm2", {"voltage": "1.7 V"})


def test_sodium_goes_back_and_forth_for_an_hour_each() -> None:
    forth, back = to_data(load_protocol("symmetric-cell"))["steps"][1]["steps"]
    assert (forth["current"], forth["until"]) == ("0.1 mA/cm2", {"time": "1 h"})
    assert (back["current"], back["until"]) == ("-0.1 mA/cm2", {"time": "1 h"})


def test_the_pellet_is_measured_as_in_the_paper_or_by_the_analyzer_alone() -> None:
    (spectrum,) = to_data(load_protocol("ionic-conductivity"))["steps"]
    assert (spectrum["from"], spectrum["to"], spectrum["instruments"]) == ("1 MHz", "1 Hz", "pair")
    alone = with_settings(load_protocol("ionic-conductivity"), ["instruments=1260", "top=32 MHz"])
    assert alone == ionic_conductivity(start="32 MHz", instruments="1260")


def test_json_and_yaml_are_the_same_protocol(tmp_path: Path) -> None:
    data = to_data(load_protocol("half-cell"))
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert load_protocol(path) == load_protocol("half-cell")


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_whatever_editor_or_shell_has_written_it_it_is_the_same_protocol(
    tmp_path: Path, encoding: str, ends: str
) -> None:
    """Notepad writes a mark in front of UTF-8, and the `>` of Windows PowerShell writes UTF-16."""
    path = tmp_path / "Zelle \N{OHM SIGN} 3.yaml"
    path.write_text(dump_protocol(half_cell()) + "# 1 M\N{OHM SIGN}\n", encoding=encoding, newline=ends)
    assert load_protocol(path) == half_cell()


def test_anchors_save_writing_a_spectrum_twice() -> None:
    text = dump_protocol(half_cell()).replace("spectrum:\n", "spectrum: &wide\n")
    again = "- {name: last, kind: impedance, <<: *wide}\n"
    assert to_data(parse_protocol(text + again, "mine"))["steps"][2]["from"] == "1 MHz"


def test_importing_protocols_brings_in_nothing_heavy() -> None:
    heavy = "{'numpy', 'scipy', 'pint', 'h5py', 'pyvisa'}"
    program = f"import sys, solbench.protocols; sys.exit(', '.join({heavy} & set(sys.modules)) or None)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_models_describe_themselves_to_other_programs() -> None:
    assert "steps" in Protocol.model_json_schema()["properties"]


CURRENT = "  - {name: a, kind: constant_current, current: 1 mA, until: {capacity: 50 %}"
MINIMAL = """\
name: mine
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
steps:
"""


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (
            "  - {name: a, kind: rest, tiem: 5 min}",
            "field steps.a.tiem: there is no field 'tiem'. Did you mean 'time'?",
        ),
        ("  - {name: a, kind: rest, time: 5}", "field steps.a.time: '5' has no unit"),
        ("  - {name: a, kind: rest}", "field steps.a: this does not say when the rest ends"),
        ("  - {name: a, kind: rest, time: 5 min, slope: 1 mV/min}", "by 'time' or by 'slope', not both"),
        (
            "  - {name: a, kind: ret, time: 5 min}",
            "field steps.a: there is no kind 'ret'. Did you mean 'rest'?",
        ),
        ("  - {name: a, time: 5 min}", "field steps.a: this has no 'kind'"),
        ("  - {kind: rest, time: 5 min}", "field steps[1].name: this field is missing"),
        (
            "  - {name: a b, kind: rest, time: 5 min}",
            "field steps.a b.name: 'a b' is not a name of letters, digits, '-' and '_'",
        ),
        ("  - {name: 5, kind: rest, time: 5 min}", "field steps[1].name: 5 is not a text. Put it in quotes."),
        ("  - 5 min", "field steps[1]: '5 min' is not a mapping of fields"),
        ("  - {name: a, kind: loop, count: 3, steps: []}", "field steps.a.steps: this is empty"),
        ("  - {name: a, kind: loop, count: 3}", "field steps.a.steps: this field is missing"),
        (
            "  - {name: a, kind: loop, count: 2.5, steps: [{name: b, kind: rest, time: 1 s}]}",
            "field steps.a.count: 2.5 is not a whole number",
        ),
        (
            "  - {name: a, kind: loop, count: true, steps: [{name: b, kind: rest, time: 1 s}]}",
            "field steps.a.count: True is not a whole number",
        ),
        (
            "  - {name: a, kind: loop, count: 0, steps: [{name: b, kind: rest, time: 1 s}]}",
            "field steps.a.count: 0 is not large enough. Write 1 or more.",
        ),
        (
            "  - {name: a, kind: loop, count: 3, steps: [{name: b, kind: rest, time: 60}]}",
            "field steps.a.steps.b.time: '60' has no unit. Write it with one, for example '60 min'.",
        ),
        (
            "  - {name: a, kind: rest, time: 1 s}\n  - {name: a, kind: rest, time: 1 s}",
            "field steps: two steps are called 'a'",
        ),
        (
            "  - {name: a, kind: constant_current, current: '1,500 mA', until: {time: 1 h}}",
            "field steps.a.current: '1,500 mA' can be read with a decimal comma or with a thousands separator",
        ),
        (
            "  - {name: a, kind: constant_current, current: 1 mA, until: {}}",
            "field steps.a.until: there is no condition",
        ),
        (
            "  - {name: a, kind: constant_current, current: 1 mA, until: {current: 1 uA}}",
            "field steps.a.until.current: there is no field 'current'",
        ),
        (
            "  - {name: a, kind: constant_current, current: 1 mA, until: {time: 1 h}, spectra_at: [50 %]}",
            "field steps.a.spectra_at: percentages need a charge",
        ),
        (
            CURRENT + ", spectra_at: [50 %, 25 %]}",
            "field steps.a.spectra_at: 25 % comes after 50 %",
        ),
        (
            CURRENT + ", spectra_at: [5 %, 5.0 %]}",
            "field steps.a.spectra_at: 5.0 % is listed twice",
        ),
        (
            CURRENT + ", spectra_at: [120 %]}",
            "field steps.a.spectra_at: 120 % is more than the whole step",
        ),
        (
            CURRENT + ", spectra_at: [50 %]}",
            "field steps.a.spectrum: spectra_at has no spectrum",
        ),
        ("  []", "field steps: this is empty"),
        ("  - [", "cannot be read as YAML"),
        ("  - {name: a, kind: rest, time: 1 s, time: 2 s}", "'time' appears twice"),
        (
            "  - {name: a, kind: impedance, from: 1 Hz, to: 1 MHz, points_per_decade: 10, amplitude: 30 mV, "
            "integration: 1 s}",
            "field steps.a.to: 1 MHz is not below 1 Hz",
        ),
        (
            "  - {name: a, kind: impedance, from: 1 MHz, to: 1 Hz, points_per_decade: 1000000, amplitude: 30 mV, "
            "integration: 1 s}",
            "field steps.a.points_per_decade: 1000000 is not small enough",
        ),
    ],
)
def test_bad_files_are_explained_in_one_paragraph(steps: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(MINIMAL + steps + "\n", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load_protocol(path)
    text = str(caught.value)
    assert says in text
    assert text.startswith(f"{path}, field " if "field" in says else str(path))
    assert "\n" not in text
    assert not any(jargon in text for jargon in ("pydantic", "validation error", "Value error", "type="))


def test_loops_deeper_than_five_are_refused() -> None:
    step: dict[str, Any] = {"name": "rest", "kind": "rest", "time": "1 s"}
    for level in range(6):
        step = {"name": f"loop{level}", "kind": "loop", "count": 2, "steps": [step]}
    data = {**to_data(half_cell()), "steps": [step], "aliases": {}}
    with pytest.raises(BadInput, match="nested deeper than 5"):
        from_data(data, "deep")


BOMB = b"a0: &a0 [x, x]\n" + b"".join(
    b"a%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 40)
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe\x00", "not UTF-8 text"),
        (b"name: \xb5", "not UTF-8 text"),
        (b"", "does not hold fields with names"),
        (b"- a\n- b\n", "does not hold fields with names"),
        (b"1: 2\n", "does not hold fields with names"),
        (b"[" * 1000, "nested too deeply"),
        (b"a: !!python/object/apply:os.system [echo]", "cannot be read as YAML"),
        (b" " * 1_000_001, "too large"),
        (BOMB, "expands to more than 100000 values"),
        (b"a: &a [*a]", "contains itself"),
    ],
)
def test_files_that_are_no_protocols_are_refused(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=says) as caught:
        load_protocol(path)
    assert str(caught.value).startswith(str(path))


def test_repeated_keys_in_json_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text('{"name": "a", "name": "b"}')
    with pytest.raises(BadInput, match="cannot be read as JSON: 'name' appears twice"):
        load_protocol(path)


def test_missing_files_and_names_are_explained(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"there is no protocol 'half-cel'\. Did you mean 'half-cell'\?"):
        load_protocol("half-cel")
    with pytest.raises(BadInput, match=r"cannot be read \((no such file|file not found)"):
        load_protocol(tmp_path / "missing.yaml")
    with pytest.raises(BadInput, match=r"this is a folder"):
        load_protocol(tmp_path)


@pytest.mark.parametrize(
    "written", ["0147", "12:30", "2026-11-28", "no", "on", "0x1F", "1_000", "1e3", "=", "08"]
)
def test_what_people_mean_as_text_is_text(written):
    """By YAML 1.1 these are 103, 750, a date, false, true, 31, 1000, and so on."""
    assert parse_text(f"cell_id: {written}\n", "a.yaml") == {"cell_id": written}


def test_numbers_and_words_of_yaml_stay_what_they_are():
    text = (
        "a: 12\nb: -0.5\nc: 1.0e-3\nd: true\ne: null\nf:\ng: 0\nh: .inf\ni: '12'\nj: &x {k: 1}\nl: {<<: *x}\n"
    )
    found = parse_text(text, "a.yaml")
    assert list(found.values())[:8] == [12, -0.5, 1e-3, True, None, None, 0, float("inf")]
    assert (found["i"], found["l"]) == ("12", {"k": 1})


@pytest.mark.parametrize("value", ["time: 0,5 min", "time: 1 min, slope: 0,1 mV/min"])
def test_a_decimal_comma_between_braces_is_told_as_such(value: str) -> None:
    conditions = "conditions: {temperature: unknown, stack_pressure: unknown}"
    text = f"name: a\nbuild: half\n{conditions}\nsteps:\n  - {{name: wait, kind: rest, {value}}}\n"
    with pytest.raises(BadInput, match=r"there is no field '[0-9].*write a decimal point"):
        parse_protocol(text, "t")


@pytest.mark.parametrize(
    ("before", "after", "cure"),
    [
        ("    kind", "\tkind", "Indent line {line} with blanks: YAML takes no tabs"),
        ("    kind", "  \tkind", "Indent line {line} with blanks: YAML takes no tabs"),
        ("  - name", "\u00a0 - name", "Line {line} is indented with a hard blank"),
        ("  - name", "\u202f\u202f- name", "Line {line} is indented with a hard blank"),
        ("name: half-cell", "```yaml\nname: half-cell", "Leave out line {line}: it is the frame of a page"),
        ("name: half-cell", "name: [half-cell", "Correct it"),
    ],
)
def test_what_a_page_or_an_editor_has_put_into_a_file_is_named_with_its_line(
    before: str, after: str, cure: str
) -> None:
    lines = (SHIPPED / "half-cell.yaml").read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(before))
    lines[at] = lines[at].replace(before, after, 1)
    with pytest.raises(BadInput) as refused:
        parse_text("\n".join(lines), "copied.yaml")
    assert refused.value.cure.startswith(cure.format(line=at + 1))
