"""What the strip says between the engine's end and its last words."""

from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.verbs import State
from solbench.gui.models.run.alarms import Alarms
from solbench.gui.models.run.run import RunModel
from tests.gui.models.run.test_run import Told


def picture(state: State) -> Status:
    return Status(
        run="r", path="a.h5", state=state, simulated=True, seq=9, flushed_seq=9, samples=3, time_s=2.0
    )


def test_the_strip_says_ending_until_it_is_known_how_the_run_ended(window):
    told = Told()
    run = RunModel(told, Alarms())
    for state, word in ((State.STOPPING, "■ STOPPING"), (State.ENDED, "■ ENDING")):
        told.batch.status = picture(state)
        run.update()
        window.strip.show_run(run)
        assert window.strip.text("state") == word
    told.tell(("end", {"completed": False, "outcome": "interrupted", "reason": "stopped"}), over=True)
    run.update()
    window.strip.show_run(run)
    assert window.strip.text("state") == "✕ NOT COMPLETED"
