"""What is written late is what `dataclasses` writes at once."""

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from solbench.late_dataclass import dataclass

OPTIONS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("eq", "frozen", "kw_only", "slots", "unsafe_hash"), st.booleans())
)
FIELDS = st.lists(
    st.sampled_from(
        [
            lambda: dataclasses.MISSING,
            lambda: 3,
            lambda: dataclasses.field(default=4, repr=False),
            lambda: dataclasses.field(default=5, compare=False),
            lambda: dataclasses.field(default_factory=lambda: [6]),
            lambda: dataclasses.field(default=7, init=False),
            lambda: dataclasses.field(default=8, kw_only=True),
            lambda: dataclasses.field(default=9, hash=False),
        ]
    ),
    max_size=4,
)
OWN = st.sets(st.sampled_from(["__eq__", "__hash__", "__repr__", "__post_init__", "__init__"]))
METHODS: dict[str, Any] = {
    "__eq__": lambda self, other: type(self) is type(other),
    "__hash__": lambda self: 11,
    "__repr__": lambda self: "mine",
    "__post_init__": lambda self: object.__setattr__(self, "a0", 12) if hasattr(self, "a0") else None,
    "__init__": lambda self, *given, **named: None,
}


def behaviour(decorator, options, fields, own, derived) -> list[object]:
    """Return all that can be seen of a class that was made so, and of one derived from it."""
    seen: list[object] = []

    def tell(what) -> Any:
        try:
            seen.append(what())
        except (AttributeError, TypeError, ValueError) as error:
            seen.append(type(error))
            return None
        return seen[-1]

    def made(bases, prefix):
        names = {f"{prefix}{number}": make() for number, make in enumerate(fields)}
        inside = {
            "__module__": __name__,
            "__annotations__": {**dict.fromkeys(names, int), "shared": ClassVar[int]},
            "shared": 1,
            **{name: METHODS[name] for name in own},
            **{name: value for name, value in names.items() if value is not dataclasses.MISSING},
        }
        return decorator(**options)(type("Made", bases, inside))

    base = made((), "a")
    for kind in [base, *([made((base,), "b")] if derived else [])]:
        required = [
            field.name
            for field in dataclasses.fields(kind)
            if field.init
            and field.default is dataclasses.MISSING
            and field.default_factory is dataclasses.MISSING
        ]
        tell(lambda kind=kind: str(inspect.signature(kind)))
        tell(lambda kind=kind: kind.__match_args__)
        tell(lambda kind=kind, required=required: repr(kind(*required)))
        one = tell(lambda kind=kind, required=required: kind(**dict.fromkeys(required, 1)))
        other = tell(lambda kind=kind, required=required: kind(**dict.fromkeys(required, 2)))
        del seen[-2:]
        if one is None or other is None:
            seen.append("cannot be made")
            continue
        tell(lambda one=one: repr(one))
        tell(lambda one=one, other=other: (one == other, one == copy.copy(one), one == copy.deepcopy(one)))
        tell(lambda one=one, other=other: (hash(one) == hash(copy.copy(one)), hash(one) == hash(other)))
        tell(lambda one=one: repr(dataclasses.replace(one, a0=8)))
        tell(lambda one=one: dataclasses.asdict(one))
        for name in ("a0", "b0"):
            seen.append(refuses(lambda one=one, name=name: setattr(one, name, 1)))
            seen.append(refuses(lambda one=one, name=name: delattr(one, name)))
        tell(lambda one=one: one.__getstate__())
    return seen


def refuses(change) -> bool:
    """Tell whether a change raises: where a class has slots, the library's own guard fails on names that it lacks."""
    try:
        change()
    except (AttributeError, TypeError):
        return True
    return False


@given(options=OPTIONS, fields=FIELDS, own=OWN, derived=st.booleans())
def test_a_class_behaves_as_the_one_that_the_library_makes(options, fields, own, derived):
    try:
        expected = behaviour(dataclasses.dataclass, options, fields, own, derived)
    except TypeError:  # such a class is none at all, as every type checker says
        reject()
    assert behaviour(dataclass, options, fields, own, derived) == expected


@dataclass(frozen=True, slots=True)
class Kept:
    """A class that pickle finds."""

    a: int
    b: list[int] = dataclasses.field(default_factory=list)


def test_an_instance_that_came_from_elsewhere_before_any_was_made_is_whole():
    """Another process may be the first to make one: pickle calls no `__init__`."""
    code = f"import pickle, sys; from {__name__} import Kept; print(pickle.loads({pickle.dumps(Kept(1, [2]))!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == repr(Kept(1, [2]))


def test_threads_that_need_a_class_first_at_the_same_time_all_get_it():
    def one_of_many(number: int) -> tuple[str, bool]:
        return repr(kinds[number // 8](number)), kinds[number // 8](1) == kinds[number // 8](1)

    kinds: list[Any] = [
        dataclass(frozen=True)(type("Made", (), {"__annotations__": {"a": int}})) for _ in range(100)
    ]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(one_of_many, range(800)))
    finally:
        sys.setswitchinterval(before)
    assert found == [(f"Made(a={number})", True) for number in range(800)]


def test_nothing_is_written_before_it_is_needed(monkeypatch):
    written = []
    whole = dataclasses._create_fn  # type: ignore[attr-defined]
    monkeypatch.setattr(
        dataclasses,
        "_create_fn",
        lambda name, *rest, **named: written.append(name) or whole(name, *rest, **named),
    )
    kind: Any = dataclass(frozen=True)(type("Made", (), {"__annotations__": {"a": int}, "a": 1}))
    assert not written
    assert kind().a == 1
    assert "__init__" in written
    del written[:]
    assert kind() == kind()
    assert not written


def test_what_derives_from_a_frozen_class_is_frozen_too():
    class Derived(Kept):
        pass

    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'c'"):
        Derived(1).c = 2  # type: ignore[attr-defined]
