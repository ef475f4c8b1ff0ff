"""What is measured is held against what the record of the cell lets expect.

A record that is wrong, a cell that is another one, and a bench that is wired wrongly all look like a good measurement.
Each look here says what was expected, what was seen, and the likeliest causes. None is decided by one reading.
"""

from __future__ import annotations

import math
import typing
from collections import deque
from collections.abc import Sequence

from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.came_back import STEP_V, ChargeBack
from solbench.acquisition.engine.continuity import JUMP_TIMES
from solbench.acquisition.engine.set_points import InTurn
from solbench.acquisition.record.events import Alarm, Cause, Compared, ComparisonCode, Grade, Unit, in_words
from solbench.acquisition.record.progress import Progress
from solbench.drivers.roles import ImpedancePoint, Reading
from solbench.protocols import Build, Protocol
from solbench.protocols.cells import FULL, SYMMETRIC_KINDS
from solbench.protocols.errors import sentence
from solbench.protocols.limits import ExpectedResistance, electronic_ohm, expected_resistance

PASSED = 0.01  # of the capacity: once so much has flowed an interphase may have grown
NOTHING = 1e-4  # of the capacity: less leaves the electrodes as they were built
WHOLE = 0.1  # of the usual window: so near its end a cell counts as full
FLAT = 0.03  # of the modulus: the imaginary part where only the electrolyte answers
ELECTROLYTE_F_m2 = 2e-9 / 0.785e-4  # of its arcs at most; layers on electrodes have more
ARC_TIMES = 2.0  # so much more an arc seems to have whose first half is hidden by the leads' inductance
CAPACITIVE = 0.9  # of the modulus: an imaginary part as no arc of an electrolyte has behind another one
RESTED_S = 300.0  # a rest that ends by time tells the relaxed voltage only after so long
READINGS = 3  # of a rest, all of which must be beyond
SLACK = 0.005  # of the capacity: the charge of spectra, and of a zero that is slightly off
CHARGE_TRANSFER_OHM_M2 = (
    1e-2  # 100 ohm cm2: what both electrodes together may add before any charge has flowed
)
BLOCKING = ("dc", "pellet")  # the kinds between whose electrodes ions cannot pass
BLOCKING_ONE_WAY = (
    "hebb_wagner"  # one electrode lets no ions pass; far from the other's voltage holes may flow freely
)
ELECTRONS_V = 1.0  # against that electrode: up to here the electrolyte is the one of the record
PASSES = 3.0  # times the resistance to ions: a current of so little resistance is not blocked
FILLED = 0.2  # of the capacity: a full cell that took up so much is not empty any more
SHORTED = 0.1  # of what the current drops in the electrolyte
NOTED_TIMES = 1.5  # of what noise and slope explain: a smaller step is no remark
DOUBLE_LAYER_F_m2 = 1.0  # 100 uF/cm2: more than two smooth blocking electrodes in series have
BLOCKED = 0.2  # of the least reactance of such electrodes: less is none
SLOW_HZ = 10.0  # from here down arcs of electrodes that let ions pass are through, or nearly
SLOWEST_HZ = 0.01  # below, what leaks beside blocking electrodes hides them, and alloys take up charge
READABLE = 0.05  # of the modulus: a reactance that a spectrum shows for certain
SEEN_INDUCTIVE = 0.3  # of the real part: less may be a phase error of the instruments


class ComparedPoint(typing.Protocol):
    """A point of a spectrum, as far as it is compared: Hz, ohm, and the error digit of the analyzer (0: none)."""

    @property
    def frequency_Hz(self) -> float:
        """Get the frequency."""
        ...

    @property
    def impedance_ohm(self) -> complex:
        """Get the impedance."""
        ...

    @property
    def error(self) -> int:
        """Get the error digit."""
        ...


class Comparison:
    """Compares for one run; holds what must be remembered from one reading to the next, and nothing else.

    `capacity_C`: of the electrodes, None where they have none.
    """

    def __init__(self, protocol: Protocol, build: Build, progress: Progress) -> None:
        self._build = build
        self._progress = progress
        self.tolerances = build.tolerances.widened(protocol.tolerances)
        self._typed_K = protocol.conditions.temperature_K
        self._is_fresh = build.start_window_of(protocol.conditions.state_before)[0] == "fresh"
        self._begun_C = protocol.conditions.begun_C(build)
        self._resting: deque[float] = deque(maxlen=READINGS)
        self._is_doubted = self._is_full_doubted = False
        self._empty = InTurn(READINGS)
        self._expects(self._typed_K)
        capacity_C = build.capacity_C if build.kind == "full" and self._is_fresh else None
        self._filled_C = FILLED * capacity_C if capacity_C is not None else None
        self.capacity_C = build.theoretical_capacity_C  # once: every reading is compared with it
        self._filling = build.filling if self._is_fresh else 0
        self._back = ChargeBack(build, progress.turns, is_fresh=self._is_fresh)

    def _expects(self, temperature_K: float | None) -> None:
        self._at_K = temperature_K
        self._resistance = expected_resistance(self._build, temperature_K, self.tolerances)
        self._electronic = electronic_ohm(self._build, temperature_K, self.tolerances)

    def _warmed(self) -> None:
        """Expect what belongs to the temperature to which a person was asked to bring the cell."""
        asked_K = self._progress.asked_temperature_K
        if asked_K is not None and asked_K != self._at_K:
            self._expects(asked_K)

    @property
    def _expected(self) -> ExpectedResistance:
        """Get the electrolyte's resistance at the present temperature."""
        self._warmed()
        return self._resistance

    @property
    def _electronic_ohm(self) -> tuple[float, float] | None:
        """Get between which resistances to electrons the record lets expect at the present temperature, in ohm."""
        self._warmed()
        return self._electronic

    def spectrum(self, number: int, points: Sequence[ImpedancePoint]) -> Compared | None:
        """Compare the electrolyte's resistance in a spectrum; None where it agrees, or where nothing can be told."""
        if self._has_passed():
            return None
        found = electrolyte_ohm(points, self._build.area_m2)
        if found is None:
            return None
        seen, too_low, too_high = found
        expected = self._expected
        too_high = (
            too_high
            and expected.is_whole
            and max(point.frequency_Hz for point in points) >= expected.highest_Hz
        )
        beyond = [
            grade
            for grade, (low, high) in (("stop", expected.stop_ohm), ("doubt", expected.doubt_ohm))
            if (seen < low and too_low) or (seen > high and too_high)
        ]
        if not beyond:
            return None
        grade: Grade = "stop" if beyond[0] == "stop" else "doubt"
        causes: tuple[Cause, ...] = ("area", "thickness", "other_cell", "temperature")
        more: Cause = "short_circuit" if seen < expected.ohm else "contact"
        low, high = expected.stop_ohm if grade == "stop" else expected.doubt_ohm
        return self._compared(
            "electrolyte_resistance", grade, seen, low, high, "ohm", (more, *causes), number
        )

    def electrodes(self, number: int, points: Sequence[ImpedancePoint]) -> Compared | None:
        """Compare the end of a spectrum with that of electrodes which block ions, or which let them pass."""
        sound = sorted((one for one in points if one.error == 0), key=lambda one: one.frequency_Hz)
        if len(sound) < READINGS:
            return None
        if self._build.kind in SYMMETRIC_KINDS:
            return self._passing(number, sound)
        lowest = sound[0]
        seen, modulus_ohm = -lowest.impedance_ohm.imag, abs(lowest.impedance_ohm)
        reactance_ohm = self._blocked_ohm(lowest.frequency_Hz)
        is_readable = reactance_ohm >= READABLE * modulus_ohm
        if self._build.kind not in BLOCKING or not is_readable or seen >= reactance_ohm:
            return None
        causes: tuple[Cause, ...] = ("other_build", "short_circuit", "not_fresh")
        return self._compared(
            "electrodes_not_blocking", "doubt", seen, reactance_ohm, None, "ohm", causes, number
        )

    def _blocked_ohm(self, frequency_Hz: float) -> float:
        """Return the reactance (ohm) below which electrodes do not block ions."""
        return BLOCKED / (2.0 * math.pi * frequency_Hz * DOUBLE_LAYER_F_m2 * self._build.area_m2)

    def _passing(self, number: int, sound: Sequence[ImpedancePoint]) -> Compared | None:
        """Compare with electrodes that let ions pass; `sound` from the lowest frequency up.

        What takes up charge looks like a capacitor, too, but like a far larger one than a double layer; an alloy that
        was emptied looks like a double layer.
        """
        slow = next((point for point in sound if point.frequency_Hz >= SLOWEST_HZ), sound[-1])
        seen, high = -slow.impedance_ohm.imag, CAPACITIVE * abs(slow.impedance_ohm)
        is_blocked = seen > high and seen >= self._blocked_ohm(slow.frequency_Hz)
        if slow.frequency_Hz > SLOW_HZ or not is_blocked or self._has_passed():
            return None
        causes: tuple[Cause, ...] = ("other_build", "contact", "lead_off")
        return self._compared("electrodes_blocking", "doubt", seen, None, high, "ohm", causes, number)

    def leads(self, number: int, points: Sequence[ImpedancePoint]) -> Compared | None:
        """Compare what the leads add to the first frequencies of a spectrum, where it is seen beside the cell.

        Only points that can be trusted are looked at: a current that the bench shows late looks inductive, too.
        """
        sound = (one for one in points if one.error == 0 and one.trusted)
        top = sorted(sound, key=lambda one: -one.frequency_Hz)[:READINGS]
        if len(top) < READINGS:
            return None
        inductances = [one.impedance_ohm.imag / (2.0 * math.pi * one.frequency_Hz) for one in top]
        highest, allowed_H = top[0], self.tolerances.lead_inductance.value
        seen, high = highest.impedance_ohm.imag, 2.0 * math.pi * highest.frequency_Hz * allowed_H
        if min(inductances) <= allowed_H or seen < SEEN_INDUCTIVE * abs(highest.impedance_ohm.real):
            return None
        causes: tuple[Cause, ...] = ("long_leads", "contact")
        return self._compared("leads_inductive", "doubt", seen, None, high, "ohm", causes, number)

    def stepped(self, before: Reading, connected: Reading, driven: Reading) -> Compared | None:
        """Compare the resistance that the first reading (itself confirmed by others) with a current shows.

        Electrodes and what grows on them only add to the electrolyte's. So one that is too low is told whenever a
        current is set, and once; one that is too high only between electrodes that are known and have done nothing
        yet, or where a filled cell is emptied.
        """
        current_A, expected = driven.current_A, self._expected
        if current_A == 0.0:
            return None
        passed_s = max(connected.time_s - before.time_s, 1e-3)
        drift_V_s = (connected.voltage_V - before.voltage_V) / passed_s
        still_V = connected.voltage_V + drift_V_s * (driven.time_s - connected.time_s)
        found = [(driven.voltage_V - rest_V) / current_A for rest_V in (connected.voltage_V, still_V)]
        unsure_ohm = STEP_V / abs(current_A)
        if (
            max(found) < -unsure_ohm
        ):  # the wrong way: the check of the direction tells it, and names the leads
            return None
        is_high_told = self._build.kind == "symmetric" and not self._has_passed(NOTHING)
        more_ohm = CHARGE_TRANSFER_OHM_M2 / self._build.area_m2 if is_high_told else math.inf
        grades: tuple[tuple[Grade, tuple[float, float]], ...] = (
            ("stop", expected.stop_ohm),
            ("doubt", expected.doubt_ohm),
        )
        for grade, (low, alone) in grades:
            high = alone + more_ohm
            is_low, is_high = max(found) < low - unsure_ohm, min(found) > high + unsure_ohm
            if not (is_low or is_high) or (grade == "doubt" and self._is_doubted):
                continue
            self._is_doubted = True
            causes: tuple[Cause, ...] = (
                ("short_circuit", "area", "thickness", "other_cell", "other_build", "temperature")
                if is_low
                else ("contact", "area", "thickness", "other_cell", "temperature")
            )
            bound = high if is_high_told else None
            return self._compared("electrolyte_resistance", grade, found[0], low, bound, "ohm", causes)
        return self._grown(min(found) - unsure_ohm, current_A)

    def _grown(self, dropped_ohm: float, current_A: float) -> Compared | None:
        """Compare what a current out of a filled cell drops; empty tin alone may resist more than all the rest."""
        charge_C, capacity_C, filling = self._progress.ledger.charge_C, self._build.capacity_C, self._filling
        if filling * current_A >= 0.0 or capacity_C is None or filling * charge_C < FILLED * capacity_C:
            return None
        allowed_ohm = self.tolerances.resistance_grown.value * self._expected.ohm
        allowed_ohm += CHARGE_TRANSFER_OHM_M2 / self._build.area_m2
        grown_ohm = dropped_ohm - self._expected.ohm
        if grown_ohm <= allowed_ohm:
            return None
        causes: tuple[Cause, ...] = ("contact", "interphase")
        return self._compared("resistance_grown", "doubt", grown_ohm, None, allowed_ohm, "ohm", causes)

    def polarized(self, voltage_V: float, current_A: float, *, is_over: bool) -> Compared | None:
        """Compare the resistance that a polarization shows: to electrons, where it `is_over`.

        Before, it must be more than that of the ions, which no blocking electrode lets pass. Electrodes of sodium do.
        """
        is_one_way = self._build.kind == BLOCKING_ONE_WAY and abs(voltage_V) <= ELECTRONS_V
        if not (is_one_way or self._build.kind in BLOCKING) or current_A * voltage_V <= 0.0:
            return None
        seen = voltage_V / current_A
        not_blocked_ohm = PASSES * self._expected.ohm
        if seen < not_blocked_ohm:
            passes: tuple[Cause, ...] = ("short_circuit", "other_build", "not_fresh")
            return self._compared("electronic_resistance", "stop", seen, not_blocked_ohm, None, "ohm", passes)
        low, high = self._electronic_ohm or (0.0, math.inf)
        if not is_over or low <= seen <= high:
            return None
        causes: tuple[Cause, ...] = ("area", "thickness", "other_cell", "other_build")
        more: Cause = "short_circuit" if seen < low else "contact"
        return self._compared("electronic_resistance", "doubt", seen, low, high, "ohm", (more, *causes))

    def stays_empty(self, charge_C: float, reading: Reading) -> Compared | None:
        """Compare the voltage of a full cell that has taken up charge with that of one that has not."""
        least_C = self._filled_C
        if least_C is None or charge_C < least_C:
            return None
        window_V = self._build.usual_window_V
        if window_V is None:
            return None
        filled_C = self._progress.turns.one_way_C(charge_C)
        is_empty = reading.current_A > 0.0 and filled_C >= least_C and reading.voltage_V < window_V[0]
        if not self._empty.add(wrong=is_empty):
            return None
        causes: tuple[Cause, ...] = ("short_circuit", "other_build", "side_reaction")
        return self._compared("no_voltage", "stop", reading.voltage_V, window_V[0], None, "V", causes)

    def first_charge(self, began_C: float, ended_C: float, ended_V: float) -> Compared | None:
        """Compare the charge of a step that a voltage (V) ended, where it is the first that fills a fresh full cell.

        `began_C`, `ended_C`: the net charge of the run before and after it.
        """
        capacity_C, window_V, turns = self._build.capacity_C, self._build.usual_window_V, self._progress.turns
        took_C = ended_C - began_C
        if self._build.kind != "full" or not self._is_fresh or capacity_C is None or window_V is None:
            return None
        low_V, high_V = window_V
        is_whole = took_C > 0.0 and ended_V >= high_V - WHOLE * (high_V - low_V)
        if not is_whole or max(abs(began_C), -turns.lowest_C) > PASSED * capacity_C:
            return None
        least, most = self.tolerances.first_charge
        low, high = least.value * capacity_C, most.value * capacity_C
        if low <= took_C <= high:
            return None
        causes: tuple[Cause, ...] = ("electrode_mass", "area", "not_fresh", "other_build", "contact")
        return self._compared("first_charge", "doubt", took_C, low, high, "C", causes)

    def efficiency(self, current_A: float, ended_C: float, ended_V: float | None) -> Compared | None:
        """Compare what has come back, by the end of a current (A) at a voltage (V), with what went in before.

        `ended_C`: the net charge of the run (C) at its end. Either way may have been interrupted, for a spectrum, a
        pulse or a change of its current. A current that is faster leaves more behind, one that ends before the cell
        is empty as well, and more can come back than went in only where the cell was not as empty before.
        """
        back = self._back.ended(current_A, ended_C, ended_V, abs(current_A) * self._expected.ohm)
        if back is None:
            return None
        low, high = (each.value for each in self.tolerances.efficiency)
        causes: tuple[Cause, ...]
        if back.share < low and back.tells_loss:
            causes = ("short_circuit", "side_reaction", "contact", "other_cell")
        elif back.share > high and back.tells_excess:
            causes = ("not_fresh", "short_circuit", "side_reaction", "leads_exchanged")
        else:
            return None
        self._back.told()
        return self._compared("efficiency", "doubt", back.share, low, high, "", causes)

    def charge(self, charge_C: float) -> Compared | None:
        """Compare the net charge (C) of the run with what the electrodes can take up and give back."""
        capacity_C, turns = self.capacity_C, self._progress.turns
        if capacity_C is None:
            return None
        one_way_C, most_C = self._one_way_C(charge_C), self.tolerances.charge.value * capacity_C
        if one_way_C > most_C:
            causes: tuple[Cause, ...] = ("tin_mass", "short_circuit", "side_reaction", "leads_exchanged")
            return self._compared("charge_beyond_electrodes", "stop", one_way_C, None, most_C, "C", causes)
        filling = self._filling
        inside_C = filling * charge_C
        if inside_C >= 0.0:
            return None
        ever_C = max(turns.highest_C if filling > 0 else -turns.lowest_C, 0.0)
        over_C = (self.tolerances.returned.value - 1.0) * ever_C + SLACK * capacity_C
        if inside_C < -over_C:
            came: tuple[Cause, ...] = ("not_fresh", "leads_exchanged", "short_circuit", "side_reaction")
            return self._compared("charge_returned", "stop", -inside_C, None, over_C, "C", came)
        return None

    def rests(self, reading: Reading | None) -> None:
        """Remember a reading of a cell at rest; None where the rest begins."""
        if reading is None:
            self._resting.clear()
        else:
            self._resting.append(reading.voltage_V)

    def rested(self, *, steady: bool, lasted_s: float) -> Compared | None:
        """Compare the voltage of a cell that has rested for a time (s)."""
        plating = self.tolerances.plating
        if not (steady or lasted_s >= RESTED_S) or len(self._resting) < READINGS:
            return None
        highest_V = max(self._resting)
        if plating is not None and highest_V < plating.value:
            causes: tuple[Cause, ...] = (
                "tin_mass",
                "area",
                "leads_exchanged",
                "side_reaction",
                "other_build",
            )
            return self._compared("sodium_plated", "stop", highest_V, plating.value, None, "V", causes)
        return self._rests_full(min(self._resting), highest_V)

    def _rests_full(self, lowest_V: float, highest_V: float) -> Compared | None:
        """Compare the voltages (V) at which a half cell rests when its electrode is full; once.

        Above its window the electrode is not full, or the voltage is against another electrode than the record says.
        So it is below, unless sodium is plated, which `plating` tells before.
        """
        capacity_C, window_V, ledger = self.capacity_C, self._build.sodiated_window_V, self._progress.ledger
        if capacity_C is None or window_V is None or self._build.kind != "half" or self._is_full_doubted:
            return None
        is_filling = self._progress.turns.direction == self._build.filling  # the half-cycle that was the last
        is_full = is_filling and self._one_way_C(ledger.charge_C) >= FULL * capacity_C
        is_above, is_below = lowest_V > window_V[1], highest_V < window_V[0]
        if not is_full or not (is_above or is_below):
            return None
        self._is_full_doubted = True
        causes: tuple[Cause, ...] = ("counter_electrode", "tin_mass", "side_reaction", "short_circuit")
        seen_V = lowest_V if is_above else highest_V
        return self._compared("rest_when_full", "doubt", seen_V, *window_V, "V", causes)

    def _one_way_C(self, charge_C: float) -> float:
        """Return what has flowed since the current last turned (C), with what of that had begun before the run."""
        one_way_C = self._progress.turns.one_way_C(charge_C)
        if self._begun_C and not self._progress.turns.turned_C and charge_C * self._build.filling > 0.0:
            one_way_C += self._begun_C
        return one_way_C

    def jump(self, before_V: float, found: Reading, explained_V: float) -> Compared | None:
        """Compare a change of a driven cell's voltage that several readings confirm and no switching explains.

        `explained_V` is what noise and slope explain. A small one is a remark unless it leaves a short circuit.
        """
        moved_V = abs(found.voltage_V - before_V)
        dropped_V = SHORTED * abs(found.current_A) * self._expected.ohm
        limit_V = self.tolerances.jump.value + JUMP_TIMES * explained_V
        noted_V = self.tolerances.jump_noted.value + NOTED_TIMES * explained_V
        if moved_V <= noted_V:
            return None
        if abs(found.voltage_V) < dropped_V:
            causes: tuple[Cause, ...] = ("short_circuit", "lead_off")
            return self._compared("short_circuit", "stop", abs(found.voltage_V), dropped_V, None, "V", causes)
        grade: Grade = "stop" if moved_V > limit_V else "doubt"
        wanted_V = limit_V if grade == "stop" else noted_V
        changed: tuple[Cause, ...] = ("contact", "short_circuit", "lead_off")
        return self._compared("voltage_jumped", grade, moved_V, None, wanted_V, "V", changed)

    def _has_passed(self, share: float = PASSED) -> bool:
        capacity_C, turns = self._build.capacity_C, self._progress.turns
        return capacity_C is not None and turns.highest_C - turns.lowest_C > share * capacity_C

    def _compared(
        self,
        code: ComparisonCode,
        grade: Grade,
        seen: float,
        low: float | None,
        high: float | None,
        unit: Unit,
        causes: tuple[Cause, ...],
        spectrum: int | None = None,
    ) -> Compared:
        if grade == "stop" and code in self._progress.accepted:
            grade = "doubt"
        return Compared(
            code=code,
            grade=grade,
            seen=seen,
            low=low,
            high=high,
            unit=unit,
            causes=causes,
            spectrum=spectrum,
        )


def electrolyte_ohm(points: Sequence[ComparedPoint], area_m2: float) -> tuple[float, bool, bool] | None:
    """Return the resistance (ohm) of the electrolyte in a spectrum, and whether it can be too low, and too high.

    It is the real part between the arcs of the electrolyte and those of the electrodes, where the phase is smallest
    before a double layer shows. At the upper edge of the spectrum the resistance may be smaller than seen, at the
    lower edge larger where an arc of the electrolyte may go on. `area_m2`: of the cell, by which such an arc is known.
    None with too few points, or where nothing but a capacitance is seen.
    """
    sound = sorted((point for point in points if point.error == 0), key=lambda point: -point.frequency_Hz)
    if len(sound) < READINGS:
        return None
    if not _is_through(sound, area_m2):
        return sound[-1].impedance_ohm.real, False, True
    phases = [abs(point.impedance_ohm.imag) / abs(point.impedance_ohm) for point in sound]
    valleys: list[int] = []
    for number, phase in enumerate(phases):
        is_slope = phase > CAPACITIVE and (number > 0 or sound[0].impedance_ohm.imag > 0.0)  # of any arc
        if is_slope or phase > min(phases[max(number - 1, 0) : number + 2]):
            continue
        if valleys and _is_of_electrolyte(sound[valleys[-1] : number + 1], area_m2):
            valleys.clear()  # on the electrolyte's own arc the leads' inductance cancels its reactance
        elif valleys and max(phases[valleys[-1] : number]) > CAPACITIVE:
            break  # what is flat behind a double layer is an electrode
        valleys.append(number)
    flat = min((phases[number] for number in valleys), default=0.0) + FLAT
    for number in valleys:
        if phases[number] <= flat:
            return sound[number].impedance_ohm.real, True, number != 0
    return None


def _is_through(sound: Sequence[ComparedPoint], area_m2: float) -> bool:
    """Say whether the electrolyte's own arc, which had more reactance, is over at the lowest frequency, the last.

    The inductance of the leads, which may hide some of it, is seen at the highest ones.
    """
    angular_Hz = 2.0 * math.pi * sound[-1].frequency_Hz
    most_H = max(point.impedance_ohm.imag / (2.0 * math.pi * point.frequency_Hz) for point in sound)
    hidden_ohm = angular_Hz * max(most_H, 0.0)
    least_ohm = 0.5 / (angular_Hz * ARC_TIMES * ELECTROLYTE_F_m2 * area_m2)
    return hidden_ohm - sound[-1].impedance_ohm.imag < least_ohm


def _is_of_electrolyte(arc: Sequence[ComparedPoint], area_m2: float) -> bool:
    """Say whether the arc between two valleys, the higher frequency first, is one of the electrolyte itself.

    Its capacitance is told by the frequency at which the real part has risen by half, of which the leads' inductance
    changes nothing: the imaginary part is zero wherever they resonate with the electrolyte.
    """
    first_ohm, end_ohm = arc[0].impedance_ohm.real, arc[-1].impedance_ohm.real
    middle_ohm = 0.5 * (first_ohm + end_ohm)
    if end_ohm <= first_ohm or min(point.impedance_ohm.imag for point in arc) >= 0.0:
        return False
    number = max(number for number, point in enumerate(arc) if point.impedance_ohm.real < middle_ohm)
    above, below = arc[number], arc[number + 1]
    share = (middle_ohm - above.impedance_ohm.real) / (below.impedance_ohm.real - above.impedance_ohm.real)
    half_Hz = math.pow(above.frequency_Hz, 1.0 - share) * math.pow(below.frequency_Hz, share)
    seen_F = 1.0 / (2.0 * math.pi * half_Hz * (end_ohm - first_ohm))
    return seen_F < ARC_TIMES * ELECTROLYTE_F_m2 * area_m2


def attention(compared: Compared) -> AttentionNeeded:
    """Return what to raise where a comparison says that the run must not go on by itself."""
    parameters = {
        "seen": compared.seen,
        "low": compared.low,
        "high": compared.high,
        "causes": " ".join(compared.causes),
    }
    text = f"{sentence(in_words(compared))} Correct the cell or its record; 'tolerances' in the protocol allow more"
    alarm = Alarm(text=text, code=compared.code, parameters=parameters)
    return AttentionNeeded(alarm, compared)
