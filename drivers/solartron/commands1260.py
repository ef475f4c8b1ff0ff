"""The commands of the 1260 as attributes, one line each.

Source of codes and ranges: Solartron 1260 operating manual, pages 136 to 146, and programs that run the
instrument; where a port or channel is addressed its number is part of the code. AC amplitudes are rms.
"""

from solbench.drivers.links.commands import (
    Choice,
    Float,
    Instrument,
    Integer,
    Switch,
    Text,
    control,
    measurement,
    setting,
)

INPUT_RANGES_V = Choice({"auto": "0", "30 mV": "1", "300 mV": "2", "3 V": "3"})
INPUT_RANGES_A = Choice({"auto": "0", "6 uA": "1", "60 uA": "2", "600 uA": "3", "6 mA": "4", "60 mA": "5"})
COUPLINGS = Choice({"DC": "0", "AC": "1"})
OUTPUTS = Choice({"off": "0", "all": "1"})


class Commands1260(Instrument):
    """Command table of the 1260; the driver is built on it."""

    # generator
    generator_type = control(
        "GT", Choice({"voltage": "0", "current": "1"}), "Control the generator (voltage, current)."
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
    monitor = control("ME", Choice({"off": "0"}), "Control the amplitude monitor; it is never used (off).")
    # analyzer
    integration_s = control(
        "IS", Float(0.01, 1e5, "s", signed=False), "Control the integration time (s, 0.01 to 100000)."
    )
    delay_s = control(
        "MS", Float(0.0, 1e5, "s", signed=False), "Control the wait before the integration (s, 0 to 100000)."
    )
    auto_integration = control(
        "AU", Choice({"off": "0"}), "Control auto integration; it is never used (off)."
    )
    input_range_1 = setting("RA1,", INPUT_RANGES_V, "Set the range of V1, rms (auto, 30 mV, 300 mV, 3 V).")
    input_range_2 = setting("RA2,", INPUT_RANGES_V, "Set the range of V2, rms (auto, 30 mV, 300 mV, 3 V).")
    input_range_i = setting(
        "RA3,", INPUT_RANGES_A, "Set the range of I, rms (auto, 6 uA, 60 uA, 600 uA, 6 mA, 60 mA)."
    )
    coupling_1 = setting("DC1,", COUPLINGS, "Set the coupling of V1 (DC, AC).")
    coupling_2 = setting("DC2,", COUPLINGS, "Set the coupling of V2 (DC, AC).")
    coupling_i = setting("DC3,", COUPLINGS, "Set the coupling of I (DC, AC).")
    input_mode_1 = setting("IP1,", Integer(0, 1), "Set V1 single-ended or differential (index, 0 to 1).")
    input_mode_2 = setting("IP2,", Integer(0, 1), "Set V2 single-ended or differential (index, 0 to 1).")
    input_screen_1 = setting(
        "OU1,", Integer(0, 1), "Set the screen of V1 to earth or floating (index, 0 to 1)."
    )
    input_screen_2 = setting(
        "OU2,", Integer(0, 1), "Set the screen of V2 to earth or floating (index, 0 to 1)."
    )
    # sweep and results
    sweep = control("SW", Choice({"off": "0"}), "Control the built-in sweep; it is never used (off).")
    source = control(
        "SO",
        Choice({"V1/V2": "1,2", "V1/I": "1,3", "V1": "1,0"}),
        "Control what is divided by what (V1/V2, V1/I, V1).",
    )
    coordinates = control(
        "CV",
        Choice({"a and b": "0", "r and theta": "1", "dB and theta": "2"}),
        "Control voltage results (a and b, r and theta, dB and theta).",
    )
    impedance_coordinates = control(
        "CZ",
        Choice({"R and X": "0", "|Z| and theta": "1"}),
        "Control impedance results (R and X, |Z| and theta).",
    )
    phase_presentation = control(
        "UW",
        Choice({"-180 to 180 deg": "0"}),
        "Control how the phase is shown; the other way is never used (-180 to 180 deg).",
    )
    # output
    output_rs423 = setting("OP1,", OUTPUTS, "Set results on RS423 (off, all).")
    output_gpib = setting("OP2,", OUTPUTS, "Set results on GPIB (off, all).")
    output_file = setting("OP3,", OUTPUTS, "Set results into the history file (off, all).")
    headings = control("RH", Switch(on="1", off="0"), "Control column headings (on or off).")
    output_separator = control(
        "OS", Integer(0, 1), "Control what separates fields, 0 is a comma (index, 0 to 1)."
    )
    output_terminator = control(
        "OT", Integer(0, 3), "Control what ends a line: 0 CR LF, 1 CR LF and EOI (index, 0 to 3)."
    )
    # service
    reset = setting("TT", Choice({"defaults": "2"}), "Set the instrument back (defaults).")
    service_request = setting(
        "*SRE", Integer(0, 255, "bits"), "Set the bits that request service (bits, 0 to 255)."
    )
    identification = measurement("*IDN?", Text(), "Get the identity in the instrument's words (text).")
