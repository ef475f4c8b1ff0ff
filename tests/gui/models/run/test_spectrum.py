"""Which spectra of a run the window calls wrong: those that its summary does, and for the same reason."""

from __future__ import annotations

import pytest

from solbench.fitting.verdicts import Verdict
from solbench.gui.models.common.answers import SpectrumResult
from solbench.gui.models.run.spectrum import Spectra, SpectrumTrack

MEASURED = "Kramers-Kronig residual 3.1 %"
FITTED = "the circuit does not describe it"
OTHER_CELL = "it is not that of the cell in the record"


@pytest.mark.parametrize(
    ("measured", "fitted", "why"),
    [
        ("good", None, None),
        ("wrong", None, MEASURED),
        ("good", ("wrong", FITTED), FITTED),
        ("look", ("wrong", ""), OTHER_CELL),
        ("wrong", ("wrong", FITTED), FITTED),
        ("wrong", ("look", "drift"), MEASURED),
        ("look", ("good", ""), None),
        (None, ("wrong", FITTED), FITTED),
    ],
)
def test_a_spectrum_is_wrong_as_its_fit_tells_or_as_it_was_judged(
    measured: Verdict | None, fitted: tuple[Verdict, str] | None, why: str | None
) -> None:
    result = SpectrumResult(index=3, verdict=fitted[0], reason=fitted[1]) if fitted else None
    track = SpectrumTrack(3, 1, 3, whole=True, verdict=measured, reason=MEASURED, result=result)
    assert track.wrong_words == why
    spectra = Spectra()
    spectra.tracks = [SpectrumTrack(2, 1, 2, whole=True, verdict="good"), track]
    assert spectra.wrong_words == (f"1 spectrum is wrong (3: {why})" if why else "")
