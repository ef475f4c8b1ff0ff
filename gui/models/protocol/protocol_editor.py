"""A protocol while it is edited: data as typed, what is chosen, undo, findings; it may be wrong at any time."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.plain import Data, look_up, put
from solbench.gui.models.common.words import tr
from solbench.gui.models.protocol import step_tree
from solbench.gui.models.protocol.comments import written_over
from solbench.gui.models.protocol.drafts import write_whole
from solbench.gui.models.protocol.form import Field, fields_of, on_bench
from solbench.gui.models.protocol.step_tree import Place
from solbench.gui.models.protocol.validation import Judgement, judge
from solbench.gui.models.protocol.wording import ABOUT
from solbench.protocols import Build, CellRecord, Protocol, load_protocol, shipped_protocols
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.files import dump_text
from solbench.protocols.kinds import STEP_KINDS
from solbench.protocols.plausible import Instruments
from solbench.protocols.protocol import to_data

MOST_UNDO = 200
NOTHING: Data = {
    "name": "new",
    "conditions": {"temperature": "unknown", "stack_pressure": "unknown"},
    "record": {"every": "10 s"},
    "steps": [],
}
TOP_FIELDS = fields_of(Protocol)
USUAL: dict[str, Data] = {
    "rest": {"time": "10 min"},
    "record": {"every": "10 s"},
    "spectrum": {
        "from": "1 MHz",
        "to": "1 Hz",
        "points_per_decade": 10,
        "amplitude": "30 mV",
        "integration": "1 s",
    },
}
"""What a group holds when it is taken in, where no other step has one."""


@dataclass
class _Source:
    """What a protocol was read from (a shipped name or a path, None for a new one), and what stands there."""

    reference: str | None
    saved: Data


_Before = tuple[Data, _Source, Place | None]
"""A state to go back to: the data, where they are from, the step that was chosen."""


class ProtocolEditor:
    """The protocol that is edited; `changed` is called after every change, of data, cell or choice.

    `chosen` is the step of which the form is shown, `marked` are those that are copied, deleted and dragged together.

    Undo leads back to a protocol that was replaced before it was saved, too.
    """

    def __init__(self, reference: str = "half-cell") -> None:
        self.changed = Observers()
        self.chosen: Place | None = None
        self.marked: tuple[Place, ...] = ()
        self.kept: Path | None = None
        self._record: CellRecord | None = None
        self._able = Instruments()
        self._judgement: Judgement | None = None
        self._version = 0  # of what is judged
        self.data: Data = {}
        self._source = _Source(None, {})
        self._undo: list[_Before] = []
        self._redo: list[_Before] = []
        self._last_edit: tuple[Any, ...] | None = None
        self._left_out: dict[tuple[str, tuple[str, ...]], Data] = {}
        self.open(reference)

    @property
    def reference(self) -> str | None:
        """Get what it was read from or saved to, None for a new one."""
        return self._source.reference

    def open(self, reference: str) -> None:
        """Take another protocol; raises BadInput, and then keeps the present one.

        Changes that were not saved come back with `undo`.
        """
        self._start(to_data(load_protocol(reference)), reference)

    def new(self) -> None:
        """Start a protocol without steps; changes that were not saved come back with `undo`."""
        names = self._record.builds if self._record is not None else ()
        build = str(self.data.get("build") or next(iter(names), "half"))
        self._start({**copy.deepcopy(NOTHING), "build": build}, None)

    def _start(self, data: Data, reference: str | None) -> None:
        if self.modified:
            self._undo.append((self.data, self._source, self.chosen))
        else:  # what was not saved of those before stays at hand
            self._undo = [before for before in self._undo if before[1] is not self._source]
        self.data, self._source = data, _Source(reference, copy.deepcopy(data))
        self._redo.clear()
        self._left_out.clear()
        self._last_edit = None
        self.marked = ()
        self.chosen = (0,) if data.get("steps") else None
        self._altered()

    @property
    def modified(self) -> bool:
        """Get whether it differs from what was read or saved."""
        return bool(self.data != self._source.saved)

    @property
    def ships(self) -> bool:
        """Get whether it was read from a protocol that comes with the program, which cannot be written over."""
        return self.reference in shipped_protocols()

    @property
    def title(self) -> str:
        """Get what it is called, with a mark where it is not saved."""
        name = str(self.data.get("name") or "protocol")
        return tr("{name} (not saved)", name=name) if self.modified else name

    @property
    def judgement(self) -> Judgement:
        """Get what is found about it as it is now: behind a change, whoever asks first waits for that."""
        if self._judgement is None:
            self._judgement = judge(self.data, self._record, self._able)
        return self._judgement

    @property
    def judged(self) -> bool:
        """Get whether `judgement` is there already."""
        return self._judgement is not None

    def to_judge(self) -> tuple[Callable[[], Judgement], Callable[[Judgement], bool]]:
        """Return what judges it as it is now, for a thread, and what takes that, unless it is another by then."""
        data, version = copy.deepcopy(self.data), self._version
        record, able = self._record, self._able

        def take(found: Judgement) -> bool:
            if self._version == version:
                self._judgement = found
            return self._version == version

        return lambda: judge(data, record, able), take

    @property
    def build(self) -> Build | None:
        """Get the build that it names, None where the cell has no such build."""
        try:
            return self._record.build(str(self.data.get("build"))) if self._record is not None else None
        except (BadInput, FieldError):
            return None

    def set_cell(self, record: CellRecord | None) -> None:
        """Judge the protocol for another cell; the same again changes nothing."""
        if record == self._record:
            return
        self._record = record
        self._altered()

    @property
    def able(self) -> Instruments:
        """Get what the bench can do for which it is judged."""
        return self._able

    def set_bench(self, able: Instruments) -> None:
        """Judge the protocol for another bench; the same again changes nothing."""
        if able == self._able:
            return
        self._able = able
        self._altered()

    def choose(self, place: Place | None) -> None:
        """Choose a step (None: the protocol itself)."""
        self.marked = ()
        if place != self.chosen:
            self.chosen = place
            self._last_edit = None
            self.changed()

    @property
    def group(self) -> list[Place]:
        """Get what is copied, deleted and dragged together: the marked steps, else the chosen one."""
        there = dict(step_tree.places(self.data))
        marked = self.marked or (() if self.chosen is None else (self.chosen,))
        return step_tree.outermost(place for place in marked if place in there)

    def choose_field_of(self, path: str) -> str:
        """Choose the step that a finding's path leads to; return the field below it."""
        place, rest = step_tree.find(self.data, path)
        self.choose(place)
        return rest

    @property
    def form(self) -> tuple[Field, ...]:
        """Get the fields of what is chosen, without the steps inside."""
        if self.chosen is None:
            fields = TOP_FIELDS
        else:
            kind = STEP_KINDS.get(str(self.target.get("kind")))
            fields = fields_of(kind.model) if kind else ()
        shown = (self._with_builds(field) for field in fields if field.kind != "steps")
        return tuple(on_bench(field, self._able) for field in shown)

    def _with_builds(self, field: Field) -> Field:
        """Let the build be chosen from those of the cell."""
        if field.name != "build" or self._record is None:
            return field
        return replace(field, kind="choice", choices=tuple(self._record.builds))

    @property
    def target(self) -> Data:
        """Get the data of what is chosen."""
        return self.data if self.chosen is None else step_tree.step_at(self.data, self.chosen)

    @property
    def about(self) -> str:
        """Get what the chosen kind of step does, for the head of its form."""
        kind = None if self.chosen is None else STEP_KINDS.get(str(self.target.get("kind")))
        if kind is not None and kind.name in ABOUT:
            return ABOUT[kind.name]
        model = kind.model if kind is not None else Protocol
        return " ".join((model.__doc__ or "").split("\n\n")[0].replace("`", "").split())

    def value(self, *names: str) -> Any:
        """Return what a field of the chosen step holds, None if it is not there; `names` go into groups."""
        return look_up(self.target, *names)

    def set(self, value: Any, *names: str) -> None:
        """Put a value as typed into a field of the chosen step; None or "" takes the field away."""
        if self.value(*names) == value:
            return
        self._remember((self.chosen, *names))
        path, before = self._path(), self.value(*names)
        if value is None and isinstance(before, dict):
            self._left_out[path, names] = copy.deepcopy(before)
        put(self.target, value, *names)
        if names == ("spectra_at",) and value:  # a spectrum on the way needs both
            for need in ("rest", "spectrum"):
                if self.value(need) is None:
                    put(self.target, self.filled(need), need)
        step_tree.redirect(self.data, path, self._path())
        self._altered()

    def filled(self, *names: str) -> Any:
        """Return what a group of the chosen step holds when it is taken in: ready to run.

        That is what it held when it was left out; else what the nearest step above has in the same place, or any
        other; else what is usual.
        """
        if (self._path(), names) in self._left_out:
            return copy.deepcopy(self._left_out[self._path(), names])
        around = [step for _, step in step_tree.places(self.data)]
        here = next((n for n, step in enumerate(around) if step is self.target), 0)
        others = [*reversed(around[:here]), *around[here + 1 :], self.data]
        found = next(
            (group for step in others if isinstance(group := look_up(step, *names), dict) and group), None
        )
        return copy.deepcopy(found if found is not None else USUAL.get(names[-1], {}))

    def add(self, kind: str) -> None:
        """Add a step of a kind behind the chosen one, or into a chosen loop."""
        self._change(lambda: step_tree.add(self.data, kind, self.chosen))

    @property
    def kept_steps(self) -> list[Data]:
        """Get copies of the marked steps, to be put in again elsewhere."""
        return [copy.deepcopy(step_tree.step_at(self.data, place)) for place in self.group]

    def duplicate(self) -> None:
        """Put a copy of the marked steps behind the last of them."""
        if group := self.group:
            self.put_in(self.kept_steps, group[-1])

    def put_in(self, steps: Sequence[Data], after: Place | None = None) -> None:
        """Put steps in behind a place, the chosen one by itself; without one, at the end."""
        place = after if after is not None else self.chosen
        parent, index = (place[:-1], place[-1] + 1) if place else ((), len(self.data["steps"]))

        def put() -> Place | None:
            places = [
                step_tree.insert(self.data, copy.deepcopy(step), parent, index + number)
                for number, step in enumerate(steps)
            ]
            self.marked = tuple(places)
            return places[0] if places else place

        self._change(put)

    def remove(self) -> None:
        """Take the marked steps away."""

        def remove() -> Place | None:
            left = self.chosen
            for place in reversed(group):
                step_tree.redirect(self.data, step_tree.path_of(self.data, place), None)
                left = step_tree.remove(self.data, place)
            self.marked = ()
            return left

        if group := self.group:
            self._change(remove)

    def move(self, by: int) -> None:
        """Move the chosen step up (-1) or down (+1), into and out of loops."""
        path = self._path()
        self._change(lambda: step_tree.move(self.data, self.chosen or (0,), by), needs_step=True)
        step_tree.redirect(self.data, path, self._path())
        self._altered()

    def move_to(self, places: Sequence[Place], parent: Place, index: int) -> None:
        """Put steps where they were dropped: into a list (empty: the protocol's), before what stands at `index` there.

        A loop does not go into itself: then nothing changes.
        """
        group = step_tree.outermost(places)
        if not group or any(parent[: len(place)] == place for place in group):
            self.choose(group[0] if group else self.chosen)
            return
        steps = [step_tree.step_at(self.data, place) for place in group]

        def move() -> Place | None:
            nonlocal parent, index
            moved = []
            for step in steps:
                here = step_tree.place_of(self.data, step)
                path = step_tree.path_of(self.data, here)
                there = step_tree.move_to(self.data, here, parent, index)
                step_tree.redirect(self.data, path, step_tree.path_of(self.data, there))
                moved.append(step_tree.step_at(self.data, there))
                parent, index = there[:-1], there[-1] + 1
            self.marked = tuple(step_tree.place_of(self.data, step) for step in moved)
            return self.marked[0]

        self._change(move)

    def undo(self) -> None:
        """Undo the last change."""
        self._swap(self._undo, self._redo)

    def redo(self) -> None:
        """Make the change that was taken back again."""
        self._swap(self._redo, self._undo)

    @property
    def can_undo(self) -> bool:
        """Get whether there is a change to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Get whether a change was taken back."""
        return bool(self._redo)

    def text(self, *, as_json: bool = False) -> str:
        """Return the file's text as it is now."""
        return dump_text(self.data, as_json=as_json)

    def save(self, path: Path) -> None:
        """Write the protocol as YAML or, by the ending, JSON; raises BadInput where the disk refuses.

        Comments of a file that is written over stay in it; those of what is gone in a copy beside it, `kept`.
        """
        text, self.kept = written_over(path, self.text(as_json=path.suffix == ".json"))
        write_whole(path, text, "protocol")
        self._source.reference, self._source.saved = str(path), copy.deepcopy(self.data)
        self.changed()

    def write(self, path: Path) -> None:
        """Write the present state without counting it as saved; raises BadInput where the disk refuses."""
        write_whole(path, self.text(as_json=path.suffix == ".json"), "protocol")

    def _path(self) -> str:
        return "" if self.chosen is None else step_tree.path_of(self.data, self.chosen)

    def _change(self, do: Callable[[], Place | None], needs_step: bool = False) -> None:
        if needs_step and self.chosen is None:
            return
        self._remember(None)
        self.marked = ()
        self.chosen = do()
        self._altered()

    def _remember(self, edit: tuple[Any, ...] | None) -> None:
        """Keep the present state for undo; typing on in one field is one change."""
        if edit is None or edit != self._last_edit:
            self._undo.append((copy.deepcopy(self.data), self._source, self.chosen))
            del self._undo[:-MOST_UNDO]
        self._redo.clear()
        self._last_edit = edit

    def _swap(self, taken: list[_Before], given: list[_Before]) -> None:
        if not taken:
            return
        data, source, place = taken.pop()
        given.append((self.data, self._source, place))
        self.data, self._source, self.chosen = data, source, place  # where the change was made
        self._last_edit = None
        self.marked = ()
        if self.chosen is not None and self.chosen not in dict(step_tree.places(self.data)):
            self.chosen = (0,) if self.data.get("steps") else None
        self._altered()

    def _altered(self) -> None:
        self._judgement = None
        self._version += 1
        self.changed()
