"""
The whole story, by API alone, against whichever stack is up: `make smoke`.

A referral arrives, is accepted with consent, the client is allocated, sessions are held, both
sides fill in their forms, one session goes badly, a rupture opens, the next sessions repair it.
Each step goes through one service; what the others hear of it comes by events, so the script
waits for it. Everybody in it is invented, and the clinic keeps them: use a fresh installation.
"""

import base64
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
import httpx

from embedded.keys import KeysRefused, key_file, load_keys
from embedded.settings import EmbeddedConfig
from shared.ids import uuid7
from shared.security.tokens import Signer, key_from_seed
from shared.settings import ConfigurationError

T = TypeVar("T")
PATIENCE = 20.0  # seconds for one event to arrive somewhere else
ISSUERS = ("portal", "checkin")
PORTS = {"intake": 8101, "scheduling": 8102, "feedback": 8103}
GOOD = {"b1": 8, "g1": 8, "t1": 8, "e1": 8, "o1": 8, "r1": "no", "s1": "now"}
BAD = {"b1": 3, "g1": 4, "t1": 3, "e1": 3, "o1": 3, "r1": "yes", "r2": "not_mentioned", "s1": "now"}
BETTER = {"b1": 6, "g1": 6, "t1": 6, "e1": 6, "o1": 6, "r1": "a_little", "r2": "mentioned", "s1": "now"}
# How the client answers after each session, and the state the course is then read in.
COURSE = (
    (GOOD, "steady"),
    (GOOD, "steady"),
    (GOOD, "steady"),
    (BAD, "rupture"),
    (BETTER, "repairing"),
    (GOOD, "repaired"),
)


class StoryBroke(Exception):
    """A step did not go as it should; the message says which and what was answered."""


@dataclass
class Storyteller:
    """Calls the services' APIs as members of staff and as the client's form."""

    addresses: Mapping[str, str]
    portal: Signer
    checkin: Signer
    desk: UUID = field(default_factory=uuid7)
    therapist: UUID = field(default_factory=uuid7)
    began: float = field(default_factory=time.monotonic)
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=10))

    def say(self, what: str) -> None:
        """Print one step with the seconds since the beginning."""
        click.echo(f"{time.monotonic() - self.began:6.2f} s  {what}")

    def ask(self, service: str, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """One request as the desk (or `roles`); its JSON; StoryBroke unless it succeeds."""
        roles, actor = more.pop("roles", ("front_desk", "manager")), more.pop("actor", self.desk)
        token = self.portal.token(audience=service, actor=actor, roles=roles, purpose="smoke", now=datetime.now(UTC))
        return self._send(service, method, path, body, token, more)

    def fill_in(self, token: str, answers: Mapping[str, Any]) -> None:
        """The client opens the one-time link and sends the form."""
        signed = self.checkin.token(
            audience="feedback", actor=None, roles=["checkin"], purpose="check-in", now=datetime.now(UTC)
        )
        handle = self._send("feedback", "POST", "/v1/forms/exchange", {"token": token}, signed, {})["handle"]
        sent = {"answers": dict(answers), "submit": True}
        self._send("feedback", "PUT", "/v1/forms/current", sent, signed, {"headers": {"X-Form-Handle": handle}})

    def until(self, what: str, look: Callable[[], T | None]) -> T:
        """Look until there is something to see; an event may be on its way."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                found = look()
            except StoryBroke as broke:
                found, last = None, str(broke)
            else:
                last = "nothing yet"
            if found:
                return found
            time.sleep(0.05)
        raise StoryBroke(f"waited {PATIENCE:.0f} s for {what}: {last}")

    def _send(self, service: str, method: str, path: str, body: Any, token: str, more: Mapping[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {token}", **more.get("headers", {})}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid7())
        if "version" in more:
            headers["If-Match"] = f'"{more["version"]}"'
        try:
            answer = self.http.request(method, self.addresses[service] + path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise StoryBroke(f"{service} does not answer at {self.addresses[service]}: is a stack up?") from error
        if answer.status_code >= 300:
            raise StoryBroke(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None


def tell(story: Storyteller) -> None:
    """The story from the referral to the repaired rupture; raises StoryBroke."""
    story.ask("scheduling", "PUT", f"/v1/practitioners/{story.therapist}", {"zone": "Europe/London"})
    story.say("scheduling: a practitioner can be booked")
    _crisis_information(story)
    client_id = _bring_together(story)
    start = (datetime.now(UTC) - timedelta(hours=8 * len(COURSE))).replace(minute=0, second=0, microsecond=0)
    for n, (answers, state) in enumerate(COURSE):
        _session(story, client_id, start + timedelta(hours=8 * n), n + 1, answers, state)
    _see(story, client_id)


def _crisis_information(story: Storyteller) -> None:
    """No form opens before the clinic has said whom to turn to in a crisis."""
    made_up = {
        "emergency_number": "000 (made up)",
        "emergency_place": "Example Street",
        "crisis_name": "Example Helpline",
        "crisis_number": "01632 960 001",
        "crisis_hours": "never, this is a test",
        "crisis_text": "07700 900 001",
        "clinic_hours": "9 to 5",
        "clinic_phone": "01632 960 002",
        "reading_promise": "This is a test.",
    }
    today = datetime.now(UTC).date()
    body = made_up | {"checked_on": str(today), "review_on": str(today + timedelta(days=300))}
    story.ask("feedback", "PUT", "/v1/crisis-information", body, roles=("manager", "clinical_lead"))
    story.say("feedback: whom to turn to in a crisis is entered")


def _bring_together(story: Storyteller) -> UUID:
    person = {"given_name": "Smoke", "family_name": f"Test {datetime.now(UTC):%H%M%S}", "birth_date": "1990-01-01"}
    referral = story.ask("intake", "POST", "/v1/referrals", {"client": person, "source": "B1"})
    story.say(f"intake: referral received, client {referral['spoken_code']}")
    consents = [{"purpose": p, "given": True, "text_version": "1"} for p in ("care_record", "feedback_forms")]
    path = f"/v1/referrals/{referral['id']}/acceptance"
    story.ask("intake", "POST", path, {"consents": consents}, version=referral["version"])
    story.say("intake: accepted, with consent to feedback")
    client_id = referral["client_id"]
    path, body = f"/v1/clients/{client_id}/allocations", {"practitioner_id": str(story.therapist)}
    story.until("intake to hear of the practitioner", lambda: story.ask("intake", "POST", path, body))
    story.say("intake: allocated to the practitioner it had heard of from scheduling")
    return UUID(client_id)


def _session(
    story: Storyteller, client_id: UUID, start: datetime, number: int, answers: Mapping[str, Any], state: str
) -> None:
    body = {
        "client_id": str(client_id),
        "practitioner_id": str(story.therapist),
        "type_code": "individual",
        "modality": "in_person",
        "local_start": start.strftime("%Y-%m-%dT%H:%M"),
        "zone": "UTC",
        "minutes": 50,
    }
    booked = story.until(
        "scheduling to hear of the allocation", lambda: story.ask("scheduling", "POST", "/v1/appointments", body)
    )
    path = f"/v1/appointments/{booked['id']}/status"
    story.ask("scheduling", "POST", path, {"to": "completed"}, version=booked["version"])
    offers = story.until(
        "feedback to hear of the session and offer both forms", lambda: _both_offers(story, client_id, booked["id"])
    )
    link = story.ask("feedback", "POST", f"/v1/offers/{offers['client']}/link", {})
    # The therapist answers first: their impression is to be blind to the client's.
    mirror = {f"t_{item}": value for item, value in GOOD.items() if item[0] in "bgteo"} | {"t_r1": "no"}
    path = f"/v1/offers/{offers['therapist']}/answers"
    story.ask("feedback", "POST", path, {"answers": mirror}, roles=("therapist",), actor=story.therapist)
    story.fill_in(link["token"], answers)
    reading = story.until(f"the course to be read as {state}", lambda: _course(story, client_id, number, state))
    story.say(f"session {number}: booked, held, both forms filled in; the course is read as: {reading['state']}")


def _both_offers(story: Storyteller, client_id: UUID, appointment_id: str) -> dict[str, str] | None:
    items = story.ask("feedback", "GET", f"/v1/offers?client_id={client_id}&state=open")["items"]
    found = {item["side"]: item["id"] for item in items if item["appointment_id"] == appointment_id}
    return found if len(found) == 2 else None


def _course(story: Storyteller, client_id: UUID, number: int, state: str) -> dict[str, Any] | None:
    course = story.ask(
        "feedback", "GET", f"/v1/clients/{client_id}/course", roles=("therapist",), actor=story.therapist
    )
    reached = len(course["points"]) == number and course["reading"]["state"] == state
    return course["reading"] if reached else None


def _see(story: Storyteller, client_id: UUID) -> None:
    own = {"roles": ("therapist",), "actor": story.therapist}
    course = story.ask("feedback", "GET", f"/v1/clients/{client_id}/course", **own)
    episode = course["episodes"][0]
    if len(course["episodes"]) != 1 or episode["state"] != "repaired":
        raise StoryBroke(f"expected one repaired episode, the course has {course['episodes']}")
    story.say(f"feedback: one episode, opened in session {episode['opened_session']}, {episode['state']}")
    caseload = story.ask("feedback", "GET", f"/v1/caseload?practitioner_id={story.therapist}", **own)["items"]
    if [case["client_id"] for case in caseload] != [str(client_id)]:
        raise StoryBroke("the practitioner's list does not hold this client alone")
    names = story.ask("intake", "POST", "/v1/people/look-up", {"ids": [str(client_id)]})["items"]
    story.say(
        f"portal would show: {names[0]['display_name']}, needs a conversation: {caseload[0]['needs_conversation']}"
    )
    state = story.until(
        "intake to hear that therapy has begun",
        lambda: _in_therapy(story.ask("intake", "GET", f"/v1/clients/{client_id}")),
    )
    story.say(f"intake: heard of the first session; the client is {state.replace('_', ' ')}")


def _in_therapy(client: Mapping[str, Any]) -> str | None:
    return str(client["state"]) if client["state"] == "in_therapy" else None


def find_secrets(given: Path | None) -> Path:
    """The secrets of the stack that is up: as said, the native one's, or those of Docker Compose."""
    for folder in (given, Path("var/stack/secrets"), Path("secrets")):
        if folder is not None and (folder / "portal_token_seed").exists():
            return folder
    raise StoryBroke("no secrets found: start a clinic (make run, make stack, or make up), or say --secrets FOLDER")


def of_stack(secrets: Path | None, host: str) -> Storyteller:
    """For a clinic of many processes."""
    folder = find_secrets(secrets)
    seeds = {name: base64.urlsafe_b64decode((folder / f"{name}_token_seed").read_text()) for name in ISSUERS}
    return _storyteller({name: f"{host}:{port}" for name, port in PORTS.items()}, seeds)


def of_one_process(env: Mapping[str, str]) -> Storyteller | None:
    """For the clinic of `make run` with these settings, if it is up."""
    config = EmbeddedConfig.from_env(env)
    inner = f"http://127.0.0.1:{config.inner_port}"
    try:
        if not key_file(config.keys).exists() or httpx.get(f"{inner}/livez").json()["service"] != "rapport":
            return None
    except (httpx.HTTPError, ValueError, KeyError):
        return None
    keys = load_keys(config.keys)
    seeds = {name: keys.secret(f"token|{name}") for name in ISSUERS}
    return _storyteller({name: f"{inner}/api/{name}" for name in PORTS}, seeds)


def _storyteller(addresses: Mapping[str, str], seeds: Mapping[str, bytes]) -> Storyteller:
    signers = {name: Signer(key_from_seed(seed), name) for name, seed in seeds.items()}
    return Storyteller(addresses, signers["portal"], signers["checkin"])


@click.command()
@click.option("--secrets", type=click.Path(path_type=Path), help="Folder of the stack's secrets.")
@click.option("--host", default="http://127.0.0.1", show_default=True, help="Where the services' ports are.")
def main(secrets: Path | None, host: str) -> None:
    """Drive the whole story through the services' APIs and print each step."""
    try:
        story = (None if secrets else of_one_process(os.environ)) or of_stack(secrets, host)
        tell(story)
    except (StoryBroke, ConfigurationError, KeysRefused) as broke:
        click.echo(f"smoke: {broke}", err=True)
        sys.exit(1)
    story.say("The story works.")


if __name__ == "__main__":
    main()
