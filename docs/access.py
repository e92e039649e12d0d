"""docs/security/access.md: who may do what with whom, out of the rules and the route tables themselves."""

from collections.abc import Iterator, Mapping

from flask import Blueprint, Flask

from embedded.house import SERVICES
from portal.areas import SCREENS
from portal.security.permissions import rule_of
from shared.access import Rule
from shared.contracts.access import PURPOSE_OF, ROLES, Relation, rules
from shared.web.operation import Operation

_RELATIONS = {
    Relation.HOUSE: "about no client",
    Relation.CLINIC: "every client",
    Relation.TREATING: "own clients",
    Relation.DEPUTY: "those of whom they stand in for",
    Relation.EMERGENCY: "one client, opened in an emergency",
    Relation.SUPERVISING: "those of whom they supervise, who agreed to it",
    Relation.HANDLE: "the form of the link or code",
}
_MACHINES = {"checkin": "The check-in app"}


def page(generated: str) -> str:
    """The whole page."""
    lines = [
        "# Who may do what with whom",
        "",
        generated,
        "",
        "Permission is role, relationship and purpose together. The rules stand in `shared/contracts/access.py`; every",
        "operation of a service and every page of the portal names one, and one that names none stops the start.",
        "`checkin/access.py` says the same of the client's form. That real requests get what stands here is shown by",
        "`tests/architecture/test_access_matrix.py` and `tests/portal/test_access_matrix.py`.",
        "",
        "A role that is not in a rule is told so (403). A role that is, without the relationship, finds nothing (404).",
        "",
    ]
    purposes = ", ".join(f"{_RELATIONS[relation]}: `{purpose}`" for relation, purpose in PURPOSE_OF.items())
    lines += [f"Only for a purpose of its own: {purposes}. Everything else is for the purpose of `care`.", ""]
    lines += ["## The rules", "", "| what | who, and for whom |", "|---|---|"]
    lines += [f"| {rule.what} | {_who(rule)} |" for _, rule in rules()]
    for title, routes in _tables():
        lines += ["", f"## {title}", "", "| route | under |", "|---|---|"]
        lines += [f"| `{route}` | {rule.what} |" for route, rule in sorted(routes.items())]
    return "\n".join([*lines, ""])


def _who(rule: Rule) -> str:
    words = ROLES | _MACHINES
    parts = []
    for role in sorted(rule.grants, key=list(words).index):
        relations = [_RELATIONS[relation] for relation in Relation if relation in rule.grants[role]]
        about_nobody = relations == [_RELATIONS[Relation.HOUSE]]
        parts.append(words[role] + ("" if about_nobody else f": {', '.join(relations) or 'nobody'}"))
    return " · ".join(parts)


def _tables() -> Iterator[tuple[str, Mapping[str, Rule]]]:
    for service in SERVICES:
        yield f"The API of {service.name}", _routes([service.api])
    yield "The portal", _routes(SCREENS)


def _routes(blueprints: list[Blueprint] | tuple[Blueprint, ...]) -> dict[str, Rule]:
    app = Flask("routes", static_folder=None)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    found = {}
    for route in app.url_map.iter_rules():
        view = app.view_functions[route.endpoint]
        rule = view.rule if isinstance(view, Operation) else rule_of(app, route.endpoint)
        assert rule is not None  # neither would start
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
            found[f"{route.rule.replace('uuid:', '')} {method}"] = rule
    return found
