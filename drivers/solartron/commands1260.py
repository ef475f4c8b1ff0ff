"""The commands of the 1260 as attributes, one line each.

Source of codes and ranges: Solartron 1260 operating manual, pages 136 to 146, and programs that run the
instrument; where a port or channel is addressed its number is part of the code. AC amplitudes are rms.
"""

from __future__ import annotations

from solbench.drivers.links.commands import (
    Float,
    Instrument,
    Integer,
    IntegerPair,
    Text,
    control,
    measurement,
    setting,
)


class Commands1260(Instrument):
    """Command table of the 1260; the driver is built on it."""

    # generator
    generator_type = control(
        "GT", Integer(0, 1), "Control the generator: 0 voltage, 1 current (index, 0 to 1)."
    )
    frequency_Hz = control(
        "FR",
        Float(1e-5, 32e6, "Hz", decimals=7, signed=False),
        "Control the frequency of generator and analyzer (Hz, 1e-05 to 3.2e+07).",
    )
    amplitude_V = control(
        "VA", Float(0.0, 3.0, "V", signed=False), "Control the AC amplitude, rms (V, 0 to 3)."
    )
    bias_V = control("VB", Float(-40.95, 40.95, "V"), "Control the DC bias (V, -40.95 to 40.95).")
    monitor = control("ME", Integer(0, 9), "Control the amplitude monitor, 0 is off (index, 0 to 9).")
    # analyzer
    integration_s = control(
        "IS", Float(0.01, 1e5, "s", signed=False), "Control the integration time (s, 0.01 to 100000)."
    )
    delay_s = control(
        "MS", Float(0.0, 1e5, "s", signed=False), "Control the wait before the integration (s, 0 to 100000)."
    )
    auto_integration = control("AU", Integer(0, 9), "Control auto integration, 0 is off (index, 0 to 9).")
    input_range_1 = setting(
        "RA1,", Integer(0, 3), "Set the range of V1: 0 auto, 1 30 mV, 2 300 mV, 3 3 V rms (index, 0 to 3)."
    )
    input_range_2 = setting(
        "RA2,", Integer(0, 3), "Set the range of V2: 0 auto, 1 30 mV, 2 300 mV, 3 3 V rms (index, 0 to 3)."
    )
    input_range_i = setting(
        "RA3,",
        Integer(0, 5),
        "Set the range of I: 0 auto, 1 6 uA to 5 60 mA rms in decades (index, 0 to 5).",
    )
    coupling_1 = setting("DC1,", Integer(0, 1), "Set the coupling of V1: 0 DC, 1 AC (index, 0 to 1).")
    coupling_2 = setting("DC2,", Integer(0, 1), "Set the coupling of V2: 0 DC, 1 AC (index, 0 to 1).")
    coupling_i = setting("DC3,", Integer(0, 1), "Set the coupling of I: 0 DC, 1 AC (index, 0 to 1).")
    input_mode_1 = setting("IP1,", Integer(0, 1), "Set V1 single-ended or differential (index, 0 to 1).")
    input_mode_2 = setting("IP2,", Integer(0, 1), "Set V2 single-ended or differential (index, 0 to 1).")
    input_screen_1 = setting(
        "OU1,", Integer(0, 1), "Set the screen of V1 to earth or floating (index, 0 to 1)."
    )
    input_screen_2 = setting(
        "OU2,", Integer(0, 1), "Set the screen of V2 to earth or floating (index, 0 to 1)."
    )
    # sweep and results
    sweep = control("SW", Integer(0, 9), "Control the built-in sweep, 0 is off (index, 0 to 9).")
    source = control(
        "SO",
        IntegerPair(0, 3),
        "Control the result: of 1 V1, 2 V2, 3 I, the first by the second (indices, 0 to 3).",
    )
    coordinates = control(
        "CV",
        Integer(0, 2),
        "Control voltage results: 0 a and b, 1 r and theta, 2 dB and theta (index, 0 to 2).",
    )
    impedance_coordinates = control(
        "CZ", Integer(0, 1), "Control impedance results: 0 R and X, 1 |Z| and theta (index, 0 to 1)."
    )
    phase_presentation = control(
        "UW", Integer(0, 1), "Control the phase, 0 is -180 to 180 deg (index, 0 to 1)."
    )
    # output
    output_rs423 = setting("OP1,", Integer(0, 1), "Set results on RS423: 0 off, 1 all (index, 0 to 1).")
    output_gpib = setting("OP2,", Integer(0, 1), "Set results on GPIB: 0 off, 1 all (index, 0 to 1).")
    output_file = setting(
        "OP3,", Integer(0, 1), "Set results into the history file: 0 off, 1 all (index, 0 to 1)."
    )
    headings = control("RH", Integer(0, 1), "Control column headings: 0 off, 1 on (index, 0 to 1).")
    output_separator = control(
        "OS", Integer(0, 1), "Control what separates fields, 0 is a comma (index, 0 to 1)."
    )
    output_terminator = control(
        "OT", Integer(0, 3), "Control what ends a line: 0 CR LF, 1 CR LF and EOI (index, 0 to 3)."
    )
    # service
    reset = setting("TT", Integer(1, 3), "Set the instrument back to its defaults: 2 (index, 1 to 3).")
    service_request = setting(
        "*SRE", Integer(0, 255, "bits"), "Set the bits that request service (bits, 0 to 255)."
    )
    identification = measurement("*IDN?", Text(), "Get the identity in the instrument's words (text).")
