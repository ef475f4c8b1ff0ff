"""The kinds of bench: which instruments belong to one, what it can do, and how its drivers are made.

Both the engine and the guardian make drivers; the guardian is to be small, so this module knows no files, no
pydantic and no simulator.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from solbench.drivers.clock import Clock
from solbench.drivers.keithley import keithley2400 as smu2400
from solbench.drivers.keithley.settings import Settings2400
from solbench.drivers.links.link import Link
from solbench.drivers.links.wire import Resource
from solbench.drivers.roles import Ability, DcLimits, Equipment
from solbench.drivers.solartron.corrections import corrections_from
from solbench.drivers.solartron.family import BY_HAND, SILENT
from solbench.drivers.solartron.pair import Pair
from solbench.drivers.solartron.settings import HIGHEST_Hz as HIGHEST_Hz
from solbench.drivers.solartron.settings import PairSettings, Settings1260, Settings1287
from solbench.drivers.solartron.solartron1260 import Solartron1260
from solbench.drivers.solartron.standalone import Standalone
from solbench.drivers.srs import ec301 as srs_ec301
from solbench.drivers.srs.pair import PairEc301
from solbench.drivers.srs.settings import PairSettingsEc301, SettingsEc301

Settings = Mapping[str, Mapping[str, Any]]  # by instrument, as the bench file has them, in SI
Resources = Mapping[str, Resource]
CORRECTIONS = "corrections"  # what commissioning found, among the settings of a bench
T = TypeVar("T")


class UnknownSetting(ValueError):
    """A setting that does not exist; `path` is its place, `known` what there is."""

    says = "there is no setting '{path}'; there are: {known}"

    def __init__(self, path: str, known: list[str]) -> None:
        super().__init__(self.says.format(path=path, known=", ".join(known)))
        self.path = path
        self.known = known


class UnknownChoice(UnknownSetting):
    """A value that a setting does not have."""

    says = "the setting '{path}' has no such value; it has: {known}"


@dataclass(frozen=True)
class BenchModel:
    """One kind of bench.

    `fields`: where the bench file has each instrument, by the name the bench calls it. `abilities`: what it can do
    beside direct current. `limits`: what a protocol cannot pass. `by_hand`: how a user switches the cell off at the
    instrument. `build` makes the drivers on open resources; it sends nothing and raises UnknownSetting.
    `signs_of`: the instrument whose settings have `positive_terminal`, "" where the terminals are marked on it;
    `sections`: what else the bench file may have for this model. `settings`: the defaults by instrument and section,
    from which a bench file's reader knows numbers from text. `simulated_as`: its name among the simulated makes, ""
    where it is none of them.
    """

    fields: Mapping[str, str]
    abilities: frozenset[Ability]
    limits: DcLimits
    by_hand: str
    build: Callable[[Settings, Resources, Clock], Equipment]
    signs_of: str = ""
    sections: frozenset[str] = frozenset()
    settings: Mapping[str, object] = field(default_factory=dict)
    simulated_as: str = ""


def solartron(settings: Settings, resources: Resources, clock: Clock) -> Equipment:
    """Make the drivers of a 1260 and a 1287 that are wired together."""
    of_1260 = make_settings(Settings1260, settings.get("1260", {}), "analyzer_1260.settings")
    of_1287 = make_settings(Settings1287, settings.get("1287", {}), "potentiostat_1287.settings")
    links = (
        Link(resources["1260"], clock, "1260", of_1260.link, SILENT),
        Link(resources["1287"], clock, "1287", of_1287.link, SILENT),
    )
    of_pair = make_settings(PairSettings, settings.get("pair", {}), "pair")
    corrections = corrections_from(settings.get(CORRECTIONS, {}))
    pair = Pair.wired(links, of_1260, of_1287, of_pair, corrections)
    alone = _alone(pair.fra, settings)
    return Equipment(dc=pair, impedance=pair, analyzer=alone, ramp=pair)


def ec301(settings: Settings, resources: Resources, clock: Clock) -> Equipment:
    """Make the drivers of a 1260 and an EC301 that are wired together."""
    of_1260 = make_settings(Settings1260, settings.get("1260", {}), "analyzer_1260.settings")
    own = make_settings(SettingsEc301, settings.get("EC301", {}), "instruments.EC301.settings")
    links = (
        Link(resources["1260"], clock, "1260", of_1260.link, SILENT),
        Link(resources["EC301"], clock, "EC301", own.link, srs_ec301.CURE),
    )
    of_pair = make_settings(PairSettingsEc301, settings.get("pair", {}), "pair")
    corrections = corrections_from(settings.get(CORRECTIONS, {}))
    pair = PairEc301.wired(links, of_1260, own, of_pair, corrections)
    return Equipment(dc=pair, impedance=pair, analyzer=_alone(pair.fra, settings))


def keithley(settings: Settings, resources: Resources, clock: Clock) -> Equipment:
    """Make the driver of a Keithley 2400, with a 1260 on the same sample where there is one."""
    own = make_settings(Settings2400, settings.get("2400", {}), "instruments.2400.settings")
    link = Link(resources["2400"], clock, "2400", own.link, smu2400.CURE)
    if "1260" not in resources:
        smu = smu2400.Keithley2400(link, own)
        return Equipment(dc=smu, polarizes=smu)
    of_1260 = make_settings(Settings1260, settings.get("1260", {}), "analyzer_1260.settings")
    fra = Solartron1260(Link(resources["1260"], clock, "1260", of_1260.link, SILENT), of_1260)
    both = smu2400.Keithley2400With1260(link, fra, own)
    return Equipment(dc=both, polarizes=both, analyzer=_alone(fra, settings))


def _alone(fra: Solartron1260, settings: Settings) -> Standalone | None:
    """Make the analyzer of a sample by itself, None where it has no I input."""
    if not fra.settings.has_current_input:
        return None
    return Standalone(fra, corrections=corrections_from(settings.get(CORRECTIONS, {})))


def abilities_of(model: BenchModel, analyzer: Mapping[str, Any]) -> frozenset[Ability]:
    """Return what a bench of a model can do with an analyzer of these settings."""
    without_input = str(analyzer.get("family")) == "1255B"
    return model.abilities - {"standalone impedance"} if without_input else model.abilities


KEITHLEY = BenchModel(
    fields={"2400": "instruments.2400"},
    abilities=frozenset({"polarization"}),
    by_hand=smu2400.BY_HAND,
    build=keithley,
    limits=DcLimits("2400", current_max_A=1.0, voltage_max_V=20.0),  # the ranges in use
    settings={"2400": Settings2400()},
    simulated_as="keithley",
)
MODELS: dict[str, BenchModel] = {
    "solartron": BenchModel(
        fields={"1260": "analyzer_1260", "1287": "potentiostat_1287"},
        abilities=frozenset({"impedance", "polarization", "standalone impedance"}),
        by_hand=BY_HAND,
        build=solartron,
        limits=DcLimits("1287", current_max_A=2.0, voltage_max_V=14.5),  # manual, specification
        signs_of="1287",
        sections=frozenset({"pair"}),
        settings={"1260": Settings1260(), "1287": Settings1287(), "pair": PairSettings()},
        simulated_as="solartron",
    ),
    "ec301": BenchModel(
        fields={"1260": "analyzer_1260", "EC301": "instruments.EC301"},
        abilities=frozenset({"impedance", "polarization", "standalone impedance"}),
        by_hand=srs_ec301.BY_HAND,
        build=ec301,
        limits=DcLimits(
            "EC301", current_max_A=1.0, voltage_max_V=15.0, voltage_step_V=srs_ec301.VOLTAGE_STEP_V
        ),  # manual p. 89 and `setvol`
        signs_of="EC301",
        sections=frozenset({"pair"}),
        settings={"1260": Settings1260(), "EC301": SettingsEc301(), "pair": PairSettingsEc301()},
        simulated_as="ec301",
    ),
    "keithley2400": KEITHLEY,
    "keithley2400_1260": dataclasses.replace(
        KEITHLEY,
        fields={"1260": "analyzer_1260", **KEITHLEY.fields},
        abilities=KEITHLEY.abilities | {"standalone impedance"},
        settings={"1260": Settings1260(), **KEITHLEY.settings},
    ),
}


def by_hand_of(instruments: Iterable[str]) -> str:
    """Return how a user switches the cell off at these instruments, by name; "" where no bench has them."""
    names = set(instruments)
    return next((model.by_hand for model in MODELS.values() if model.fields.keys() == names), "")


def make_settings(kind: type[T], given: Mapping[str, Any], path: str) -> T:
    """Make a settings dataclass of plain values, nested ones of mappings; raises UnknownSetting."""
    return _with_values(kind(), given, path)


def _with_values(defaults: T, given: Mapping[str, Any], path: str) -> T:
    known = [item.name for item in dataclasses.fields(defaults)]  # type: ignore[arg-type]
    values = {}
    for name, value in given.items():
        if name not in known:
            raise UnknownSetting(f"{path}.{name}", known)
        default = getattr(defaults, name)
        choices = _choices(type(defaults), name)
        if choices and value not in choices:
            raise UnknownChoice(f"{path}.{name}", [str(each) for each in choices])
        if dataclasses.is_dataclass(default):
            value = _with_values(default, value, f"{path}.{name}")
        elif isinstance(value, list):
            value = tuple(value)
        values[name] = value
    return dataclasses.replace(defaults, **values)  # type: ignore[type-var]


def _choices(kind: type, name: str) -> tuple[Any, ...]:
    """Return the values among which a setting of a dataclass is one, none where it may be anything."""
    hint = get_type_hints(kind)[name]
    return get_args(hint) if get_origin(hint) is Literal else ()
