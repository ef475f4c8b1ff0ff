"""Changing a protocol by `PATH=VALUE`: dotted paths by step name, or an alias that the protocol defines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import yaml

from solbench.protocols.errors import BadInput
from solbench.protocols.files import Fields, Plain
from solbench.protocols.kinds.registry import STEP_KINDS
from solbench.protocols.model import Model, join, meant
from solbench.protocols.protocol import Protocol, from_data, to_data


def with_settings(protocol: Protocol, settings: Sequence[str]) -> Protocol:
    """Make a protocol with each "PATH=VALUE" applied, in order, and read again as a whole.

    PATH is an alias of the protocol, a field (`build`), or a dotted path with steps by name
    (`steps.sodiation.current`). VALUE is text as in the file; a list or mapping is written as in YAML
    (`[0 %, 50 %]`); `null` takes an optional field away. Raises `BadInput`.
    """
    if not settings:
        return protocol
    data = to_data(protocol)
    for setting in settings:
        path, value = split_setting(setting)
        put_value(data, protocol.aliases.get(path, path), value, f"--set {setting}")
    return from_data(data, "--set " + ", ".join(settings))


def explain_path(protocol: Protocol, path: str) -> BadInput | None:
    """Say why a path does not lead to a field of the protocol; None if it does."""
    try:
        _holder(to_data(protocol), path, "")
    except BadInput as error:
        return error
    return None


def split_setting(setting: str) -> tuple[str, Plain]:
    """Return the path and the value of a "PATH=VALUE"; raises `BadInput`."""
    path, equals, value = setting.partition("=")
    if not equals or not path.strip():
        raise BadInput(f"'{setting}' is not a setting", "Write PATH=VALUE", file="--set")
    return path.strip(), _value(value.strip(), setting)


def _value(text: str, setting: str) -> Plain:
    """Only what cannot be meant as text is read as YAML, so that a cell id of 007 stays 007 in quotes."""
    if not (text[:1] in "[{\"'" or re.fullmatch(r"[+-]?(0|[1-9][0-9]*)|true|false|null", text)):
        return text
    try:
        value: Plain = yaml.safe_load(text) if text else text
        return value
    except yaml.YAMLError:
        raise BadInput(
            f"'{text}' cannot be read as a list or mapping", "Correct it", file=f"--set {setting}"
        ) from None


def put_value(data: Fields, path: str, value: Plain, file: str) -> Plain:
    """Put a value (None: take the field away) into the data of a protocol; return the one before, None for none.

    Raises `BadInput`, with `file` for its message.
    """
    holder, last = _holder(data, path, file)
    if not isinstance(holder, dict):
        raise BadInput("this is a whole step", "Name one of its fields", file=file, field=path)
    before = holder.pop(last, None)
    if value is not None:
        holder[last] = value
    return before


def _holder(data: Fields, path: str, file: str) -> tuple[Plain, str]:
    """Find what holds the last part of a path; makes empty mappings for optional ones on the way."""
    *parents, last = path.split(".")
    place = _Place(data, Protocol, path, "", file)
    for part in parents:
        place = place.child(part)
    place.require(last)
    return place.node, last


@dataclass(frozen=True, slots=True)
class _Place:
    """A place in the data with the model that describes it, and how the walk came here."""

    node: Plain
    model: type[Model] | None
    path: str
    walked: str
    file: str

    def known(self) -> dict[str, type[Model] | None]:
        """Get the parts that may follow, each with what is known of its type."""
        if isinstance(self.node, list):
            return {
                str(item["name"]): STEP_KINDS[str(item["kind"])].model
                for item in self.node
                if isinstance(item, dict)
            }
        if self.model is not None:
            fields = self.model.model_fields
            return {field.alias or name: _model_in(field.annotation) for name, field in fields.items()}
        return dict.fromkeys(self.node) if isinstance(self.node, dict) else {}

    def require(self, part: str) -> None:
        known = self.known()
        if part not in known:
            what = "step" if isinstance(self.node, list) else "field"
            inside = f" in {self.walked}" if self.walked else ""
            message = f"there is no {what} '{part}'{inside}"
            raise BadInput(message, meant(part, known), file=self.file, field=self.path)

    def child(self, part: str) -> _Place:
        self.require(part)
        model = self.known()[part]
        node: Plain = None
        if isinstance(self.node, list):
            node = next(item for item in self.node if isinstance(item, dict) and item["name"] == part)
        elif isinstance(self.node, dict):
            node = self.node.setdefault(part, {}) if model else self.node.get(part)
        return _Place(node, model, self.path, join(self.walked, part), self.file)


def _model_in(annotation: object) -> type[Model] | None:
    candidates = [annotation, *get_args(annotation)]
    return next((item for item in candidates if isinstance(item, type) and issubclass(item, Model)), None)
