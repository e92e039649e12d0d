"""Definition files of measures: what is wrong with one, in sentences that say what to do, and the measure it makes."""

import json
import math
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from services.feedback.measures.domain import Measure, Problem, build, contradictions

_TYPES = {
    "array": "Must be a list.",
    "boolean": "Must be true or false.",
    "integer": "Must be a whole number.",
    "number": "Must be a number.",
    "object": "Must be an object.",
}
_MISSING = {
    "source": "Is missing: a number whose source nobody names has no place here.",
    "mark": "Is missing: say how well this is known (stated, expert, doubtful, computed or ours).",
    "confidence": "Is missing: the confidence in percent, or null where it is not established.",
    "licence": "Is missing: say under which licence the words stand.",
}
_MOST_DIGITS = 15  # of a whole number; no definition needs a tenth of them


class MeasureMalformed(ValueError):
    """A definition file cannot be used; the message names the measure and all that is wrong."""


def check_file(content: bytes) -> list[Problem]:
    """Everything that is wrong with the content of a definition file; an empty list: it can be used."""
    doubled: set[str] = set()

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                doubled.add(name)
            found[name] = value
        return found

    try:
        raw = json.loads(content.decode("utf-8"), object_pairs_hook=once, parse_int=_whole)
        json.dumps(raw, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        return [Problem("$", "Is not a text in UTF-8.")]
    except UnicodeEncodeError:
        return [Problem("$", "Holds half a letter (half of a surrogate pair), which can neither be kept nor shown.")]
    except json.JSONDecodeError as error:
        return [Problem("$", f"Is not JSON: {error.msg} in line {error.lineno}, column {error.colno}.")]
    except RecursionError:
        return [Problem("$", "Is nested too deep for a definition.")]
    twice = [Problem("$", f"The key {name} stands twice in one object; the first would be lost.") for name in doubled]
    return sorted(twice, key=lambda problem: problem.sentence) + check_definition(raw)


def check_definition(raw: Any) -> list[Problem]:
    """
    Everything that is wrong with a definition.

    First the shape (keys, kinds of values), by the JSON Schema beside the registry; what the
    parts say about one another is looked at only once the shape is right.
    """
    shape = [problem for error in _validator().iter_errors(raw) for problem in _explained(error)]
    if shape or not isinstance(raw, Mapping):
        return list(dict.fromkeys(shape))
    return contradictions(raw)


def read_measure(raw: Mapping[str, Any]) -> Measure:
    """
    Build a measure from its definition.

    Raises:
        MeasureMalformed: the check finds something wrong with it.
    """
    problems = check_definition(raw)
    if problems:
        found = "; ".join(f"{problem.path}: {problem.sentence}" for problem in problems)
        raise MeasureMalformed(f"{raw.get('id', 'a measure')}: {found}")
    return build(raw)


def _whole(digits: str) -> float:
    """A whole number; infinity, which is refused where it stands, for one that Python would not even read."""
    return int(digits) if len(digits) <= _MOST_DIGITS else math.inf


@cache
def _validator() -> Validator:
    schema = json.loads(files("services.feedback.measures").joinpath("definition.schema.json").read_text("utf-8"))
    # Stricter than JSON Schema, whose numbers cannot be NaN and whose 3.0 is a whole number.
    types = Draft202012Validator.TYPE_CHECKER.redefine_many({"number": _is_number, "integer": _is_whole})
    stricter = extend(Draft202012Validator, type_checker=types)  # type: ignore[no-untyped-call]
    return cast("Validator", stricter(schema, format_checker=FormatChecker(["date"])))


def _is_whole(_: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(_: object, value: object) -> bool:
    return _is_whole(_, value) or (isinstance(value, float) and math.isfinite(value))


def _explained(error: ValidationError) -> Iterator[Problem]:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in ["$", *error.absolute_path])[1:]
    schema, found = cast("Mapping[str, Any]", error.schema), cast("Any", error.instance)
    if error.validator == "required":  # of several missing keys each comes as an error, which names them all
        missing = [name for name in schema["required"] if name not in found]
        yield from (Problem(f"{path}.{name}", _MISSING.get(name, "Is missing.")) for name in missing)
    elif error.validator == "additionalProperties":
        known = f"Is not known here; known are {', '.join(sorted(schema['properties']))}."
        yield from (Problem(f"{path}.{name}", known) for name in found if name not in schema["properties"])
    elif "propertyNames" in error.absolute_schema_path:
        yield Problem(f"{path}.{found}", schema["errorMessage"])
    else:
        yield Problem(path, schema.get("errorMessage") or _sentence(str(error.validator), error.validator_value))


def _sentence(rule: str, value: Any) -> str:
    match rule:
        case "enum":
            return f"Must be one of: {', '.join(value)}."
        case "minimum":
            return f"Counts from {value}."
        case "exclusiveMinimum":
            return f"Must be more than {value:,}."
        case "exclusiveMaximum":
            return f"Must be less than {value:,}."
        case _:
            return _TYPES[value]
