"""One plain page of all benches: a file that loads itself again, for any web server or shared folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

AGAIN_S = 5
OLD_S = 60.0  # a state that is older is marked: who reports may hang without having died
COLOURS = {"connected": "#1b7837", "off": "#555555", "unknown": "#b2182b"}
MARK = '<meta name="generator" content="Solbench board">'  # by which a page that may be written over is known
COLUMNS = ("Bench", "Cell", "Run", "Voltage", "Current", "Last heard")
STYLE = """body { font: 16px sans-serif; margin: 2em; } table { border-collapse: collapse; }
td, th { border-bottom: 1px solid #cccccc; padding: .4em .8em; text-align: left; vertical-align: top; }
b { color: white; padding: .1em .5em; } small { color: #555555; }"""


def page(states: Mapping[str, Mapping[str, Any]], now: datetime | None = None) -> str:
    """Return the page of the newest state of each bench, by topic; what is not known of a state is left empty."""
    now = now or datetime.now(UTC)
    rows = [_row(states[topic], now) for topic in sorted(states)]
    unknown = sum(state.get("cell") not in ("connected", "off") for state in states.values())
    heading = f"{unknown} cells unknown - " if unknown else ""
    heads = "".join(f"<th>{name}</th>" for name in COLUMNS)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="{AGAIN_S}">'
        f"<title>{heading}Benches</title>{MARK}<style>{STYLE}</style></head><body>\n<h1>Benches</h1>\n"
        f"<table><tr>{heads}</tr>\n" + "\n".join(rows) + "\n</table>\n"
        f"<p><small>Written {now:%Y-%m-%d %H:%M:%S} UTC. Nothing can be switched from here.</small></p>\n"
        "</body></html>\n"
    )


def _row(state: Mapping[str, Any], now: datetime) -> str:
    cell = str(state.get("cell") or "unknown")
    colour = COLOURS.get(cell, COLOURS["unknown"])
    alarms = state.get("alarms")
    marks = [str(state.get("why") or ""), *(map(str, alarms) if isinstance(alarms, list) else ())]
    notes = "".join(f"<br><small>{escape(mark)}</small>" for mark in marks if mark)
    simulated = " SIMULATED" if state.get("simulated") else ""
    run = f"{state.get('protocol', '')} on {state.get('record', '')}{simulated}: {state.get('state', '')}"
    step = f", {state['step']}" if state.get("step") else ""
    cells = (
        f"{escape(str(state.get('bench', '')))}<br><small>{escape(str(state.get('host', '')))}</small>",
        f'<b style="background: {colour}">{escape(cell)}</b>{notes}',
        f"{escape(run + step)}<br><small>{escape(str(state.get('path', '')))}</small>",
        _number(state.get("voltage_V"), 1.0, 4, "V"),
        _number(state.get("current_A"), 1e6, 2, "uA"),
        _heard(state.get("at"), now),
    )
    return "<tr>" + "".join(f"<td>{text}</td>" for text in cells) + "</tr>"


def _number(value: object, scale: float, digits: int, unit: str) -> str:
    return f"{scale * value:.{digits}f} {unit}" if isinstance(value, (int, float)) else ""


def _heard(at: object, now: datetime) -> str:
    try:
        heard = datetime.fromisoformat(str(at))
        age_s = (now - heard).total_seconds()
    except (ValueError, TypeError):
        return ""
    text = f"{heard:%Y-%m-%d %H:%M:%S} UTC"
    if age_s > OLD_S:
        text += f'<br><b style="background: {COLOURS["unknown"]}">{age_s / 60.0:.0f} min ago</b>'
    return text
