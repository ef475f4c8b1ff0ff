"""Steps in a few words, from data as typed: a step that is not right yet has words too."""

from solbench.protocols.files import Fields
from solbench.protocols.kinds import STEP_KINDS

KIND_WORDS = {name: kind.title for name, kind in STEP_KINDS.items()}


def step_words(step: Fields) -> str:
    """Describe what a step does and when it ends: "-0.16 mA/cm2 until 95 %, spectra at 5 states"."""
    kind = STEP_KINDS.get(str(step.get("kind")))
    return kind.brief(step) if kind else "unknown kind of step"
