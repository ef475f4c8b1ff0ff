"""The record is a file that says who made it, and that nobody changed it since."""

import json
from datetime import timedelta

import pytest

from solbench.acquisition.bench.commissioning.record import NullRecord, parse_record, read_record
from solbench.protocols.errors import BadInput
from tests.acquisition.bench.commissioning.records import MADE, known, of, record


def refused(text: str, field: str) -> str:
    with pytest.raises(BadInput) as caught:
        parse_record(text, "lab.commissioning.json")
    paragraph = str(caught.value)
    assert paragraph.startswith(f"lab.commissioning.json, field {field}")
    assert "\n" not in paragraph
    return paragraph


def test_what_is_written_is_read(tmp_path):
    made = record(
        adapter="USB PX123",
        cables="0.5 m coax",
        unit="7",
        dialogue="lab.dialogue",
        values=known(zero_V=of(1.2e-5, 1e-6)),
    )
    path = tmp_path / "lab.commissioning.json"
    made.write(path)
    assert read_record(path) == made
    assert made.ends - MADE == timedelta(days=366)
    assert made.missing(("A", "E")) == ()
    assert record(but="EG").missing(("A", "E", "F", "G")) == ("E", "G")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("4.6e-08", "4.5e-08"),
        ('"E. K."', '"F. K."'),
        ('"passed"', '"left_out"'),
        ("2026-10-01", "2027-10-01"),
        ('"lab"', '"lob"'),
    ],
)
def test_a_record_that_was_changed_is_refused(old, new):
    text = record(values=known(46e-9)).text()
    assert old in text
    assert "commission the bench again" in refused(text.replace(old, new, 1), "sha256")


def test_what_reads_as_the_same_content_is_the_same_record():
    data = json.loads(record().text())
    assert parse_record(json.dumps(dict(reversed(data.items())), indent=7), "r.json") == record()


def test_another_format_says_what_this_version_reads():
    data = json.loads(record().text())
    assert "'solbench commissioning 2'" in refused(
        json.dumps(data | {"format": "solbench commissioning 2"}), "format"
    )
    del data["format"]
    assert "no format" in refused(json.dumps(data), "format")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"by": 3}, "by"),
        ({"made": "2026-10-01T09:30:00"}, "made"),  # of which zone?
        ({"steps": {"Z": {"outcome": "passed", "at": "2026-10-01T09:30:00Z"}}}, "steps.Z"),
        ({"values": {"zero_V": {"value": 0.0, "stderr": -1.0}}}, "values.zero_V.stderr"),
        ({"values": {"ranges": {"11": {}}}}, "values.ranges.11"),
        ({"values": {"output_polarity": 2}}, "values.output_polarity"),
        ({"values": {"zero": 1.0}}, "values.zero"),
    ],
)
def test_a_mistake_of_whoever_writes_records_is_named_with_its_field(given, field):
    from solbench.acquisition.bench.commissioning.record import _sha256

    data = json.loads(record().text()) | given
    del data["sha256"]
    text = json.dumps(data | {"sha256": _sha256(data)})
    refused(text, field)


def test_nulls_whose_frequencies_do_not_rise_are_refused():
    nulls = [NullRecord(frequency_Hz=f, real=0.0, imaginary=0.0) for f in (1e3, 1e3)]
    with pytest.raises(ValueError, match="do not rise"):
        known(pair_leads={"short": nulls})


def test_no_text_is_an_error_of_the_program():
    for text in ("", "[]", "{", "\x00", '{"format": "solbench commissioning 1"}', '{"format": NaN}'):
        with pytest.raises(BadInput):
            parse_record(text, "r.json")
