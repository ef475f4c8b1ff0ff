"""The driver of the EC301 against literal lines, as its manual has the commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.drivers.errors import BadReply, InstrumentError, NotSafe, OutOfOrder, OutOfRange
from solbench.drivers.links.link import Link
from solbench.drivers.srs.commands_ec301 import CommandsEc301
from solbench.drivers.srs.ec301 import SWITCHED_OFF_ONLY, Ec301
from solbench.drivers.srs.ranges import RANGES_EC301
from solbench.drivers.srs.settings import SettingsEc301
from tests.drivers.dialogue import Dialogue, FakeClock, Step


def sent(*commands: str) -> list[Step]:
    return [(command, None) for command in commands]


def asked(question: str, answer: str) -> Step:
    return question, answer.encode("ascii") + b"\n"


OFF = sent("ceenab 0")
ON: list[Step] = [("ceenab 1", None), ("cellon?", b"1\n")]
GALVANOSTAT_1_mA = [
    *sent("ecmode 1", "irange 4", "addscn 0", "clbwth 2", "setcur 0.000000"),
    asked("*ESR?", "0"),
]


@contextmanager
def told(steps: Sequence[Step], settings: SettingsEc301 | None = None) -> Iterator[Ec301]:
    settings = settings or SettingsEc301()
    dialogue = Dialogue(steps)
    yield Ec301(Link(dialogue, FakeClock(), "EC301", settings.link), settings)
    dialogue.finish()


@pytest.mark.parametrize(
    ("terminal", "current", "voltage_V"), [("we_re2", "-0.300000", -1.25), ("ce_re1", "0.300000", 1.25)]
)
def test_a_cathodic_current_discharges_where_the_working_electrode_is_positive(
    terminal: Literal["we_re2", "ce_re1"], current: str, voltage_V: float
) -> None:
    shown = [*sent("avgexp 8"), asked("vlevel?", "-1.25"), asked("ilevel?", f"{float(current) * 1e-3:.3e}")]
    steps = [*OFF, *GALVANOSTAT_1_mA, *ON, *sent(f"setcur {current}"), *shown, asked("*ESR?", "0")]
    with told(steps, SettingsEc301(positive_terminal=terminal)) as ec301:
        ec301.off()
        ec301.prepare_current(0.9e-3)
        ec301.on()
        ec301.set_current(3e-4)
        reading = ec301.measure()
    assert reading.voltage_V == voltage_V
    assert reading.current_A == pytest.approx(3e-4)
    assert not reading.overload


@pytest.mark.parametrize(("answer", "overload"), [("0", ""), ("1", "voltage: the compliance limit acts")])
def test_a_current_that_is_missed_is_asked_after(answer: str, overload: str) -> None:
    shown = [*sent("avgexp 8"), asked("vlevel?", "4.1"), asked("ilevel?", "-1e-4"), asked("*ESR?", "0")]
    steps = [*OFF, *GALVANOSTAT_1_mA, *ON, *sent("setcur -0.300000"), *shown, asked("limitg?", answer)]
    with told(steps) as ec301:
        ec301.off()
        ec301.prepare_current(0.9e-3)
        ec301.on()
        ec301.set_current(3e-4)
        assert ec301.measure().overload == overload


def test_a_voltage_is_set_to_the_next_millivolt() -> None:
    steps = [*OFF, *sent("ecmode 0", "irange 3", "addscn 0", "clbwth 2", "setvol 1346"), asked("*ESR?", "0")]
    with told(steps) as ec301:
        ec301.off()
        ec301.prepare_voltage(1.3457, 3, 2)


def test_what_it_refuses_is_told_with_the_command() -> None:
    refused = [*sent("ecmode 1", "irange 4", "addscn 0", "clbwth 2", "setcur 0.000000"), asked("*ESR?", "48")]
    with told([*OFF, *refused]) as ec301:
        ec301.off()
        with pytest.raises(InstrumentError, match=r"does not know the command, .*'setcur 0.000000'"):
            ec301.prepare_current(0.9e-3)


@pytest.mark.parametrize("answer", ["1,25", "", "nan", "inf", "+1.2.5", "99"])
def test_no_damaged_line_is_a_reading(answer: str) -> None:
    steps = [*sent("avgexp 8"), *([asked("vlevel?", answer)] * 3)]
    with told(steps) as ec301, pytest.raises(BadReply):
        ec301.measure()


def test_the_relay_is_asked_and_its_word_counts() -> None:
    closed = [*sent("ifcclr", "ceenab 0"), asked("cellon?", "1")]
    with told(closed) as ec301, pytest.raises(NotSafe, match=r"says that its relay is closed.*CELL ENABLE"):
        ec301.verify_off()
    quiet = [asked("vlevel?", "0.5"), asked("ilevel?", "1e-9")]
    opened = [*sent("ifcclr", "ceenab 0"), asked("cellon?", "0"), asked("irange?", "4"), *sent("avgexp 8")]
    with told([*opened, *quiet, *quiet, asked("cellon?", "0")]) as ec301:
        assert ec301.verify_off().current_A == pytest.approx(-1e-9)
        assert ec301.is_on is False


def test_a_current_that_stays_in_spite_of_the_relay_is_not_called_safe() -> None:
    flows = [asked("vlevel?", "0.5"), asked("ilevel?", "1e-4")]
    steps = [
        *sent("ifcclr", "ceenab 0"),
        asked("cellon?", "0"),
        asked("irange?", "4"),
        *sent("avgexp 8"),
        *flows * 6,
    ]
    with told(steps) as ec301, pytest.raises(NotSafe, match=r"0\.0001 A"):
        ec301.verify_off()


@pytest.mark.parametrize("code", sorted(SWITCHED_OFF_ONLY))
def test_nothing_of_the_set_up_changes_under_current(code: str) -> None:
    with told([]) as ec301, pytest.raises(OutOfOrder, match="cell off"):
        ec301.before_set(code, "1")


@given(st.floats(-1.0, 1.0), st.sampled_from(range(1, 11)))
def test_a_current_keeps_six_digits_of_its_range(part: float, index: int) -> None:
    full_scale_A = RANGES_EC301.of_index(index).full_scale_A
    written = CommandsEc301.current_of_range.form.write(part * full_scale_A / full_scale_A, "x")
    assert "E" not in written.upper()
    assert float(written) == pytest.approx(part, abs=0.51e-6)


@pytest.mark.parametrize("voltage_V", [15.001, -15.001, float("nan"), float("inf")])
def test_a_voltage_beyond_it_is_refused(voltage_V: float) -> None:
    with told([]) as ec301, pytest.raises(OutOfRange):
        ec301.set_voltage(voltage_V)


def test_a_front_switch_that_is_out_is_told_and_nothing_stays_ordered() -> None:
    waits = [asked("cellon?", "0")] * 3
    settings = SettingsEc301(relay_s=0.03)
    steps = [*OFF, *GALVANOSTAT_1_mA, *sent("ceenab 1"), *waits, *sent("setcur 0.000000", "ceenab 0")]
    with told(steps, settings) as ec301:
        ec301.off()
        ec301.prepare_current(0.9e-3)
        with pytest.raises(InstrumentError, match="CELL ENABLE"):
            ec301.on()
        assert ec301.is_on is False
