"""What a chart hands to the page: a picture, its words and the same numbers as a table."""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Figure:
    """
    A finished chart.

    The page wraps it as `<figure class="chart">`: the picture inside `<div class="scroll"
    tabindex="0" role="group">`, so that a narrow screen scrolls the picture and not the page;
    `caption` and, where not empty, `label` in the `<figcaption>`; the table with `header` and
    `rows`, the first cell of a row being its heading.
    """

    id: str  # unique on a page that shows a course once
    title: str
    description: str
    svg: Markup
    caption: str
    label: str  # what kind of instrument this is; empty for a validated one
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
