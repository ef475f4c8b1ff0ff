"""What the desktop reads of the answers of commands."""

from dataclasses import asdict, fields, replace

from solbench.analysis import SpectrumSummary
from solbench.gui.models.common.answers import Fits, Started, Summary
from solbench.gui.models.common.jobs import Finished


def test_an_answer_is_read_and_what_a_later_version_adds_is_ignored() -> None:
    started = Finished(0, {"run": "r-1", "added_later": [1, 2]}, "").read(Started)
    assert started is not None
    assert started.run == "r-1"


def test_no_answer_and_one_of_another_command_are_none() -> None:
    assert Finished(2, None, "refused").read(Started) is None
    assert Finished(0, {"results": "none"}, "").read(Fits) is None


def test_values_that_are_not_known_are_none() -> None:
    fits = Finished(0, {"results": [{"source": "a.h5", "spectra": [{"index": 1}]}]}, "").read(Fits)
    assert fits is not None
    (spectrum,) = fits.results[0].spectra
    assert (spectrum.interface, spectrum.values, spectrum.chi2_nu) == ((None, None), {}, None)


def test_a_summary_of_a_spectrum_that_could_not_be_fitted_is_read() -> None:
    """`solbench summary --json` then says null for the resistances and for the verdict."""
    measured = (1, False, 0.0, 9, 1.9)
    unknown = SpectrumSummary(*measured, *[None] * (len(fields(SpectrumSummary)) - len(measured)))  # type: ignore[arg-type]
    summary = Finished(0, {"spectra": [asdict(replace(unknown, remarks=()))]}, "").read(Summary)
    assert summary is not None
    assert (summary.spectra[0].interface, summary.spectra[0].verdict) == ((None, None), None)
