"""The driver of the Keithley 2400 against literal lines of SCPI."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from solbench.drivers.errors import (
    BadReply,
    InstrumentError,
    NotSafe,
    OutOfOrder,
    OutOfRange,
    SettingsChanged,
)
from solbench.drivers.keithley.keithley2400 import Keithley2400
from solbench.drivers.keithley.settings import Settings2400
from solbench.drivers.links.link import Link
from tests.drivers.dialogue import Dialogue, FakeClock, Step


def sent(*commands: str) -> list[Step]:
    return [(command, None) for command in commands]


def asked(question: str, answer: str) -> Step:
    return question, answer.encode("ascii") + b"\n"


AT_0_A = sent(
    ":SOUR:FUNC CURR",
    ":OUTP:SMOD HIMP",
    ":SOUR:CURR 0",
    ":SOUR:CURR:RANG 1.0000E-06",
    ":SENS:VOLT:PROT 1.0000E+01",
    ":SENS:VOLT:RANG 1.0000E+01",
)
FINE = asked(":SYST:ERR?", '+0,"No error"')
OFF = [*sent(":OUTP 0", ":OUTP:SMOD HIMP"), *AT_0_A]
IS_CURRENT = asked(":SOUR:FUNC?", "CURR")
ONE_PERIOD = sent(":SENS:CURR:NPLC 1.0000E+00", ":SENS:VOLT:NPLC 1.0000E+00")
HELD_1_V = sent(
    ":SOUR:FUNC VOLT",
    ":OUTP:SMOD HIMP",
    ":SOUR:VOLT:RANG 2.0000E+01",
    ":SOUR:VOLT +1.000000E+00",
    ":SENS:CURR:PROT 1.0400E+00",
    ":SENS:CURR:RANG 1.0000E-03",
    ":SENS:CURR:PROT 1.0400E-03",
)


def shown(voltage: str, current: str, status: int) -> Step:
    return asked(":READ?", f"{voltage},{current},{status:+.6E}")


@contextmanager
def told(steps: Sequence[Step]) -> Iterator[Keithley2400]:
    settings, dialogue = Settings2400(), Dialogue(steps)
    yield Keithley2400(Link(dialogue, FakeClock(), "2400", settings.link), settings)
    dialogue.finish()


def test_the_off_state_comes_before_everything_and_nothing_resets_it() -> None:
    set_up = sent(
        ":SOUR:CLE:AUTO 0",
        ":FORM:DATA ASC",
        ":FORM:ELEM VOLT,CURR,STAT",
        ":SENS:FUNC:CONC 1",
        ':SENS:FUNC:OFF "RES"',
        ':SENS:FUNC "VOLT","CURR"',
        ":SENS:AVER 0",
        ":SYST:AZER ON",
        ":SOUR:DEL:AUTO 1",
        ":TRIG:DEL 0",
        ":ARM:SOUR IMM",
        ":TRIG:SOUR IMM",
        ":ARM:COUN 1",
        ":TRIG:COUN 1",
        ":SOUR:CURR:MODE FIX",
        ":SOUR:VOLT:MODE FIX",
        ":SYST:RSEN 1",
    )
    off_state_of_the_other = sent(":SOUR:FUNC VOLT", ":OUTP:SMOD HIMP")
    first = sent(":OUTP:SMOD HIMP", ":OUTP 0", "*CLS")
    with told([*first, *set_up, *off_state_of_the_other, *AT_0_A, FINE]) as smu:
        smu.initialise()


def test_a_cell_at_rest_is_connected_for_a_reading_at_0_A_and_no_longer() -> None:
    one = [IS_CURRENT, *sent(":OUTP 1"), shown("+1.234567E+00", "-2.000000E-11", 0), *sent(":OUTP 0")]
    with told([*OFF, *ONE_PERIOD, *one, *one]) as smu:
        smu.off()
        assert smu.measure().voltage_V == pytest.approx(1.234567)
        smu.measure()


def test_a_reading_that_fails_leaves_the_output_off() -> None:
    broken = [IS_CURRENT, *sent(":OUTP 1"), *([asked(":READ?", "+1.2,nan,0")] * 3), *sent(":OUTP 0")]
    with told([*OFF, *ONE_PERIOD, *broken]) as smu:
        smu.off()
        with pytest.raises(BadReply):
            smu.measure()


def test_one_that_was_switched_off_and_on_is_not_connected_for_a_reading() -> None:
    with told([*OFF, *ONE_PERIOD, asked(":SOUR:FUNC?", "VOLT")]) as smu:
        smu.off()
        with pytest.raises(SettingsChanged, match="SOUR:FUNC"):
            smu.measure()


@pytest.mark.parametrize(
    ("voltage", "current", "status", "overload"),
    [
        ("+1.000000E+00", "+1.000000E-04", 0, ""),
        ("+0.800000E+00", "+1.050000E-03", 8, "current: limit reached"),
        ("+0.800000E+00", "+1.050000E-03", 65536, "current: limit reached"),
        ("+9.900000E+37", "+1.000000E-04", 1, "voltage: over range"),
        ("+1.000000E+00", "+9.900000E+37", 1, "current: over range"),
    ],
)
def test_limits_and_overflows_name_what_they_are_of(
    voltage: str, current: str, status: int, overload: str
) -> None:
    on = [*HELD_1_V, FINE, *sent(":OUTP 1"), *ONE_PERIOD]
    asked_A = (
        [asked(":SENS:CURR:RANG?", "+1.000000E-03")] if "over" in overload and "curr" in overload else []
    )
    with told([*OFF, *on, shown(voltage, current, status), *asked_A]) as smu:
        smu.off()
        smu.prepare_voltage(1.0, 0.9e-3)
        smu.on()
        assert smu.measure().overload == overload


@pytest.mark.parametrize("sign", ["+", "-"])
def test_what_stands_for_an_overflow_is_the_end_of_a_range_and_no_number(sign: str) -> None:
    """A charge of 1e37 C was counted of it."""
    on = [*HELD_1_V, FINE, *sent(":OUTP 1"), *ONE_PERIOD]
    before = shown(f"{sign}0.500000E+00", f"{sign}1.000000E-04", 0)
    range_A = asked(":SENS:CURR:RANG?", "+1.000000E-05")  # as somebody else has set it
    with told([*OFF, *on, before, shown("+9.900000E+37", "+9.900000E+37", 1), range_A]) as smu:
        smu.off()
        smu.prepare_voltage(1.0, 0.9e-3)
        smu.on()
        smu.measure()
        found = smu.measure()
    assert found.voltage_V == pytest.approx(float(f"{sign}21"))
    assert found.current_A == pytest.approx(float(f"{sign}1.05e-5"))
    assert found.text.startswith("+9.9")


@pytest.mark.parametrize(
    ("before", "says", "sign"),
    [
        ("+2.000000E-09", "-9.900000E+37", -1.0),
        ("-2.000000E-09", "+9.900000E+37", 1.0),
        ("+3.000000E-04", "-9.900000E+37", -1.0),
        ("-3.000000E-04", "+9.900000E+37", -1.0),
    ],
)
def test_noise_before_an_overflow_gives_it_no_sign_and_a_minus_is_believed(
    before: str, says: str, sign: float
) -> None:
    on = [*HELD_1_V, FINE, *sent(":OUTP 1"), *ONE_PERIOD]
    range_A = asked(":SENS:CURR:RANG?", "+1.000000E-03")
    flows = shown("+0.500000E+00", before, 0)
    with told([*OFF, *on, flows, shown("+0.500000E+00", says, 1), range_A]) as smu:
        smu.off()
        smu.prepare_voltage(1.0, 0.9e-3)
        smu.on()
        smu.measure()
        assert smu.measure().current_A == pytest.approx(sign * 1.05e-3)


@pytest.mark.parametrize(
    ("voltage", "current"), [("+1.000000E+00", "+9.910000E+37"), ("+9.910000E+37", "+1.000000E-04")]
)
@pytest.mark.parametrize("status", [0, 1])
def test_what_was_not_measured_is_no_reading(voltage: str, current: str, status: int) -> None:
    on = [*HELD_1_V, FINE, *sent(":OUTP 1"), *ONE_PERIOD]
    with told([*OFF, *on, *([shown(voltage, current, status)] * 3)]) as smu:
        smu.off()
        smu.prepare_voltage(1.0, 0.9e-3)
        smu.on()
        with pytest.raises(BadReply):
            smu.measure()


@pytest.mark.parametrize("status", [4096 + 16384 + 4, 2048 + 16384])
def test_a_value_of_the_source_is_not_taken_for_a_measured_one(status: int) -> None:
    """With the current alone measured, the voltage is the one that was set, whatever the cell is held at."""
    on = [*HELD_1_V, FINE, *sent(":OUTP 1"), *ONE_PERIOD]
    with told([*OFF, *on, *([shown("+1.000000E+00", "+1.000000E-04", status)] * 3)]) as smu:
        smu.off()
        smu.prepare_voltage(1.0, 0.9e-3)
        smu.on()
        with pytest.raises(BadReply, match="both measured"):
            smu.measure()


@pytest.mark.parametrize("beyond", ["+9.900000E+37", "+9.910000E+37"])
def test_either_number_of_the_manual_is_an_overflow_of_what_was_measured(beyond: str) -> None:
    on = [*HELD_1_V, FINE, *sent(":OUTP 1"), *ONE_PERIOD]
    range_A = asked(":SENS:CURR:RANG?", "+1.050000E-03")  # the range of 1 mA by its end
    with told([*OFF, *on, shown("+0.800000E+00", beyond, 1 + 2048 + 4096 + 16384), range_A]) as smu:
        smu.off()
        smu.prepare_voltage(1.0, 0.9e-3)
        smu.on()
        found = smu.measure()
    assert found.overload == "current: over range"
    assert found.current_A == pytest.approx(1.05e-3)


def test_a_range_that_is_answered_by_its_end_is_as_it_was_set_and_another_one_is_not() -> None:
    smu: Keithley2400
    with told(OFF) as smu:
        smu.off()
        for answer, is_same in [("1.000000E-06", True), ("1.050000E-06", True), ("1.050000E-05", False)]:
            assert smu.agrees(":SOUR:CURR:RANG ", "1.0000E-06", answer) is is_same
        assert not smu.agrees(":SENS:CURR:PROT ", "1.0000E-06", "1.050000E-06")


def test_what_it_refuses_is_told_before_the_cell_is_connected() -> None:
    refused = [*HELD_1_V, asked(":SYST:ERR?", '-222,"Parameter data out of range"'), *sent("*CLS")]
    with told([*OFF, *refused]) as smu:
        smu.off()
        smu.prepare_voltage(1.0, 0.9e-3)
        with pytest.raises(InstrumentError, match="Parameter data out of range"):
            smu.on()


@pytest.mark.parametrize("lost", [(), ('-420,"Query UNTERMINATED"',), 3 * ('-410,"Query INTERRUPTED"',)])
def test_an_answer_that_was_lost_is_no_command_that_was_refused_and_hides_none(lost: tuple[str, ...]) -> None:
    found = [asked(":SYST:ERR?", one) for one in lost]
    with told([*OFF, *HELD_1_V, *found, FINE, *sent(":OUTP 1")]) as smu:
        smu.off()
        smu.prepare_voltage(1.0, 0.9e-3)
        smu.on()
    refused = [asked(":SYST:ERR?", '-222,"Parameter data out of range"'), *sent("*CLS")]
    with told([*OFF, *HELD_1_V, *found, *refused]) as smu:
        smu.off()
        smu.prepare_voltage(1.0, 0.9e-3)
        with pytest.raises(InstrumentError, match="Parameter data out of range"):
            smu.on()


UNTERMINATED = '-420,"Query UNTERMINATED"'
REFUSED = '-222,"Parameter data out of range"'
FULL = [asked(":SYST:ERR?", one) for one in [*9 * [UNTERMINATED], '-350,"Queue overflow"']]


@pytest.mark.parametrize("full", [FULL, 10 * FULL[:1]], ids=["overflown", "to the last place"])
def test_what_a_full_queue_had_no_place_for_is_set_again_and_refused_again(full: list[Step]) -> None:
    again = [*full, *sent("*CLS"), *HELD_1_V]
    with told([*OFF, *HELD_1_V, *again, FINE, *sent(":OUTP 1")]) as smu:
        smu.off()
        smu.prepare_voltage(1.0, 0.9e-3)
        smu.on()
    with told([*OFF, *HELD_1_V, *again, asked(":SYST:ERR?", REFUSED), *sent("*CLS")]) as smu:
        smu.off()
        smu.prepare_voltage(1.0, 0.9e-3)
        with pytest.raises(InstrumentError, match="Parameter data out of range"):
            smu.on()


def test_a_queue_that_is_full_each_time_is_told_as_what_it_is() -> None:
    again = [*FULL, *sent("*CLS"), *HELD_1_V]
    with told([*OFF, *HELD_1_V, *(3 * again)]) as smu:
        smu.off()
        smu.prepare_voltage(1.0, 0.9e-3)
        with pytest.raises(InstrumentError, match="fills its list of errors") as told_of:
            smu.on()
    assert "firmware" not in str(told_of.value)


@pytest.mark.parametrize("answer", [FINE, asked(":SYST:ERR?", REFUSED)])
def test_a_level_is_set_again_and_the_conversion_with_the_next_reading(answer: Step) -> None:
    prepared = [*AT_0_A, FINE, *sent(":OUTP 1")]
    level = sent(":SOUR:CURR +5.000000E-07")
    one = shown("+1.000000E+00", "+5.000000E-07", 0)
    again = [*level, *ONE_PERIOD, one, *FULL, *sent("*CLS"), *level, answer]
    is_fine = answer == FINE
    with told([*OFF, *prepared, *again, *([*ONE_PERIOD, one] if is_fine else sent("*CLS"))]) as smu:
        smu.off()
        smu.prepare_current(0.9e-6)
        smu.on()
        smu.set_current(5e-7)
        if is_fine:
            smu.measure()
            smu.measure()
        else:
            with pytest.raises(InstrumentError, match="SOUR:CURR"):
                smu.measure()


@pytest.mark.parametrize(
    ("errors", "code"), [([UNTERMINATED, REFUSED], -222), ([UNTERMINATED, '+0,"No error"'], 0), (FULL, 0)]
)
def test_the_last_error_is_a_refusal_and_no_lost_answer(errors: list[str | Step], code: int) -> None:
    """A silence, of which a -420 is left, was taken for a refusal by the ladder, which soon gives one up."""
    steps = [one if isinstance(one, tuple) else asked(":SYST:ERR?", one) for one in errors]
    with told(steps) as smu:
        assert smu.last_error() == code


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([asked(":OUTP?", "1")], "output is on"),
        ([asked(":OUTP?", "0"), asked(":OUTP?", "0"), asked(":OUTP:SMOD?", "NORM")], "loads the cell"),
    ],
)
def test_an_output_that_is_on_or_loads_the_cell_is_not_safe(answers: list[Step], says: str) -> None:
    off = sent(":OUTP 0", ":OUTP:SMOD HIMP", ":OUTP 0")
    with told([*off, *answers]) as smu, pytest.raises(NotSafe, match=says):
        smu.make_safe()


def test_it_is_safe_by_its_word() -> None:
    off = sent(":OUTP 0", ":OUTP:SMOD HIMP", ":OUTP 0")
    answers = [asked(":OUTP?", "0"), asked(":OUTP?", "0"), asked(":OUTP:SMOD?", "HIMP")]
    with told([*off, *answers]) as smu:
        assert smu.make_safe().problems == {}


@pytest.mark.parametrize("voltage_V", [20.1, -20.1, float("nan")])
def test_a_voltage_beyond_it_is_refused(voltage_V: float) -> None:
    with told(OFF) as smu:
        smu.off()
        with pytest.raises(OutOfRange):
            smu.prepare_voltage(voltage_V, 1e-3)


def test_nothing_is_connected_twice() -> None:
    with told([*OFF, *HELD_1_V, FINE, *sent(":OUTP 1")]) as smu:
        smu.off()
        smu.prepare_voltage(1.0, 0.9e-3)
        smu.on()
        with pytest.raises(OutOfOrder):
            smu.on()
        with pytest.raises(OutOfOrder):
            smu.prepare_current(1e-3)
