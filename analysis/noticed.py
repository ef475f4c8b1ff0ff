"""What the program had to say against a run: by codes, from what stopped it to what its results are worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from solbench.acquisition.record.events import Alarm, Compared, Edge, StartCheck, in_words
from solbench.acquisition.record.reader import Run
from solbench.analysis.run_spectra import RunSpectra

Stage = Literal["before", "during", "after"]


@dataclass(frozen=True)
class Notice:
    """One thing that was noticed: before anything was driven, during the run, or in what came of it.

    `kind`: a line of the start check that failed, an alarm, a comparison with the cell's record that raised a
    doubt (one that stopped the run is an alarm, too), an outcome other than completed, the verdict of a spectrum.
    `code` says which; `text` says it to people, where the run has words for it.
    """

    stage: Stage
    kind: Literal["start_check", "alarm", "comparison", "outcome", "verdict"]
    code: str
    text: str = ""


def noticed(run: Run) -> list[Notice]:
    """Return what was noticed in a run, in the order in which it was."""
    return [*_on_the_way(run), *_of_spectra(run)]


def _on_the_way(run: Run) -> Iterator[Notice]:
    stage: Stage = "before"
    for event in run.events:
        body = event.body
        if isinstance(body, Edge) and body.connected:
            stage = "during"
        elif isinstance(body, StartCheck):
            failed = [line for line in body.findings if not line.passed]
            yield from (Notice(stage, "start_check", line.code, line.text) for line in failed)
        elif isinstance(body, Alarm):
            yield Notice(stage, "alarm", body.code, body.text)
        elif isinstance(body, Compared) and body.grade == "doubt":
            yield Notice("after", "comparison", body.code, in_words(body))
    if run.end is None:
        yield Notice(stage, "outcome", "no_end")
    elif not run.end.completed:
        yield Notice(stage, "outcome", run.end.outcome, run.end.reason)


def _of_spectra(run: Run) -> Iterator[Notice]:
    spectra = RunSpectra(run)
    for record in run.spectra:
        verdict = spectra.verdict(record)
        if verdict is not None and verdict != "good":
            yield Notice("after", "verdict", verdict, f"spectrum {record.spectrum}")
