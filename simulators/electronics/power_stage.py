"""The 1287's output stage with the cell on its leads: what drives the cell, and what flows.

Potentiostats of other makes are set in the 1287's codes here, with parts of their own (`Interface`). Signs inside are
the 1287's: current is positive when it enters the cell at CE and leaves at WE (1287 manual p. 39), the voltage is dRE.
The cell's own signs (positive charges it, positive terminal against negative) meet the 1287's in `_sign_current` and
`_sign_voltage` alone.
"""

from collections.abc import Mapping
from math import inf, pi, sqrt

from solbench.simulators.electronics.cell_port import Cell, is_steady
from solbench.simulators.electronics.clipping import clipped_fundamental
from solbench.simulators.electronics.faults import Faults
from solbench.simulators.electronics.generator import Generator
from solbench.simulators.electronics.ramp import Ramp
from solbench.simulators.electronics.series_resistor import SeriesResistor
from solbench.simulators.electronics.settings import BenchSettings, Calibration, Interface, LeadSettings
from solbench.simulators.electronics.surroundings import Surroundings
from solbench.simulators.electronics.transient import AcMemory

FULL_SCALE_V = 0.2
"""Each standard resistor drops this at full scale (1287 manual p. 39, A)."""
POL_GAINS = (1.0, 0.01)
"""From the POL input to the cell, PI 0 and 1 (A; in galvanostat the drop on the standard resistor follows, C)."""
SMALLEST_LIMIT_A = 2e-6
"""Current limit of IL 0; each next one is ten times as large (three programs, A)."""
FIXED_TYPE = 2
"""With SY1 the loop has the bandwidth of this PB or GB, type C (C)."""
OPEN, CURRENT, VOLTAGE = range(3)
_LIMITED_STEP_S = 0.1
_CUT_OUT_STEP_S = 1e-3  # how finely the instant of a cut-out is found


def seen(leads: LeadSettings, between_ohm: complex, frequency_Hz: float) -> complex:
    """Get the impedance that is seen through the leads of one that is between them, ohm."""
    omega = 2j * pi * frequency_Hz
    across_S = leads.leakage_S + omega * leads.capacitance_F
    if across_S:
        between_ohm = between_ohm / (1.0 + between_ohm * across_S)
    return omega * leads.inductance_H + between_ohm if leads.inductance_H else between_ohm


def between(leads: LeadSettings, seen_ohm: complex, frequency_Hz: float) -> complex:
    """Get the impedance between the leads of one that is seen through them, ohm: the inverse of `seen`."""
    omega = 2j * pi * frequency_Hz
    inside_ohm = seen_ohm - omega * leads.inductance_H
    return inside_ohm / (1.0 - inside_ohm * (leads.leakage_S + omega * leads.capacitance_F))


class PowerStage:
    """Potentiostat and galvanostat, standard resistor, off-limit action, and the cell between the leads.

    `values` are the 1287's settings by code; a caller that changes one calls `update`.
    """

    # On the path of every message: of more than 30 attributes Python keeps a dictionary, which is slower.
    __slots__ = (
        "_by_resistance",
        "_cell_s",
        "_clips",
        "_closed",
        "_compliance_V",
        "_follows",
        "_is_near",
        "_is_steady",
        "_last_V",
        "_limit_A",
        "_memory",
        "_peak_A",
        "_series",
        "_sign_current",
        "_sign_voltage",
        "_value",
        "cell",
        "changes",
        "closed_s",
        "errors",
        "faults",
        "full_scale_V",
        "generator",
        "hears_pol",
        "index",
        "interface",
        "kind",
        "most_A",
        "opened_s",
        "ramp",
        "resistors_ohm",
        "rest_V",
        "settings",
        "surroundings",
        "time_s",
        "values",
    )

    def __init__(
        self,
        cell: Cell,
        generator: Generator,
        settings: BenchSettings,
        errors: Calibration,
        values: Mapping[str, float],
        interface: Interface | None = None,
        full_scale_V: float = FULL_SCALE_V,
    ) -> None:
        self.cell = cell
        self._is_steady = is_steady(cell)
        self.generator = generator
        self.interface = interface = interface or settings.interface
        self.full_scale_V = full_scale_V  # drop on a standard resistor at its full scale
        self.errors = errors
        self.values = values
        self.settings = settings
        self.time_s = 0.0
        self._cell_s = 0.0
        self._compliance_V = interface.compliance_V
        self.most_A = inf  # a limit of the current besides those of range and IL
        self.hears_pol = True  # whether anything is added from the POL input
        self.resistors_ohm = interface.resistors_ohm  # by RR, from 1, as they are called
        numbers = range(1, len(self.resistors_ohm) + 1)
        self._by_resistance = sorted(numbers, key=lambda n: -self.resistors_ohm[n - 1])
        self._closed = False
        self.closed_s: float | None = None  # when the relay last closed and opened, experiment time
        self.opened_s: float | None = None
        self.rest_V = 0.0  # dRE at the last switching on, for ON1
        self.index = 1  # the standard resistor in use, RR 1 to 8
        self.kind = OPEN
        self.changes: int = 0  # counts switching, for a stored world
        self.faults = Faults(self.update)
        self.surroundings: Surroundings | None = None  # None: nothing disturbs the meters
        self._value = 0.0  # what is held: cell current or cell voltage, in the cell's signs
        self.ramp: Ramp | None = None  # of a sweep: it takes the place of PV and PC
        self._follows = False  # whether the drive is followed at once: a held voltage, a moving level
        self._limit_A = 0.0
        self._series = SeriesResistor(cell)  # for IR compensation
        self._clips = False  # OL1: the current is held at the limit
        self._memory = AcMemory() if settings.ac_transient else None
        self._peak_A = 0.0  # of the AC through the cell
        self._last_V = 0.0  # on the cell, as last seen
        self._is_near = False  # whether that is near the compliance
        self._sign_current = self._sign_voltage = 1.0
        self.update()

    # switching

    @property
    def closed(self) -> bool:
        """Say whether the cell is connected now: a limit may have acted at a held voltage since anybody looked."""
        if self.kind == VOLTAGE:
            self.catch_up()
        return self._closed

    @closed.setter
    def closed(self, closed: bool) -> None:
        self._closed = closed

    def close(self) -> None:
        """Connect the cell (PW1); what PO, PV and PC say applies at once."""
        self.catch_up()
        if not self._closed:
            self.rest_V = self._sign_voltage * self.cell.voltage(0.0)
            self.closed_s = self.time_s
        self._closed = True
        self.changes += 1
        self.update()

    def open(self) -> None:
        """Go to standby (PW0, or the cut-out)."""
        self._open_at(self.time_s)

    def _open_at(self, time_s: float) -> None:
        if self.faults.welded:
            return
        if self._closed:
            self.opened_s = time_s
        self._closed = False
        self.changes += 1
        self.update()

    def update(self) -> None:
        """Work out the drive again from settings, generator and leads."""
        self._work_out_drive()
        if self._memory is not None:
            generator = self.generator
            phase_rad = generator.phase_rad(self.time_s)
            self._memory.change(self.time_s, phase_rad, self.kind, generator.frequency_Hz, self._ac_drive())

    def _work_out_drive(self) -> None:
        self.catch_up()
        if self.faults.cuts_out:
            self.faults.cuts_out = False
            self.open()
            return
        self._clips = self.values["OL"] == 1 and not self.faults.never_cuts_out
        swapped = -1.0 if self.faults.leads.swapped else 1.0
        self._sign_current = swapped if self.settings.positive_terminal == "ce_re1" else -swapped
        crossed = -1.0 if self.faults.leads.swapped_references else 1.0
        self._sign_voltage = crossed * self._sign_current * self.settings.dre_sign
        if not self._closed or self.faults.leads.loose_counter:
            self.kind, self._value, self._peak_A = OPEN, 0.0, 0.0
            self._follows = False
            self._choose_resistor(0.0)
            return
        self._drive(self.time_s)
        self._peak_A = sqrt(2.0) * abs(self.ac()[1]) if self.generator.amplitude_V else 0.0
        self._act_off_limit()

    def _drive(self, time_s: float) -> None:
        if self.values["PO"]:
            self._drive_current(self.level(time_s))
        else:
            self._drive_voltage(self.level(time_s))
        moves = self.ramp is not None and self.ramp.moves
        self._follows = moves or (self.kind == VOLTAGE and not self._is_steady)

    def level(self, time_s: float) -> float:
        """Get the DC that is set at `time_s`, V of dRE or A of the 1287, without what POL adds."""
        if self.ramp is not None:
            return self.ramp.at(time_s)
        if self.values["PO"]:
            return 0.0 if self.values["ON"] else self.values["PC"]
        return self.rest_V if self.values["ON"] else self.values["PV"]

    def _drive_current(self, level_A: float) -> None:
        self._choose_resistor(level_A)
        drop_V = self.interface.galvanostat_drop * self.pol_V
        wanted_A = level_A + drop_V / self.resistor_ohm
        i = self.index - 1
        actual_A = (
            wanted_A * (1.0 + self.errors.current_source_gain[i])
            + self.errors.current_source_offset[i] * self.full_scale_A
        ) / (1.0 + self.errors.resistor_error[i])
        self.kind, self._value = CURRENT, self._sign_current * actual_A
        self._see(self.cell.voltage(self._value))

    def _drive_voltage(self, level_V: float) -> None:
        wanted_V = level_V + self.pol_V
        actual_V = wanted_V * (1.0 + self.errors.voltage_source_gain) + self.errors.voltage_source_offset_V
        if self.faults.leads.loose_reference or self.faults.leads.swapped_references:
            # the loop hears nothing, or the opposite of what it does, and drives as hard as it can
            actual_V = self.compliance_V if wanted_V >= 0.0 else -self.compliance_V
        self.kind, self._value = VOLTAGE, self._sign_voltage * actual_V
        self._choose_resistor(0.0 if self.values["RR"] else self._voltage_drives_A())

    def _voltage_drives_A(self) -> float:
        """Get the current at the held voltage, with what IR compensation (CC1) adds to it.

        Too much of it is positive feedback without an end: the loop goes to the compliance.
        """
        if self.values["CC"] != 1:
            return self.cell.current(self._value)
        current_A = self._series.current_A(self._value, -self._compensated_ohm())
        if current_A is None:
            return self.cell.current(self.compliance_V if self._value >= 0.0 else -self.compliance_V)
        return current_A

    def _compensated_ohm(self) -> float:
        if self.values["CC"] != 1:
            return 0.0
        return self.interface.ohm_per_unit_of_compensation * self.values["IC"]

    def _choose_resistor(self, current_A: float) -> None:
        fixed = int(self.values["RR"])
        ratio = self.interface.off_limit_ratio
        if fixed:
            self.index = fixed
            self._limit_A = min(ratio * self.full_scale_V / self.resistors_ohm[fixed - 1], self.most_A)
            return
        fitting = (
            n for n in self._by_resistance if self.full_scale_V / self.resistors_ohm[n - 1] >= abs(current_A)
        )
        self.index = next(fitting, self._by_resistance[-1])
        self._limit_A = ratio * SMALLEST_LIMIT_A * 10.0 ** int(self.values["IL"])

    def _act_off_limit(self) -> None:
        if self.values["OL"] == 0 and self._is_off_limit():
            self.open()

    def _is_off_limit(self) -> bool:
        return not self.faults.never_cuts_out and abs(self._current_through()) + self._peak_A > self._limit_A

    # what the 1260 adds

    @property
    def pol_gain(self) -> float:
        """Get the gain from the POL input to the cell: 1 (PI0) or 0.01 (PI1), with its error."""
        if not self.hears_pol:
            return 0.0
        if self.faults.pol_gain is not None:
            return self.faults.pol_gain
        chosen = int(self.values["PI"])
        return POL_GAINS[chosen] * (1.0 + self.errors.pol_gain_error[chosen])

    @property
    def pol_V(self) -> float:
        """Get the DC that the POL input adds, V."""
        return 0.0 if self.faults.leads.loose_generator else self.pol_gain * self.generator.bias_V

    def ac(self) -> tuple[complex, complex]:
        """Get the AC on the cell as phasors of the generator's sine: dRE in V rms and current in A rms."""
        drive = self._ac_drive()
        if not drive:
            return 0j, 0j
        impedance_ohm = self._seen_ohm(self.generator.frequency_Hz)
        if self.kind == CURRENT:
            return drive * impedance_ohm * self._sign_current * self._sign_voltage, drive
        current = drive / (impedance_ohm - self._compensated_ohm())
        return current * impedance_ohm, current * self.settings.dre_sign

    def ac_over(self, window_s: float) -> tuple[complex, complex]:
        """Get the AC on the cell as `ac` does, as correlation over a window around now finds it."""
        ac_V, ac_A = self.ac()
        if self._memory is None or not ac_A:
            return ac_V, ac_A
        begin_s = self.time_s - 0.5 * window_s
        phase_rad = self.generator.phase_rad(begin_s)
        if self.kind == CURRENT:
            error_V = self._memory.error(begin_s, window_s, phase_rad, self._seen_ohm)
            return ac_V + error_V * self._sign_current * self._sign_voltage, ac_A
        compensated_ohm = self._compensated_ohm()

        def admittance_S(frequency_Hz: float) -> complex:
            return 1.0 / (self._seen_ohm(frequency_Hz) - compensated_ohm)

        error_A = self._memory.error(begin_s, window_s, phase_rad, admittance_S)
        return ac_V + error_A * compensated_ohm, ac_A + error_A * self.settings.dre_sign

    def settle_ac(self) -> None:
        """Let the response to the AC be steady, as it is on a bench that was left alone."""
        if self._memory is not None:
            self._memory.settle()

    def _ac_drive(self) -> complex:
        """Get the AC that is held, V rms in potentiostat, A rms in galvanostat, as a phasor of the sine."""
        amplitude_V = self.pol_gain * self.generator.amplitude_V
        if not amplitude_V or not self._closed or self.kind == OPEN or self.faults.leads.loose_generator:
            return 0j
        amplitude = amplitude_V / (1.0 + 1j * self.generator.frequency_Hz / self.loop_Hz)
        if self.kind != CURRENT:
            return amplitude
        return self._within_compliance(amplitude * self.interface.galvanostat_drop / self.true_ohm)

    def _within_compliance(self, drive_A: complex) -> complex:
        """Get what is left of an alternating current whose drop in the cell the compliance cuts off."""
        dropped_V = drive_A * self._seen_ohm(self.generator.frequency_Hz)
        left_V = clipped_fundamental(dropped_V, self._last_V, self.compliance_V)
        return drive_A if left_V == dropped_V else drive_A * left_V / dropped_V

    def _seen_ohm(self, frequency_Hz: float) -> complex:
        return seen(self.settings.leads, self.cell.impedance(frequency_Hz), frequency_Hz)

    @property
    def loop_Hz(self) -> float:
        """Get the closed-loop bandwidth in Hz that PB or GB chooses; SY1 fixes both to type C."""
        interface = self.interface
        fixed = bool(self.values["SY"])
        if self.values["PO"]:
            return interface.galvanostat_loop_Hz[FIXED_TYPE if fixed else int(self.values["GB"])]
        return interface.potentiostat_loop_Hz[FIXED_TYPE if fixed else int(self.values["PB"])]

    @property
    def resistor_ohm(self) -> float:
        """Get the standard resistor in use, ohm, by its name."""
        return self.resistors_ohm[self.index - 1]

    @property
    def true_ohm(self) -> float:
        """Get the standard resistor in use as it really is, ohm."""
        return self.resistor_ohm * (1.0 + self.errors.resistor_error[self.index - 1])

    @property
    def full_scale_A(self) -> float:
        """Get the full scale of the standard resistor in use, A."""
        return self.full_scale_V / self.resistors_ohm[self.index - 1]

    # time

    def advance(self, time_s: float) -> None:
        """Move on to `time_s`.

        A cell under a constant current follows when a client looks at it or changes the drive, and a steady one (see
        `cell_port`) at a held voltage as well. Any other held voltage, a ramp, or a voltage near the compliance, is
        followed at once.
        """
        if time_s <= self.time_s:
            return
        self.time_s = time_s
        if self._follows or self._is_near:
            self.catch_up()

    @property
    def compliance_V(self) -> float:
        """Get the largest voltage that can be put on the cell, V."""
        return self._compliance_V

    @compliance_V.setter
    def compliance_V(self, compliance_V: float) -> None:
        self._compliance_V = compliance_V
        self._see(self._last_V)

    def _see(self, voltage_V: float) -> None:
        """Take note of the cell's voltage (V): from half the compliance on it is near that."""
        self._last_V = voltage_V
        self._is_near = abs(voltage_V) > 0.5 * self._compliance_V

    def mount(self, cell: Cell) -> None:
        """Clamp another cell between the leads, switched as they are."""
        self.catch_up()
        self.cell = cell
        self._is_steady = is_steady(cell)
        self._series = SeriesResistor(cell)
        self._see(0.0)
        self.update()

    def at(self, time_s: float) -> None:
        """Begin at `time_s`, with the cell as it is."""
        self.time_s = self._cell_s = time_s

    @property
    def lag_s(self) -> float:
        """Get how far the cell is behind, s; the held current flows through it meanwhile."""
        return self.time_s - self._cell_s

    def settle(self) -> None:
        """Leave no cell behind but one under a constant current: `lag_s` of it and the current say how it goes on."""
        if self.kind == VOLTAGE:
            self.catch_up()

    def catch_up(self) -> None:
        """Bring the cell to the present with the drive that has held since it was last brought there."""
        dt_s = self.time_s - self._cell_s
        if dt_s <= 0.0:
            return
        begin_s, self._cell_s = self._cell_s, self.time_s
        if self.ramp is not None and self.ramp.moves and self.kind != OPEN:
            self._follow(self.ramp, begin_s, dt_s)
        elif self.kind == CURRENT:
            self._hold_current(dt_s)
        else:
            self._hold(dt_s)

    def _hold(self, dt_s: float) -> None:
        if self.kind == CURRENT:
            self._hold_current(dt_s)
        elif self.kind == VOLTAGE:
            self._hold_voltage(dt_s)
        else:
            self.cell.advance_current(dt_s, 0.0)

    def _follow(self, ramp: Ramp, begin_s: float, dt_s: float) -> None:
        """Go along a ramp in steps, each at the level of its middle: the charge of a current ramp is exact."""
        end_s, count = self.time_s, ramp.steps(dt_s, self.kind == VOLTAGE)
        for n in range(1, count + 1):
            self.time_s = self._cell_s = begin_s + n * dt_s / count
            if self.kind != OPEN:  # the cut-out may act on the way
                self._drive(begin_s + (n - 0.5) * dt_s / count)
                self._act_off_limit()
            self._hold(dt_s / count)
        self.time_s = self._cell_s = end_s
        if self.kind != OPEN:
            self._drive(end_s)

    def _hold_current(self, dt_s: float) -> None:
        value_A = self._clipped(self._value) if self._clips else self._value
        if self._is_near:  # else the voltage is not even asked for
            compliance_V = self._compliance_V
            self._see(self.cell.voltage(value_A))
            if abs(self._last_V) >= compliance_V:
                self.cell.advance_voltage(dt_s, compliance_V if self._last_V > 0.0 else -compliance_V)
                return
        self.cell.advance_current(dt_s, value_A)

    def _hold_voltage(self, dt_s: float) -> None:
        if self._clips:
            while dt_s > 0.0 and abs(current_A := self._voltage_drives_A()) > self._limit_A:
                step_s = min(dt_s, _LIMITED_STEP_S)
                self.cell.advance_current(step_s, self._clipped(current_A))
                dt_s -= step_s
        if dt_s > 0.0:
            self._hold_until_cut_out(dt_s)
        if not self.values["RR"] and self._closed:
            self._choose_resistor(self._voltage_drives_A())

    def _hold_until_cut_out(self, dt_s: float) -> None:
        """Hold the voltage for `dt_s`; a cut-out acts at its own instant, however late a client looks."""
        cell = self.cell
        before = cell.state()
        self._advance_voltage(dt_s)
        if self.values["OL"] != 0 or not self._is_off_limit():
            return
        inside_s, beyond_s = 0.0, dt_s
        while beyond_s - inside_s > _CUT_OUT_STEP_S:
            middle_s = 0.5 * (inside_s + beyond_s)
            cell.restore(before)
            self._advance_voltage(middle_s)
            if self._is_off_limit():
                beyond_s = middle_s
            else:
                inside_s = middle_s
        cell.restore(before)
        self._advance_voltage(beyond_s)
        cell.advance_current(dt_s - beyond_s, 0.0)
        self._open_at(self.time_s - (dt_s - beyond_s))

    def _advance_voltage(self, dt_s: float) -> None:
        if self.values["CC"] != 1:
            self.cell.advance_voltage(dt_s, self._value)
        elif not self._series.advance(dt_s, self._value, -self._compensated_ohm()):
            self.cell.advance_voltage(dt_s, self.compliance_V if self._value >= 0.0 else -self.compliance_V)

    # what flows now

    def _clipped(self, current_A: float) -> float:
        limit_A = self._limit_A
        if -limit_A <= current_A <= limit_A:
            return current_A
        return limit_A if current_A > 0.0 else -limit_A

    def _current_through(self) -> float:
        if self.kind == VOLTAGE:
            return self._voltage_drives_A()
        if self._is_near and self.kind == CURRENT:
            compliance_V = self._compliance_V
            voltage_V = self.cell.voltage(self._value)
            if abs(voltage_V) > compliance_V:
                return self.cell.current(compliance_V if voltage_V > 0.0 else -compliance_V)
        return self._value

    @property
    def held_current_A(self) -> float:
        """Get the current that a galvanostat holds, A in the cell's sign; 0 where none does."""
        if self.kind != CURRENT:
            return 0.0
        return self._clipped(self._value) if self._clips else self._value

    def cell_current_A(self) -> float:
        """Get the current through the cell now, A; positive charges it."""
        self.catch_up()
        current_A = self._current_through()
        return self._clipped(current_A) if self._clips else current_A

    def sample(self) -> tuple[float, float]:
        """Get dRE (V) and current (A) at this instant, in the 1287's signs and without its meters' errors."""
        current_A = self.cell_current_A()
        voltage_V = self.cell.voltage(current_A)
        self._see(voltage_V)
        if self.faults.leads.loose_reference:
            return self._loose_reference_V(), self._sign_current * current_A
        leaks_A = self.settings.leads.leakage_S * voltage_V if self.kind == VOLTAGE else 0.0
        return self._sign_voltage * voltage_V, self._sign_current * (current_A + leaks_A)

    def _loose_reference_V(self) -> float:
        """Get what a floating RE1 shows: nothing off, the whole compliance while something drives."""
        if self.kind == OPEN:
            return 0.0
        compliance_V = self.compliance_V
        return compliance_V if self._value * self._sign_current >= 0.0 else -compliance_V
