"""The 1260 without the 1287: its generator through the cell into its I input, V1 across the cell.

The generator's output is a voltage behind 50 ohm, also while it is off: a cell with an EMF is discharged
through it as soon as it is connected.
"""

from collections.abc import Callable, Mapping, Sequence

from solbench.simulators.electronics.cell_port import Cell
from solbench.simulators.electronics.generator import Generator
from solbench.simulators.electronics.power_stage import PowerStage, seen
from solbench.simulators.electronics.series_resistor import SeriesResistor
from solbench.simulators.electronics.settings import BenchSettings
from solbench.simulators.electronics.signals import V1, I, Signal
from solbench.simulators.electronics.surroundings import Surroundings
from solbench.simulators.electronics.transient import AcMemory


class OpenLeads:
    """What the 1287 finds where CE and WE lie on the table, and RE1 and RE2 sense `voltage_V` (V), or nothing."""

    charge_C = charged_C = discharged_C = 0.0

    def __init__(self, voltage_V: Callable[[], float] = float) -> None:
        self._voltage_V = voltage_V

    def advance_current(self, dt_s: float, current_A: float) -> None:
        """Do nothing."""

    def advance_voltage(self, dt_s: float, voltage_V: float) -> float:
        """Get no charge, C."""
        return 0.0

    def voltage(self, current_A: float) -> float:
        """Get what RE1 and RE2 sense, V."""
        return self._voltage_V()

    def current(self, voltage_V: float) -> float:
        """Get no current, A."""
        return 0.0

    def impedance(self, frequency_Hz: float) -> complex:
        """Get the impedance of nothing, ohm."""
        return complex(1e15)

    def state(self) -> tuple[float, ...]:
        """Get nothing: leads on a table do not change."""
        return ()

    def restore(self, state: Sequence[float]) -> None:
        """Do nothing."""


class Standalone:
    """The circuit of cell and 1260; the 1287's stage only goes along in time, and senses the cell.

    It offers what `PowerStage` offers to bus, truth and world.
    """

    held_current_A = 0.0  # the cell is followed at once, so nothing is left to be followed
    lag_s = 0.0

    def __init__(self, cell: Cell, stage: PowerStage, generator: Generator, settings: BenchSettings) -> None:
        self.cell = cell
        self.faults = stage.faults
        self.time_s = 0.0
        self.closed = False
        self.closed_s: float | None = None  # when current could last begin and cease to flow, experiment time
        self.opened_s: float | None = None
        self._stage = stage
        self._generator = generator
        self._settings = settings
        self._series = SeriesResistor(cell)
        self._sign = 1.0
        self._memory = AcMemory() if settings.ac_transient else None
        self.update()

    @property
    def changes(self) -> int:
        """Count what a stored world must know of."""
        return self._stage.changes

    def update(self) -> None:
        """Work out again what drives the cell, after a change of generator or leads."""
        swapped = -1.0 if self.faults.leads.swapped else 1.0
        self._sign = swapped if self._settings.positive_terminal == "ce_re1" else -swapped
        was_closed, self.closed = self.closed, self._is_closed()
        if self.closed and not was_closed:
            self.closed_s = self.time_s
        elif was_closed and not self.closed:
            self.opened_s = self.time_s
        if self._memory is not None:
            generator = self._generator
            phase_rad = generator.phase_rad(self.time_s)
            self._memory.change(
                self.time_s, phase_rad, generator.gives_current, generator.frequency_Hz, self._ac_drive()
            )

    def _is_closed(self) -> bool:
        if self.faults.leads.loose_counter or self.faults.leads.loose_generator:
            return False
        opens = self._generator.gives_current or self._settings.analyzer.output_open_after_break
        return self._generator.running or not opens

    @property
    def _series_ohm(self) -> float:
        return self._settings.analyzer.output_ohm + self._settings.analyzer.current_input_ohm

    def mount(self, cell: Cell) -> None:
        """Connect another cell."""
        self.cell = cell
        self._series = SeriesResistor(cell)
        self.update()

    @property
    def surroundings(self) -> Surroundings | None:
        """Get what disturbs the meters; None: nothing."""
        return self._stage.surroundings

    @surroundings.setter
    def surroundings(self, around: Surroundings | None) -> None:
        self._stage.surroundings = around

    # time

    def at(self, time_s: float) -> None:
        """Begin at `time_s`, with the cell as it is."""
        self.time_s = time_s
        self._stage.at(time_s)

    def advance(self, time_s: float) -> None:
        """Move on to `time_s` with what has driven the cell since the last move."""
        self._stage.advance(time_s)
        dt_s = time_s - self.time_s
        if dt_s <= 0.0:
            return
        self.time_s = time_s
        if not self.closed:
            self.cell.advance_current(dt_s, 0.0)
        elif self._generator.gives_current:
            self.cell.advance_current(dt_s, self._sign * self._generator.bias_A)
        else:
            self._series.advance(dt_s, self._sign * self._generator.bias_V, self._series_ohm)

    def catch_up(self) -> None:
        """Do nothing: the cell is never behind."""

    settle = catch_up

    # what flows now

    def cell_current_A(self) -> float:
        """Get the current through the cell now, A; positive charges it."""
        if not self.closed:
            return 0.0
        if self._generator.gives_current:
            return self._sign * self._generator.bias_A
        return self._series.current_A(self._sign * self._generator.bias_V, self._series_ohm) or 0.0

    def ac(self) -> tuple[complex, complex]:
        """Get the AC on the cell as phasors of the generator's sine: V rms and A rms."""
        drive = self._ac_drive()
        if not drive:
            return 0j, 0j
        impedance_ohm = self._seen_ohm(self._generator.frequency_Hz)
        current = drive if self._generator.gives_current else drive / (self._series_ohm + impedance_ohm)
        return current * impedance_ohm, current

    def ac_over(self, window_s: float) -> tuple[complex, complex]:
        """Get the AC on the cell as `ac` does, as correlation over a window around now finds it."""
        ac_V, ac_A = self.ac()
        if self._memory is None or not ac_A:
            return ac_V, ac_A
        begin_s = self.time_s - 0.5 * window_s
        phase_rad = self._generator.phase_rad(begin_s)
        if self._generator.gives_current:
            return ac_V + self._memory.error(begin_s, window_s, phase_rad, self._seen_ohm), ac_A
        series_ohm = self._series_ohm

        def admittance_S(frequency_Hz: float) -> complex:
            return 1.0 / (series_ohm + self._seen_ohm(frequency_Hz))

        error_A = self._memory.error(begin_s, window_s, phase_rad, admittance_S)
        return ac_V - error_A * series_ohm, ac_A + error_A

    def settle_ac(self) -> None:
        """Let the response to the AC be steady, as it is on a bench that was left alone."""
        if self._memory is not None:
            self._memory.settle()

    def _ac_drive(self) -> complex:
        """Get what the generator holds, V rms or A rms."""
        if not self.closed:
            return 0j
        return complex(
            self._generator.amplitude_A if self._generator.gives_current else self._generator.amplitude_V
        )

    def _seen_ohm(self, frequency_Hz: float) -> complex:
        return seen(self._settings.analyzer_leads, self.cell.impedance(frequency_Hz), frequency_Hz)

    def inputs(self, window_s: float = 0.0) -> Mapping[int, Signal]:
        """Get what lies at V1 and at I; positive current leaves the generator."""
        ac_V, ac_A = self.ac_over(window_s) if window_s else self.ac()
        current_A = self.cell_current_A()
        found = {I: Signal(ac_A, self._sign * current_A)}
        if not self.faults.leads.loose_reference:
            sign = -self._sign if self.faults.leads.swapped_references else self._sign
            swung_V = -ac_V if self.faults.leads.swapped_references else ac_V
            around = self.surroundings
            stray = around.on_voltage() if around is not None else None
            found[V1] = Signal(swung_V, sign * self.cell.voltage(current_A), stray)
        return {
            socket: signal for socket, signal in found.items() if socket not in self.faults.leads.loose_inputs
        }
