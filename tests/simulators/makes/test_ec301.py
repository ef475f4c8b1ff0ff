"""The simulated EC301 as its manual has it, from its wire and from behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pyvisa

from solbench.simulators.bench import SimulatedBench
from solbench.simulators.electronics.settings import SettingError
from solbench.simulators.makes.ec301 import TABLE
from solbench.simulators.makes.line_instrument import LineInstrument
from solbench.simulators.makes.wiring import for_ranges
from tests.simulators.cells import SourceAndResistor

SILENT: dict[str, Any] = {"unit": "ideal", "errors": "none", "noise_scale": 0.0, "make": "ec301"}


class Desk:
    def __init__(
        self, cell: dict[str, Any] | None = None, world: Path | None = None, **settings: Any
    ) -> None:
        self.bench = SimulatedBench(
            cell or {}, settings={**SILENT, **settings}, seed=1, build=SourceAndResistor, world=world
        )
        manager = pyvisa.ResourceManager(self.bench.visa_library)
        self.wire: Any = manager.open_resource(self.bench.addresses["EC301"], write_termination="\n")
        self.wire.timeout = 1000

    def ask(self, question: str) -> float:
        return float(self.wire.query(question))

    def tell(self, *messages: str) -> None:
        for message in messages:
            self.wire.write(message)


def test_signs_are_american_and_the_cell_of_the_bench_knows_its_own() -> None:
    """The positive terminal is at WE: V is that of WE against RE, and a cathodic current discharges."""
    desk = Desk({"emf_V": 1.3, "resistance_ohm": 100.0}, positive_terminal="we_re2")
    assert desk.ask("vlevel?") == pytest.approx(1.3, abs=1e-3)
    desk.tell("ecmode 1; irange 3; setcur 0.1; ceenab 1")
    assert desk.bench.truth.cell_current_A == pytest.approx(-1e-3)
    assert desk.ask("ilevel?") == pytest.approx(1e-3, rel=1e-3)
    assert desk.ask("SETCUR?") == pytest.approx(1e-3)
    assert desk.ask("vlevel?") == pytest.approx(1.2, abs=1e-3)


def test_a_voltage_is_that_of_the_working_electrode() -> None:
    desk = Desk({"emf_V": 1.0, "resistance_ohm": 100.0}, positive_terminal="ce_re1")
    desk.tell("ecmode 0", "irange 3", "setvol -1100", "CEENAB 1")
    assert desk.bench.truth.cell_voltage_V == pytest.approx(1.1)
    assert desk.bench.truth.cell_current_A == pytest.approx(1e-3)
    assert desk.ask("ilevel?") == pytest.approx(1e-3, rel=1e-3)  # into the cell at CE: cathodic at WE


def test_the_relay_is_answered_and_the_front_switch_keeps_it_open() -> None:
    desk = Desk()
    assert desk.ask("cellon?") == 0
    desk.tell("ceenab 1")
    assert desk.ask("cellon?") == 1
    desk.bench.faults.weld()
    desk.tell("ceenab 0")
    assert desk.ask("cellon?") == 1
    assert desk.bench.truth.polarized
    desk.bench.faults.weld(welded=False)
    desk.tell("ceenab 0")
    assert desk.ask("cellon?") == 0
    out = Desk(ec301={"front_switch": False})
    out.tell("ceenab 1")
    assert out.ask("cellon?") == 0
    assert not out.bench.truth.polarized


@pytest.mark.parametrize(
    ("messages", "events"),
    [
        (["setvol 15001"], 16),
        (["setvol 12.5"], 16),
        (["irange 11"], 16),
        (["setvel 3"], 32),
        (["setvol"], 32),
        (["irnaut 1", "irange 3"], 16),
        (["set vol-120", "I range 3;setcur  -1.9"], 0),
    ],
)
def test_what_it_does_not_take_is_in_the_event_register(messages: list[str], events: int) -> None:
    desk = Desk()
    desk.tell("*CLS", *messages)
    assert desk.ask("*ESR?") == events
    assert desk.ask("*ESR?") == 0


def test_an_answer_that_nobody_read_blocks_until_ifcclr() -> None:
    desk = Desk()
    desk.tell("irange?", "ecmode?")
    with pytest.raises(pyvisa.errors.VisaIOError):
        desk.wire.read()
    desk.tell("ifcclr")
    assert desk.ask("irange?") == 1


def test_a_reading_ends_where_converter_and_range_end() -> None:
    desk = Desk({"emf_V": 4.0, "resistance_ohm": 100.0}, positive_terminal="we_re2")
    for code, shown_V in ((0, 2.0), (1, 4.0), (2, 4.0)):
        desk.tell(f"eadcrg {code}")
        assert desk.ask("vlevel?") == pytest.approx(shown_V, abs=1e-3)
    desk.tell("ecmode 0; irange 5; setvol 4100; ceenab 1")  # 1 mA on 100 uA
    assert abs(desk.ask("ilevel?")) == pytest.approx(2e-4)
    assert desk.bench.truth.cell_current_A == pytest.approx(2e-4)


def test_the_compliance_is_limited_where_that_is_asked_for() -> None:
    desk = Desk({"emf_V": 0.0, "resistance_ohm": 1e4}, positive_terminal="we_re2")
    desk.tell("celimt 1; celimv 2000; ecmode 1; irange 4; setcur -1; ceenab 1")
    assert desk.bench.truth.cell_voltage_V == pytest.approx(2.0)
    assert desk.ask("limitg?") == 1
    desk.tell("celimt 0")
    assert desk.bench.truth.cell_voltage_V == pytest.approx(10.0)
    assert desk.ask("limitg?") == 0


def test_the_external_input_acts_where_it_is_added() -> None:
    desk = Desk({"resistance_ohm": 100.0})
    fra: Any = pyvisa.ResourceManager(desk.bench.visa_library).open_resource(desk.bench.addresses["1260"])
    desk.tell("ecmode 0; irange 3; ceenab 1")
    for message in ("OT1", "FR1E3", "VA0.1", "SO1,2", "OP2,1"):
        fra.write(message)
    for added, ac_V in ((0, 0.0), (1, 0.1), (0, 0.0)):
        desk.tell(f"addscn {added}")
        fra.query("SI")
        assert desk.bench.truth.ac_amplitude_V == pytest.approx(ac_V, rel=1e-3)
    desk.tell("addscn 1")
    ratio = [float(field) for field in fra.query("SI").split(",")[1:3]]
    assert complex(*ratio) * 100.0 == pytest.approx(100.0, rel=1e-2)  # 1 V is 10 mA there


def test_its_world_goes_on_where_it_was(tmp_path: Path) -> None:
    desk = Desk(world=tmp_path / "world")
    desk.tell("ecmode 1; irange 4; setcur 0.5; ceenab 1")
    desk.ask("ilevel?")
    desk.bench.close()
    again = Desk(world=tmp_path / "world")
    assert again.ask("cellon?") == 1
    assert again.ask("ilevel?") == pytest.approx(5e-4)
    again.bench.close()


def test_power_cycling_opens_the_cell() -> None:
    desk = Desk()
    desk.tell("ceenab 1")
    desk.bench.power_cycle("EC301")
    assert not desk.bench.truth.polarized


@pytest.mark.parametrize(
    "settings",
    [
        {"make": "gamry"},
        {"ec301": {"unread": "no"}},
        {"ec301": {"analyzer_at": "side"}},
        {"ec301": {"loops_Hz": [0] * 6}},
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingError):
        Desk(**settings)


def test_the_front_panel_is_pressed_before_the_first_program_comes() -> None:
    desk = Desk(ec301={"front_panel": ["irange 7", "clbwth 3"]})
    assert (desk.ask("irange?"), desk.ask("clbwth?")) == (7, 3)
    with pytest.raises(SettingError, match="front_panel"):
        Desk(ec301={"front_panel": ["OT1"]})


@pytest.mark.parametrize("code", sorted(TABLE))
def test_every_setting_is_answered_as_it_was_set(code: str) -> None:
    desk = Desk()
    one = TABLE[code]
    for value in (one.high, one.low):
        desk.tell(f"{code.lower()} {value:g}")
        if code != "SETCUR":
            assert desk.ask(f"{code}?") == value
        if code == "IRNAUT":
            desk.tell("irnaut 0")


def test_a_device_clear_keeps_the_cell_as_it_is() -> None:
    desk = Desk()
    desk.tell("ceenab 1", "vlevel?", "ilevel?")
    desk.wire.clear()
    assert desk.ask("cellon?") == 1


def test_errors_of_ranges_beyond_the_eighth_begin_anew() -> None:
    errors = SimulatedBench({}, settings={}, seed=3, build=SourceAndResistor).truth.unit.errors
    wide = for_ranges(errors, 10)
    assert wide.ammeter_gain == (*errors.ammeter_gain, *errors.ammeter_gain[:2])
    assert len(for_ranges(errors, 7).resistor_error) == 7


def test_what_it_is_asked_is_a_language_of_ieee_488() -> None:
    desk = Desk()
    assert isinstance(desk.bench.bus.instruments[6], LineInstrument)
    desk.tell("*ESE 32", "*SRE 32", "nonsense")
    assert int(desk.wire.read_stb()) & 96 == 96
    assert desk.ask("*OPC?") == 1
    asks: Callable[[str], float] = desk.ask
    assert (asks("*ESE?"), asks("*SRE?")) == (32, 32)
