"""Records that are made at every reading."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(kind: type[T]) -> type[T]:
    """Make a class a dataclass that never changes, as every type checker sees to; at run time nothing does.

    A guard at run time makes each instance three times as dear, and of these there are some for every reading.
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)
