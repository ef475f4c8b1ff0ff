"""The base of everything that is read from a file, and the texts of what a model refuses."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError, model_validator

from solbench.protocols.errors import BadInput, FieldError, sentence

Count = Annotated[StrictInt, Field(ge=1)]
Text = Annotated[str, Field(max_length=10_000)]


class Model(BaseModel):
    """A frozen model that refuses unknown fields with the name that was probably meant."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    def model_post_init(self, context: Any) -> None:
        """Count `kind` as written, so that a file made of the model can be read again."""
        if "kind" in type(self).model_fields:
            self.__pydantic_fields_set__.add("kind")

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = {field.alias or name for name, field in cls.model_fields.items()}
            accepted = known | set(cls.model_fields)
            for key in data:
                if key not in accepted:
                    cure = _POINT if str(key)[:1].isdigit() and data[key] is None else meant(str(key), known)
                    raise FieldError(f"there is no field '{key}'", cure, field=str(key))
        return data


_POINT = (  # {time: 0,5 s} is a time of 0 and a field '5 s'
    "A comma between braces parts fields: write a decimal point, or the value in quotes, as in {time: '0,5 s'}"
)

_POINT_IN_LIST = (  # [0,5 mA, 1,0 mA] are 0, '5 mA', 1 and '0 mA'
    "A comma in square brackets parts values: if a decimal comma is meant, write a decimal point, or the value in "
    "quotes, as in ['0,5 mA', '1 mA']"
)


def meant(word: str, known: Iterable[str]) -> str:
    """Say what was probably meant by a misspelt word, or what there is."""
    choices = sorted(known)
    by_fold = {choice.casefold(): choice for choice in choices}
    close = difflib.get_close_matches(word.casefold(), by_fold, n=2)
    listed = ", ".join(choices)
    if close:
        return f"Did you mean '{by_fold[close[0]]}'? There are: {listed}"
    return f"There are: {listed}" if choices else "There are none"


def bad_input(error: ValidationError, data: Any, file: str) -> BadInput:
    """Make one paragraph of everything that a model refused; the first refusal is told in full."""
    problems = refusals(error, data)
    field, message, cure = problems[0]
    others = list(dict.fromkeys(other for other, _, _ in problems[1:] if other != field))
    if others:
        cure = f"{sentence(cure)} Also to be corrected: {', '.join(others[:5])}"
    return BadInput(message, cure, file=file, field=field)


def refusals(error: ValidationError, data: Any) -> list[tuple[str, str, str]]:
    """Return field, message and cure of everything that a model refused.

    What is refused only because of something within it is left out: pydantic counts a list of which no entry can be
    used as empty.
    """
    items = error.errors(include_url=False)
    within = {item["loc"][:length] for item in items for length in range(len(item["loc"]))}
    return [_problem(item, data) for item in items if item["loc"] not in within]


def _problem(item: Any, data: Any) -> tuple[str, str, str]:
    path = user_path(item["loc"], data)
    cause = item.get("ctx", {}).get("error")
    if isinstance(cause, FieldError):
        is_parted = not cause.field and _is_parted_by_comma(item["loc"], data)
        cure = f"{sentence(cause.cure)} {_POINT_IN_LIST}" if is_parted else cause.cure
        return join(path, cause.field), cause.message, cure
    message, cure = _words(item)
    return path, message, cure


def _is_parted_by_comma(loc: Sequence[int | str], data: Any) -> bool:
    """Say whether a number in a list, which has no unit, may be one with a decimal comma behind it."""
    here = data
    for part in loc[:-1]:
        if isinstance(here, Mapping):
            is_tag = part not in here and part == here.get("kind")
            here = here if is_tag else here.get(part)
        elif isinstance(part, int) and isinstance(here, (list, tuple)) and part < len(here):
            here = here[part]
    number = loc[-1] if loc else None
    if not isinstance(here, (list, tuple)) or not isinstance(number, int) or number + 1 >= len(here):
        return False
    before, after = here[number], here[number + 1]
    return _is_whole(before) and (_is_whole(after) or (isinstance(after, str) and after[:1].isdigit()))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def user_path(loc: Iterable[int | str], data: Any) -> str:
    """Write the place of an error as the user would: steps by name, tags of unions left out."""
    path, here = "", data
    for part in loc:
        if isinstance(part, int):
            here = here[part] if isinstance(here, (list, tuple)) and part < len(here) else None
            name = here.get("name") if isinstance(here, Mapping) else None
            path = join(path, name) if isinstance(name, str) and name else f"{path}[{part + 1}]"
        elif (isinstance(here, Mapping) and part not in here and part == here.get("kind")) or part == "[key]":
            continue
        else:
            here = here.get(part) if isinstance(here, Mapping) else None
            path = join(path, part)
    return path


def join(path: str, part: str) -> str:
    """Join two pieces of a dotted path, either of which may be empty."""
    return f"{path}.{part}" if path and part else path or part


def _words(item: Any) -> tuple[str, str]:
    given, context, kind = item.get("input"), item.get("ctx", {}), item["type"]
    if kind == "missing":
        return "this field is missing and has no default", "Add it"
    if kind == "union_tag_invalid":
        tags = str(context["expected_tags"]).replace("'", "").split(", ")
        return f"there is no kind '{context['tag']}'", meant(str(context["tag"]), tags)
    if kind == "literal_error":
        return f"{_brief(given)} is not a value that this field accepts", f"Write {context['expected']}"
    if kind in _SHAPES:
        return f"{_brief(given)} is not {_SHAPES[kind]}", _CURES.get(kind, "Correct it")
    if kind in ("too_short", "string_too_short"):
        return "this is empty", "Write at least one entry"
    return f"{_brief(given)} cannot be used: {item['msg']}", "Correct it"


_SHAPES = {
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "a text",
    "model_type": "a mapping of fields",
    "model_attributes_type": "a mapping of fields",
    "dict_type": "a mapping of fields",
    "list_type": "a list",
    "tuple_type": "a list",
    "string_pattern_mismatch": "a name of letters, digits, '-' and '_'",
    "greater_than_equal": "large enough",
    "less_than_equal": "small enough",
}
_CURES = {
    "int_type": "Write a whole number without quotes or unit",
    "string_type": "Put it in quotes",
    "bool_type": "Write true or false without quotes",
    "string_pattern_mismatch": "Write a name without spaces or dots",
    "greater_than_equal": "Write 1 or more",
    "less_than_equal": "Write a smaller number",
    "list_type": "Write it as a list, in square brackets or one '- ' a line",
    "tuple_type": "Write it as a list, in square brackets or one '- ' a line",
}


def _brief(value: Any) -> str:
    shown = "nothing" if value is None else repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."
