"""Every command of both instruments keeps the conventions; numbers look on the wire as the manuals say."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.drivers.errors import BadReply, OutOfRange
from solbench.drivers.keithley.commands2400 import Commands2400
from solbench.drivers.links.commands import (
    Choice,
    Command,
    Control,
    Float,
    Integer,
    Measurement,
    Setting,
    Switch,
)
from solbench.drivers.solartron.commands1260 import Commands1260
from solbench.drivers.solartron.commands1287 import Commands1287
from solbench.drivers.srs.commands_ec301 import CommandsEc301
from tests.drivers.bench import fra_bench, pstat_bench
from tests.drivers.dialogue import sent

FIRST_WORDS = {Control: {"Control"}, Measurement: {"Measure", "Get"}, Setting: {"Set"}}


def commands_of(*tables: type) -> dict[str, Command]:
    return {
        f"{table.__name__}.{name}": command
        for table in tables
        for name, command in vars(table).items()
        if isinstance(command, Command)
    }


OF_SOLARTRON = commands_of(Commands1260, Commands1287)
COMMANDS = OF_SOLARTRON | commands_of(CommandsEc301, Commands2400)


def test_the_tables_are_full():
    assert len(OF_SOLARTRON) > 60
    assert len(COMMANDS) > 100


def test_every_docstring_begins_with_the_kind_of_its_command():
    for name, command in COMMANDS.items():
        assert command.__doc__.split()[0] in FIRST_WORDS[type(command)], name


def test_every_docstring_ends_with_unit_and_range_as_they_are_checked():
    for name, command in COMMANDS.items():
        form = command.form
        end = f", {form.low:g} to {form.high:g}" if hasattr(form, "low") else ""
        assert command.__doc__.endswith(f"({form.unit}{end})."), name


def test_every_code_is_two_letters_or_a_common_command():
    for name, command in OF_SOLARTRON.items():
        assert re.fullmatch(r"[A-Z]{2}([1-3],)?|\*[A-Z]{3}\??", command.code), name


def is_refused(form, value) -> bool:
    try:
        form.write(value, "quantity")
    except (OutOfRange, ValueError):
        return True
    return False


def test_what_is_out_of_range_is_refused_and_not_sent_by_any_command():
    for name, command in COMMANDS.items():
        form = command.form
        if isinstance(command, Measurement):
            continue
        if isinstance(form, Switch | Choice):
            wrong = [0, 1, 0.0, None, "0", "1", "On", "", "auto "] + [True, False] * isinstance(form, Choice)
        else:
            wrong = [form.high + 1, form.low - 1, math.nan, math.inf, True, "1"]
        assert [value for value in wrong if not is_refused(form, value)] == [], name


def test_every_word_is_one_code_and_comes_back_from_it():
    for name, command in COMMANDS.items():
        form = command.form
        values = list(form.codes) if isinstance(form, Choice) else [True, False] * isinstance(form, Switch)
        codes = [form.write(value, "quantity") for value in values]
        assert len(set(codes)) == len(codes), name
        assert [form.parse(code) for code in codes] == values, name
        if values:
            with pytest.raises(ValueError, match="7"):
                form.parse("7")


def test_drift_correction_is_on_where_the_wire_says_zero():
    with pstat_bench(sent("DC0", "DC1")) as pstat:  # 1287 manual section 6.16
        pstat.drift_correction = True
        pstat.drift_correction = False


def test_a_command_is_read_set_and_refused_as_its_kind_says():
    with pstat_bench([("?RR", b"5\r\n"), ("?VN", b"2.10\r\n"), *sent("OL0")]) as pstat:
        assert pstat.range_index == 5
        assert pstat.version == "2.10"
        pstat.off_limit_action = "standby"
        with pytest.raises(AttributeError):
            pstat.version = "3"
        with pytest.raises(AttributeError):
            _ = pstat.run


def test_a_reply_that_is_no_number_names_instrument_and_question():
    with (
        pstat_bench(3 * [("?RR", b"+2.0\r\n")]) as pstat,
        pytest.raises(BadReply, match=r"1287 answered '\?RR' with '\+2\.0'"),
    ):
        _ = pstat.range_index


def test_out_of_range_says_what_is_allowed():
    with (
        pstat_bench([]) as pstat,
        pytest.raises(OutOfRange, match=r"potential_V = 15\.0 V .* -14\.5 to 14\.5 V"),
    ):
        pstat.potential_V = 15.0


def test_numbers_look_as_in_the_manuals():
    # 1287 manual p. 91: form F is +n.nnnnE+xx; the 1260 echoes +f.fffffffE+ff (manual p. 138)
    with pstat_bench(sent("PV-1.0000E-01", "PC+1.2600E-04", "PV0", "PV+1.4500E+01")) as pstat:
        pstat.potential_V = -0.1
        pstat.cell_current_A = 126e-6
        pstat.potential_V = 0.0
        pstat.potential_V = 14.5
    with fra_bench(
        sent("FR1.0000000E+06", "VA3.0000E+00", "VB-4.0950E+01", "SO1,2", "RA2,3", "*SRE16")
    ) as fra:
        fra.frequency_Hz = 1e6
        fra.amplitude_V = 3
        fra.bias_V = -40.95
        fra.source = "V1/V2"
        fra.input_range_2 = "3 V"
        fra.service_request = 16


@pytest.mark.parametrize("form", [Commands1287.potential_V.form, Commands1287.cell_current_A.form])
@given(data=st.data())
def test_a_written_number_comes_back_within_its_resolution_and_inside_its_range(form, data):
    value = data.draw(st.floats(form.low, form.high))
    text = form.write(value, "x")
    assert re.fullmatch(r"0|[+-]\d\.\d{4}E[+-]\d\d", text)
    back = form.parse(text)
    assert math.isclose(back, value, rel_tol=0.5000001e-4, abs_tol=1e-98)
    assert form.low <= back <= form.high


@given(st.floats(1e-5, 32e6))
def test_a_written_frequency_comes_back_to_eight_digits(value):
    form = Commands1260.frequency_Hz.form
    text = form.write(value, "frequency_Hz")
    assert re.fullmatch(r"\d\.\d{7}E[+-]\d\d", text)
    assert math.isclose(form.parse(text), value, rel_tol=0.5000001e-7)
    assert form.low <= form.parse(text) <= form.high


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_float_is_either_refused_or_inside(value):
    form = Float(-2.0, 2.0, "A")
    try:
        back = float(form.write(value, "x"))
    except OutOfRange:
        assert not -2.0 <= value <= 2.0
    else:
        assert abs(back) <= 2.0


@given(st.integers())
def test_an_integer_is_either_refused_or_written_as_it_is(value):
    form = Integer(0, 9)
    if 0 <= value <= 9:
        assert form.write(value, "x") == str(value)
    else:
        with pytest.raises(OutOfRange):
            form.write(value, "x")
