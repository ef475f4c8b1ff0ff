"""How spectra are to be fitted, as it is typed and dragged: circuit, window, start and held values, weights.

What is typed goes to `solbench fit` as it stands, and is judged here by the same rules.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress

from solbench.analysis.fit_settings import (
    USUAL,
    WEIGHTINGS,
    FitSettings,
    read_frequency,
    read_parameter,
    read_settings,
)
from solbench.fitting.circuit import Circuit, CircuitError, parse
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.words import tr
from solbench.protocols.errors import BadInput, FieldError

AUTOMATIC = "automatic"
PURPOSES = {
    AUTOMATIC: tr(
        "The spectra of a run jointly, as the states of one cell; others with the best of these circuits."
    ),
    "R0-p(R1,CPE1)": tr(
        "One arc that ends on the axis: a symmetric cell of metal, the electrolyte without an arc."
    ),
    "R0-p(R1,CPE1)-CPE2": tr(
        "An arc and a blocking tail: a pellet between plungers, the grain boundary seen."
    ),
    "L0-R0-p(R1,CPE1)-CPE2": tr("The same with the inductance of the leads, for spectra above some 100 kHz."),
    "p(R1,CPE1)-p(R2,CPE2)-CPE3": tr("Bulk and grain boundary of a pellet between plungers, both arcs seen."),
    "L0-R0-p(R1,CPE1)-p(R2,CPE2)": tr(
        "Two arcs on the axis: an interphase and the charge transfer, without a tail."
    ),
    "L0-R0-p(R1,CPE1)-p(R2,CPE2)-CPE3": tr(
        "A half cell: interphase, charge transfer, a tail of diffusion or blocking."
    ),
    "L0-R0-p(R1,CPE1)-p(R2,CPE2)-p(R3,CPE3)-CPE4": tr(
        "A full cell: interphases and charge transfers of both electrodes."
    ),
}
"""The circuits that are offered beside one's own, and what each is for."""
CIRCUITS = tuple(PURPOSES)
WEIGHTS = tuple(WEIGHTINGS)
_FORM = tr("Write it as L0-R0-p(R1,CPE1)-CPE2.")
_FIELDS = {"--from": tr("lowest frequency"), "--to": tr("highest frequency"), "--mask": tr("left out")}
_OF_VALUES = ("--start", "--fix")
_SHOWN_UNITS = {"ohm": "Ω", "1": "", "S s^alpha": "S·sⁿ", "ohm s^-0.5": "Ω·s^-½", "ohm s^alpha": "Ω·sⁿ"}
_LETTERS = {"CPE": "Qn", "Wo": "Zτ", "Ws": "Zτ", "La": "Ln", "G": "Rτ"}  # of the parameters of an element
_NAME = re.compile(rf"({'|'.join(_LETTERS)})(\d+)_([01])")


def shown_unit(unit: str) -> str:
    """Write a unit of a circuit's parameter as people do; without one nothing."""
    return _SHOWN_UNITS.get(unit, unit)


def shown_name(name: str) -> str:
    """Write the name of a parameter as people do; commands and tables have those of impedance.py.

    >>> [shown_name(name) for name in ("CPE2_0", "CPE2_1", "R1", "Wo1_1")]
    ['Q2', 'n2', 'R1', 'τ of Wo1']
    """
    found = _NAME.fullmatch(name)
    if found is None:
        return name
    symbol, number, which = found.groups()
    letter, element = _LETTERS[symbol][int(which)], symbol + number
    return letter + number if symbol == "CPE" else tr("{letter} of {element}", letter=letter, element=element)


def shown_names(text: str, names: Iterable[str]) -> str:
    """Write the parameters of these names in what is said of their fit as people do; a file may be called G1_1, too.

    >>> shown_names("CPE2_0: not determined; CPE2_1; Wo1_1", ["CPE2_0", "CPE2_1", "R1"])
    'Q2: not determined; n2; Wo1_1'
    """
    known = {name: shown for name in names if (shown := shown_name(name)) != name}
    return re.sub(r"\w+", lambda word: known.get(word[0], word[0]), text)


class FitChoice:
    """What was chosen; texts are as typed, "" is as usual. Values are kept by name when the circuit changes."""

    def __init__(self) -> None:
        self.circuit = AUTOMATIC
        self.from_text = ""
        self.to_text = ""
        self.mask_text = ""
        self.weight: str = WEIGHTS[0]
        self.texts: dict[str, str] = {}
        self.held: set[str] = set()

    @property
    def parsed(self) -> Circuit | None:
        """Get the circuit, None where it is automatic or cannot be read."""
        try:
            return None if self.automatic else parse(self.circuit)
        except CircuitError:
            return None

    @property
    def automatic(self) -> bool:
        """Get whether the circuit is left to the program."""
        return self.circuit in (AUTOMATIC, "")

    @property
    def problem(self) -> str:
        """Get what is wrong, "" if nothing is."""
        try:
            if not self.automatic:
                parse(self.circuit)
            for name, _, text, held in self.rows:
                if held and not text:
                    return tr(
                        "{name} is held, but has no value. Type one, or release it.", name=shown_name(name)
                    )
            self._read()
        except CircuitError as error:
            return f"{error}. {_FORM}"
        except BadInput as error:
            return self._on_screen(error)
        return ""

    @property
    def settings(self) -> FitSettings:
        """Get what was chosen as the fit takes it; as usual where something is wrong."""
        try:
            return self._read()
        except BadInput:
            return USUAL

    @property
    def arguments(self) -> list[str]:
        """Get the options of `solbench fit`."""
        given = [] if self.automatic else ["--circuit", self.circuit]
        given += ["--from", self.from_text] if self.from_text else []
        given += ["--to", self.to_text] if self.to_text else []
        given += ["--mask", self.mask_text] if self.mask_text else []
        for option, values in (("--start", self._start), ("--fix", self._fixed)):
            for text in values:
                given += [option, text]
        return given + (["--weight", self.weight] if self.weight != WEIGHTS[0] and not self.automatic else [])

    @property
    def values(self) -> dict[str, float]:
        """Get the start and held values (SI) of the circuit, those that can be read."""
        circuit, found = self.parsed, dict[str, float]()
        for name, _, text, _ in self.rows:
            with suppress(FieldError):
                assert circuit is not None  # it has rows
                found[name] = read_parameter(text, circuit.units[circuit.index(name)])
        return found

    @property
    def rows(self) -> list[tuple[str, str, str, bool]]:
        """Get name, unit, value as typed and whether it is held, of each parameter of the circuit."""
        circuit = self.parsed
        if circuit is None:
            return []
        return [
            (name, shown_unit(unit), self.texts.get(name, ""), name in self.held)
            for name, unit in zip(circuit.names, circuit.units, strict=True)
        ]

    def set_value(self, name: str, text: str) -> None:
        """Type a start value, or the value at which the parameter is held; "" takes it back."""
        self.texts[name] = text.strip()
        if not self.texts[name]:
            del self.texts[name]

    def hold(self, name: str, held: bool) -> None:
        """Hold a parameter at its value, or release it."""
        (self.held.add if held else self.held.discard)(name)

    def take(self, circuit: str, values: Mapping[str, float]) -> None:
        """Take a circuit and its values as start values; what is held stays held."""
        self.circuit = circuit
        self.texts = {name: f"{value:.6g}" for name, value in values.items()}
        self.held &= set(self.texts)

    def fill(self, values: Mapping[str, float]) -> None:
        """Give start values to the parameters that have none."""
        known = self.values
        self.texts |= {name: f"{value:.4g}" for name, value in values.items() if name not in known}

    def clear(self) -> None:
        """Take back all start values and let all parameters go."""
        self.texts, self.held = {}, set()

    def set_window(self, low_Hz: float, high_Hz: float, frequency_Hz: Array) -> None:
        """Choose the window that was dragged; an end beyond the measured frequencies is as usual."""
        self.from_text = f"{low_Hz:.6g} Hz" if low_Hz > frequency_Hz.min() * (1 + 1e-5) else ""
        self.to_text = f"{high_Hz:.6g} Hz" if high_Hz < frequency_Hz.max() * (1 - 1e-5) else ""

    @property
    def _start(self) -> list[str]:
        return [f"{name}={text}" for name, _, text, held in self.rows if text and not held]

    @property
    def _fixed(self) -> list[str]:
        return [f"{name}={text}" for name, _, text, held in self.rows if held]

    def _on_screen(self, error: BadInput) -> str:
        """Return what the command says, with the names on the screen in place of its options."""
        option, _, name = error.field.partition(" ")
        lead, cure, message = _FIELDS.get(option, shown_name(name)), error.cure, error.message
        if option in _OF_VALUES:
            names = [each for each, *_ in self.rows]
            message, cure = shown_names(message, names), shown_names(cure, names)
        if option == "--from" and _is_frequency(self.from_text) and _is_frequency(self.to_text):
            cure = tr("Write the lower frequency first, then the higher one")
        text = f"{lead}: {message}" if lead else message
        return f"{text}. {cure}".rstrip(". ") + "."

    def _read(self) -> FitSettings:
        return read_settings(
            self.parsed,
            from_text=self.from_text or None,
            to_text=self.to_text or None,
            start=self._start,
            fix=self._fixed,
            weight=WEIGHTS[0] if self.automatic else self.weight,
            mask=self.mask_text,
        )


def _is_frequency(text: str) -> bool:
    try:
        return not text or read_frequency(text) > 0.0
    except FieldError:
        return False
