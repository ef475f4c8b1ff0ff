"""The 1287's V OUT and I OUT sockets, which the 1260 listens to on V1 and V2."""

from cmath import exp
from collections.abc import Mapping
from math import hypot, pi, sqrt

from solbench.simulators.electronics.clipping import clipped_fundamental
from solbench.simulators.electronics.power_stage import PowerStage
from solbench.simulators.electronics.settings import Interface
from solbench.simulators.electronics.signals import V1, V2, Signal
from solbench.simulators.electronics.surroundings import NOISE_WINDOW_S, Disturbance

_REAL_PART = 2  # CC
OUTPUT_GAINS = (1.0, 10.0)
"""Of V OUT (VX 0 and 1) and I OUT (IX 0 and 1) (three programs, A)."""


def current_lag(settings: Interface, resistor: int, frequency_Hz: float) -> complex:
    """Get what the I OUT path makes of an alternating current through a standard resistor (RR 1 to 8), as a factor."""
    i = resistor - 1
    late = 1.0 / (1.0 + 1j * frequency_Hz / settings.resistor_pole_Hz[i])
    if not settings.lag_s[i]:
        return late
    turn = 2j * pi * frequency_Hz * settings.lag_s[i]
    return late * exp(-turn) if settings.lag_shape == "delay" else late / (1.0 + turn)


class RearOutputs:
    """What leaves V OUT and I OUT: gains (VX, IX), bias rejection (BR), filter (FI), bandwidth of the range.

    `bias_V` and `bias_A` are what bias rejection subtracts.
    """

    def __init__(self, stage: PowerStage, settings: Interface) -> None:
        self._stage = stage
        self._settings = settings
        self.bias_V = 0.0
        self.bias_A = 0.0

    def inputs(self, window_s: float = 0.0) -> Mapping[int, Signal]:
        """Get what the 1260 hears at this instant: V OUT on V1, I OUT on V2.

        With `window_s` the AC is what correlation over such a window around this instant finds.
        """
        dc_V, dc_A = self._stage.sample()
        ac_V, ac_A = self._stage.ac_over(window_s) if window_s else self._stage.ac()
        if self._stage.faults.leads.loose_reference:
            ac_V = 0j
        if self._stage.values["CC"] == _REAL_PART:
            corrected_ohm = self._stage.values["RP"]
            ac_V, dc_V = ac_V - corrected_ohm * ac_A, dc_V - corrected_ohm * dc_A
        outputs = {V1: self._v_out(ac_V, dc_V), V2: self._i_out(ac_A, dc_A)}
        return {
            socket: signal
            for socket, signal in outputs.items()
            if socket not in self._stage.faults.leads.loose_inputs
        }

    def _v_out(self, ac_V: complex, dc_V: float) -> Signal:
        values, settings = self._stage.values, self._settings
        chosen = int(values["VX"])
        error = self._stage.errors.v_out_gain_error[chosen]
        gain = settings.v_out_polarity * OUTPUT_GAINS[chosen] * (1.0 + error)
        ac = ac_V * self._loop_error() * self._filter(settings.filter_pole_Hz[0])
        around = self._stage.surroundings
        stray = around.on_voltage(gain) if around is not None else None
        return Signal(gain * ac, gain * (dc_V - self._rejected(self.bias_V)), stray)

    def _i_out(self, ac_A: complex, dc_A: float) -> Signal:
        values, settings, stage = self._stage.values, self._settings, self._stage
        chosen = int(values["IX"])
        amplified = OUTPUT_GAINS[chosen] * (1.0 + stage.errors.i_out_gain_error[chosen])
        gain = settings.i_out_polarity * amplified * stage.true_ohm
        ac_A = clipped_fundamental(ac_A, dc_A, settings.off_limit_ratio * stage.full_scale_A)
        lag = current_lag(settings, stage.index, stage.generator.frequency_Hz)
        ac = ac_A * lag * self._filter(settings.filter_pole_Hz[1])
        around = self._stage.surroundings
        stray = around.on_current(gain) if around is not None else None
        if noise_V := settings.output_noise_V * stage.settings.noise_scale:
            own = amplified * noise_V / sqrt(NOISE_WINDOW_S)
            hum, hum_Hz, noise = stray or Disturbance(0.0, 0.0, 0.0)
            stray = Disturbance(hum, hum_Hz, hypot(noise, own))
        return Signal(gain * ac, gain * (dc_A - self._rejected(self.bias_A)), stray)

    def _rejected(self, bias: float) -> float:
        return bias if self._stage.values["BR"] else 0.0

    def _loop_error(self) -> complex:
        stage = self._stage
        return 1.0 + 1j * self._settings.loop_error * stage.generator.frequency_Hz / stage.loop_Hz

    def _filter(self, pole_Hz: float) -> complex:
        if not self._stage.values["FI"]:
            return 1.0 + 0j
        return 1.0 / (1.0 + 1j * self._stage.generator.frequency_Hz / pole_Hz)
