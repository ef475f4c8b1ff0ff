"""The mistakes, one a line: what is typed, what is truly there, and when it is caught at the latest."""

from __future__ import annotations

from tests.mistakes.play import Mistake

M = Mistake

USED = "used_before: {sodiated: 50 %}"


def change(*changes: str) -> str:
    return "changes:\n" + "".join(f"  - {one}\n" for one in changes)


def off(lead: str, begins: str = "0 s") -> str:
    return change(f"{{kind: lead_off, lead: {lead}, from: {begins}}}")


def hand(command: str, begins: str, instrument: str = "1287") -> str:
    return change(f"{{kind: front_panel, instrument: '{instrument}', command: '{command}', from: {begins}}}")


def shunt(ohm: str, begins: str = "0 s", over: str = "") -> str:
    grows = f", over: {over}" if over else ""
    return change(f"{{kind: shunt, resistance: {ohm}, from: {begins}{grows}}}")


def series(ohm: str, begins: str = "0 s", over: str = "", inductance: str = "") -> str:
    rest = (f", over: {over}" if over else "") + (f", inductance: {inductance}" if inductance else "")
    return change(f"{{kind: series_resistance, resistance: {ohm}, from: {begins}{rest}}}")


def warmer(kelvin: str, over: str = "") -> str:
    grows = f", over: {over}" if over else ""
    return change(f"{{kind: temperature, warmer: {kelvin}{grows}}}")


# fmt: off
RECORD = [
    M("area: radius typed for the diameter, pellet", "pellet", said={"area": "3.14 cm2"}, caught="before"),
    M("area: half the diameter, pellet", "pellet", said={"area": "0.196 cm2"}, caught="before"),
    M("area: another die, 13 mm for 10 mm, pellet", "pellet", said={"area": "1.327 cm2"}, caught="after"),
    M("area: mm2 typed as cm2, pellet", "pellet", said={"area": "78.5 cm2"}, caught="before"),
    M("area: cm2 typed as mm2, pellet", "pellet", said={"area": "0.785 mm2"}, caught="before"),
    M("area: radius typed for the diameter, half cell", "half", said={"area": "3.14 cm2"}, caught="before"),
    M("area: half the diameter, half cell", "half", said={"area": "0.196 cm2"}, caught="before"),
    M("area: mm2 typed as cm2, half cell", "half", said={"area": "78.5 cm2"}, caught="before"),
    M("area: radius typed for the diameter, full cell", "full", said={"area": "3.14 cm2"}, caught="before"),
    M("area: half the diameter, full cell", "full", said={"area": "0.196 cm2"}, caught="before"),
    M("area: radius typed for the diameter, DC polarization", "dc", said={"area": "3.14 cm2"}, caught="before"),
    M("area: radius typed for the diameter, symmetric cell", "symmetric", said={"area": "3.14 cm2"}, caught="before"),
    M("thickness: 50 um for 500 um, pellet", "pellet", said={"thickness": "50 um"}, caught="before"),
    M("thickness: 5 mm for 500 um, pellet", "pellet", said={"thickness": "5 mm"}, caught="before"),
    M("thickness: 900 um for 500 um, pellet", "pellet", said={"thickness": "900 um"}, caught="after"),
    M("thickness: that of the mould, 150 um for 500 um, half cell", "half", said={"thickness": "150 um"}, caught="during"),
    M("thickness: 50 um for 500 um, DC polarization", "dc", said={"thickness": "50 um"}, caught="before"),
    M("thickness: 160 um for 500 um, symmetric cell", "symmetric", said={"thickness": "160 um"}, caught="during"),
    M("conductivity: S/m typed as mS/cm, pellet", "pellet", said={"electrolyte.ionic_conductivity": "0.0185 mS/cm"}, caught="during"),
    M("conductivity: ten times too large, half cell", "half", said={"electrolyte.ionic_conductivity": "1.85 mS/cm"}, caught="during"),
    M("mass: g for mg, half cell", "half", said={"tin_mass": "1.366 g"}, caught="before"),
    M("mass: a slip of ten, half cell", "half", said={"tin_mass": "13.66 mg"}, caught="before"),
    M("mass: a tenth, half cell", "half", said={"tin_mass": "0.1366 mg"}, caught="before"),
    M("mass: the composite's for the tin's, half cell", "half", said={"tin_mass": "1.82 mg"}, caught="during"),
    M("mass: the foil weighed too, half cell", "half", said={"tin_mass": "2.7 mg"}, caught="during"),
    M("mass: 0.9 mg of tin are there for 1.37, half cell", "half", truth="cell: {tin_mass: 0.9 mg}", caught="during"),
    M("mass: 1.1 mg of tin are there for 1.37, half cell", "half", truth="cell: {tin_mass: 1.1 mg}", why="the tin takes up what is asked for, with 4 % to spare in the last plateau"),
    M("mass: a slip of ten, full cell", "full", said={"tin_mass": "7.14 mg"}, caught="before"),
    M("mass: half of the cathode is there, full cell", "full", truth="cell: {cathode_mass: 2.35 mg}", caught="after"),
    M("mass: half of the tin is there, full cell", "full", truth="cell: {tin_mass: 0.35 mg}", why="the voltage of a full cell does not show sodium metal on the tin"),
    M("capacity: ten times the nominal one, full cell", "full", said={"nominal_capacity": "6.4 mAh/cm2"}, caught="before"),
    M("cell: nbh mounted, nps said, pellet", "pellet", "nbh", said={"record": "nps"}, caught="during"),
    M("cell: nps mounted, nbh said, pellet", "pellet", "nps", said={"record": "nbh"}, caught="during"),
    M("cell: nyzc mounted, nps said, pellet", "pellet", "nyzc", said={"record": "nps"}, caught="after"),
    M("cell: nbh mounted, nps said, half cell", "half", "nbh", said={"record": "nps"}, caught="during"),
    M("cell: nps mounted, nyzc said, half cell", "half", "nps", said={"record": "nyzc"}, caught="after"),
    M("cell: nyzc mounted, nps said, half cell", "half", "nyzc", said={"record": "nps"}, caught="after"),
    M("cell: nyzc mounted, nbh said, full cell", "full", "nyzc", said={"record": "nbh"}, caught="after"),
    M("cell: nbh mounted, nyzc said, symmetric cell", "symmetric", "nbh", said={"record": "nyzc"}, caught="during"),
    M("build: a half cell is there, full cell said", "full", truth="cell: {record: nps, build: half}", caught="after"),
    M("build: a full cell is there, half cell said", "half", truth="cell: {record: nps, build: full}", caught="during"),
    M("build: a symmetric cell is there, half cell said", "half", truth="cell: {record: nps, build: symmetric}", caught="before"),
    M("build: a half cell is there, symmetric cell said", "symmetric", truth="cell: {record: nps, build: half}", caught="before"),
    M("build: a half cell is there, pellet said", "pellet", truth="cell: {record: nps, build: half}", caught="before"),
    M("build: a pellet is there, symmetric cell said", "symmetric", truth="cell: {record: nps, build: pellet}", caught="during"),
    M("build: a symmetric cell is there, pellet said", "pellet", truth="cell: {record: nps, build: symmetric}", caught="after"),
    M("build: reduced electrolyte is there, pristine said", "dc", truth="cell: {record: nps, build: dc_reduced}", caught="after"),
    M("build: reduced nyzc is there, pristine said", "dc", "nyzc", truth="cell: {record: nyzc, build: dc_reduced}", caught="after"),
    M("build: a symmetric cell is there, DC polarization said", "dc", truth="cell: {record: nps, build: symmetric}", caught="during"),
]
TEMPERATURE = [
    M("temperature: 10 K warmer than typed, half cell", "half", truth=warmer("10 K"), caught="after"),
    M("temperature: 10 K warmer than typed, pellet", "pellet", truth=warmer("10 K"), caught="after"),
    M("temperature: 15 K colder than typed, pellet", "pellet", truth=warmer("-15 K"), caught="after"),
    M("temperature: typed 60 degC, left at 25 degC", "pellet", typed=("conditions.temperature=60 degC",), truth=warmer("-35 K"), caught="after"),
    M("temperature: 3 K warmer than typed, pellet", "pellet", truth=warmer("3 K"), why="14 % of the resistance: within the tolerance of 0.8 to 1.25"),
    M("temperature: rises by 6 K in the run, half cell", "half", truth=warmer("6 K", "15 h"), caught="after"),
]
LEADS = [
    M("leads: RE1 off from the start, pellet", "pellet", truth=off("re1"), caught="during"),
    M("leads: CE off from the start, pellet", "pellet", truth=off("ce"), caught="during"),
    M("leads: RE1 off from the start, half cell", "half", truth=off("re1"), caught="before"),
    M("leads: CE off from the start, half cell", "half", truth=off("ce"), caught="during"),
    M("leads: CE off from the start, DC polarization", "dc", truth=off("ce"), caught="during"),
    M("leads: RE1 falls off on a current, half cell", "half", truth=off("re1", "0.3 mAh/cm2"), caught="during"),
    M("leads: CE falls off on a current, half cell", "half", truth=off("ce", "0.3 mAh/cm2"), caught="during"),
    M("leads: RE1 falls off on a current, full cell", "full", truth=off("re1", "0.2 mAh/cm2"), caught="during"),
    M("leads: CE falls off at a held voltage, full cell", "held", truth=off("ce", "0.308 mAh/cm2"), caught="during"),
    M("leads: RE1 falls off in a sweep, pellet", "pellet", truth=off("re1", "25 s"), caught="during"),
    M("leads: CE falls off in a sweep, pellet", "pellet", truth=off("ce", "25 s"), caught="during"),
    M("leads: that of the generator is off, pellet", "pellet", truth=off("generator"), caught="during"),
    M("leads: that of the generator is off, half cell", "half", truth=off("generator"), caught="during"),
    M("leads: that of the generator falls off in a sweep", "pellet", truth=off("generator", "25 s"), caught="during"),
    M("leads: that to V1 is off, pellet", "pellet", truth=off("v1"), caught="during"),
    M("leads: that to V2 is off, pellet", "pellet", truth=off("v2"), caught="during"),
    M("leads: that to V1 is off, half cell", "half", truth=off("v1"), caught="during"),
    M("leads: RE1 and RE2 exchanged, pellet", "pellet", truth=change("{kind: leads_exchanged, leads: references}"), caught="during"),
    M("leads: RE1 and RE2 exchanged, symmetric cell", "symmetric", truth=change("{kind: leads_exchanged, leads: references}"), caught="during"),
    M("leads: fresh half cell upside down", "half", truth=change("{kind: leads_exchanged}"), caught="before"),
    M("leads: sodiated half cell upside down", "half", truth=USED + "\n" + change("{kind: leads_exchanged}"), caught="before"),
    M("leads: fresh full cell upside down", "full", truth=change("{kind: leads_exchanged}"), caught="before"),
    M("leads: charged full cell upside down", "full", truth=USED + "\n" + change("{kind: leads_exchanged}"), caught="before"),
]
CONTACT = [
    M("contact: long leads, 1.5 ohm and 3 uH, pellet of nbh", "pellet", "nbh", truth=series("1.5 ohm", inductance="3 uH"), caught="after"),
    M("contact: long leads, 8 ohm and 3 uH, pellet of nbh", "pellet", "nbh", truth=series("8 ohm", inductance="3 uH"), caught="after"),
    M("contact: long leads, 20 ohm, pellet of nbh", "pellet", "nbh", truth=series("20 ohm"), caught="after"),
    M("contact: 300 ohm in a dry contact, pellet", "pellet", truth=series("300 ohm"), caught="after"),
    M("contact: loose, 10 ohm, pellet of nbh", "pellet", "nbh", truth=change("{kind: loose_contact, resistance: 10 ohm, interval: 3 s}"), caught="after"),
    M("contact: loose, 100 ohm, pellet", "pellet", truth=change("{kind: loose_contact, resistance: 100 ohm, interval: 3 s}"), caught="after"),
    M("contact: loose, 100 ohm, half cell", "half", truth=change("{kind: loose_contact, resistance: 100 ohm, interval: 7 s}"), caught="after"),
    M("contact: pressure lost at once, 200 ohm, half cell", "half", truth=series("200 ohm", "0.4 mAh/cm2"), caught="after"),
    M("contact: pressure lost slowly, 40 ohm, half cell", "half", truth=series("40 ohm", "0.1 mAh/cm2", "8 h"), caught="after"),
    M("contact: pressure lost at once, 200 ohm, full cell", "full", truth=series("200 ohm", "0.25 mAh/cm2"), caught="after"),
    M("contact: pressure lost slowly, 3 kohm, full cell", "full", truth=series("3 kohm", "0.1 mAh/cm2", "5 h"), caught="after"),
    M("contact: pressure lost at once, 500 ohm, symmetric cell", "symmetric", truth=series("500 ohm", "15 min"), caught="after"),
]
SHORTS = [
    M("short: 100 ohm, half cell", "half", truth=shunt("100 ohm"), caught="before"),
    M("short: 100 ohm, full cell", "full", truth=shunt("100 ohm"), caught="during"),
    M("short: 100 ohm, pellet", "pellet", truth=shunt("100 ohm"), caught="during"),
    M("short: 100 ohm, DC polarization", "dc", truth=shunt("100 ohm"), caught="during"),
    M("short: 50 ohm, symmetric cell", "symmetric", truth=shunt("50 ohm"), caught="during"),
    M("short: 1 kohm, half cell", "half", truth=shunt("1 kohm"), caught="before"),
    M("short: 3 kohm, full cell", "full", truth=shunt("3 kohm"), caught="during"),
    M("short: 100 kohm, full cell", "full", truth=shunt("100 kohm"), caught="after"),
    M("short: 1 ohm, pellet", "pellet", truth=shunt("1 ohm"), caught="during"),
    M("short: hard, while a full cell is charged", "full", truth=shunt("0.1 ohm", "0.25 mAh/cm2"), caught="during"),
    M("short: hard, while tin is sodiated", "half", truth=shunt("0.1 ohm", "0.5 mAh/cm2"), caught="during"),
    M("short: hard, while tin is desodiated", "half", truth=shunt("0.1 ohm", "1.8 mAh/cm2"), caught="during"),
    M("short: hard, at a held voltage", "held", truth=shunt("0.1 ohm", "0.308 mAh/cm2"), caught="during"),
    M("short: hard, in a symmetric cell", "symmetric", truth=shunt("0.1 ohm", "15 min"), caught="during"),
    M("short: grows to 300 ohm in 4 h, full cell", "full", truth=shunt("300 ohm", "0.2 mAh/cm2", "4 h"), caught="during"),
    M("short: grows to 200 ohm in 4 h, half cell", "half", truth=shunt("200 ohm", "0.3 mAh/cm2", "4 h"), caught="during"),
]
INSIDE = [
    M("cell: discharges by itself at 30 uA, half cell", "half", truth=change("{kind: leak, current: 30 uA}"), caught="after"),
    M("cell: discharges by itself at 30 uA, full cell", "full", truth=change("{kind: leak, current: 30 uA}"), caught="after"),
    M("cell: discharges by itself at 3 uA, full cell", "full", truth=change("{kind: leak, current: 3 uA}"), why="seen in the efficiency only"),
    M("cell: charges by itself at 20 uA, half cell", "half", truth=change("{kind: leak, current: -20 uA}"), caught="before"),
    M("cell: its EMF falls by 0.5 V on charge, full cell", "full", truth=change("{kind: emf, voltage: -0.5 V, from: 0.3 mAh/cm2}"), caught="during"),
    M("cell: its EMF rises by 20 mV, half cell", "half", truth=change("{kind: emf, voltage: 20 mV, from: 0.5 mAh/cm2}"), caught="after"),
    M("cell: half sodiated at the start, half cell", "half", truth=USED, caught="before"),
    M("cell: wholly sodiated at the start, half cell", "half", truth="used_before: {sodiated: 95 %}", caught="before"),
    M("cell: cycled before, half cell", "half", truth="used_before: {sodiated: 25 %, cycles: 2}", caught="before"),
    M("cell: half charged at the start, full cell", "full", truth="used_before: {sodiated: 40 %}", caught="before"),
    M("cell: noisy, 150 mV, full cell", "full", truth=change("{kind: noise, voltage: 150 mV}"), caught="before"),
    M("cell: noisy, 150 mV, half cell", "half", truth=change("{kind: noise, voltage: 150 mV}"), caught="before"),
    M("cell: noisy, 5 mV, half cell", "half", truth=change("{kind: noise, voltage: 5 mV}"), caught="before"),
    M("cell: oscillates, 20 mV at 3 mHz, half cell", "half", truth=change("{kind: hum, voltage: 20 mV, frequency: 3 mHz}"), caught="during"),
    M("hum: 100 mV at 50 Hz, half cell", "half", truth=change("{kind: hum, voltage: 100 mV}"), caught="after"),
    M("hum: 10 mV at 60 Hz, pellet", "pellet", truth=change("{kind: hum, voltage: 10 mV, frequency: 60 Hz}"), caught="after"),
]
INSTRUMENTS = [
    M("meter: gain of the ammeter + 4 %, half cell", "half", truth=change("{kind: gain_error, current: 4 %}"), caught="during"),
    M("meter: gain of the voltmeter + 4 %, full cell", "full", truth=change("{kind: gain_error, voltage: 4 %}"), why="no second voltmeter is there; a dummy cell shows it"),
    M("meter: warm-up, 1 % in 4 h, half cell", "half", truth=change("{kind: warm_up, current: 1 %, voltage: 1 %, time_constant: 4 h}"), caught="during"),
    M("meter: zero of the ammeter drifts by 1 uA, half cell", "half", truth=change("{kind: zero_drift, current: 1 uA, over: 10 h}"), caught="during"),
    M("meter: zero of the ammeter off by 10 uA, half cell", "half", truth=change("{kind: zero_drift, current: 10 uA}"), caught="before"),
    M("meter: zero of the voltmeter drifts by 20 mV, full cell", "full", truth=change("{kind: zero_drift, voltage: 20 mV, over: 8 h}"), why="no second voltmeter is there; a dummy cell shows it"),
    M("hand: STANDBY in a sweep, pellet", "pellet", truth=hand("PW0", "25 s"), caught="during"),
    M("hand: STANDBY on a current, half cell", "half", truth=hand("PW0", "0.3 mAh/cm2"), caught="during"),
    M("hand: STANDBY at a held voltage, full cell", "held", truth=hand("PW0", "0.308 mAh/cm2"), caught="during"),
    M("hand: another range on a current, half cell", "half", truth=hand("RR7", "0.3 mAh/cm2"), caught="during"),
    M("hand: current 4 % larger, half cell", "half", truth=hand("PC1.31E-4", "0.3 mAh/cm2"), caught="during"),
    M("hand: current of the other sign, half cell", "half", truth=hand("PC-1.256E-4", "0.3 mAh/cm2"), caught="during"),
    M("hand: potentiostat on a current, half cell", "half", truth=hand("PO0", "0.3 mAh/cm2"), caught="during"),
    M("hand: voltage 0.3 V lower, full cell", "held", truth=hand("PV-2.8", "0.308 mAh/cm2"), caught="during"),
    M("hand: generator at 0 V in a sweep, pellet", "pellet", truth=hand("VA0", "25 s", "1260"), caught="after"),
    M("hand: slowest bandwidth in a sweep, pellet", "pellet", truth=hand("PB9", "25 s"), caught="during"),
    M("hand: output x 1 in a sweep, pellet", "pellet", truth=hand("VX0", "25 s"), caught="during"),
]
PROTOCOL = [
    M("current: ten times, half cell", "half", typed=("steps.sodiation.current=-1.6 mA/cm2",), caught="before"),
    M("current: ten times, full cell", "full", typed=("steps.charge.current=0.64 mA/cm2",), caught="before"),
    M("current: a hundred times, half cell", "half", typed=("steps.sodiation.current=-16 mA/cm2",), caught="before"),
    M("current: a thousand times, full cell", "full", typed=("steps.charge.current=64 mA/cm2",), caught="before"),
    M("current: A for mA, symmetric cell", "symmetric", typed=("steps.forth.current=0.1 A/cm2",), caught="before"),
    M("current: twenty times, symmetric cell", "symmetric", typed=("steps.forth.current=2 mA/cm2",), caught="before"),
    M("current: C-rate of ten times the mass, half cell", "half", said={"tin_mass": "13.66 mg"}, typed=("steps.sodiation.current=-C/10",), caught="before"),
    M("current: C-rate of ten times the capacity, full cell", "full", said={"nominal_capacity": "6.4 mAh/cm2"}, typed=("steps.charge.current=C/10",), caught="before"),
    M("sign: of the sodiation, half cell", "half", typed=("steps.sodiation.current=0.16 mA/cm2",), caught="before"),
    M("sign: of the desodiation, half cell", "half", typed=("steps.desodiation.current=-0.16 mA/cm2",), caught="before"),
    M("sign: of the charge, full cell", "full", typed=("steps.charge.current=-0.064 mA/cm2",), caught="before"),
    M("sign: of the discharge, full cell", "full", typed=("steps.discharge.current=0.064 mA/cm2",), caught="before"),
    M("sign: of both steps, symmetric cell with an end in time", "symmetric", typed=("steps.back.current=0.1 mA/cm2",), caught="before"),
    M("capacity: 950 % for 95 %, half cell", "half", typed=("steps.sodiation.until.capacity=950 %",), caught="before"),
    M("capacity: 130 % for 95 %, half cell", "half", typed=("steps.sodiation.until.capacity=130 %",), caught="before"),
    M("capacity: 14 for 1.4 mAh/cm2, half cell", "half", typed=("steps.sodiation.until.capacity=14 mAh/cm2",), caught="before"),
    M("window: of another chemistry, 3.75 V, full cell", "full", typed=("steps.charge.until.voltage=3.75 V",), caught="before"),
    M("window: of another chemistry, 4.2 V, full cell", "full", typed=("steps.charge.until.voltage=4.2 V",), caught="before"),
    M("window: of another chemistry, 0.5 V down, full cell", "full", typed=("steps.discharge.until.voltage=0.5 V",), caught="before"),
    M("window: 34 V for 3.4 V, full cell", "full", typed=("steps.charge.until.voltage=34 V",), caught="before"),
    M("window: 4.5 V for a half cell", "half", typed=("steps.desodiation.until.voltage=4.5 V",), caught="before"),
    M("held voltage: 31 V for 3.1 V", "held", typed=("steps.holding.voltage=31 V",), caught="before"),
    M("held voltage: current limit of 10 mA, end at 2 uA", "held", typed=("steps.holding.current_limit=10 mA", "steps.holding.until.current=2 uA"), caught="before"),
    M("held voltage: end at 1 nA", "held", typed=("steps.holding.until.current=1 nA",), caught="before"),
    M("held voltage: end above what flows", "held", typed=("steps.holding.until.current=1 mA",), caught="before"),
    M("held voltage: current limit too small", "held", typed=("steps.holding.current_limit=1 uA", "steps.holding.until.current=0.5 uA"), caught="before"),
    M("spectrum: amplitude of 0.3 mV, pellet", "pellet", typed=("steps.spectrum.amplitude=0.3 mV",), caught="before"),
    M("spectrum: amplitude of 1 mV, half cell", "half", typed=("steps.sodiation.spectrum.amplitude=1 mV",), caught="before"),
    M("spectrum: amplitude of 300 mV, half cell", "half", typed=("steps.sodiation.spectrum.amplitude=300 mV",), caught="before"),
    M("spectrum: amplitude of 3 V, pellet", "pellet", typed=("steps.spectrum.amplitude=3 V",), caught="before"),
    M("spectrum: one point a decade, pellet", "pellet", typed=("steps.spectrum.points_per_decade=1",), caught="before"),
    M("spectrum: two points a decade, half cell", "half", typed=("steps.sodiation.spectrum.points_per_decade=2",), caught="before"),
    M("spectrum: ends at 100 kHz, pellet", "pellet", typed=("steps.spectrum.to=100 kHz",), caught="before"),
    M("spectrum: begins at 1 kHz, pellet", "pellet", typed=("steps.spectrum.from=1 kHz",), caught="before"),
    M("spectrum: mHz for MHz, pellet", "pellet", typed=("steps.spectrum.from=1 mHz",), caught="before"),
    M("spectrum: 10 MHz with the 1287, pellet", "pellet", typed=("steps.spectrum.from=10 MHz",), caught="before"),
    M("spectrum: by the 1260 alone on a half cell", "half", typed=("steps.sodiation.spectrum.instruments=1260",), caught="before"),
    M("rest: 2 s before a spectrum, half cell", "half", typed=("steps.sodiation.rest={time: 2 s}",), caught="before"),
    M("rest: 10 s at most before a spectrum, half cell", "half", typed=("steps.sodiation.rest={slope: 1 mV/min, over: 5 s, at_least: 5 s, at_most: 10 s}",), caught="before"),
    M("DC polarization: 3 min", "dc", typed=("steps.polarization.at_most=3 min", "steps.polarization.steady_over=60 s"), caught="before"),
    M("DC polarization: 3 min, steady over 10 min", "dc", typed=("steps.polarization.at_most=3 min",), caught="before"),
    M("DC polarization: 5 V for 50 mV", "dc", typed=("steps.polarization.voltage=5 V",), caught="before"),
    M("DC polarization: 0.5 mV", "dc", typed=("steps.polarization.voltage=0.5 mV",), caught="before"),
    M("DC polarization: baseline of 10 s", "dc", typed=("steps.polarization.baseline=10 s",), caught="before"),
    M("DC polarization: steady within 20 % over 20 s", "dc", typed=("steps.polarization.steady_within=20 %", "steps.polarization.steady_over=20 s"), caught="before"),
    M("conditions: 298 degC for 298 K", "pellet", typed=("conditions.temperature=298 degC",), caught="before"),
    M("conditions: 75 GPa for 75 MPa", "pellet", typed=("conditions.stack_pressure=75000 MPa",), caught="before"),
]
CCD, BRUCE_VINCENT, HEBB_WAGNER = "critical-current-density", "bruce-vincent", "hebb-wagner"
WINDOW, STEPS, REST_GROWTH, PRESSED = "electrochemical-window", "stepwise-cv", "growth-at-rest", "growth-after-pressing"
RATES, LIFE, HEATED, PRESSURES = (
    "rate-capability", "formation-and-cycling", "conductivity-against-temperature", "pressure-series",
)
EXPERIMENTS = [
    M("critical current density: A for mA", CCD, typed=("currents=[0.2 A/cm2, 0.4 A/cm2]",), caught="before"),
    M("critical current density: the way back left at a fixed current", CCD, typed=("steps.currents.steps.stripping.current=0.2 mA/cm2",), caught="before"),
    M("critical current density: a half cell is there", CCD, truth="cell: {build: half}", caught="before"),
    M("critical current density: tin on both sides in place of sodium", CCD, truth="cell: {build: symmetric}", why="tin that holds enough sodium strips and plates like sodium"),
    M("critical current density: shorted by 100 ohm when it was pressed", CCD, truth=shunt("100 ohm"), caught="during"),
    M("critical current density: half a short of 1 kohm from the start", CCD, truth=shunt("1 kohm"), caught="after"),
    M("critical current density: diameter for radius", CCD, said={"area": "3.14 cm2"}, caught="before"),
    M("critical current density: pressure lost, 300 ohm", CCD, truth=series("300 ohm", "40 min"), caught="after"),
    M("critical current density: RE1 falls off", CCD, truth=off("re1", "40 min"), caught="during"),
    M("critical current density: CE falls off", CCD, truth=off("ce", "40 min"), caught="during"),
    M("transference number: 1 V for 10 mV", BRUCE_VINCENT, typed=("voltage=1 V",), caught="before"),
    M("transference number: 0.1 mV for 10 mV", BRUCE_VINCENT, typed=("voltage=0.1 mV",), caught="after"),
    M("transference number: current limit of 1 uA", BRUCE_VINCENT, typed=("steps.polarization.current_limit=1 uA",), caught="after"),
    M("transference number: blocking plungers in place of sodium", BRUCE_VINCENT, truth="cell: {build: pellet}", caught="after"),
    M("transference number: half a short of 1 kohm", BRUCE_VINCENT, truth=shunt("1 kohm"), caught="after"),
    M("transference number: loose contact, 30 ohm", BRUCE_VINCENT, truth=change("{kind: loose_contact, resistance: 30 ohm}"), caught="after"),
    M("transference number: 3 K warmer by the end", BRUCE_VINCENT, truth=warmer("3 K", "1 h"), caught="after"),
    M("Hebb-Wagner: blocking electrode negative", HEBB_WAGNER, typed=("voltages=[-0.25 V, -0.5 V, -0.75 V]",), caught="before"),
    M("Hebb-Wagner: clamped the other way round", HEBB_WAGNER, truth=change("{kind: leads_exchanged}"), caught="during"),
    M("Hebb-Wagner: sodium on both sides", HEBB_WAGNER, truth="cell: {build: metal}", caught="during"),
    M("Hebb-Wagner: half a short of 100 kohm", HEBB_WAGNER, truth=shunt("100 kohm"), caught="after"),
    M("Hebb-Wagner: 5 min a voltage", HEBB_WAGNER, typed=("steps.voltages.steps.polarization.at_most=5 min", "steps.voltages.steps.polarization.steady_over=2 min"), caught="before"),
    M("Hebb-Wagner: 25 V for 0.25 V", HEBB_WAGNER, typed=("voltages=[25 V, 50 V]",), caught="before"),
    M("GITT: pulses of C/2 for C/20", "gitt", typed=("current=C/2",), caught="after"),
    M("GITT: C-rate of ten times the mass", "gitt", said={"electrode_mass": "25 mg"}, caught="before"),
    M("GITT: 1 min for 2 h of rest", "gitt", typed=("steps.titration.steps.relaxation.time=1 min",), caught="after"),
    M("GITT: pulses that fill on, after the filling", "gitt", typed=("current=-C/20",), caught="during"),
    M("GITT: tin in place of hard carbon", "gitt", truth="cell: {build: half_sodium}", caught="before"),
    M("GITT: discharges by itself at 20 uA", "gitt", truth=change("{kind: leak, current: 20 uA}"), caught="before"),
    M("GITT: filled before", "gitt", truth="used_before: {sodiated: 80 %}", caught="before"),
    M("electrochemical window: 100 mV/s for 0.1 mV/s", WINDOW, typed=("rate=100 mV/s",), caught="after"),
    M("electrochemical window: current limit of 1 uA", WINDOW, typed=("steps.sweep.current_limit=1 uA",), caught="during"),
    M("electrochemical window: no carbon in it, a pellet between plungers", WINDOW, truth="cell: {build: pellet}", caught="before"),
    M("electrochemical window: half a short of 20 kohm", WINDOW, truth=shunt("20 kohm"), caught="after"),
    M("electrochemical window: CE falls off in the sweep", WINDOW, truth=off("ce", "30 min"), caught="during"),
    M("stepwise CV: turns beyond what the cell may see", STEPS, typed=("turns=[2.5 V, 28 V]",), caught="before"),
    M("stepwise CV: half a short of 20 kohm", STEPS, truth=shunt("20 kohm"), caught="during"),
    M("linearity: mV typed as V", "linearity", typed=("amplitudes=[5 V, 10 V]",), caught="before"),
    M("linearity: one amplitude", "linearity", typed=("amplitudes=[10 mV]",), caught="after"),
    M("linearity: loose contact, 100 ohm", "linearity", truth=change("{kind: loose_contact, resistance: 100 ohm}"), caught="after"),
    M("rate capability: ten times the nominal capacity", RATES, said={"nominal_capacity": "6.4 mAh/cm2"}, caught="before"),
    M("rate capability: C*2 for C/2", RATES, typed=("rates=[C/10, C/5, 2C]",), caught="before"),
    M("rate capability: a charged cell said to be fresh", RATES, truth="used_before: {sodiated: 50 %}", caught="before"),
    M("rate capability: a short of 100 kohm", RATES, truth=shunt("100 kohm"), caught="during"),
    M("rate capability: pressure lost slowly, 3 kohm", RATES, truth=series("3 kohm", "5 h", "20 h"), caught="after"),
    M("formation: C/2 for C/20", LIFE, typed=("steps.formation.steps.charge.current=C/2",), why="a current that such cells are cycled with; what a formation has to be nobody has said"),
    M("growth at rest: one spectrum", REST_GROWTH, typed=("spectra=1",), caught="after"),
    M("growth at rest: a used cell", REST_GROWTH, truth="used_before: {sodiated: 95 %}", caught="before"),
    M("growth after pressing: tin that was never sodiated", PRESSED, truth="cell: {build: half}", caught="before"),
    M("growth after pressing: against sodium, Na9Sn4 said", PRESSED, truth="cell: {build: half_sodium}\nused_before: {sodiated: 95 %}", caught="before"),
    M("growth after pressing: pressure lost slowly, 40 ohm", PRESSED, truth=series("40 ohm", "10 min", "5 h"), caught="after"),
    M("growth after pressing: 6 K warmer by the end", PRESSED, truth=warmer("6 K", "5 h"), caught="after"),
    M("conductivity against temperature: confirmed, and the chamber never set", HEATED, obeys=False, caught="during"),
    M("conductivity against temperature: K typed as degC", HEATED, typed=("temperatures=[298 degC, 318 degC, 338 degC]",), caught="before"),
    M("conductivity against temperature: two temperatures", HEATED, typed=("temperatures=[25 degC, 35 degC]",), caught="after"),
    M("conductivity against temperature: contact lost when it was heated", HEATED, truth=series("300 ohm", "100 min"), caught="during"),
    M("stack pressure: GPa for MPa", PRESSURES, typed=("pressures=[10 GPa, 75 GPa]",), caught="before"),
    M("stack pressure: crushed, shorted by 50 ohm", PRESSURES, truth=shunt("50 ohm", "15 min"), caught="during"),
]
# fmt: on
MISTAKES = [
    *RECORD,
    *TEMPERATURE,
    *LEADS,
    *CONTACT,
    *SHORTS,
    *INSIDE,
    *INSTRUMENTS,
    *PROTOCOL,
    *EXPERIMENTS,
]
