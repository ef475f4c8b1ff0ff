"""The report as one HTML page that needs nothing else: figures inline, no script, no network."""

from collections.abc import Sequence
from html import escape

from solbench.analysis.report.style import Drawing
from solbench.analysis.report.tables import Table

_LONGEST_WORD = 24  # characters
STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, "DejaVu Sans", Verdana, sans-serif; color: #1a1a1a; background: #fff;
       max-width: 84rem; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .5rem; border-bottom: 1px solid #ccc; padding-bottom: .2rem; }
figure { margin: 1.2rem 0 1.8rem; break-inside: avoid; }
figure svg { max-width: 100%; height: auto; }
figcaption { font-size: .88rem; color: #333; max-width: 56rem; }
figcaption b { display: block; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .8rem; }
th, td { text-align: left; vertical-align: top; padding: .28rem .42rem; border-bottom: 1px solid #ddd; }
th { background: #f3f3f3; font-weight: 600; }
td { white-space: pre-line; min-width: 2.6rem; }
td.long { overflow-wrap: anywhere; }
td:first-child { overflow-wrap: normal; }
.note { font-size: .85rem; color: #333; max-width: 56rem; }
.mark { border: 2px solid #d55e00; color: #8f3e00; font-weight: 700; padding: .5rem .8rem; border-radius: .3rem; }
nav a { margin-right: 1rem; white-space: nowrap; }
pre { background: #f6f6f6; padding: .8rem; overflow-x: auto; font-size: .8rem; }
@media print { body { max-width: none; margin: 0; } nav { display: none; } .wide { overflow: visible; }
               table { font-size: .6rem; } th, td { padding: .15rem .25rem; } td { min-width: 0; } }
"""


def html_page(
    title: str,
    mark: str,
    figures: Sequence[tuple[Drawing, str]],
    results: Sequence[Table],
    behind: Sequence[Table],
    protocols: Sequence[tuple[str, str]],
) -> str:
    """Return the page: results as tables, figures (drawing and SVG), what is behind them, protocols verbatim."""
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="generator" content="solbench">',
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
        f"<h1>{escape(title)}</h1>",
        f'<p class="mark">{escape(mark)}</p>' if mark else "",
        '<nav><a href="#results">Results</a><a href="#figures">Figures</a>'
        '<a href="#behind">Behind the results</a></nav>',
        '<main>\n<section id="results">',
        *(table_of(table) for table in results),
        '</section>\n<section id="figures">\n<h2>Figures</h2>',
        *(figure_of(drawing, svg) for drawing, svg in figures),
        '</section>\n<section id="behind">',
        *(table_of(table) for table in behind),
        *(_verbatim(name, text) for name, text in protocols),
        "</section>\n</main>\n</body>\n</html>\n",
    ]
    return "\n".join(part for part in parts if part)


def figure_of(drawing: Drawing, svg: str) -> str:
    """Return a drawing with its title and caption, as HTML."""
    words = f"{drawing.title}{'. ' + drawing.mark if drawing.mark else ''}"
    labelled = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(words, quote=True)}" ', 1)
    return (
        f'<figure id="figure-{drawing.name}">\n{labelled}\n<figcaption><b>{escape(drawing.title)}</b>'
        f"{escape(drawing.caption)}</figcaption>\n</figure>"
    )


def table_of(table: Table) -> str:
    """Return a table under its title, as HTML."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.head)
    rows = "\n".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in table.rows)
    note = f'\n<p class="note">{escape(table.note)}</p>' if table.note else ""
    return (
        f'<h2>{escape(table.title)}</h2>\n<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table></div>{note}"
    )


def _cell(text: str) -> str:
    """Return a cell; only words that are no numbers, such as a hash, may be broken."""
    is_long = any(len(word) > _LONGEST_WORD for word in text.replace("\u00a0", "").split())
    return f"<td{' class=' + chr(34) + 'long' + chr(34) if is_long else ''}>{escape(text)}</td>"


def _verbatim(name: str, text: str) -> str:
    return (
        f"<details><summary>Protocol {escape(name)} as recorded</summary><pre>{escape(text)}</pre></details>"
    )
