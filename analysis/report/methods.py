"""What stands behind the results: protocol, conditions, instruments as identified, versions."""

from collections.abc import Sequence
from importlib import metadata

from solbench.acquisition.record.events import SessionStart
from solbench.analysis.report.contents import Content
from solbench.analysis.report.tables import Table
from solbench.analysis.report.words import conditions_in_words, settings_in_words, steps_in_words


def protocols(contents: Sequence[Content]) -> Table:
    """Make the table of protocols as text, runs of the same protocol together."""
    seen: dict[tuple[str, ...], list[str]] = {}
    for content in contents:
        protocol = content.run.header.protocol
        changed = settings_in_words(content.run)
        steps = "\n".join([*steps_in_words(content.run), *([f"changed: {changed}"] if changed else [])])
        conditions = "\n".join(conditions_in_words(content.run))
        key = (protocol.name, steps, conditions, protocol.sha256)
        seen.setdefault(key, []).append(content.label)
    rows = tuple((key[0], ", ".join(labels), *key[1:]) for key, labels in seen.items())
    head = ("protocol", "runs", "steps", "conditions", "SHA-256 of the protocol")
    return Table("Protocols", head, rows, "Positive current charges the cell. AC amplitudes are rms.")


def instruments(contents: Sequence[Content]) -> Table | None:
    """Make the table of instruments as they identified themselves, runs of the same ones together."""
    seen: dict[tuple[str, ...], list[str]] = {}
    for content in contents:
        for _, session in content.run.bodies(SessionStart):
            for found in session.instruments.values():
                key = (found.model, found.identity, found.address, content.run.header.bench.name)
                labels = seen.setdefault(key, [])
                if content.full_label not in labels:
                    labels.append(content.full_label)
    rows = tuple((*key, ", ".join(labels)) for key, labels in seen.items())
    return Table("Instruments", ("model", "identity", "address", "bench", "runs"), rows) if rows else None


def versions(contents: Sequence[Content]) -> Table:
    """Make the table of program versions: those that measured, and the one that made this report."""
    rows: dict[tuple[str, str], list[str]] = {}
    for content in contents:
        program = content.run.header.program
        libraries = ", ".join(f"{name} {version}" for name, version in program.libraries.items())
        words = f"{program.name} {program.version}, Python {program.python}, {libraries}"
        rows.setdefault(("measured with", words), []).append(content.full_label)
    own = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "scipy", "matplotlib"))
    rows[("this report", f"solbench {metadata.version('solbench')}, {own}")] = ["all"]
    return Table(
        "Versions", ("what", "program", "runs"), tuple((*key, ", ".join(runs)) for key, runs in rows.items())
    )
