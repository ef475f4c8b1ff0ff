"""Rest: open circuit for a time, or until the voltage is steady."""

from typing import Literal

from solbench.protocols import segments as seg
from solbench.protocols.costs import Cost, SoFar, timed
from solbench.protocols.files import Fields
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.kinds.fields import RecordRule, RestRule, StepBase
from solbench.protocols.kinds.record import Bounds, Here, Segments, StepKind, any_leads, direct_current
from solbench.protocols.kinds.words import shown
from solbench.protocols.plausible import Plausible

SLOPE_KNOWN = 0.9  # from this part of its window on a slope is known


class Rest(StepBase, RestRule):
    """Open circuit."""

    kind: Literal["rest"] = "rest"
    record: RecordRule | None = None


NEVER_STEADY = Rule(
    "rest.never_steady",
    "warning",
    "'{over}' is not shorter than at_most '{at_most}': the slope is never known, and only the time ends it",
    "Write a shorter 'over', or make at_most several times as long",
)


SHORT = Rule(
    "rest.short",
    "warning",
    "after '{time}' the voltage still moves, and so it does during the spectrum after this rest",
    "Rest until the voltage is steady, at least 5 min",
)


def check_rest_before_spectrum(path: str, rule: RestRule, plausible: Plausible) -> Findings:
    """Yield what is doubtful about a rest between a current and a spectrum; `path` is where the rule stands."""
    if rule.time and rule.time.value < plausible.usual_rest_s:
        yield SHORT.at(f"{path}.time", time=rule.time.text)
    if rule.at_most and rule.at_most.value < plausible.usual_rest_s:
        yield SHORT.at(f"{path}.at_most", time=rule.at_most.text)


def check_rest(path: str, rule: RestRule) -> Findings:
    """Yield what is doubtful about how long a rest lasts; `path` is where the rule stands."""
    if rule.over and rule.at_most and rule.over.value >= rule.at_most.value:
        yield NEVER_STEADY.at(f"{path}.over", over=rule.over.text, at_most=rule.at_most.text)


def rest(ref: seg.StepRef, rule: RestRule, record: seg.Record) -> seg.Rest:
    """Make the segment of a rest."""
    if rule.time is not None:
        return seg.Rest(ref, rule.time.value, rule.time.value, record=record)
    slope, over, at_least, at_most = (
        part.value for part in (rule.slope, rule.over, rule.at_least, rule.at_most) if part
    )
    return seg.Rest(ref, at_least, at_most, slope, over, record=record)


def rest_in_words(rule: RestRule) -> str:
    """Describe how long a rest lasts, for a sentence."""
    if rule.time is not None:
        return f"for {rule.time}"
    return (
        f"until the voltage changes by less than {rule.slope} over {rule.over}, "
        f"at least {rule.at_least}, at most {rule.at_most}"
    )


def _cost(segment: seg.Rest, so_far: SoFar) -> Cost:
    """A slope is known once its window is full; a last reading comes on top."""
    window_s = segment.slope_window_s if segment.slope_V_s is not None else 0.0
    shortest_s = min(max(segment.at_least_s, SLOPE_KNOWN * window_s), segment.at_most_s)
    return timed(shortest_s, segment.at_most_s + so_far.costs.connect_s, segment.record.every_s)


def _check(path: str, step: Rest, _bounds: Bounds) -> Findings:
    yield from check_rest(path, step)


def _plan(step: Rest, here: Here) -> Segments:
    yield rest(here.ref(), step, here.record(step.record))


def _brief(step: Fields) -> str:
    if step.get("time") is not None:
        return f"for {step['time']}"
    return f"until below {shown(step, 'slope')}, at most {shown(step, 'at_most')}"


REST = seg.SegmentKind(seg.Rest, "rest", holds=None, cost=_cost, refuses_spectrum="", resumed="repeated")

KIND = StepKind(
    name="rest",
    title="Rest",
    model=Rest,
    segments=(REST,),
    plan=_plan,
    check=_check,
    leads=any_leads,
    needs=direct_current,
    brief=_brief,
    sentence=lambda step: f"rest at open circuit {rest_in_words(step)}",
    example="time: 10 min",
)
