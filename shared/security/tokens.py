"""
Tokens between boxes: short-lived, signed, made for one receiver (JWT, RFC 7519; Ed25519, RFC 8037 and RFC 9864).

The front door says who asks and what for; the service that owns the data checks the
rights again. A key stands for one issuer, and an issuer may only lend the roles it
was allowed: the client's form cannot make itself a manager.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from shared.ids import uuid7
from shared.scope import Scope

LIFETIME = timedelta(seconds=60)
SKEW = timedelta(seconds=60)  # clocks of two machines may differ by this much
SEED_BYTES = 32
WITHOUT_A_PERSON = frozenset({"checkin", "integrator", "operator"})  # every other role is somebody's
ASKS = "GET"  # what a token says in `only` that asks and changes nothing
_ALGORITHMS = ["Ed25519"]
_TYPE = "rapport+jwt"
_KEPT = 256  # tokens that a verifier remembers; each is of one person for a minute
_MAX_TOKEN = 4096  # characters; ours have about 600


class TokenRefused(Exception):
    """A token is not good for this receiver; the message says why without quoting it."""


def key_from_seed(seed: bytes) -> OKPKey:
    """
    The Ed25519 key of a 32-byte seed; public parts travel with `public_part`.

    Raises:
        ValueError: the seed has another length.
    """
    if len(seed) != SEED_BYTES:
        raise ValueError(f"a seed has {SEED_BYTES} bytes, this one has {len(seed)}")
    return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))


def public_part(key: OKPKey) -> OKPKey:
    """What a verifier may hold: the key without its secret."""
    return OKPKey.import_key(key.as_dict(private=False))


class Signer:
    """Makes the tokens of one issuer: "portal", "checkin" or "operator"."""

    def __init__(self, private_key: OKPKey, issuer: str) -> None:
        self._key = private_key
        self._header = {"alg": _ALGORITHMS[0], "typ": _TYPE, "kid": private_key.thumbprint()}
        self.issuer = issuer

    def token(
        self,
        *,
        audience: str,
        actor: UUID | None,
        roles: Iterable[str],
        purpose: str,
        now: datetime,
        only: str = "",
        opened: UUID | None = None,
    ) -> str:
        """
        A token for one request to the service `audience`, good for 60 seconds.

        `actor` is the staff id, None where the program itself asks; `purpose` goes to the audit trail.
        `only` binds it to what it was made for, as DPoP does (RFC 9449, `htm` and `htu`): "GET", to ask
        whatever it may, or a command such as "POST /v1/rooms". Whoever catches it can do nothing else with it.
        `opened` is the one object that an emergency opened to them.
        """
        issued = int(now.timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": audience,
            "iat": issued,
            "exp": issued + int(LIFETIME.total_seconds()),
            "jti": str(uuid7()),
            "roles": sorted(roles),
            "purpose": purpose,
        }
        if actor is not None:
            claims["sub"] = str(actor)
        if only:
            claims["only"] = only
        if opened is not None:
            claims["opened"] = str(opened)
        return jwt.encode(self._header, claims, self._key, algorithms=_ALGORITHMS)


class TokenSigner(Protocol):
    """Whatever makes tokens."""

    def token(
        self,
        *,
        audience: str,
        actor: UUID | None,
        roles: Sequence[str],
        purpose: str,
        now: datetime,
        only: str = "",
        opened: UUID | None = None,
    ) -> str: ...


class KeptTokens:
    """
    A signer that gives the same token for the same question for half of its life.

    Asked by the same person, in the same roles, for the same purpose and service; other roles are
    another question, so a change counts from the next request. A token is kept in memory alone.
    """

    _MOST = 500

    def __init__(self, signer: TokenSigner) -> None:
        self._signer = signer
        self._kept: dict[tuple[object, ...], tuple[datetime, str]] = {}

    def token(
        self,
        *,
        audience: str,
        actor: UUID | None,
        roles: Sequence[str],
        purpose: str,
        now: datetime,
        only: str = "",
        opened: UUID | None = None,
    ) -> str:
        """As `Signer.token`; good for at least 30 seconds more. One for a command is made anew, and not kept."""

        def sign() -> str:
            return self._signer.token(
                audience=audience, actor=actor, roles=roles, purpose=purpose, now=now, only=only, opened=opened
            )

        if only not in {"", ASKS}:
            return sign()
        question = (audience, actor, tuple(roles), purpose, only, opened)
        made, token = self._kept.get(question, (now, ""))
        if not token or not made <= now < made + LIFETIME / 2:
            token = sign()
            if len(self._kept) >= self._MOST:
                self._kept.clear()
            self._kept[question] = (now, token)
        return token


class Verifier:
    """
    Checks tokens made for one service; what its signature covers is checked once for each token, its times always.

    Args:
        public_keys: Issuer -> its key, or several while a key is being replaced.
        audience: The service's name.
        allowed_roles: Issuer -> the roles it may lend; a token that asks for more is refused whole.
    """

    def __init__(
        self,
        public_keys: Mapping[str, OKPKey | Sequence[OKPKey]],
        audience: str,
        allowed_roles: Mapping[str, frozenset[str]],
    ) -> None:
        self.audience = audience
        self.allowed_roles = dict(allowed_roles)
        self._keys: dict[str, tuple[str, OKPKey]] = {}
        for issuer, given in public_keys.items():
            for key in [given] if isinstance(given, OKPKey) else given:
                self._keys[key.thumbprint()] = (issuer, public_part(key))
        self._checked = lru_cache(_KEPT)(self._check)  # a token that is refused is kept by nobody

    def verify(self, token: str, now: datetime, *, asked: str = "") -> Scope:
        """
        Turn a token into the scope of its request; the trace id is added by the caller.

        Args:
            token: As it came.
            now: When.
            asked: Method and path of the request, such as "POST /v1/rooms".

        Raises:
            TokenRefused: unknown key, other algorithm, other receiver, made for another
                request, expired, not yet valid, an issuer beyond its roles, a person's role without a person, or
                anything malformed.
        """
        scope, claims = self._checked(token)
        _check_times(claims, now)
        if "only" in claims and claims["only"] not in {asked, asked.partition(" ")[0].replace("HEAD", ASKS)}:
            raise TokenRefused("made for another request")
        return scope

    def _check(self, token: str) -> tuple[Scope, Mapping[str, Any]]:
        issuer, claims = self._open(token)
        if claims.get("iss") != issuer:
            raise TokenRefused("the issuer is not the owner of the key")
        if claims.get("aud") != self.audience:
            raise TokenRefused("made for another receiver")
        _text(claims, "jti")
        roles = _roles(claims)
        if not roles <= self.allowed_roles.get(issuer, frozenset()):
            raise TokenRefused("its issuer may not lend these roles")
        actor, opened = _id(claims, "sub"), _id(claims, "opened")
        if actor is None and not roles <= WITHOUT_A_PERSON:
            raise TokenRefused("names nobody, but asks for a person's role")
        purpose = _text(claims, "purpose")
        scope = Scope(actor=actor, roles=roles, purpose=purpose, source=issuer, opened=opened)
        return scope, claims

    def _open(self, token: str) -> tuple[str, dict[str, Any]]:
        if len(token) > _MAX_TOKEN or not token.isascii():
            raise TokenRefused("not a token")
        owner: list[str] = []

        def key_of(unopened: Any) -> OKPKey:
            header = unopened.headers()
            if header.get("typ") != _TYPE or header.get("kid") not in self._keys:
                raise TokenRefused("signed by nobody we know")
            issuer, key = self._keys[header["kid"]]
            owner.append(issuer)
            return key

        try:
            opened = jwt.decode(token, key_of, algorithms=_ALGORITHMS)
        except TokenRefused:
            raise
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise TokenRefused(f"does not open ({type(error).__name__})") from error
        return owner[0], opened.claims


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    issued, expires = claims.get("iat"), claims.get("exp")
    # bool is an int to Python, but no point in time.
    if type(issued) is not int or type(expires) is not int:
        raise TokenRefused("iat or exp is missing")
    if not 0 < expires - issued <= LIFETIME.total_seconds():
        raise TokenRefused("lives longer than a token may")
    moment, skew = now.timestamp(), SKEW.total_seconds()
    if moment >= expires + skew:
        raise TokenRefused("expired")
    if moment < issued - skew:
        raise TokenRefused("not yet valid")


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 100 or not value.isprintable():
        raise TokenRefused(f"{name} is missing or malformed")
    return value


def _roles(claims: Mapping[str, Any]) -> frozenset[str]:
    roles = claims.get("roles")
    if not isinstance(roles, list) or not roles or not all(isinstance(role, str) for role in roles):
        raise TokenRefused("names no roles")
    return frozenset(roles)


def _id(claims: Mapping[str, Any], name: str) -> UUID | None:
    given = claims.get(name)
    if given is None:
        return None
    try:
        return UUID(given)
    except (ValueError, TypeError, AttributeError) as error:
        raise TokenRefused(f"{name} is not an id") from error
