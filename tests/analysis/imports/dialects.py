"""Spectra as other programs write them, each dialect with its own columns, digits and marks, after literal excerpts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Points = tuple[NDArray[np.float64], NDArray[np.complex128]]  # Hz, ohm


def drawn_spectrum(rng: np.random.Generator, least: int = 14) -> Points:
    """A cell as it may be: contact, one or two depressed arcs, at times a tail; noise of 0.1 %.

    Not one that is a resistance within its window: nothing there tells the sign of Z''.
    """
    while True:
        f, z = _drawn(rng, least)
        if np.max(np.abs(z.imag) / np.abs(z)) > 0.05:
            return f, z


def _drawn(rng: np.random.Generator, least: int) -> Points:
    f = np.geomspace(10.0 ** rng.uniform(3, 6), 10.0 ** rng.uniform(-1, 1), int(rng.integers(least, 40)))
    s = 2j * np.pi * f
    z = np.full(len(f), 10.0 ** rng.uniform(0, 3), complex)
    for _ in range(int(rng.integers(1, 3))):
        tau = 1 / (2 * np.pi * f[rng.integers(2, len(f) - 2)])
        z += 10.0 ** rng.uniform(1, 4) / (1 + (s * tau) ** rng.uniform(0.7, 1.0))
    if rng.random() < 0.3:
        z += 10.0 ** rng.uniform(1, 3) / np.sqrt(s)
    noise = rng.normal(0, 1e-3, (2, len(f)))
    return f, z * (1 + noise[0] + 1j * noise[1])


def _lines(spectra: Sequence[Points], row: Callable[[int, float, complex], str]) -> list[str]:
    rows = [(f, z) for spectrum in spectra for f, z in zip(*spectrum, strict=True)]
    return [row(number, float(f), complex(z)) for number, (f, z) in enumerate(rows)]


def _phase(z: complex) -> float:
    return float(np.degrees(np.angle(z)))


def zplot_new(spectra: Sequence[Points]) -> str:
    head = ["ZPLOT2 ASCII", "  Measured Data, ZPlot:       3.2c", "  Date:                       01-02-2021"]
    names = "  Freq(Hz)\tAmpl\tBias\tTime(Sec)\tZ'(a)\tZ''(b)\tGD\tErr\tRange"
    rows = _lines(
        spectra,
        lambda n, f, z: (
            f"{f:.6E}\t1.0000E-02\t0.0000E+00\t{n + 1:.6E}\t{z.real:.4E}\t{z.imag:.4E}\t0.0000E+00\t0\t4"
        ),
    )
    return "\r\n".join(
        [*head, f"  Data Points:                {len(rows)}", names, "End Comments", *rows, ""]
    )


def zplot_old(spectra: Sequence[Points]) -> str:
    rows = _lines(
        spectra,
        lambda n, f, z: (
            f"{f:.6E}, 1.0000E-02, 0.0000E+00, {n + 1:.6E}, {z.real:.4E}, {z.imag:.4E}, 0.0000E+00, 0, 5"
        ),
    )
    head = [
        '"ZPlotW Data File: Version 3.2c"',
        '"Raw Data"',
        '"Sweep Frequency: Control Voltage"',
        "Date: 01-02-2021    Time: 10:00:00",
        "1.5 bar, 25 C",
        '"Open Circuit Potential (V):  0 "',
        '"Frequency"',
        "0,3,0,1,10000,1",
        str(len(rows)),
        "\"  Freq(Hz)    Ampl     Bias   Time(Sec)   Z'(a)    Z''(b)    GD   Err   Range\"",
    ]
    return "\r\n".join([*head, *rows, ""])


def z60(spectra: Sequence[Points]) -> str:
    rows = _lines(spectra, lambda n, f, z: f"{f:.5g},0,0,0,{z.real:.15g},{z.imag:.15g},0,0,0")
    head = ['"Z60W Data File: Version 1.1"', *['""'] * 7, "0,2,0,1,0.1,10000", str(len(rows))]
    return "\n".join(
        [
            *head,
            "\"  Freq (Hz)    Ampl     Bias   Time(Sec)   Z'(a)    Z''(b)    GD   Err   Range\"",
            *rows,
            "",
        ]
    )


def biologic(spectra: Sequence[Points], decimal: str = ".") -> str:
    rows = _lines(
        spectra,
        lambda n, f, z: (
            f"{f:.7E}\t{z.real:.7E}\t{-z.imag:.7E}\t{abs(z):.7E}\t{_phase(z):.7E}\t{n:.7E}\t1\t"
        ).replace(".", decimal),
    )
    head = ["EC-Lab ASCII FILE", "Nb header lines : 6                          "]
    names = "freq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\t|Z|/Ohm\tPhase(Z)/deg\ttime/s\tcycle number\t"
    technique = "Potentio Electrochemical Impedance Spectroscopy"
    return "\r\n".join([*head, technique, "Run on channel : 1", "", names, *rows, ""])


def gamry(spectra: Sequence[Points], decimal: str = ".") -> str:
    rows = _lines(
        spectra,
        lambda n, f, z: (
            f"\t{n}\t{n}\t{f:.7g}\t{z.real:.7g}\t{z.imag:.7g}\t1\t{abs(z):.7g}\t{_phase(z):.7g}\t1E-9\t0.3\t8"
        ).replace(".", decimal),
    )
    head = ["EXPLAIN", "TAG\tEISPOT", "TITLE\tLABEL\tEIS\tTest &Identifier", f"ZCURVE\tTABLE\t{len(rows)}"]
    names = "\tPt\tTime\tFreq\tZreal\tZimag\tZsig\tZmod\tZphz\tIdc\tVdc\tIERange"
    return "\r\n".join([*head, names, "\t#\ts\tHz\tohm\tohm\tV\tohm\t°\tA\tV\t#", *rows, ""])


def versastudio(spectra: Sequence[Points]) -> str:
    names = (
        "Definition=Segment #, Point #, E(V), I(A), Elapsed Time(s), Frequency(Hz), E Real, E Imag, Z Real, "
        "Z Imag, Z2 Real, Z2 Imag, 0"
    )
    rows = _lines(
        spectra, lambda n, f, z: f"0,{n},0,-3.2E-06,{n}.812,{f:.7g},0.01,0,{z.real:.7g},{z.imag:.7g},0,0,0.02"
    )
    head = ["<Application>", "Name=VersaStudio", "</Application>", "", "<Segment1>", "Type=2", "Version=3"]
    return "\r\n".join([*head, names, *rows, "</Segment1>", "", "<Graph1>", "Analysis=0", "</Graph1>", ""])


def ch_instruments(spectra: Sequence[Points]) -> str:
    head = [
        "Feb. 1, 2021   10:00:00",
        "A.C. Impedance",
        "Instrument Model:  CHI660E",
        "Header: ",
        "",
        "Init E (V) = 0",
        "High Frequency (Hz) = 1e+6",
        "Amplitude (V) = 0.005",
        "",
        "Freq/Hz, Z'/ohm, Z\"/ohm, Z/ohm, Phase/deg",
        "",
    ]
    rows = _lines(
        spectra, lambda n, f, z: f"{f:.3e}, {z.real:.3e}, {z.imag:.3e}, {abs(z):.3e}, {_phase(z):.1f}"
    )
    return "\r\n".join([*head, *rows, ""])


def nova(spectra: Sequence[Points], decimal: str = ".") -> str:
    names = "Index;Frequency (Hz);Z' (Ω);-Z'' (Ω);Z (Ω);-Phase (°);Time (s)"
    rows = _lines(
        spectra,
        lambda n, f, z: f"{n + 1};{f!r};{z.real!r};{-z.imag!r};{abs(z)!r};{-_phase(z)!r};{n}.5".replace(
            ".", decimal
        ),
    )
    return "\n".join([names, *rows, ""])


def parstat(spectra: Sequence[Points]) -> str:
    names = (
        "Potential (V)\tCurrent (A)\tElapsed Time (s)\tFrequency (Hz)\tZre (ohms)\tZim (ohms)\t|Vac| (V)\t"
    )
    rest = ["3.4932\t-0.1499\t10\t0\t0\t0\t0\t", "3.4913\t-0.1499\t20\t0\t0\t0\t0\t"]
    rows = _lines(
        spectra, lambda n, f, z: f"3.4832\t0.0001\t{n + 30}\t{f:.9g}\t{z.real:.9g}\t{z.imag:.9g}\t0.01\t"
    )
    return "\n".join([names, *rest, *rows, ""])


def powersuite(spectra: Sequence[Points]) -> str:
    rows = _lines(spectra, lambda n, f, z: f"{f:.8g}\t {z.real:.8g}\t {z.imag:.8g}")
    return "\n".join(["Frequency\t Zre\t Zimg", *rows, ""])


def thales(spectra: Sequence[Points]) -> str:
    head = [" Thales Z2.29 USB", "", " Date    : 01.02.2021", " System  : two electrodes, 25 C", ""]
    names = " Number  Frequency/Hz  Impedance/Ohm   Phase/deg  Significance  Time/s"
    rows = _lines(spectra, lambda n, f, z: f"  {n}  {f:.6e}  {abs(z):.7e}  {_phase(z):.7e}  0.999  {n}.2")
    return "\r\n".join([*head, names, "", *rows, ""])


def elchemea(spectra: Sequence[Points]) -> str:
    rows = _lines(
        spectra, lambda n, f, z: f" {f:.6e}\t {z.real:.6e}\t {-z.imag:.6e}\t 59.300e+00\t 30.981e-02\t"
    )
    head = ["Procedure : EIS", "01.02.2021 10:00:00 - 01.02.2021 11:00:00", "Description", "t =  736.4 s"]
    names = " f/Hz       \t Z'/Ohm     \t -Z''/Ohm   \t time/s    \t Edc/V     \t"
    return "\n".join([*head, names, f" {len(rows)} ", *rows, ""])


def with_units(spectra: Sequence[Points]) -> str:
    rows = _lines(spectra, lambda n, f, z: f"{f / 1e3!r},{z.real / 1e3!r},{-z.imag!r}")
    return "\n".join(["f / kHz,Z' / kohm,-Z'' / ohm", *rows, ""])


def units_below(spectra: Sequence[Points]) -> str:
    rows = _lines(spectra, lambda n, f, z: f"{f!r}\t{z.real * 1e3!r}\t{z.imag!r}")
    return "\n".join(["freq\tre\tim", "Hz\tmOhm\tOhm", *rows, ""])


def polar(spectra: Sequence[Points]) -> str:
    rows = _lines(spectra, lambda n, f, z: f"{f!r},{abs(z)!r},{-_phase(z)!r}")
    return "\n".join(["frequency,|Z|,-phase (deg)", *rows, ""])


def saved_by_numpy(spectra: Sequence[Points]) -> str:
    rows = _lines(spectra, lambda n, f, z: f"{f:.18e} {z.real:.18e} {z.imag:.18e}")
    return "\n".join(["# f Zre Zim", *rows, ""])


def without_header(spectra: Sequence[Points]) -> str:
    rows = _lines(spectra, lambda n, f, z: f"{f!r},{z.real!r},{z.imag!r}")
    return "\n".join([*rows, ""])


DIALECTS: dict[str, Callable[[Sequence[Points]], str]] = {
    "ZPlot": zplot_new,
    "ZPlot, older": zplot_old,
    "Z60": z60,
    "EC-Lab": biologic,
    "EC-Lab, comma": lambda spectra: biologic(spectra, ","),
    "Gamry": gamry,
    "Gamry, comma": lambda spectra: gamry(spectra, ","),
    "VersaStudio": versastudio,
    "CH Instruments": ch_instruments,
    "Nova": nova,
    "Nova, comma": lambda spectra: nova(spectra, ","),
    "PARSTAT": parstat,
    "PowerSuite": powersuite,
    "Thales": thales,
    "Elchemea": elchemea,
    "units in the header": with_units,
    "units below": units_below,
    "modulus and phase": polar,
    "numpy": saved_by_numpy,
    "without header": without_header,
}
