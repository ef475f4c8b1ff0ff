"""Forms made of the models that read files: what fields there are, what each takes, what a text in it means."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from solbench.gui.models.common.words import alternatives, term, tr
from solbench.protocols.cells import Build
from solbench.protocols.convert import amperes, coulombs
from solbench.protocols.errors import FieldError
from solbench.protocols.plausible import UNKNOWN_INSTRUMENTS, Instruments
from solbench.protocols.quantities.quantity import Accepts, Quantity, is_reference

Kind = Literal[
    "quantity", "quantities", "count", "flag", "choice", "text", "names", "series", "bands", "group", "steps"
]

PLACES = {"name": -1, "notes": 1}  # first and last in a form, wherever the model defines them
HIDDEN = ("kind",)
ALIASES = tr(
    "Short names for the values that --set changes, each with the path of its value, such as cycles = "
)
EXAMPLES = {
    "amplitude": "30 mV",
    "expected_resistance": "5 ohm",
    "to": "1 Hz",
    "every": "1 s",
    "voltage_change": "5 mV",
    "integration": "1 s",
    "repeat_above": "1 %",
    "repeat_points_above": "2 %",
    "settled_within": "0.5 %",
    "settling": "2 cycles",
    "steady_within": "1 %",
    "steady_over": "10 min",
    "spectra_at": "0 %; 50 %; 100 %",
    "thickness_uncertainty": "10 um",
    "diameter": "10 mm",
    "diameter_uncertainty": "0.05 mm",
    "cathode_mass": "4.71 mg",
    "voltage_window": "-5 V; 2.5 V",
    "start_window": "-0.2 V; 2.5 V",
    "current_max": "10 mA",
    "slope": "1 mV/min",
    "over": "60 s",
}
"""What the field's own kind of quantity would be a poor example for."""
SIGNS = {
    "any": tr("any sign"),
    "positive": tr("above zero"),
    "not negative": tr("zero or above"),
    "not zero": tr("not zero, with its sign"),
}


def bounds_of(able: Instruments) -> dict[str, str]:
    """Say what a bench can do at all, by the kind of a quantity.

    The window of the cell is narrower, and is judged beside the form. Of a bench that is not known it says nothing.
    """
    if able == UNKNOWN_INSTRUMENTS:
        return {}
    found = {
        "current": tr("at most {current:g} A ({source})", current=able.current_max_A, source=able.source),
        "voltage": tr("at most {voltage:g} V ({source})", voltage=able.voltage_max_V, source=able.source),
    }
    lowest, highest = 1e6 * able.frequency_min_Hz, 1e-6 * able.frequency_max_Hz
    if able.can("impedance"):
        found["frequency"] = tr(
            "{lowest:g} uHz to {highest:g} MHz ({analyzer} with {source})",
            lowest=lowest,
            highest=min(highest, 1e-6 * able.pair_frequency_max_Hz),
            analyzer=able.analyzer,
            source=able.source,
        )
    elif able.can("standalone impedance"):
        found["frequency"] = tr(
            "{lowest:g} uHz to {highest:g} MHz ({analyzer} alone)",
            lowest=lowest,
            highest=highest,
            analyzer=able.analyzer,
        )
    return found


LABELS = {
    "at_least": tr("At least"),
    "at_most": tr("At most"),
    "cell_id": tr("Cell id"),
    "cell_state": tr("Cell state"),
    "cut_short": tr("Stop the run at"),
    "electronic_conductivity_reduced": tr("The same, reduced by sodium"),
    "every": tr("A reading every"),
    "fresh_window": tr("Rest voltage when fresh"),
    "integration": tr("Time or cycles a point takes"),
    "settling": tr("Wait before each point"),
    "settled_within": tr("Until a point repeats within"),
    "bands": tr("Otherwise below a frequency"),
    "linearity": tr("Again with the amplitude"),
    "live": tr("Has a voltage of its own"),
    "over": tr("Averaged over"),
    "points_per_decade": tr("Points per decade"),
    "record": tr("Storing of readings"),
    "reduced": tr("Electrolyte reduced by sodium"),
    "repeat_above": tr("Repeat if the Kramers-Kronig test is above"),
    "repeat_points_above": tr("Repeat points that are off by more than"),
    "repeats": tr("At most so often again"),
    "slope": tr("Steady below"),
    "sodiated_window": tr("Rest voltage when sodiated"),
    "spectra_at": tr("Spectra at"),
    "spectrum": tr("Spectrum"),
    "stack_pressure": tr("Stack pressure"),
    "start_window": tr("Rest voltage at the start"),
    "twice": tr("Measure each state twice"),
    "until": tr("Ends at the first of"),
    "usual_window": tr("Usual cycling voltages"),
    "voltage_change": tr("And at each change by"),
    "voltage_window": tr("Voltage limits"),
}
"""What a field is called on the screen where its own name does not say it to a technician."""
SERIES_LABEL = tr("A pass for each value of")


@dataclass(frozen=True)
class Field:
    """One field of a form, by the name that it has in the file.

    `fields` are those of a group; `accepts` is the rule of a quantity, or of each of several; `able` what the bench
    can do.
    """

    name: str
    kind: Kind
    required: bool
    choices: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    accepts: Accepts | None = None
    default: Any = None
    able: Instruments = Instruments()  # noqa: RUF009 - frozen

    @property
    def label(self) -> str:
        """Get the name as people read it."""
        return self.name.replace("_", " ")

    @property
    def example(self) -> str:
        """Get a text that the field takes, "" where anything is."""
        if self.accepts is None:
            return ""
        return _example_of(self.name, self.accepts) or self.accepts.example_texts()[0]

    @property
    def hint(self) -> str:
        """Get what the field takes, with units and limits, as one sentence."""
        optional = "" if self.required else " " + tr("May be left empty.")
        return f"{_takes(self)}{optional}"


def label_of(field: Field) -> str:
    """Return what a form calls a field."""
    if field.kind == "series":
        return SERIES_LABEL
    return LABELS.get(field.name) or term(field.label.capitalize())


def _example_of(name: str, accepts: Accepts) -> str:
    """Return the better example for a name, "" where the field of this name takes something else."""
    example = EXAMPLES.get(name, "")
    try:
        for part in example.split(";") if example else ():
            accepts.read(part.strip())
    except FieldError:
        return ""
    return example


def _takes(field: Field) -> str:
    if field.kind == "choice":
        return tr("One of: {choices}.", choices=", ".join(field.choices))
    if field.kind == "count":
        return tr("A whole number, 1 or more.")
    if field.kind == "flag":
        return tr("Yes, if ticked.")
    if field.kind == "text":
        return tr("A text.")
    if field.kind == "series":
        return tr(
            "Names with their values, such as current = 0.1 mA/cm2, 0.2 mA/cm2 or voltage = 0 V "
            "to 1 V by 100 mV, several with semicolons between them; a step of the loop writes "
            "$current where it is to have the value."
        )
    if field.kind == "bands":
        return tr(
            "Such as below 10 Hz: integration 4 cycles, settling 1 cycle; several with semicolons "
            "between them. The lowest band that a point is in holds."
        )
    if field.kind == "names":
        return f"{ALIASES}steps.cycling.count; " + tr("several with semicolons between them.")
    if field.accepts is None:
        return f"{term(field.label.capitalize())}."
    shown = _example_of(field.name, field.accepts) or alternatives(field.accepts.example_texts())
    kinds = alternatives([term(kind) for kind in field.accepts.kinds])
    several = ", " + tr("several with semicolons between them") if field.kind == "quantities" else ""
    known = bounds_of(field.able)
    bounds = "".join(f", {known[kind]}" for kind in field.accepts.kinds if kind in known)
    return tr(
        "{kinds}, {sign}{bounds}{several}; for example {example}.",
        kinds=kinds[0].upper() + kinds[1:],
        sign=SIGNS[field.accepts.sign],
        bounds=bounds,
        several=several,
        example=shown,
    )


def fields_of(model: type[BaseModel]) -> tuple[Field, ...]:
    """Return the fields of a model in the order in which it defines them."""
    found = (_field(info.alias or name, info) for name, info in model.model_fields.items())
    shown = [field for field in found if field.name not in HIDDEN]
    return tuple(sorted(shown, key=lambda field: PLACES.get(field.name, 0)))


def on_bench(field: Field, able: Instruments) -> Field:
    """Return a field whose hint says what a bench can do."""
    return replace(field, able=able, fields=tuple(on_bench(inner, able) for inner in field.fields))


def _field(name: str, info: FieldInfo) -> Field:
    annotation, metadata = _bare(info.annotation, list(info.metadata))
    required = info.is_required()
    default = None if required or info.default_factory else info.default
    accepts = next((item for item in metadata if isinstance(item, Accepts)), None)
    if accepts is not None:
        return Field(name, "quantity", required, accepts=accepts, default=default)
    if name == "steps":
        return Field(name, "steps", required)
    if get_origin(annotation) is tuple:
        return _several(name, annotation, required)
    if get_origin(annotation) is Literal:
        return Field(name, "choice", required, choices=get_args(annotation), default=default)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Field(name, "group", required, fields=fields_of(annotation))
    return Field(name, _plain(annotation), required, default=default)


def _plain(annotation: Any) -> Kind:
    if annotation is bool:
        return "flag"
    if get_origin(annotation) is dict:
        return "names" if get_args(annotation) == (str, str) else "series"
    return "count" if annotation is int else "text"


def _several(name: str, annotation: Any, required: bool) -> Field:
    item, metadata = _bare(get_args(annotation)[0], [])
    if isinstance(item, type) and issubclass(item, BaseModel):
        return Field(name, "bands", required)
    accepts = next((item for item in metadata if isinstance(item, Accepts)), None)
    return Field(name, "quantities", required, accepts=accepts)


def _bare(annotation: Any, metadata: list[Any]) -> tuple[Any, list[Any]]:
    """Take `Optional` and `Annotated` off a type; return it and what it was annotated with."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            metadata = [*metadata, *more]
        elif get_origin(annotation) in (Union, types.UnionType):
            inner = [item for item in get_args(annotation) if item is not type(None)]
            if len(inner) != 1:
                return annotation, metadata
            annotation = inner[0]
        else:
            return annotation, metadata


def meaning(field: Field, text: str, build: Build | None) -> str:
    """Say what a current or capacity comes to in this build ("= -125.6 uA"), "" where that adds nothing."""
    if field.kind != "quantity" or field.accepts is None or build is None:
        return ""
    try:
        value = field.accepts.read(text)
        return _absolute(value, build, set(field.accepts.kinds)) if isinstance(value, Quantity) else ""
    except FieldError:
        return ""


_CURRENTS = ("current density", "specific current", "C-rate")
_CAPACITIES = ("areal capacity", "specific capacity", "fraction")


def _absolute(value: Quantity, build: Build, field_kinds: set[str]) -> str:
    if value.kind in _CURRENTS:
        return f"= {with_prefix(amperes(value, build), 'A')}"
    if value.kind in _CAPACITIES and field_kinds & set(_CAPACITIES[:2]):
        return f"= {coulombs(value, build) / 3.6:.4g} mAh"
    return ""


def with_prefix(value: float, unit: str) -> str:
    """Write an SI value with the prefix that suits it: 1.256e-4 A is "125.6 uA"."""
    size = abs(value)
    for prefix, factor in (
        ("G", 1e9),
        ("M", 1e6),
        ("k", 1e3),
        ("", 1.0),
        ("m", 1e-3),
        ("u", 1e-6),
        ("n", 1e-9),
    ):
        if size >= factor * 0.99995:
            return f"{value / factor:.4g} {prefix}{unit}"
    return f"{value:.4g} {unit}"


def names_of(text: str) -> dict[str, str] | str:
    """Read "cycles = steps.cycling.count; ..." as names with what they stand for; the text where it is none.

    >>> names_of("cycles = steps.cycling.count; v=steps.hold.voltage")
    {'cycles': 'steps.cycling.count', 'v': 'steps.hold.voltage'}
    >>> names_of("cycles")
    'cycles'
    """
    found: dict[str, str] = {}
    for part in (part.strip() for part in text.split(";")):
        name, equals, path = (piece.strip() for piece in part.partition("="))
        if not part:
            continue
        if not (equals and name and path) or name in found:
            return text
        found[name] = path
    return found


_COMMA = re.compile(  # that of a decimal stands between two digits, and neither is of a unit
    r",\s+|(?<=[A-Za-z%\u2126\u03a9]),|(?<=[A-Za-z][0-9]),|,(?![0-9])"
)
_BAND = re.compile(r"below\s+(.+?)\s*:\s*(.+)")
_PART = re.compile(r"(integration|settling)\s+(.+)")


def bands_of(text: str) -> list[dict[str, str]] | str:
    """Read "below 10 Hz: integration 4 cycles, settling 1 cycle; ..." as bands; the text where it is none.

    >>> bands_of("below 10 Hz: integration 4 cycles, settling 1 cycle; below 1 Hz: settling 2 s")
    [{'below': '10 Hz', 'integration': '4 cycles', 'settling': '1 cycle'}, {'below': '1 Hz', 'settling': '2 s'}]
    >>> bands_of("4 cycles")
    '4 cycles'
    """
    found = []
    for one in (one.strip() for one in text.split(";") if one.strip()):
        band = _BAND.fullmatch(one)
        parts = [_PART.fullmatch(part.strip()) for part in _COMMA.split(band[2])] if band else []
        if band is None or None in parts:
            return text
        found.append({"below": band[1]} | {part[1]: part[2].strip() for part in parts if part is not None})
    return found


def bands_text(bands: Sequence[Mapping[str, Any]]) -> str:
    """Write bands as `bands_of` reads them."""
    return "; ".join(
        f"below {band.get('below', '')}: "
        + ", ".join(
            f"{name} {value}" for name, value in band.items() if name != "below" and value is not None
        )
        for band in bands
    )


_RANGE = re.compile(r"(.+?) to (.+?) by (.+)")


def series_of(text: str) -> dict[str, list[str] | dict[str, str]] | str:
    """Read "current = 0.1 mA, 0.2 mA; hold = 1 h to 3 h by 1 h" as a series; the text where it is none.

    >>> series_of("current = 0.1 mA, 0.2 mA; hold = 1 h to 2 h by 1 h")
    {'current': ['0.1 mA', '0.2 mA'], 'hold': {'from': '1 h', 'to': '2 h', 'step': '1 h'}}
    >>> series_of("current = 0,5 mA/cm2,1,0 mA/cm2,C/20,-C/10")
    {'current': ['0,5 mA/cm2', '1,0 mA/cm2', 'C/20', '-C/10']}
    >>> series_of("0.1 mA")
    '0.1 mA'
    """
    names = names_of(text)
    if isinstance(names, str):
        return text
    found: dict[str, list[str] | dict[str, str]] = {}
    for name, values in names.items():
        if between := _RANGE.fullmatch(values):
            found[name] = dict(zip(("from", "to", "step"), between.groups(), strict=True))
        else:
            found[name] = [value.strip() for value in _COMMA.split(values)]
    return found


def series_text(series: Mapping[str, Any]) -> str:
    """Write a series as `series_of` reads it."""
    found = []
    for name, values in series.items():
        if isinstance(values, Mapping) and "values" not in values:
            words = f"{values.get('from', '')} to {values.get('to', '')} by {values.get('step', '')}"
        else:
            listed = values["values"] if isinstance(values, Mapping) else values
            words = ", ".join(map(str, listed)) if isinstance(listed, (list, tuple)) else str(listed)
        found.append(f"{name} = {words}")
    return "; ".join(found)


def problem(field: Field, text: str) -> str:
    """Say what is wrong with a text in a quantity's field, "" if nothing is; an empty optional one is right."""
    if not text.strip():
        return (
            tr("Needed, for example {example}.", example=field.example)
            if field.required and field.accepts
            else ""
        )
    if field.kind == "names" and isinstance(names_of(text), str):
        return tr("Write name = path, several with semicolons between them.")
    if field.kind == "bands" and isinstance(bands_of(text), str):
        return tr("Write below 10 Hz: integration 4 cycles, settling 1 cycle.")
    if field.kind == "series" and isinstance(series_of(text), str):
        return tr("Write name = value, value, several with semicolons between them.")
    if field.accepts is None:
        return ""
    parts = [part.strip() for part in text.split(";")] if field.kind == "quantities" else [text.strip()]
    for part in parts:
        if is_reference(part):  # whether a loop has the value is judged with the whole protocol
            continue
        try:
            field.accepts.read(part)
        except FieldError as error:
            return f"{error.message}. {error.cure}.".replace("?.", "?")
    return ""
