"""A spectrum requested during a run: refused with the reason as text, or made into segments.

The present segment is suspended at a reading, the spectrum is measured as the planned ones are (rest, sweep, the
protocol's own frequencies and amplitude), and then the segment continues. It is no part of the plan: its segments
have ordinals below zero, and the plan's own spectra are numbered on behind it.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from solbench.acquisition.control.messages import SpectrumRequest
from solbench.acquisition.control.verbs import Answer
from solbench.acquisition.record.events import SpectrumAsked
from solbench.acquisition.record.progress import Progress
from solbench.drivers.roles import Ability
from solbench.protocols import Build, Protocol, limits_for
from solbench.protocols.check import walk
from solbench.protocols.costs import Costs, point_s
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.kinds import SEGMENT_KINDS, RestRule, Spectrum, kind_of_segment
from solbench.protocols.kinds.impedance import ability_for, check_spectrum, sweep, sweep_frequencies
from solbench.protocols.kinds.record import Bounds
from solbench.protocols.kinds.rest import rest
from solbench.protocols.kinds.spectra.timing import timing
from solbench.protocols.model import bad_input
from solbench.protocols.plausible import Instruments, Plausible
from solbench.protocols.quantities.durations import format_duration
from solbench.protocols.quantities.quantity import quantity
from solbench.protocols.segments import Record, Rest, Segment, StepRef, Sweep

M = TypeVar("M", bound=BaseModel)

DEFAULT_REST = {"slope": "1 mV/min", "over": "60 s", "at_least": "5 min", "at_most": "60 min"}
DEFAULT_SPECTRUM = {
    "from": "1 MHz",
    "to": "1 Hz",
    "points_per_decade": 10,
    "amplitude": "10 mV",  # linear for every cell of practice; the protocol's own may be larger
    "integration": "1 s",
}
_TAKEN_OVER = set(Spectrum.model_fields) - {
    "repeat_above",
    "repeat_points_above",
    "repeats",
    "twice",
    "linearity",
}  # of a spectrum of the protocol: how it is measured, not how often
_ASKED = "a spectrum was already requested and is not finished"
_HELD = "something is held by hand; switch the cell off, or wait until it ends"


class SpectrumRequests:
    """At most one requested spectrum. `ask` may be called from any thread, the rest by the engine's.

    `path` is the place of the present step in the protocol, "" before the first, `protocol` the one that is carried out
    by now; the engine keeps them.
    """

    def __init__(
        self, protocol: Protocol, build: Build, progress: Progress, abilities: Collection[Ability]
    ) -> None:
        self._abilities = abilities
        self.protocol = protocol
        tolerances = build.tolerances.widened(protocol.tolerances)
        self._bounds = Bounds(
            build, limits_for(protocol.safety, build), Plausible(), Instruments(), tolerances
        )
        self._progress = progress
        self._pending: tuple[SpectrumRequest, str] | None = None
        self.path = ""

    def follow(self, protocol: Protocol) -> None:
        """Go by another protocol, as a change has made it."""
        self.protocol = protocol
        self._bounds = replace(self._bounds, limits=limits_for(protocol.safety, self._bounds.build))

    def ask(self, request: SpectrumRequest, who: str) -> Answer:
        """Take a request, or refuse it with the reason as text."""
        refusal = self._refusal()
        if refusal:
            return Answer(accepted=False, text=refusal)
        try:
            words = self._words(request)
        except BadInput as error:
            return Answer(accepted=False, text=str(error))
        self._pending = request, who
        return Answer(accepted=True, text=words)

    def _refusal(self) -> str:
        progress = self._progress
        if self._pending is not None or isinstance(progress.asked, SpectrumAsked):
            return _ASKED
        if progress.asked is not None:
            return _HELD
        present = SEGMENT_KINDS.get(progress.segment)
        return present.refuses_spectrum if present is not None else ""

    def _words(self, request: SpectrumRequest) -> str:
        """Say what is measured, how long it takes and what is doubtful about it; raises BadInput."""
        spectrum, before = self._spectrum(self.path, request), self._rest(self.path, request)
        step = StepRef(0, "", "", self.path)
        frequencies_Hz = sweep_frequencies(spectrum)
        timed = [(frequency_Hz, timing(spectrum, frequency_Hz)) for frequency_Hz in frequencies_Hz]
        took_s = sum(
            point_s(frequency_Hz, one.integration_s, Costs(), one.settling_s) for frequency_Hz, one in timed
        )
        if request.rest or self._progress.segment != "Rest":
            took_s += rest(step, before, Record()).at_least_s
        doubts = [f.message for f in check_spectrum("", spectrum, self._bounds) if f.grade == "warning"]
        words = f"a spectrum is measured next, about {format_duration(took_s)}; then the step continues"
        return "; ".join([words, *doubts])

    def is_pending(self) -> bool:
        """Return whether a spectrum waits to be measured."""
        return self._pending is not None

    def forget(self) -> None:
        """Forget the request; it stands in the journal now, or will never be."""
        self._pending = None

    def record(self, segment: Segment) -> SpectrumAsked:
        """Return what the journal is to say of the spectrum for which `segment` is suspended: its own segments, SI.

        Raises BadInput where the request makes no sense in this step, which may be another than when it was made.
        """
        request, who = self._pending or (SpectrumRequest(), "")
        path = segment.step.path
        number = self._progress.last_spectrum + 1
        measured = sweep(segment.step, self._spectrum(path, request), number, self._bounds.build)
        measured = replace(measured, role="asked", repeat_above=None, repeats=0)
        before = None if isinstance(segment, Rest) and not request.rest else self._rest(path, request)
        resting = rest(segment.step, before, Record()) if before is not None else None
        return SpectrumAsked(by=who, step=segment.step.index, rest=resting, sweep=measured)

    def _spectrum(self, path: str, request: SpectrumRequest) -> Spectrum:
        """Return the spectrum of the step at `path`, or the protocol's first, changed as requested; raises BadInput."""
        own = self._own(path, "spectrum")
        data = dict(DEFAULT_SPECTRUM)
        if own is not None:
            data = own.model_dump(by_alias=True, exclude_none=True, include=_TAKEN_OVER)
        changes = {"from": request.start, "to": request.stop, "amplitude": request.amplitude}
        data |= {name: text for name, text in changes.items() if text}
        if _is_current(request.amplitude):
            data["control"] = "current"
        spectrum = _read(Spectrum, data)
        if ability_for(spectrum) not in self._abilities:
            raise BadInput(f"this bench cannot do that: it has nothing for {ability_for(spectrum)}")
        for finding in check_spectrum("", spectrum, self._bounds):
            if finding.grade == "error":
                raise BadInput(finding.message, finding.cure, field=finding.field.lstrip("."))
        return spectrum

    def _rest(self, path: str, request: SpectrumRequest) -> RestRule:
        if request.rest:
            return _read(RestRule, {"time": request.rest})
        found: RestRule | None = self._own(path, "rest")
        return found if found is not None else _read(RestRule, DEFAULT_REST)

    def _own(self, path: str, field: str) -> Any:
        """Return `field` of the step at `path`, else of the first step that has one; None if none has."""
        steps = list(walk(self.protocol.steps))
        for _, step in [item for item in steps if item[0] == path] + steps:
            found = step if field == "spectrum" and isinstance(step, Spectrum) else getattr(step, field, None)
            if found is not None:
                return found
        return None


def asked_segments(asked: SpectrumAsked, count: int, step: StepRef) -> Iterator[tuple[int, Rest | Sweep]]:
    """Yield the segments of the `count`-th requested spectrum, from its record, with their ordinals."""
    if asked.rest is not None:
        yield 1 - 2 * count, replace(asked.rest, step=step)
    yield -2 * count, replace(asked.sweep, step=step)


def can_be_suspended(segment: Segment) -> bool:
    """Say whether a segment is suspended for a spectrum that is requested."""
    return not kind_of_segment(segment).refuses_spectrum


def _is_current(text: str) -> bool:
    """Say whether a text is a current; what is no quantity at all is told by the field that it is for."""
    try:
        return bool(text) and quantity(text).kind == "current"
    except FieldError:
        return False


def _read(model: type[M], data: dict[str, Any]) -> M:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise bad_input(error, data, "") from None
