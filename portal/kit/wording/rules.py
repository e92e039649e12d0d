"""The reader's parameters in plain words. Ours and unvalidated, every one of them; the page says so once."""

from collections.abc import Mapping
from typing import Any

# What a version is about, beside its numbers.
VERSIONS = {
    "reader-1": "The first rules.",
    "reader-2": "As reader-1, but a fall is called slow only where it is more than one single drop.",
}
SIGNALS = {
    "S1": "step",
    "S2": "below the cut-off",
    "S3": "lower than usual",
    "S4": "outside the chart",
    "S5": "slowly lower",
    "S6": "flat at the top",
    "S7": "the two views differ",
    "S7b": "noted by the therapist alone",
    "S8": "silence",
    "S9": "said so",
}
# parameter -> (what it is called, what it means); {v} is its value
PARAMETERS = {
    "nu0": ("Weight of the starting spread", "Counts like {v} sessions, so that two or three calm ones prove little."),
    "base_len": ("Sessions compared with", "The last {v} outside a rupture make what is usual for this client."),
    "band_width": ("Width of the usual range", "{v} spreads on either side of the mean."),
    "z_rupture": ("Clearly lower (S3)", "{v} spreads below usual: a rupture, to be talked about."),
    "z_strained": ("A little lower (S3)", "{v} spreads below usual: worth a gentle question."),
    "step_k": ("A step down (S1)", "{v} starting spreads lower than last time; says something together with S2 alone."),
    "chart_min_n": ("Chart limits (S4)", "From {v} sessions on; a second view that changes nothing."),
    "drift_min_n": ("Slowly lower (S5), at least", "{v} check-ins."),
    "drift_max_n": ("Slowly lower (S5), at most", "The last {v} check-ins."),
    "drift_k": ("Slowly lower (S5), how steep", "{v} starting spreads from session to session."),
    "drift_rest": (
        "Slowly lower (S5), beyond one step",
        "Without its largest single drop, {v} of that slope has to be left.",
    ),
    "ceiling_run": ("Flat at the top (S6)", "{v} equal answers in a row at the top of the scale."),
    "unseen_z": ("The two views differ (S7)", "{v} spreads apart."),
    "silence_run": ("Silence (S8)", "{v} forms in a row that did not come back."),
    "silence_needs": ("Silence (S8), only after", "{v} that did."),
    "half_way": ("On the way back", "{v} of the fall is made up."),
    "tolerance": ("Back to usual", "Within {v} spreads of what was usual before."),
    "repair_window": ("Not yet repaired", "After {v} check-ins."),
}


def parameters(values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Name, value and meaning of each parameter that this version has; what the portal does not know is left out."""
    found = []
    for code, (name, words) in PARAMETERS.items():
        value = values.get(code)
        if value is not None:
            found.append((name, f"{value:g}", words.format(v=f"{abs(value):g}")))
    return found
