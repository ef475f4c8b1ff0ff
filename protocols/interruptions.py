"""What a run does by itself after it was interrupted, and how long it waits for a user where it does not."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from solbench.protocols.model import Model
from solbench.protocols.quantities.quantity import Fraction, Quantity, Time


class Interruptions(Model):
    """When a run continues by itself after an interruption, and how long it waits for a user otherwise.

    An interruption is a time without readings: the adapter was away, the PC asleep, an answer lost. `wait_for_user`:
    how long a run that the program has paused waits before it ends uncompleted (it can be resumed then, too);
    `unwatched_charge`: how much of the charge of the step may have flowed meanwhile; `per_step`: how many
    interruptions of one step the run survives by itself.
    """

    wait_for_user: Time = Quantity("12 h", 43200.0, "time")
    unwatched_charge: Fraction = Quantity("0.5 %", 0.005, "fraction")
    per_step: Annotated[int, Field(ge=0, le=1000)] = 3
