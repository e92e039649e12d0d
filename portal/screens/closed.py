"""A note that came too late: what became of it, instead of a page that is not there."""

from flask import render_template

HEADING = "This was not kept"
LINES = (
    "This file is not open to you: the therapy has ended, a new therapist has taken over, or it is another\u2019s.",
    "Nothing of what you sent was kept. If it matters, tell the clinical lead, who can still open the file.",
)


def not_kept() -> tuple[str, int]:
    """
    The page for a note on a file that does not open.

    It says the same of a client who never was here: whether somebody is in therapy is itself private.
    """
    return render_template("errors/page.html", heading=HEADING, lines=LINES, trace_id=""), 404
