"""What axe-core finds on a page, by rules of WCAG 2.2 AA and its own best practices."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

FOLDER = Path(__file__).parent / "vendor" / "axe-core-4.14.1"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_OPTIONS = json.dumps({"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]})


@cache
def _program() -> str:
    # Not the last value: it would be sent back through the browser's protocol.
    return (FOLDER / "axe.min.js").read_text() + ";null"


def violations(page: Page) -> list[str]:
    """One line for each element that breaks a rule; the page must run scripts."""
    page.evaluate(_program())
    found: list[dict[str, Any]] = page.evaluate(f"axe.run(document, {_OPTIONS}).then(found => found.violations)")
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]
