"""A protocol or a cell record while it is edited: plain values as the user typed them, right or wrong."""

from typing import Any, TypeAlias

Data: TypeAlias = dict[str, Any]
