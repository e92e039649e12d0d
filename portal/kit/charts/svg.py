"""Writes SVG: elements with escaped attributes and short numbers. No `style` attribute ever: the CSP forbids it."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

Content = Markup | str
Attribute = str | float | None


def element(name: str, *content: Content, **attributes: Attribute) -> Markup:
    """
    One element; text in `content` is escaped, attributes that are None are left out.

    `class_` becomes `class`, other underscores become hyphens.

    >>> element("text", "a < b", x=1.25, class_="tick", text_anchor="end")
    Markup('<text x="1.3" class="tick" text-anchor="end">a &lt; b</text>')
    """
    pairs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value if isinstance(value, str) else short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = Markup("").join(content)
    opened = f"<{name}{pairs}>{inner}</{name}>" if content else f"<{name}{pairs}/>"
    return Markup(opened)  # noqa: S704 - every part was escaped above


def short(value: float) -> str:
    """
    A coordinate with at most one decimal, rounded half up.

    >>> short(12.0), short(12.25), short(-0.01)
    ('12', '12.3', '0')
    """
    tenths = int(value * 10 + 0.5) if value >= 0 else -int(-value * 10 + 0.5)
    whole, rest = divmod(abs(tenths), 10)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"


def polyline(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{'L' if n else 'M'}{short(x)} {short(y)}" for n, (x, y) in enumerate(points))


def text(words: str, x: float, y: float, class_: str, *, anchor: str | None = None) -> Markup:
    """A line of text; `y` is its baseline. The sizes live in chart.css, the attribute is what stands without it."""
    return element("text", words, x=x, y=y, class_=class_, font_size="12", fill="#1b2430", text_anchor=anchor)


def svg_of(
    chart_id: str,
    title: str,
    description: str,
    parts: Sequence[Markup],
    size: tuple[float, float],
    *,
    class_: str = "course",
) -> Markup:
    """The whole picture, named by its title and description; its size is the width and height in px."""
    width, height = size
    return element(
        "svg",
        element("title", title, id=f"{chart_id}-t"),
        element("desc", description, id=f"{chart_id}-d"),
        *parts,
        class_=class_,
        role="img",
        aria_labelledby=f"{chart_id}-t {chart_id}-d",
        viewBox=f"0 0 {short(width)} {short(height)}",
        width=width,
        height=height,
    )
