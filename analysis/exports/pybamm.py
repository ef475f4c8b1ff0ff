"""The protocol as steps of a PyBaMM experiment, in a Python file that holds a list `steps`.

PyBaMM tells the direction by the verb and takes magnitudes; a string ends by a time, one value, or both.
"""

from collections.abc import Iterator

from solbench.analysis.exports.expressions import expression_of
from solbench.analysis.exports.folder import Folder
from solbench.analysis.exports.losses import Losses
from solbench.analysis.exports.pieces import AnyPiece, Repeat, pieces_of
from solbench.analysis.exports.source import Source
from solbench.protocols import Build, Protocol

Node = str | tuple[int, list["Node"]]  # a string, or a count and what is repeated


def export_pybamm(source: Source, folder: Folder) -> None:
    """Write `RUN_pybamm.py`, and what it could not express as `RUN_pybamm_losses.txt`."""
    nodes, losses = to_pybamm(source.protocol, source.build)
    title = f"PyBaMM experiment of {source.header.protocol.name}" + source.mark
    folder.write(f"{source.stem}_pybamm.py", as_python(nodes, title))
    folder.write(f"{source.stem}_pybamm_losses.txt", losses.as_text(title))


def to_pybamm(protocol: Protocol, build: Build) -> tuple[list[Node], Losses]:
    """Translate a protocol for a build; returns strings, and loops as (count, what is in it)."""
    losses = Losses()
    losses.add(
        "build", f"values hold only for the build '{protocol.build}'; the model of the cell is PyBaMM's"
    )
    if protocol.conditions.temperature != "unknown":
        losses.add(
            "conditions.temperature", f"{protocol.conditions.temperature}: give it as a keyword of Experiment"
        )
    losses.add("conditions.stack_pressure", "cannot be expressed")
    losses.add("safety", "limits of voltage and current have no place")
    return list(_nodes(pieces_of(protocol, build), losses)), losses


def _nodes(whole: tuple[AnyPiece | Repeat, ...], losses: Losses) -> Iterator[Node]:
    for part in whole:
        if isinstance(part, Repeat):
            inside = list(_nodes(part.pieces, losses))
            if inside:
                yield part.count, inside
        else:
            yield from expression_of(part.segment).pybamm(part, losses)


def as_python(nodes: list[Node], title: str) -> str:
    """Return a Python file that holds the list `steps`; loops are cycles (tuples), repeated by their count."""
    body = "".join(f"    {_element(node)},\n" for node in nodes)
    return f"# {title}\n# Use: pybamm.Experiment(steps)\nsteps = [\n{body}]\n"


def _element(node: Node) -> str:
    if isinstance(node, str):
        return repr(node)
    count, inside = node
    return f"*[({_inner(inside)},)] * {count}"


def _inner(nodes: list[Node]) -> str:
    return ", ".join(
        repr(node) if isinstance(node, str) else f"*(({_inner(node[1])},) * {node[0]})" for node in nodes
    )
