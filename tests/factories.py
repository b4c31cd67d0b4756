"""
Dull, valid rows. A test says only what it is about.

An agency is made in the database as the platform makes it, and its people are given log-ins; all
the rest goes through the API.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import select
from starlette.testclient import TestClient

from api.influencers.models import Influencer, InfluencerDossier
from tenants import auth, clock, database, tokens
from tenants.auth import Actor
from tenants.ids import new_id
from tenants.models import (
    Agency,
    AgencyStatus,
    Assignment,
    Client,
    ClientStatus,
    Membership,
    MembershipKind,
    User,
    UserSession,
)
from tenants.outbox import Event
from tenants.permissions import AgencyRole, Duty


@dataclass
class Person:
    """A member of an agency with an open log-in, and the HTTP client that speaks as them."""

    name: str
    email: str
    user_id: UUID
    membership_id: UUID
    session_id: UUID
    agency_id: UUID
    client: TestClient

    @property
    def headers(self) -> dict[str, str]:
        token = tokens.write_token(self.agency_id, self.session_id, self.user_id)
        return {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, **options: Any) -> Any:
        headers = {**self.headers, **options.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Any:
        return self.call("POST", path, json=json, **options)

    def patch(self, path: str, json: Any, version: int | str = "*", **options: Any) -> Any:
        match = f'"{version}.s.en"' if isinstance(version, int) else version
        headers = {"If-Match": match, **options.pop("headers", {})}
        return self.call("PATCH", path, json=json, headers=headers, **options)

    def put(self, path: str, json: Any, **options: Any) -> Any:
        headers = {"If-Match": "*", **options.pop("headers", {})}
        return self.call("PUT", path, json=json, headers=headers, **options)

    def delete(self, path: str, **options: Any) -> Any:
        headers = {"If-Match": "*", **options.pop("headers", {})}
        return self.call("DELETE", path, headers=headers, **options)


@dataclass
class Staffed:
    """
    An agency with everybody in it.

    `executive` leads client one as its account executive and is community manager of client two;
    `strategist` is social media manager and `community` community manager of client one; `stranger`
    is staff with no duty at all; `approver`, `viewer` are client one's, `other_contact` client
    two's. `influencer` and `other_influencer` are on the roster; in the generated tests the one
    works for client one, the other for client two.
    """

    agency_id: UUID
    slug: str
    client_id: UUID
    other_client_id: UUID
    people: dict[str, Person] = field(default_factory=dict)
    influencer_id: UUID = field(default_factory=new_id)
    other_influencer_id: UUID = field(default_factory=new_id)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None


_STAFF = ("owner", "admin", "executive", "strategist", "community", "stranger", "other_executive")
_CONTACTS = ("approver", "viewer", "other_contact")
_INFLUENCERS = ("influencer", "other_influencer")
_KINDS = {
    **dict.fromkeys(_CONTACTS, MembershipKind.client_contact),
    **dict.fromkeys(_INFLUENCERS, MembershipKind.influencer),
}


def staffed_agency(http: TestClient, **values: Any) -> Staffed:
    """Make an agency, its people and two active clients, straight in the database."""
    slug = values.pop("slug", f"agency-{new_id().hex[-12:]}")
    with database.platform_session() as session:
        made = Agency(
            name=values.pop("name", "Estudio Norte"),
            slug=slug,
            status=AgencyStatus.active,
            locale="es-ES",
            timezone="Europe/Madrid",
            currency="EUR",
            **values,
        )
        session.add(made)
        session.flush()
        everybody = (*_STAFF, *_CONTACTS, *_INFLUENCERS)
        people = {name: new_person(session, http, made.id, name) for name in everybody}
        agency_id = made.id
    clients = _clients(agency_id, people)
    agency = Staffed(agency_id, slug, clients[0], clients[1], people)
    _roster(agency)
    return agency


def _roster(agency: Staffed) -> None:
    ids = (agency.influencer_id, agency.other_influencer_id)
    with database.agency_session(auth.system(agency.agency_id)) as session:
        for id, name in zip(ids, _INFLUENCERS, strict=True):
            person = agency.people[name]
            row = Influencer(id=id, name=name.title(), membership_id=person.membership_id)
            database.add(session, row, InfluencerDossier(id=id))


def new_person(session: database.Session, http: TestClient, agency_id: UUID, name: str) -> Person:
    email = f"{name}.{new_id().hex[-12:]}@people.example"
    user = User(email=email, email_key=email, name=name.title(), password_hash="!")
    session.add(user)
    session.flush()
    role = AgencyRole(name) if name in ("owner", "admin") else AgencyRole.member
    kind = _KINDS.get(name, MembershipKind.staff)
    member = Membership(
        agency_id=agency_id,
        user_id=user.id,
        name=user.name,
        email=email,
        kind=kind,
        role=role,
    )
    session.add(member)
    session.flush()
    login = open_login(session, user.id, agency_id, member.id)
    return Person(name, email, user.id, member.id, login, agency_id, http)


def open_login(
    session: database.Session, user_id: UUID, agency_id: UUID, membership_id: UUID
) -> UUID:
    """A log-in as `POST /v1/auth/token` opens one."""
    login = UserSession(
        user_id=user_id,
        agency_id=agency_id,
        membership_id=membership_id,
        user_agent="tests",
        address_hash="0" * 64,
        expires_at=clock.now() + timedelta(days=30),
    )
    session.add(login)
    session.flush()
    return login.id


def _clients(agency_id: UUID, people: dict[str, Person]) -> list[UUID]:
    ids = []
    with database.agency_session(auth.system(agency_id)) as session:
        for name, lead in (("Café Aurora", "executive"), ("Bodega Sur", "other_executive")):
            row = Client(
                name=name,
                slug=f"client-{new_id().hex[-12:]}",
                status=ClientStatus.active,
                locale="es-ES",
                timezone="Europe/Madrid",
                currency="EUR",
                lead_membership_id=people[lead].membership_id,
            )
            database.add(session, row)
            ids.append(row.id)
        for client_id, name, duty, lead_duty in (
            (ids[0], "executive", Duty.account_executive, True),
            (ids[0], "strategist", Duty.social_media_manager, True),
            (ids[0], "community", Duty.community_manager, True),
            (ids[0], "approver", Duty.approver, False),
            (ids[0], "viewer", Duty.viewer, False),
            (ids[1], "other_executive", Duty.account_executive, True),
            (ids[1], "executive", Duty.community_manager, True),
            (ids[1], "other_contact", Duty.approver, False),
        ):
            database.add(
                session,
                Assignment(
                    client_id=client_id,
                    membership_id=people[name].membership_id,
                    duty=duty,
                    is_lead=lead_duty,
                    starts_on=date(2020, 1, 1),
                ),
            )
    return ids


def events_of(agency: Staffed, subject_id: Any) -> list[str]:
    """The types of the events told about one row, in order."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        query = (
            select(Event.type).where(Event.subject_id == UUID(str(subject_id))).order_by(Event.id)  # type: ignore[arg-type]
        )
        return list(session.exec(query))


def system(agency: Staffed) -> Actor:
    return auth.system(agency.agency_id)
