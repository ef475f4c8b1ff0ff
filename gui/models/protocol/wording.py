"""Steps in a few words, from data as typed: a step that is not right yet has words too."""

from solbench.gui.models.common.words import term, tr
from solbench.protocols.files import Fields
from solbench.protocols.kinds import STEP_KINDS

KIND_WORDS = {name: term(kind.title) for name, kind in STEP_KINDS.items()}


ABOUT = {
    "rest": tr("The cell rests, switched off from every current, for a time or until its voltage is steady."),
    "constant_current": tr(
        "A constant current until the first of its ends; what is under 'Stop the run at' ends "
        "the run. Spectra on the way need a rest before each."
    ),
    "constant_voltage": tr("A voltage is held until the first of its ends; a current limit comes before it."),
    "impedance": tr("One spectrum at rest, from the highest frequency down to the lowest."),
    "dc_polarization": tr("A voltage is held until the current is steady: the electronic conductivity."),
    "loop": tr("The steps inside, again and again: so many passes, or one for each value of a series."),
    "prompt": tr("The run waits, with the cell off, until somebody confirms what is written here."),
    "manual": tr("What is set by hand while the run goes on, each value a step of its own."),
}
"""What a kind of step does, in the words of its form; of what is not here, the model says it."""


def step_words(step: Fields) -> str:
    """Describe what a step does and when it ends: "-0.16 mA/cm2 until 95 %, spectra at 5 states"."""
    kind = STEP_KINDS.get(str(step.get("kind")))
    return kind.brief(step) if kind else tr("unknown kind of step")
