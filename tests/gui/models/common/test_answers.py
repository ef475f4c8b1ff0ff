"""What the desktop reads of the answers of commands."""

from solbench.gui.models.common.answers import Fits, Started
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
