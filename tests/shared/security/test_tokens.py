"""Tokens between boxes: only a fresh one, made here, for this receiver, within the issuer's roles opens anything."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.security.tokens import KeptTokens, Signer, TokenRefused, Verifier, key_from_seed, public_part

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ACTOR = UUID("00000000-0000-7000-8000-000000000001")
PORTAL, CHECKIN, STRANGER = (key_from_seed(letter * 32) for letter in (b"p", b"c", b"s"))
ROLES = {"portal": frozenset({"manager", "desk"}), "checkin": frozenset({"checkin"})}


@pytest.fixture
def verifier() -> Verifier:
    return Verifier({"portal": public_part(PORTAL), "checkin": CHECKIN}, "intake", ROLES)


def token(signer: Signer | None = None, **changes: Any) -> str:
    asked: dict[str, Any] = {
        "audience": "intake",
        "actor": ACTOR,
        "roles": ["desk"],
        "purpose": "front desk",
        "now": NOW,
    }
    return (signer or Signer(PORTAL, "portal")).token(**(asked | changes))


def forged(claims: dict[str, Any], *, header: dict[str, Any] | None = None, key: OKPKey = PORTAL) -> str:
    """A token with any claims, rightly signed."""
    whole = {"alg": "Ed25519", "typ": "rapport+jwt", "kid": key.thumbprint()} | (header or {})
    return jwt.encode(whole, claims, key, algorithms=["Ed25519"])


def claims(**changes: Any) -> dict[str, Any]:
    issued = int(NOW.timestamp())
    good = {"iss": "portal", "aud": "intake", "iat": issued, "exp": issued + 60, "jti": str(uuid4())}
    whole = {**good, "roles": ["desk"], "purpose": "desk", "sub": str(ACTOR), **changes}
    return {name: value for name, value in whole.items() if value is not ...}


def test_a_good_token_becomes_a_scope(verifier: Verifier) -> None:
    scope = verifier.verify(token(roles=["desk", "manager"]), NOW)

    assert (scope.actor, scope.roles) == (ACTOR, frozenset({"desk", "manager"}))
    assert (scope.purpose, scope.source) == ("front desk", "portal")


def test_a_program_may_ask_without_a_person(verifier: Verifier) -> None:
    asked = token(Signer(CHECKIN, "checkin"), actor=None, roles=["checkin"])

    assert verifier.verify(asked, NOW).actor is None


def test_a_persons_role_needs_a_person(verifier: Verifier) -> None:
    with pytest.raises(TokenRefused, match="names nobody"):
        verifier.verify(token(actor=None), NOW)


@pytest.mark.parametrize("seconds", [-60, 0, 60, 119])
def test_clocks_may_differ_by_a_minute(verifier: Verifier, seconds: int) -> None:
    assert verifier.verify(token(), NOW + timedelta(seconds=seconds)).actor == ACTOR


@pytest.mark.parametrize("seconds", [-61, 120, 86_400])
def test_a_token_out_of_its_time_is_refused(verifier: Verifier, seconds: int) -> None:
    with pytest.raises(TokenRefused, match=r"expired|not yet"):
        verifier.verify(token(), NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("only", "good", "bad"),
    [
        ("GET", ["GET /v1/rooms", "GET /v1/people", "HEAD /v1/rooms"], ["POST /v1/rooms", "PUT /v1/rooms", ""]),
        ("POST /v1/rooms", ["POST /v1/rooms"], ["POST /v1/people", "PUT /v1/rooms", "GET /v1/rooms", "POST", ""]),
    ],
)
def test_a_token_that_was_caught_does_nothing_but_what_it_was_made_for(
    verifier: Verifier, only: str, good: list[str], bad: list[str]
) -> None:
    bound = token(only=only)

    for asked in good:
        assert verifier.verify(bound, NOW, asked=asked).actor == ACTOR
    for asked in bad:
        with pytest.raises(TokenRefused, match="another request"):
            verifier.verify(bound, NOW, asked=asked)


def test_a_token_for_a_command_is_made_anew_each_time() -> None:
    kept = KeptTokens(Signer(PORTAL, "portal"))

    asking, commands = (
        {kept.token(audience="intake", actor=ACTOR, roles=["desk"], purpose="p", now=NOW, only=only) for _ in range(2)}
        for only in ("GET", "POST /v1/rooms")
    )

    assert (len(asking), len(commands)) == (1, 2)


def test_a_token_for_another_service_is_refused(verifier: Verifier) -> None:
    with pytest.raises(TokenRefused, match="another receiver"):
        verifier.verify(token(audience="feedback"), NOW)


def test_a_key_speaks_for_its_own_issuer_alone(verifier: Verifier) -> None:
    with pytest.raises(TokenRefused, match="not the owner"):
        verifier.verify(token(Signer(CHECKIN, "portal")), NOW)


@pytest.mark.parametrize("roles", [["manager"], ["checkin", "manager"], ["system"]])
def test_the_clients_form_cannot_become_staff(verifier: Verifier, roles: list[str]) -> None:
    with pytest.raises(TokenRefused, match="may not lend"):
        verifier.verify(token(Signer(CHECKIN, "checkin"), roles=roles), NOW)


def test_an_unknown_key_is_refused(verifier: Verifier) -> None:
    with pytest.raises(TokenRefused, match="nobody we know"):
        verifier.verify(token(Signer(STRANGER, "portal")), NOW)


def test_another_key_under_a_known_key_id_is_refused(verifier: Verifier) -> None:
    with pytest.raises(TokenRefused, match="BadSignature"):
        verifier.verify(forged(claims(), header={"kid": PORTAL.thumbprint()}, key=STRANGER), NOW)


@pytest.mark.parametrize("alg", ["none", "None", "HS256", "EdDSA", "Ed448", ""])
def test_another_algorithm_is_refused(verifier: Verifier, alg: str) -> None:
    head = {"alg": alg, "typ": "rapport+jwt", "kid": PORTAL.thumbprint()}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (head, claims())]

    for signature in ("", "AAAA", token().rpartition(".")[2]):
        with pytest.raises(TokenRefused):
            verifier.verify(".".join([*parts, signature]), NOW)


def test_the_public_key_is_no_secret_to_sign_with(verifier: Verifier) -> None:
    head = {"alg": "HS256", "typ": "rapport+jwt", "kid": PORTAL.thumbprint()}
    signed = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (head, claims())
    )
    mac = hmac.digest(public_part(PORTAL).as_pem(), signed.encode(), "sha256")
    confused = f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"

    with pytest.raises(TokenRefused, match="UnsupportedAlgorithm"):
        verifier.verify(confused, NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": ...},
        {"iat": ...},
        {"jti": ...},
        {"aud": ...},
        {"iss": ...},
        {"roles": ...},
        {"purpose": ...},
        {"roles": []},
        {"roles": "manager"},
        {"roles": [1]},
        {"roles": {"manager": 1}},
        {"aud": ["intake", "feedback"]},
        {"exp": "soon"},
        {"exp": True},
        {"iat": 1.5},
        {"exp": int(NOW.timestamp()) + 3600},
        {"exp": int(NOW.timestamp())},
        {"sub": "mara"},
        {"sub": 7},
        {"purpose": ""},
        {"purpose": "x" * 101},
        {"purpose": "a\nb"},
        {"jti": 5},
    ],
    ids=str,
)
def test_rightly_signed_but_malformed_claims_are_refused(verifier: Verifier, changes: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        verifier.verify(forged(claims(**changes)), NOW)


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "", "RAPPORT+JWT"])
def test_another_kind_of_token_is_refused(verifier: Verifier, typ: object) -> None:
    with pytest.raises(TokenRefused, match="nobody we know"):
        verifier.verify(forged(claims(), header={"typ": typ}), NOW)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "....", "\u0131", "e30.e30.", "x" * 5000, "e30.e30.e30.e30.e30"]
)
def test_what_is_no_token_is_refused(verifier: Verifier, text: str) -> None:
    with pytest.raises(TokenRefused):
        verifier.verify(text, NOW)


def test_an_altered_token_is_refused(verifier: Verifier) -> None:
    head, body, signature = token().split(".")
    richer = base64.urlsafe_b64encode(json.dumps(claims(roles=["manager"])).encode()).decode().rstrip("=")

    for altered in (f"{head}.{richer}.{signature}", f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body}."):
        with pytest.raises(TokenRefused):
            verifier.verify(altered, NOW)


def test_two_keys_are_good_while_one_is_replaced() -> None:
    both = Verifier({"portal": [PORTAL, STRANGER]}, "intake", ROLES)

    for key in (PORTAL, STRANGER):
        assert both.verify(token(Signer(key, "portal")), NOW).source == "portal"


def test_a_verifier_holds_no_secret() -> None:
    verifier = Verifier({"portal": PORTAL}, "intake", ROLES)

    assert not any(key.is_private for _, key in verifier._keys.values())


def test_a_refusal_does_not_quote_the_token(verifier: Verifier) -> None:
    asked = token(purpose="CANARY-purpose", audience="elsewhere")

    with pytest.raises(TokenRefused) as refused:
        verifier.verify(asked, NOW)
    assert asked not in str(refused.value)
    assert "CANARY" not in str(refused.value)


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        key_from_seed(b"short")


def test_a_token_that_was_good_once_is_good_for_its_time_alone(verifier: Verifier) -> None:
    made = token()
    assert verifier.verify(made, NOW) == verifier.verify(made, NOW + timedelta(seconds=30))

    with pytest.raises(TokenRefused, match="expired"):
        verifier.verify(made, NOW + timedelta(minutes=3))
    with pytest.raises(TokenRefused, match="not yet valid"):
        verifier.verify(made, NOW - timedelta(minutes=3))


def test_one_token_serves_the_same_question_for_half_of_its_life(verifier: Verifier) -> None:
    kept = KeptTokens(Signer(PORTAL, "portal"))

    def ask(**changes: Any) -> str:
        asked: dict[str, Any] = {"audience": "intake", "actor": ACTOR, "roles": ["desk"], "purpose": "care", "now": NOW}
        return kept.token(**(asked | changes))

    first = ask()
    assert ask(now=NOW + timedelta(seconds=29)) == first
    later = ask(now=NOW + timedelta(seconds=30))
    assert later != first
    assert verifier.verify(later, NOW + timedelta(seconds=60)).actor == ACTOR


@pytest.mark.parametrize(
    "change", [{"audience": "feedback"}, {"actor": uuid4()}, {"roles": ["manager"]}, {"purpose": "supervision"}]
)
def test_another_question_is_another_token(change: dict[str, Any]) -> None:
    kept = KeptTokens(Signer(PORTAL, "portal"))
    asked: dict[str, Any] = {"audience": "intake", "actor": ACTOR, "roles": ["desk"], "purpose": "care", "now": NOW}

    assert kept.token(**asked) != kept.token(**(asked | change))
