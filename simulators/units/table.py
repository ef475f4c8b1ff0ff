"""Every value that differs from unit to unit: by which law, from what source, and how sure that is.

Grades: A manual or several programs, B one source, C inference, D guess or recollection, K general knowledge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solbench.simulators.units.laws import Choice, Each, Error, Fixed, Law, LogUniform, Uniform


@dataclass(frozen=True)
class Row:
    """One setting (`interface.lag_s`), the law by which it is drawn, where that comes from, and its grade."""

    setting: str
    law: Law
    source: str
    grade: str


_ns = 1e-9


def _each(law: Law, count: int) -> Each:
    return Each((law,) * count)


_SPECTRA = "spectra that others measured with a 1287 on dummy cells"
_CLASS = "0.1 to 0.2 % is the class of the instrument"
_NOT_FOUND = "nothing found"

TABLE: Sequence[Row] = (
    Row("errors", Fixed("none"), "the errors of a unit are those below, whatever the seed", ""),
    # from the cell to the two signals
    Row(
        "interface.lag_s",
        Each(
            (
                Uniform(5 * _ns, 25 * _ns),
                Uniform(5 * _ns, 25 * _ns),
                Uniform(11 * _ns, 22 * _ns),
                Uniform(40 * _ns, 60 * _ns),
                Uniform(20 * _ns, 58 * _ns),
                Fixed(0.0),
                Fixed(0.0),
                Fixed(0.0),
            )
        ),
        f"RR3 to RR5: {_SPECTRA}, the analyzer's channels included; RR1 and RR2 by RR3",
        "B C",
    ),
    Row(
        "interface.lag_shape",
        Choice(("delay", "pole"), (0.5, 0.5)),
        f"{_SPECTRA} do not tell them apart",
        "C",
    ),
    Row(
        "interface.resistor_pole_Hz",
        Each(
            (
                *(Fixed(4e9),) * 5,
                LogUniform(50e3, 100e3),
                LogUniform(20e3, 50e3),
                LogUniform(10e3, 20e3),
            )
        ),
        "ranges of peers: above 1 MHz at 1 mA, above 75 kHz at 10 uA; a range falls with its resistor",
        "K",
    ),
    Row("interface.v_out_polarity", Choice((1.0, -1.0), (0.85, 0.15)), _NOT_FOUND, "C"),
    Row("interface.i_out_polarity", Choice((1.0, -1.0), (0.95, 0.05)), _NOT_FOUND, "C"),
    Row("interface.output_noise_V", Uniform(0.6e-6, 1.2e-6), f"two repeats of {_SPECTRA}", "B"),
    Row("analyzer.noise_of_reading", Uniform(1.0e-4, 2.0e-4), f"two repeats of {_SPECTRA}", "B"),
    Row("leads.inductance_H", Uniform(1.7e-6, 3.0e-6), _SPECTRA, "B"),
    Row(
        "leads.capacitance_F", Uniform(15e-12, 50e-12), "a metre or two of screened leads, driven or not", "K"
    ),
    Row("leads.leakage_S", LogUniform(20e-12, 500e-12), "2 to 50 Gohm across clean insulators", "K"),
    Row(
        "analyzer_leads.inductance_H",
        Uniform(0.5e-6, 2.0e-6),
        "half a metre to two of coaxial cable to a sample of the 1260's own",
        "K",
    ),
    Row("analyzer_leads.capacitance_F", Uniform(5e-12, 40e-12), "screens end a hand before the sample", "K"),
    Row("analyzer_leads.leakage_S", LogUniform(20e-12, 500e-12), "as of the other leads", "K"),
    Row(
        "ac_transient",
        Fixed(typical=True),
        "physics: a response takes the time of the cell's own memories",
        "K",
    ),
    # errors for life
    Row("calibration.voltmeter_gain", Error(4e-4), _CLASS, "D"),
    Row("calibration.voltmeter_offset_V", Error(20e-6), _NOT_FOUND, "D"),
    Row(
        "calibration.voltmeter_zero_V",
        Each((Error(5e-6), Error(20e-6), Error(2e-4), Error(5e-4))),
        _NOT_FOUND,
        "D",
    ),
    Row("calibration.voltage_source_gain", Error(4e-4), _CLASS, "D"),
    Row("calibration.voltage_source_offset_V", Error(5e-5), _NOT_FOUND, "D"),
    Row("calibration.ammeter_gain", _each(Error(3e-4), 8), _CLASS, "D"),
    Row("calibration.ammeter_offset", _each(Error(5e-5), 8), _NOT_FOUND, "D"),
    Row("calibration.ammeter_linearity", _each(Error(1e-4), 8), _NOT_FOUND, "D"),
    Row("calibration.current_source_gain", _each(Error(3e-4), 8), _CLASS, "D"),
    Row("calibration.current_source_offset", _each(Error(5e-5), 8), _NOT_FOUND, "D"),
    Row(
        "calibration.resistor_error",
        Each((Error(1e-3), *(Error(5e-4),) * 5, Error(7e-4), Error(1e-3))),
        f"{_CLASS}; the ends of the row are worse",
        "D",
    ),
    Row("calibration.pol_gain_error", Each((Error(1e-3), Error(3e-3))), "a divider by 100 for x0.01", "D"),
    Row("calibration.v_out_gain_error", Each((Error(3e-4), Error(2e-3))), "an amplifier by 10 for VX1", "D"),
    Row("calibration.i_out_gain_error", Each((Error(3e-4), Error(2e-3))), "an amplifier by 10 for IX1", "D"),
    # times
    Row(
        "analyzer.overhead_s",
        Uniform(0.25, 0.45),
        "a client's estimate, and points of another program",
        "B C",
    ),
    Row("analyzer.settling_max_s", Uniform(0.9, 1.1), "a client's estimate", "C"),
    Row("analyzer.autorange_retry_s", Uniform(0.05, 0.3), _NOT_FOUND, "D"),
    Row(
        "analyzer.autorange_periods",
        Fixed(0.0),
        "two programs read a first point at 1 Hz within 2.4 and 3 s",
        "B",
    ),
    Row("analyzer.reset_s", Uniform(1.2, 1.9), "clients wait 2, 3 and 5 s", "C"),
    Row(
        "analyzer.output_bytes_per_s", LogUniform(600.0, 3000.0), "about 1 byte/ms on the 1250 (p. 142)", "C"
    ),
    Row("interface.output_bytes_per_s", LogUniform(600.0, 3000.0), "taken from the 1250 (p. 142)", "C"),
    Row(
        "interface.conversion_s",
        Each(
            (
                Choice((0.2, 0.1, 0.24, 0.28), (0.4, 0.2, 0.2, 0.2)),
                Fixed(0.02),
                Fixed(1.0 / 60.0),
                Uniform(0.002, 0.005),
            )
        ),
        "nothing found; whole cycles of the mains",
        "D",
    ),
    Row("interface.reading_overhead_s", LogUniform(0.003, 0.05), _NOT_FOUND, "D"),
    Row("interface.range_change_s", Uniform(0.0, 0.05), _NOT_FOUND, "D"),
    Row("interface.reset_s", Uniform(0.1, 0.29), "clients wait 0.3 s", "C"),
    # the bus
    Row(
        "analyzer.message_available_bit",
        Choice((4, 7), (0.8, 0.2)),
        "one client's *SRE16, or as on the 1287",
        "B C",
    ),
    Row("interface.message_available_bit", Fixed(7), "1287 manual p. 81", "A"),
    Row(
        "interface.answers_in_status",
        Choice((True, False), (0.7, 0.3)),
        "not said in the 1287 manual p. 81",
        "C",
    ),
    Row(
        "interface.error_upsets_status",
        Choice((False, True), (0.7, 0.3)),
        "an error upsets the bits (p. 81)",
        "C",
    ),
    Row(
        "analyzer.output_terminator_after_reset", Choice((0, 1, 2, 3), (0.4, 0.4, 0.1, 0.1)), _NOT_FOUND, "D"
    ),
    Row(
        "interface.output_terminator_after_reset",
        Choice((0, 2), (0.9, 0.1)),
        "CR LF (1287 manual p. 83); one unit sent CR alone",
        "A B",
    ),
    Row("analyzer.input_terminator", Fixed("EOI"), "switches that the owner sets and knows", "A"),
    Row("interface.input_terminator", Fixed("EOI"), "switches that the owner sets and knows", "A"),
    Row("analyzer.device_clear", Choice(("keeps", "breaks", "resets"), (0.6, 0.25, 0.15)), _NOT_FOUND, "D"),
    Row("interface.device_clear", Choice(("keeps", "breaks", "resets"), (0.6, 0.25, 0.15)), _NOT_FOUND, "D"),
    Row(
        "analyzer.while_measuring",
        Choice(("hold", "queue", "ignore"), (0.6, 0.2, 0.2)),
        "a DO sent meanwhile never brings the result before (three programs, 280 recorded lines); how is open",
        "A C",
    ),
    # as it is switched on
    Row(
        "analyzer.results_to_gpib_after_reset", Choice((0, 1), (0.8, 0.2)), "every client switches it on", "C"
    ),
    Row("analyzer.integration_after_reset_s", Choice((1.0, 0.2), (0.7, 0.3)), _NOT_FOUND, "D"),
    Row("analyzer.autorange_first", Choice((1, 2, 3), (0.4, 0.2, 0.4)), _NOT_FOUND, "D"),
    Row(
        "analyzer.after_reset",
        Choice(((), ("SO1,3",), ("SO1,3", "CZ1"), ("UW1",)), (0.7, 0.15, 0.1, 0.05)),
        "two programs get an impedance without choosing it",
        "B C",
    ),
    Row(
        "analyzer.front_panel",
        Choice(
            (
                (),
                ("SO1,3", "CZ1", "CV1"),
                ("VA0.1", "FR1E5", "IS10", "OP2,1"),
                ("DC1,1", "DC2,1", "MS2"),
                ("VB0.5", "RA1,1", "RA2,1"),
            ),
            (0.4, 0.15, 0.15, 0.15, 0.15),
        ),
        "power-on keeps the control settings (1260 manual p. 136); which ones is anybody's",
        "A D",
    ),
    Row("interface.after_reset", Choice(((), ("GP2",), ("DG2",)), (0.8, 0.1, 0.1)), _NOT_FOUND, "D"),
    Row(
        "interface.front_panel",
        Choice(
            (
                (),
                ("GP1", "DG3"),
                ("VX1", "IX1", "FI1"),
                ("PO1", "RR3", "PC1E-2"),
                ("BR1", "RP50", "CC2", "RG1"),
            ),
            (0.4, 0.15, 0.15, 0.15, 0.15),
        ),
        "as on the 1260; which ones is anybody's",
        "C D",
    ),
    Row("interface.switch_query", Choice((False, True), (0.9, 0.1)), _NOT_FOUND, "D"),
    Row(
        "interface.readings_during_setup",
        Choice((False, True), (0.5, 0.5)),
        "the set-up takes about 10 s (1287 manual p. 55), and a program gives up after 7 s without a reading",
        "A B",
    ),
    Row("interface.standby_after_reset", Choice((0, 1), (0.7, 0.3)), _NOT_FOUND, "D"),
    Row("interface.pol_gain_after_reset", Choice((1, 0), (0.8, 0.2)), _NOT_FOUND, "C"),
    Row("interface.bandwidth_scheme_after_reset", Choice((0, 1), (0.8, 0.2)), _NOT_FOUND, "D"),
)
