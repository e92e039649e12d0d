"""Sentences about outcome, for staff: observation, then arithmetic, then an invitation."""

OUTCOME: dict[str, str] = {
    "outcome_no_score": "No total on {measure} yet.",
    "outcome_one_score": "One total on {measure} so far ({x}). A change takes two.",
    "outcome_no_total": "{measure} has parts and no total. They stand side by side, and no change is read of them.",
    "outcome_no_threshold": "{measure}: {first} at the start, {last} now. No reliable change is published for it, so "
    "none is claimed.",
    "outcome_recovered": "Reliable improvement on {measure} ({first} to {last}), now in the range of people not in "
    "treatment.",
    "outcome_improved": "Reliable improvement on {measure}: {diff} points; {rc} or more is unlikely to be chance "
    "({confidence}%).",
    "outcome_improved_confidence_unknown": "Reliable improvement on {measure}: {diff} points; {rc} or more is unlikely "
    "to be chance.",
    "outcome_unchanged": "No reliable change on {measure} ({first} to {last}; a change of {rc} or more would count).",
    "outcome_deteriorated": "Reliably more difficulties on {measure} than at the start ({first} to {last}). Worth "
    "looking at together, and in supervision.",
    "outcome_deteriorated_lower": "Reliably lower {measure} than at the start ({first} to {last}). Worth looking at "
    "together, and in supervision.",
    "outcome_harmed": "They began in the range of people not in treatment.",
    "outcome_non_reliably_recovered": "Now in the range of people not in treatment; the change is within what chance "
    "could bring.",
    "outcome_new_version": "A new version of {measure} from session {session} on. Earlier totals stay visible and are "
    "not compared with it.",
    "outcome_nhs_recovery": "Above the NHS threshold on at least one of {measures} at the first session, below on both "
    "at the last.",
    "outcome_nhs_reliable_recovery": "Above the NHS threshold on at least one of {measures} at the first session, "
    "below on both at the last, and the improvement is reliable.",
    "outcome_mixed": "One measure reliably better, one reliably worse: {measures}.",
    "outcome_checkpoint_3": "Three sessions without a reliable gain: a good time to ask what to change. Some people "
    "change later.",
    "outcome_checkpoint_6": "Six sessions without a reliable gain: consider supervision or another form of help, "
    "together with this client.",
    "off_local_curve": "Higher difficulties than nine in ten people with a similar start at this session (from {n} "
    "finished cases here).",
    "off_local_curve_lower": "Lower {measure} than nine in ten people with a similar start at this session (from {n} "
    "finished cases here).",
    "no_curve": "No comparison curve: {n} finished cases with a similar start, 50 are needed.",
    "no_curve_no_bands": "No comparison curve: for {measure} it is not established which starts are similar.",
}

# How well a published number is known.
MARKS = {
    "stated": "",
    "expert": "expert knowledge, not verified",
    "doubtful": "doubtful, to be verified",
    "computed": "computed from published numbers",
    "ours": "ours, validated by nobody",
}
METHODS = {
    "jt": "Jacobson & Truax",
    "gln": "Gulliksen, Lord & Novick",
    "hll": "Hsu, Linn & Lord",
    "en": "Edwards & Nunnally",
    "nk": "Nunnally & Kotsch",
    "ha": "Hageman & Arrindell",
    "hlm": "Slope by a multilevel model",
}
