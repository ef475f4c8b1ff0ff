"""What the 1287 makes of its readings: the parameters that PX and PY choose, null, and averages."""

from solbench.simulators.electronics.power_stage import PowerStage
from solbench.simulators.electronics.rear_outputs import RearOutputs
from solbench.simulators.electronics.settings import Settings1287
from solbench.simulators.electronics.voltmeter import Reading

_IN_FULL_STANDBY = (0, 9, 10)
"""PX and PY that full standby can measure: CE, POL, sum-POL (1287 manual p. 91, A)."""
_VOLTAGES, _CURRENTS, _LESS_BIAS = (3, 4), (5, 6), (4, 6)
"""PX and PY that are dRE and I, and those with what bias rejection takes off them (1287 manual p. 91, A)."""
_EVALUATE = 2
"""NU that takes a new null (A)."""
_REAL_PART = 2
"""CC of real-part correction (A)."""


class Parameters:
    """The newest reading and the one before it, the null, and the mean since averaging was switched on."""

    def __init__(self, stage: PowerStage, outputs: RearOutputs, settings: Settings1287) -> None:
        self._stage = stage
        self._outputs = outputs
        self._settings = settings
        self._reading = self._before = Reading(0.0, 0.0, 0, 0)
        self.null = (0.0, 0.0)
        self._mean: tuple[int, float, float] = (0, 0.0, 0.0)

    def take(self, reading: Reading) -> None:
        """Take a new reading over."""
        self._before = self._reading
        self._reading = reading
        if self._stage.values["NU"] == _EVALUATE:
            self.null = (reading.voltage_V, reading.current_A)

    def begin_mean(self) -> None:
        """Forget what was averaged."""
        self._mean = (0, 0.0, 0.0)

    def averaged(self, first: float, second: float) -> tuple[float, float]:
        """Get the means of two parameters, this reading included."""
        count, sum_1, sum_2 = self._mean
        self._mean = (count + 1, sum_1 + first, sum_2 + second)
        return self._mean[1] / self._mean[0], self._mean[2] / self._mean[0]

    def value(self, code: int) -> tuple[float, int]:
        """Get the value (V, A, ohm or S) and the error of a PX or PY code."""
        values, reading = self._stage.values, self._reading
        if not (values["BY"] or self._stage.closed) and code not in _IN_FULL_STANDBY:
            return 0.0, self._settings.full_standby_code
        if code in _VOLTAGES:
            value, error = reading.voltage_V, reading.voltage_error
            if values["CC"] == _REAL_PART and self._settings.real_part_in_readings:
                value -= reading.current_A * values["RP"]
        elif code in _CURRENTS:
            value, error = reading.current_A, reading.current_error
        else:
            return self._rare(code), reading.voltage_error
        if values["NU"]:
            value -= self.null[code in _CURRENTS]
        if values["BR"] and code in _LESS_BIAS:
            value -= self._outputs.bias_A if code in _CURRENTS else self._outputs.bias_V
        return value, error

    def _rare(self, code: int) -> float:
        """Get CE, RE1, RE2, the slopes, POL, sum-POL and the free input; potentials are against ground.

        The current leaves WE through the standard resistor to ground, so RE2 sits at I x Rs.
        """
        reading, before, stage = self._reading, self._before, self._stage
        change_V = reading.voltage_V - before.voltage_V
        change_A = reading.current_A - before.current_A
        drop_V = reading.current_A * stage.resistor_ohm
        values: dict[int, float] = {
            0: drop_V + reading.voltage_V,
            1: drop_V + reading.voltage_V,
            2: drop_V,
            7: change_V / change_A if change_A else 0.0,
            8: change_A / change_V if change_V else 0.0,
            9: stage.generator.bias_V,
            10: stage.pol_V + (0.0 if stage.values["PO"] else stage.level(stage.time_s)),
            11: self._settings.dvm_input_V,
        }
        return values[code]
