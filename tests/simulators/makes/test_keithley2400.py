"""The simulated Keithley 2400 as its manual has it, from its wire and from behind it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
import pyvisa

from solbench.simulators.bench import SimulatedBench
from solbench.simulators.electronics.settings import SettingError
from solbench.simulators.makes.keithley2400 import NUMBERS, WORDS
from tests.simulators.cells import SourceAndResistor

BOTH = 2048 | 4096
SILENT: dict[str, Any] = {"unit": "ideal", "errors": "none", "noise_scale": 0.0, "make": "keithley"}


class Desk:
    def __init__(
        self, world: Path | None = None, cell: dict[str, Any] | None = None, **settings: Any
    ) -> None:
        given = {"emf_V": 1.0, "resistance_ohm": 1000.0} if cell is None else cell
        self.bench = SimulatedBench(
            given, settings={**SILENT, **settings}, seed=1, build=SourceAndResistor, world=world
        )
        self.truth = self.bench.truth
        manager = pyvisa.ResourceManager(self.bench.visa_library)
        self.wire: Any = manager.open_resource(self.bench.addresses["2400"], write_termination="\n")
        self.wire.timeout = 1000

    def tell(self, *messages: str) -> None:
        for message in messages:
            self.wire.write(message)

    def read(self) -> list[float]:
        voltage_V, current_A, status = (float(one) for one in self.wire.query(":READ?").split(","))
        assert int(status) & BOTH == BOTH
        return [voltage_V, current_A, int(status) & ~BOTH]

    def error(self) -> int:
        return int(self.wire.query(":SYST:ERR?").split(",")[0])


def ready(**settings: Any) -> Desk:
    desk = Desk(**settings)
    desk.tell(":OUTP:SMOD HIMP", ":FORM:ELEM VOLT,CURR,STAT", ':SENS:FUNC "VOLT","CURR"')
    return desk


def test_switched_on_with_its_output_off_it_discharges_a_cell_until_it_is_told_not_to() -> None:
    desk = Desk()
    assert desk.truth.polarized
    assert desk.truth.cell_current_A == pytest.approx(-0.5e-6)
    desk.tell(":OUTP:SMOD HIMP")
    assert not desk.truth.polarized
    desk.tell("*RST")
    assert desk.truth.polarized


def test_a_read_without_a_question_is_an_error_and_one_behind_a_question_is_none() -> None:
    desk = ready()
    desk.wire.query("*IDN?")
    assert desk.error() == 0
    with pytest.raises(pyvisa.VisaIOError):
        desk.wire.read()
    assert desk.error() == -420  # 2400 manual, appendix B
    desk.tell(":OUTP 1", ":SENS:VOLT:NPLC 10")
    desk.read()  # which takes longer than it is waited for at once
    assert desk.error() == 0


def test_a_full_queue_of_errors_keeps_the_oldest_and_says_that_one_is_lost() -> None:
    desk = ready()
    desk.tell(":SENS:FOO 1", *10 * [":SOUR:FUNC RES"])
    assert [desk.error() for _ in range(11)] == [-113, *8 * [-224], -350, 0]
    desk.tell(*10 * [":SOUR:FUNC RES"])
    assert [desk.error() for _ in range(11)] == [*10 * [-224], 0]


@pytest.mark.parametrize(
    ("settings", "delay_s"),
    [
        ((), 1e-3),
        ((":SOUR:DEL 0.25",), 0.25),
        ((":SOUR:DEL 0.25", ":TRIG:DEL 0.5"), 0.75),
        ((":SOUR:DEL 0.25", ":SOUR:DEL:AUTO 1", ":TRIG:DEL 0.5"), 0.501),
        ((":SOUR:CURR:RANG 1e-6", ":SOUR:DEL:AUTO ON"), 3e-3),
    ],
)
def test_a_reading_waits_for_its_trigger_and_for_the_source(
    settings: tuple[str, ...], delay_s: float
) -> None:
    def took_s(*settings: str) -> float:
        desk = ready()
        desk.tell(":SOUR:FUNC CURR", ":SOUR:CURR:RANG 1e-3", *settings, ":OUTP ON")
        desk.read()
        began_s = desk.bench.clock.now()
        desk.read()
        return desk.bench.clock.now() - began_s

    assert took_s(*settings) - took_s(":SOUR:DEL 0") == pytest.approx(delay_s)


def test_where_no_zero_is_taken_with_each_reading_it_drifts() -> None:
    desk = ready(keithley={"zero_drift_V_per_s": 1e-5, "zero_drift_of_range_per_s": 1e-4})
    desk.tell(":SOUR:FUNC CURR", ":SOUR:CURR:RANG 1e-3", ":SOUR:CURR 1e-4", ":OUTP ON")
    sound = [pytest.approx(1.1, rel=1e-4), pytest.approx(1e-4, rel=1e-4), 0]
    desk.bench.clock.sleep_until(100.0)
    assert desk.read() == sound
    desk.tell(":SYST:AZER OFF")
    assert desk.read() == sound
    desk.bench.clock.sleep_until(200.0)
    assert desk.read() == [pytest.approx(1.101, rel=1e-4), pytest.approx(1.1e-4, rel=1e-3), 0]
    desk.tell(":SYST:AZER ON")
    assert desk.read() == sound


@pytest.mark.parametrize("coding", ["REAL", "REAL,32", "SREal"])
def test_a_reading_of_four_bytes_a_number_is_no_text(coding: str) -> None:
    desk = ready()
    desk.tell(
        ":SOUR:FUNC CURR", ":SOUR:CURR:RANG 1e-3", ":SOUR:CURR 1e-4", ":OUTP ON", f":FORM {coding}", ":READ?"
    )
    answer = desk.wire.read_raw()
    assert answer.startswith(b"#0")
    assert answer.endswith(b"\n")
    assert struct.unpack(">3f", answer[2:-1])[:2] == (pytest.approx(1.1), pytest.approx(1e-4))
    desk.tell(":FORMAT:DATA ASCII")
    assert len(desk.read()) == 3


def test_with_its_output_off_it_reads_nothing() -> None:
    desk = ready()
    desk.tell(":READ?")
    assert desk.error() == 803
    assert desk.error() == 0


def test_a_current_charges_and_the_limit_of_the_voltage_acts() -> None:
    desk = ready()
    desk.tell(":SOUR:FUNC CURR", ":SOUR:CURR:RANG 1e-3", ":SOUR:CURR 1e-4", ":SENS:VOLT:PROT 1.5", ":OUTP ON")
    assert desk.read() == [pytest.approx(1.1, rel=1e-4), pytest.approx(1e-4, rel=1e-4), 0]
    desk.tell(":SOUR:CURR 8e-4")
    assert desk.read() == [pytest.approx(1.5), pytest.approx(5e-4, rel=1e-4), 8]
    assert desk.truth.cell_voltage_V == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("limit", "flows_A", "bit"), [("2e-4", 2e-4, 8), ("1e-2", 1.05e-3, 65536), ("1", 1.05e-3, 65536)]
)
def test_a_voltage_is_held_within_the_limit_and_the_range_of_the_current(
    limit: str, flows_A: float, bit: int
) -> None:
    desk = ready()
    desk.tell(
        ":SOUR:FUNC VOLT",
        ":SOUR:VOLT:RANG 20",
        ":SOUR:VOLT 4",
        f":SENS:CURR:PROT {limit}",
        ":SENS:CURR:RANG 1e-3",
    )
    desk.tell(":OUTP 1")
    _, current_A, status = desk.read()
    assert current_A == pytest.approx(flows_A, rel=1e-3)
    assert status == bit
    desk.tell(":SOUR:VOLT 1.1")
    assert desk.read() == [pytest.approx(1.1), pytest.approx(1e-4, rel=1e-3), 0]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (":SOURCE:CURRENT:LEVEL:IMMEDIATE:AMPLITUDE 1e-5", 0),
        (":sour:curr:lev 1e-5", 0),
        (":OUTPUT:STATE OFF", 0),
        (":OUTP MAYBE", -102),
        (":SOUR:VOLT 211", -222),
        (":SOUR:FUNC RES", -224),
        (":SENS:FOO 1", -113),
        (":SOUR:CURR some", -120),
    ],
)
def test_long_and_short_words_are_the_same_and_others_are_errors(message: str, code: int) -> None:
    desk = ready()
    desk.tell(":SOUR:VOLT:RANG 200", message)
    assert desk.error() == code


def test_a_level_beyond_its_range_is_refused() -> None:
    desk = ready()
    desk.tell(":SOUR:CURR:RANG 1e-3", ":SOUR:CURR 1.05e-3")
    assert desk.error() == 0
    desk.tell(":SOUR:CURR 1.1e-3")
    assert desk.error() == -222


def test_a_voltage_beyond_the_range_of_its_meter_overflows() -> None:
    desk = ready(cell={"emf_V": 3.0, "resistance_ohm": 10.0})
    desk.tell(":SOUR:FUNC CURR", ":SENS:VOLT:RANG 2", ":SOUR:CURR 0", ":SOUR:CURR:RANG 1e-3", ":OUTP ON")
    voltage_V, _, status = desk.read()
    assert voltage_V == 9.9e37
    assert int(status) & 1


def test_commands_wait_behind_a_reading() -> None:
    desk = ready()
    desk.tell(":SOUR:FUNC CURR", ":SOUR:CURR:RANG 1e-3", ":OUTP ON", ":READ?", ":OUTP OFF")
    assert float(desk.wire.read().split(",")[0]) == pytest.approx(1.0, rel=1e-4)
    assert desk.wire.query(":OUTP?").strip() == "0"
    assert not desk.truth.polarized


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_every_number_is_answered_as_it_was_set_and_a_range_by_its_end(name: str) -> None:
    desk = ready()
    if name.startswith("SENS:CURR"):
        desk.tell(":SOUR:FUNC VOLT", ":SENS:CURR:PROT 0.02")
    elif name.startswith("SENS:VOLT"):
        desk.tell(":SOUR:FUNC CURR")
    value = "7" if name.endswith("COUN") else "0.01"
    desk.tell(f":{name} {value}")
    end = {"SOUR:CURR:RANG": 0.0105, "SENS:CURR:RANG": 0.0105, "SOUR:VOLT:RANG": 0.21, "SENS:VOLT:RANG": 0.21}
    assert float(desk.wire.query(f":{name}?")) == pytest.approx(end.get(name, float(value)))
    assert desk.error() == 0


def test_what_is_not_measured_is_shown_as_the_source_was_set_or_as_no_number() -> None:
    """As after *RST: `-2.000000E+00,-1.470096E-08,+9.910000E+37,...,+2.151000E+04` was recorded of a real one."""
    desk = Desk()
    desk.tell(":FORM:ELEM VOLT,CURR,RES,STAT", ":SOUR:VOLT 4", ":SENS:CURR:PROT 1e-4", ":OUTP 1")
    voltage_V, current_A, ohm, status = (float(one) for one in desk.wire.query(":READ?").split(","))
    assert voltage_V == 4.0  # and not the 1.1 V at which the limit of the current holds it
    assert current_A == pytest.approx(1e-4, rel=1e-3)
    assert ohm == 9.91e37
    assert int(status) & BOTH == 4096
    desk.tell(":OUTP 0", ":SOUR:FUNC CURR", ":OUTP 1")
    assert float(desk.wire.query(":READ?").split(",")[0]) == 9.91e37


def test_a_2450_has_an_off_state_for_each_source() -> None:
    desk = Desk(keithley={"off_state_of_each_source": True})
    desk.tell(":OUTP:SMOD HIMP")
    assert not desk.truth.polarized
    desk.tell(":SOUR:FUNC CURR")
    assert desk.truth.polarized
    desk.tell(":OUTP:SMOD HIMP", ":SOUR:FUNC VOLT", ":SOUR:FUNC CURR")
    assert not desk.truth.polarized


def test_limits_and_ranges_of_the_meter_bind_each_other() -> None:
    desk = ready()
    desk.tell(":SENS:CURR:PROT 1", ":SENS:CURR:RANG 1", ":SENS:CURR:PROT 0.9e-3")
    assert desk.error() == 822  # less than 0.1 % of the range
    desk.tell(":SENS:CURR:RANG 1e-3", ":SENS:CURR:PROT 0.9e-3", ":SENS:CURR:RANG 1e-2")
    assert desk.error() == 824  # above the range of the limit
    desk.tell(":SENS:VOLT:RANG 2")
    assert desk.error() == 823  # that of the source counts
    assert desk.error() == 0


@pytest.mark.parametrize(
    ("name", "word"), [(name, word) for name, (words, _) in sorted(WORDS.items()) for word in words]
)
def test_every_word_is_answered_as_it_was_set(name: str, word: str) -> None:
    desk = ready()
    desk.tell(f":{name} {word}")
    assert desk.wire.query(f":{name}?").strip() == word


def test_its_world_goes_on_where_it_was(tmp_path: Path) -> None:
    desk = ready(world=tmp_path / "world")
    desk.tell(":SOUR:FUNC CURR", ":SOUR:CURR:RANG 1e-3", ":SOUR:CURR 2e-4", ":OUTP ON", ":SYST:AZER OFF")
    desk.read()
    desk.bench.close()
    again = Desk(world=tmp_path / "world")
    assert again.truth.cell_current_A == pytest.approx(2e-4)
    assert again.wire.query(":OUTP:SMOD?").strip() == "HIMP"
    again.bench.close()


def test_the_front_panel_is_pressed_before_the_first_program_comes() -> None:
    assert not Desk(keithley={"front_panel": [":OUTP:SMOD HIMP"]}).truth.polarized
    for wrong in ("OT1", ":OUTP:SMOD WIDE"):
        with pytest.raises(SettingError, match="front_panel"):
            Desk(keithley={"front_panel": [wrong]})
