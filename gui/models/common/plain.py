"""A protocol or a cell record while it is edited: plain values as the user typed them, right or wrong."""

from __future__ import annotations

from typing import Any, TypeAlias

Data: TypeAlias = dict[str, Any]
