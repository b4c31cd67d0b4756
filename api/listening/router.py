"""Routes of listening topics, mention counts and shares of voice; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from api.listening import counts, topics, voice
from api.listening.models import ListeningTopic
from api.listening.shapes import (
    ListeningTopicCreate,
    ListeningTopicQuery,
    ListeningTopicRead,
    ListeningTopicUpdate,
    MentionCountsWrite,
    ShareOfVoiceRead,
    TopicVersionRead,
)
from api.metrics import periods
from api.metrics.readings.fact_shapes import FactsOutcome
from api.metrics.readings.facts import FactDiffers, FactFromTheFuture
from tenants.errors import MoveNotAllowed, NotFound
from tenants.pages import InvalidCursor, Page, PageQuery
from tenants.reads import Lookup
from tenants.shapes import Day

router = domain_router("listening")


@router.post(
    "/listening-topics",
    status_code=201,
    response_model=ListeningTopicRead,
    dependencies=[needs("listening:write")],
    responses=problems(NotFound),
)
def create_listening_topic(data: ListeningTopicCreate, session: RequestSession) -> Any:
    """Begin to listen to a topic: a query, and the competitors heard beside the client."""
    return topics.create(session, **data.model_dump())


@router.get(
    "/listening-topics",
    response_model=Page[ListeningTopicRead],
    dependencies=[needs("listening:read")],
    responses=problems(InvalidCursor),
)
def list_listening_topics(
    page: Annotated[ListeningTopicQuery, Query()], session: RequestSession
) -> Any:
    """List the topics in your sight, newest first. Archived ones only when `status` says so."""
    return topics.search(session, page)


@router.get(
    "/listening-topics/{topic_id}",
    response_model=ListeningTopicRead,
    dependencies=[needs("listening:read")],
    responses=problems(NotFound),
)
def get_listening_topic(topic_id: UUID, session: RequestSession) -> Any:
    """Read a topic, with its newest query."""
    return Lookup(ListeningTopic, topic_id)


@router.patch(
    "/listening-topics/{topic_id}",
    response_model=ListeningTopicRead,
    dependencies=[needs("listening:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def update_listening_topic(
    topic_id: UUID, data: ListeningTopicUpdate, session: RequestSession
) -> Any:
    """Change a topic; another query or universe is its next version."""
    return topics.update(session, topic_id, **data.model_dump())


@router.get(
    "/listening-topics/{topic_id}/versions",
    response_model=Page[TopicVersionRead],
    dependencies=[needs("listening:read")],
    responses=problems(NotFound, InvalidCursor),
)
def list_topic_versions(
    topic_id: UUID, page: Annotated[PageQuery, Query()], session: RequestSession
) -> Any:
    """List what a topic has asked and of whom, newest first."""
    return topics.versions(session, topic_id, page)


@router.post(
    "/mention-counts",
    response_model=FactsOutcome,
    dependencies=[needs("listening:write")],
    responses=problems(NotFound, FactDiffers, FactFromTheFuture, counts.BrandOutsideUniverse),
)
def record_mention_counts(data: MentionCountsWrite, session: RequestSession) -> Any:
    """Tell how often each brand was named under a topic; the same batch twice is once."""
    return counts.record(session, data.topic_id, data.number, data.counts)


@router.get(
    "/clients/{client_id}/share-of-voice",
    response_model=ShareOfVoiceRead,
    dependencies=[needs("listening:read")],
    responses=problems(NotFound, periods.PeriodEndsBeforeItStarts, periods.PeriodTooLong),
)
def get_share_of_voice(
    client_id: UUID,
    session: RequestSession,
    first: Annotated[Day, Query(alias="from", description="First day, of the client's calendar.")],
    last: Annotated[Day, Query(alias="to", description="Last day, included.")],
) -> Any:
    """Read how much of what is said is about the client, topic by topic."""
    return voice.of_client(session, client_id, periods.period(first, last))
