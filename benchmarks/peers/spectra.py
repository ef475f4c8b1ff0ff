"""What a Kramers-Kronig test and a distribution of relaxation times cost: `spectra.py WAY kk|drt|band FILE.json`.

The file holds spectra as `fitting.py` takes them. Prints the median of the processor time (ms); the first spectrum is
taken once more before, and warms up what is loaded late. A way that takes seconds gets that one alone.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ENOUGH_S = 2.0  # nothing that is loaded late takes as long
Work = Callable[[Any, Any], Any]


def solbench(kind: str) -> Work:
    """Solbench's own; its distribution comes with the band that the noise allows, or with a single draw."""
    if kind == "kk":
        from solbench.fitting.linear_kk import kramers_kronig

        return kramers_kronig
    from solbench.fitting.drt.distribution import distribution

    return distribution if kind == "band" else lambda f, z: distribution(f, z, draws=1)


def impedance_py(_kind: str) -> Work:
    """impedance.py's linKK, with its customary search for the number of elements; it has no distribution."""
    from impedance.validation import linKK

    return lambda f, z: linKK(f, z, c=0.85, max_M=60, fit_type="complex", add_cap=True)


def pyimpspec(kind: str) -> Work:
    """Take pyimpspec's test with its customary settings, and its distribution by `tr-nnls`, in one process."""
    import pyimpspec as peer

    if kind == "kk":
        return lambda f, z: peer.perform_kramers_kronig_test(peer.DataSet(f, z), num_procs=1)
    return lambda f, z: peer.calculate_drt(peer.DataSet(f, z), method="tr-nnls", num_procs=1)


WAYS = {"solbench": solbench, "impedance_py": impedance_py, "pyimpspec": pyimpspec}


def main() -> None:
    """Carry out one order."""
    work = WAYS[sys.argv[1]](sys.argv[2])
    spectra = json.loads(Path(sys.argv[3]).read_text())
    took_s: list[float] = []
    for one in [spectra[0], *spectra]:
        if sum(took_s) > ENOUGH_S:
            break
        f = np.array(one["frequency_Hz"])
        z = np.array(one["real_ohm"]) + 1j * np.array(one["imaginary_ohm"])
        begun_s = time.process_time()
        work(f, z)
        took_s.append(time.process_time() - begun_s)
    print(1e3 * float(np.median(took_s[1:] or took_s)))


if __name__ == "__main__":
    main()
