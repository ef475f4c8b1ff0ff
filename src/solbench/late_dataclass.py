"""Dataclasses whose methods are written when the first of them is asked for.

`dataclasses.dataclass` writes `__init__`, `__repr__`, `__eq__` and up to three more as text and compiles them, whether
the class is ever used or not. Of the hundreds of classes behind a command most are not, and writing them was a quarter
of every start. Here the same library writes the same methods, but later; to type checkers this is `dataclass` itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

__all__ = ["dataclass"]

Options = dict[str, bool]


def _dataclass(
    cls: type | None = None,
    /,
    *,
    eq: bool = True,
    unsafe_hash: bool = False,
    frozen: bool = False,
    kw_only: bool = False,
    slots: bool = False,
) -> type | Callable[[type], type]:
    """Do what `dataclasses.dataclass` does; options that it has and this has not are as it has them by default.

    One thing is not the same: what inherits from a frozen class is frozen, be it a dataclass or not.
    """
    options = {"eq": eq, "unsafe_hash": unsafe_hash, "frozen": frozen, "slots": slots}

    def decorated(cls: type) -> type:
        return _with_fields(cls, options, kw_only)

    return decorated if cls is None else decorated(cls)


def _with_fields(cls: type, options: Options, kw_only: bool) -> type:
    """Make a class a dataclass, and put what will be written into the place of each method."""
    own = {*vars(cls)}
    if vars(cls).get("__hash__", cls) is None and "__eq__" in own:  # Python's None, not one that was written
        own.remove("__hash__")
    cls.__doc__ = cls.__doc__ or cls.__name__  # else the signature would be asked for, and all written
    made: Any = dataclasses.dataclass(
        init=False, repr=False, eq=False, kw_only=kw_only, slots=options["slots"]
    )(cls)
    names = ["__init__", "__repr__"]
    if options["eq"]:
        names.append("__eq__")
    if options["unsafe_hash"] or (options["eq"] and options["frozen"]):
        names.append("__hash__")
    elif options["eq"] and "__hash__" not in own:
        made.__hash__ = None
    if options["frozen"]:
        made.__setattr__, made.__delattr__ = _refused, _refused
        if options["slots"]:
            names += ["__getstate__", "__setstate__"]
    for name in names:
        if name not in own:
            setattr(made, name, _ToCome(made, name, options))
    return made  # type: ignore[no-any-return]


class _ToCome:
    """Stands for a method of a dataclass: whoever looks it up has all of them written."""

    def __init__(self, cls: type, name: str, options: Options) -> None:
        self._cls, self._name, self._options = cls, name, options

    def __get__(self, instance: object, owner: type) -> Any:
        if vars(self._cls)[self._name] is self:
            self._write()
        return vars(self._cls)[self._name].__get__(instance, owner)

    def _write(self) -> None:
        """Have the methods written for a class with the same fields, and take them over."""
        fields = {field.name: field for field in dataclasses.fields(self._cls)}
        named = {name: getattr(self._cls, name) for name in ("__module__", "__qualname__", "__doc__")}
        types = {"__annotations__": {name: field.type for name, field in fields.items()}}
        after = {name: None for name in ("__post_init__",) if hasattr(self._cls, name)}
        like = type(self._cls.__name__, (), {**named, **types, **after, **fields})
        written = vars(dataclasses.dataclass(**self._options)(like))
        for name, method in {**vars(self._cls)}.items():
            if isinstance(method, _ToCome):
                setattr(self._cls, name, written[name])


def _refused(instance: object, name: str, value: object = None) -> NoReturn:
    """Stand for `__setattr__` and `__delattr__` of frozen classes."""
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass
