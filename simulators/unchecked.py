"""What a YAML file or a line of JSON holds, before anything in it is checked."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "bool | int | float | str | Sequence[Value] | Mapping[str, Value] | None"
Block: TypeAlias = Mapping[str, Value]
