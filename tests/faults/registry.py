"""Every fault of the table. A new one is a function and one line of `FAULTS`.

A fault begins on a stage, with its details drawn at random: which instrument, how long, which character.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pyvisa.constants import StatusCode

from solbench.simulators.sensors import chamber
from tests.faults.stage import Stage

SHORT_S, LONG_S = 5.0, 600.0
VOLTAGE, CURRENT = 0, 13  # where the two numbers begin in a line of the 1287, +p.pppppE+pp,+p.pppppE+pp,00,00
REFUSED = {
    "1287": ("PC", "PV", "PO", "RR", "PW", "RU", "IL"),
    "1260": ("FR", "VA", "VB", "SI", "IS"),
    "EC301": ("SETCUR", "SETVOL", "ECMODE", "IRANGE", "CEENAB", "VLEVEL?", "CELLON?", "CLBWTH"),
    "2400": ("SOUR:CURR", "SOUR:VOLT", "SOUR:FUNC", "OUTP", "READ?", "OUTP:SMOD", "SENS:CURR:RANG"),
}
MEDDLING = {
    "1287": (b"?ER\r\n", b"PC+2.0E-05\r\n", b"PV+0.3\r\n", b"PW0\r\n", b"RU0\r\n", b"OT0\r\n", b"DG1\r\n"),
    "EC301": (b"vlevel?\n", b"setcur 0.02\n", b"setvol 300\n", b"ceenab 0\n", b"avgexp 0\n", b"clbwth 5\n"),
    "2400": (
        b":SYST:ERR?\n",
        b":SOUR:CURR 2E-5\n",
        b":SOUR:VOLT 0.3\n",
        b":OUTP 0\n",
        b":SENS:CURR:NPLC 0.01\n",
    ),
}


@dataclass(frozen=True)
class Fault:
    """One fault, by what the table says of it; `begins` plays it."""

    words: str
    begins: Callable[[Stage], None]


def _instrument(stage: Stage) -> str:
    return stage.draw.choice(stage.names)


def _for_s(stage: Stage, least_s: float = SHORT_S, most_s: float = LONG_S) -> float:
    return float(least_s * (most_s / least_s) ** stage.draw.random())


def _lost_answer(stage: Stage) -> None:
    stage.bench.faults.drop_replies(_instrument(stage), stage.draw.randrange(1, 4))


def _silence(stage: Stage) -> None:
    stage.bench.faults.kill(*stage.draw.choice(((stage.holder,), (stage.names[0],), stage.names)))
    stage.later(_for_s(stage), stage.bench.faults.revive)


def _late_answer(stage: Stage) -> None:
    stage.bench.faults.mute(_instrument(stage))
    stage.later(stage.draw.uniform(0.2, 4.0), stage.bench.faults.revive)


def _torn_line(stage: Stage) -> None:
    stage.bench.faults.tear_replies(_instrument(stage), stage.draw.randrange(1, 4))


def _spoilt_line(stage: Stage) -> None:
    stage.bench.faults.garble_replies(_instrument(stage), stage.draw.randrange(1, 4))


def _wrong_digit(stage: Stage) -> None:
    place = stage.draw.choice((VOLTAGE, CURRENT)) + stage.draw.choice((1, 3, 4, 5, 10, 11))
    _alter(stage, place, str(stage.draw.randrange(10)))


def _wrong_sign(stage: Stage) -> None:
    place = stage.draw.choice((VOLTAGE, CURRENT)) + stage.draw.choice((0, 9))
    _alter(stage, place, stage.draw.choice("+-"))


def _alter(stage: Stage, place: int, character: str) -> None:
    stage.bench.faults.alter_readings(stage.holder, place, character, count=stage.draw.randrange(1, 4))


def _stuck_status(stage: Stage) -> None:
    name = _instrument(stage)
    stage.bench.faults.stick_status(name, stage.draw.choice((0, 16, 64, 128, 255)))
    stage.later(_for_s(stage), lambda: stage.bench.faults.stick_status(name, None))


def _away(stage: Stage, status: StatusCode, for_s: float) -> None:
    def back() -> None:
        stage.adapter = None

    stage.adapter = status
    stage.later(for_s, back)


def _held_bus(stage: Stage) -> None:
    _away(stage, StatusCode.error_timeout, _for_s(stage, most_s=60.0))


def _dropped_connection(stage: Stage) -> None:
    _away(stage, StatusCode.error_connection_lost, _for_s(stage))


def _another_port(stage: Stage) -> None:
    stage.adapter = StatusCode.error_connection_lost


def _cut_out(stage: Stage) -> None:
    stage.bench.faults.cut_out()


def _refused_command(stage: Stage) -> None:
    name = _instrument(stage)
    stage.bench.faults.refuse(name, stage.draw.choice(REFUSED[name]), stage.draw.randrange(1, 10))


def _overload(stage: Stage) -> None:
    stage.bench.faults.overload(_instrument(stage), stage.draw.randrange(1, 4))


def _lead_off(stage: Stage) -> None:
    reference = stage.draw.random() < 0.5
    stage.bench.faults.set_leads(loose_reference=reference, loose_counter=not reference)


def _another_amplitude(stage: Stage) -> None:
    if stage.draw.random() < 0.5:
        stage.bench.faults.set_leads(loose_generator=True)
    else:
        stage.bench.faults.stick_pol_gain(1.0)


def _power_cycle(stage: Stage) -> None:
    stage.bench.power_cycle(_instrument(stage))


def _second_controller(stage: Stage) -> None:
    address, message = stage.bench.addresses[stage.holder], stage.draw.choice(MEDDLING[stage.holder])
    stage.bench.bus.settle()
    instrument = stage.bench.bus.instruments[int(address.split("::")[1])]
    instrument.receive(message, True, stage.clock.now())


def _asleep(stage: Stage) -> None:
    stage.sleep(_for_s(stage))


def _disk_full(stage: Stage) -> None:
    stage.free_bytes = 0


def _locked_file(stage: Stage) -> None:
    stage.locked = True


def _chamber(fault: chamber.Fault) -> Callable[[Stage], None]:
    def begins(stage: Stage) -> None:
        if (found := stage.bench.chamber) is not None:
            found.happen(fault)

    return begins


def _chamber_sensor(stage: Stage) -> None:
    if (found := stage.bench.chamber) is not None:
        found.sensor.fault = stage.draw.choice(("off", "open"))


FAULTS: Mapping[str, Fault] = {
    "lost answer": Fault("one to three answers of an instrument are lost", _lost_answer),
    "silence": Fault("instruments do not answer for 5 s to 10 min", _silence),
    "late answer": Fault("an instrument answers up to 4 s late", _late_answer),
    "torn line": Fault("the second half of one to three answers is lost", _torn_line),
    "spoilt line": Fault("a character of one to three answers is none of a number", _spoilt_line),
    "wrong digit": Fault("a digit of one to three readings is another", _wrong_digit),
    "wrong sign": Fault("a sign of one to three readings is another", _wrong_sign),
    "stuck status": Fault("the status byte is the same for 5 s to 10 min", _stuck_status),
    "held bus": Fault("each transfer times out for 5 s to 1 min", _held_bus),
    "dropped connection": Fault("the adapter is away for 5 s to 10 min", _dropped_connection),
    "another port": Fault("the adapter never comes back where it was", _another_port),
    "cut-out": Fault("the 1287 goes to standby by itself and says nothing", _cut_out),
    "refused command": Fault("an instrument refuses one of its commands from now on", _refused_command),
    "overload": Fault("one to three readings are marked as overloaded", _overload),
    "lead off": Fault("the RE1 or the CE lead is off", _lead_off),
    "another amplitude": Fault(
        "the generator's cable is off, or the POL gain is x1 in place of x0.01", _another_amplitude
    ),
    "power cycle": Fault("an instrument is switched off and on and has lost its settings", _power_cycle),
    "second controller": Fault("somebody else on the bus gives the 1287 an order", _second_controller),
    "PC asleep": Fault("the PC stands still for 5 s to 10 min", _asleep),
    "disk full": Fault("there is no room on the disk", _disk_full),
    "chamber silent": Fault("the chamber's controller does not answer", _chamber("silent")),
    "chamber deaf": Fault("the chamber's controller takes nothing that is set", _chamber("deaf")),
    "chamber heats on": Fault("the chamber's heater stays on", _chamber("heater_on")),
    "chamber moved": Fault("somebody moves the chamber's set point by 20 K", _chamber("moved")),
    "chamber sensor": Fault("the chamber's own sensor is lost, or open", _chamber_sensor),
    "locked file": Fault("another program has the run's file open", _locked_file),
}
