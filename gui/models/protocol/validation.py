"""What is wrong with a protocol as it is typed, what it costs in time and space."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from solbench.gui.models.common.plain import Data
from solbench.gui.models.common.words import day, ntr, tr
from solbench.protocols import (
    Build,
    CellRecord,
    Estimate,
    Protocol,
    check,
    estimate,
    format_duration,
    format_size,
)
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.findings import Finding, refusal
from solbench.protocols.model import refusals
from solbench.protocols.plausible import Instruments


@dataclass(frozen=True)
class Judgement:
    """Findings (errors first), and, where there are no errors, the protocol's estimate."""

    findings: tuple[Finding, ...]
    protocol: Protocol | None = None
    build: Build | None = None
    expected: Estimate | None = None

    @property
    def runnable(self) -> bool:
        """Get whether nothing forbids a start."""
        return self.protocol is not None and not self.errors

    @property
    def errors(self) -> int:
        """Get how many errors there are."""
        return sum(finding.grade == "error" for finding in self.findings)

    def totals(self, now: datetime) -> str:
        """Say duration, points, size, longest gap and when it ends, in one line."""
        if self.expected is None:
            return (
                tr("no totals: correct the errors first")
                if self.errors
                else tr("no totals: choose a cell first")
            )
        return totals(self.expected, now)


def totals(expected: Estimate, now: datetime) -> str:
    """Say what a run costs: duration, samples, spectra, size, longest gap, expected end."""
    ends = now + timedelta(seconds=min(expected.duration_s, 3e9))
    samples = f"{expected.samples:,}".replace(",", " ")
    parts = [
        format_duration(expected.duration_s),
        ntr(
            "{samples} sample",
            "{samples} samples",
            expected.samples,
            samples=samples,
        ),
        ntr("{count} spectrum", "{count} spectra", expected.spectra),
        format_size(expected.file_bytes),
        tr("longest gap {duration}", duration=format_duration(expected.longest_silence_s)),
        tr("ends {when}", when=_when(ends, now)),
    ]
    return "  \u00b7  ".join(parts)


def _when(moment: datetime, now: datetime) -> str:
    near = moment - now < timedelta(days=6)
    return f"{day(moment)} {moment:%H:%M}" if near else moment.strftime("%Y-%m-%d")


def judge(data: Data, record: CellRecord | None, able: Instruments) -> Judgement:
    """Find what is wrong with a protocol's data, for a cell if there is one, on a bench that is `able`.

    Never raises for bad input.
    """
    try:
        protocol = Protocol.model_validate(data)
    except ValidationError as refused:
        return Judgement(tuple(refusal(*problem) for problem in refusals(refused, data)))
    if record is None:
        return Judgement((), protocol)
    return judge_for(protocol, record, able)


def judge_for(protocol: Protocol, record: CellRecord, able: Instruments) -> Judgement:
    """Check a protocol against a cell's record and a bench, and estimate it where it can be run."""
    try:
        findings = tuple(check(protocol, record, instruments=able))
        build = record.build(protocol.build)
        forbidden = any(finding.grade == "error" for finding in findings)
        expected = None if forbidden else estimate(protocol, build)
    except BadInput as missing:
        return Judgement((refusal("build", missing.message, missing.cure),), protocol)
    except FieldError as missing:
        return Judgement((refusal(missing.field, missing.message, missing.cure),), protocol)
    return Judgement(findings, protocol, build, expected)
