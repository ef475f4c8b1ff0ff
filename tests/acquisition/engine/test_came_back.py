"""What came back, of cells whose losses are drawn, through runs with whatever lies between full and empty."""

from __future__ import annotations

from random import Random

import pytest

from solbench.acquisition.engine.came_back import CameBack, ChargeBack
from solbench.acquisition.record.charge_ledger import Turns
from solbench.protocols.cells import load_cell

LOW, HIGH = 0.4, 1.02
BETWEEN_V = {"full": (1.7, 3.4), "half": (1.0, 0.0), "half_hard_carbon": (1.2, 0.01)}  # empty and full


class Cell:
    """A cell that keeps a share of what goes in, in the first filling and in those after it, on its bench.

    `inside_C`: what can still come back. A current out leaves some behind that depends on how fast it is, and on how
    far down it may go; a rest lets some of that come out the next time.
    """

    def __init__(
        self, draw: Random, build: str, first: float, later: float, *, is_fresh: bool, filled: float = 0.5
    ) -> None:
        self._draw = draw
        self.name = build
        self.build = load_cell("nps").build(build)
        self.whole_C = (self.build.capacity_C or 0.0) * draw.uniform(0.5, 1.1)
        self.is_fresh = is_fresh
        self.shares = first, later
        self.charge_C = 0.0
        self.inside_C = 0.0 if is_fresh else draw.uniform(0.0, filled) * self.whole_C
        self.filled_C = self.inside_C
        self.turns = Turns()
        self.back = ChargeBack(self.build, self.turns, is_fresh=is_fresh)
        self.told: list[float] = []

    @property
    def sign(self) -> int:
        """Get the sign of a current in."""
        return self.build.filling

    def session(self) -> None:
        """Stop and resume: what was remembered is gone, what is in the journal is not."""
        self.back = ChargeBack(self.build, self.turns, is_fresh=self.is_fresh)

    def _moves(self, into_C: float) -> None:
        """What fills the cell further than ever before loses more than what was in it before."""
        first, later = self.shares
        known_C = min(max(self.filled_C - self.inside_C, 0.0) / later, into_C)
        self.inside_C += into_C if into_C < 0.0 else later * known_C + first * (into_C - known_C)
        self.filled_C = max(self.filled_C, self.inside_C)
        self.charge_C += self.sign * into_C
        self.turns.add(self.charge_C)

    def held(self, into_C: float) -> None:
        """Let a held voltage move a charge (C)."""
        self._moves(into_C)

    def into(self, current_A: float, into_C: float, ended_V: float | None = None) -> None:
        """Let a current (A) bring a charge (C) in."""
        self._moves(into_C)
        assert self.back.ended(self.sign * current_A, self.charge_C, ended_V, 0.0) is None

    def pulse_out(self, current_A: float, out_C: float) -> None:
        """Let a current (A) take a charge (C) out for a time."""
        self._moves(-min(out_C, self.inside_C))
        self._hear(self.back.ended(-self.sign * current_A, self.charge_C, None, 0.0))

    def out(self, current_A: float, above: float, *, rested: bool = False) -> None:
        """Let a current (A) take out what it can, down to a voltage: a share of those from empty to full above empty.

        Near the end little is left: half way down a third, at a tenth 3 %.
        """
        kinetics = current_A * (500.0 if rested else 1000.0)  # 5 % of the capacity at 50 uA
        out_C = max(self.inside_C - (above**1.5 + kinetics) * self.whole_C, 0.0)
        self._moves(-out_C)
        empty_V, full_V = BETWEEN_V[self.name]
        ended_V = empty_V + above * (full_V - empty_V)
        self._hear(self.back.ended(-self.sign * current_A, self.charge_C, ended_V, 0.02))

    def _hear(self, found: CameBack | None) -> None:
        is_told = found is not None and (
            (found.share < LOW and found.tells_loss) or (found.share > HIGH and found.tells_excess)
        )
        if found is not None and is_told:
            self.told.append(found.share)
            self.back.told()


def way_in(draw: Random, cell: Cell, current_A: float, *, stops: bool) -> None:
    """Fill a cell in one piece or several, with pulses, spectra and held voltages between."""
    depth = draw.choice([1.0, 1.0, draw.uniform(0.3, 1.0)])
    into_C, pieces = max(depth * cell.whole_C - cell.inside_C, 0.05 * cell.whole_C), draw.randint(1, 4)
    for piece in range(pieces):
        cell.into(current_A, into_C / pieces, 3.4 if piece == pieces - 1 else None)
        match draw.choice(["", "pulse", "spectrum", "stop"] if piece < pieces - 1 else ["", "held", "pulse"]):
            case "pulse":
                cell.pulse_out(draw.choice([1.0, 5.0]) * current_A, draw.uniform(0.001, 0.08) * cell.whole_C)
            case "spectrum":
                cell.held(0.003 * cell.whole_C)
                cell.held(-0.003 * cell.whole_C)
            case "stop" if stops:
                cell.session()
            case "held":
                cell.held(draw.uniform(0.01, 0.15) * cell.whole_C)
            case _:
                pass


def way_out(draw: Random, cell: Cell, current_A: float, *, stops: bool) -> None:
    """Empty a cell, in stages of the voltage or the current, with pulses in, and again behind a rest."""
    for above in sorted(draw.sample([0.9, 0.7, 0.4, 0.2, 0.1], draw.randint(0, 4)), reverse=True):
        cell.out(draw.choice([1.0, 1.0, 3.0]) * current_A, above, rested=draw.random() < 0.5)
        if draw.random() < 0.4:
            cell.into(draw.choice([1.0, 4.0]) * current_A, draw.uniform(0.001, 0.06) * cell.whole_C)
        if stops and draw.random() < 0.1:
            cell.session()
    cell.out(current_A, 0.0)
    while draw.random() < 0.5:
        if draw.random() < 0.7:
            cell.into(draw.choice([1.0, 4.0]) * current_A, draw.uniform(0.001, 0.06) * cell.whole_C)
        cell.out(draw.choice([1.0, 0.5, 2.0]) * current_A, 0.0, rested=True)


def run_through(seed: int, build: str, shares: tuple[float, float], *, stops: bool = True) -> Cell:
    """Cycle a cell with drawn losses some times."""
    draw = Random(seed)
    cell = Cell(draw, build, *shares, is_fresh=draw.random() < 0.7)
    current_A = 10.0 ** draw.uniform(-5.0, -4.0)
    for _ in range(draw.randint(1, 4)):
        way_in(draw, cell, current_A, stops=stops)
        way_out(draw, cell, draw.choice([1.0, 1.0, 0.5, 0.2, 2.0]) * current_A, stops=stops)
    return cell


@pytest.mark.parametrize("build", BETWEEN_V)
def test_of_a_sound_cell_nothing_is_told_whatever_lies_between(build):
    told = {}
    for seed in range(1000):
        draw = Random(-1 - seed)
        told[seed] = run_through(seed, build, (draw.uniform(0.55, 0.95), draw.uniform(0.97, 1.0))).told
    assert {seed: shares for seed, shares in told.items() if shares} == {}


@pytest.mark.parametrize("build", BETWEEN_V)
def test_a_cell_that_gives_little_back_is_told_whatever_lies_between(build):
    """Emptied as slowly as it was filled; what is left in by the current alone is less than what is lost."""
    silent, deep = list[int](), 0
    for seed in range(400):
        draw = Random(-1 - seed)
        share = draw.uniform(0.05, 0.33)
        cell = Cell(draw, build, share, share, is_fresh=draw.random() < 0.7, filled=0.0)
        current_A = 10.0 ** draw.uniform(-5.0, -4.3)
        cell.into(current_A, 0.05 * cell.whole_C)
        if draw.random() < 0.3:
            cell.session()
        way_in(draw, cell, current_A, stops=False)
        way_out(draw, cell, current_A, stops=False)
        is_deep = cell.turns.highest_C - cell.turns.lowest_C > 0.4 * (cell.build.capacity_C or 0.0)
        deep += is_deep
        if is_deep and not cell.told:
            silent.append(seed)
    assert silent == []
    assert deep >= 300


@pytest.mark.parametrize("more", [1.1, 1.3])
def test_a_cell_that_gives_more_than_it_got_is_told(more):
    """In one piece, from as full and as empty as before; nothing of it where another session had emptied it."""
    for is_stopped in (False, True):
        cell = Cell(Random(3), "full", 1.0, 1.0, is_fresh=True)
        for number in range(2):
            cell.into(5e-5, cell.whole_C - cell.inside_C)
            if is_stopped and number:
                cell.session()
            cell.inside_C *= more if number else 1.0
            cell.out(5e-5, 0.0)
        assert bool(cell.told) != is_stopped
