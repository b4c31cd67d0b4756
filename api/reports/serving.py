"""
A published version's bytes, in the format and the language asked for: found by one statement.

A client's one stable address, a version by its number, what a share link opens: each is a way to
choose a version. The JSON comes with it, unless the caller has it already; HTML and PDF are read
from the store by their hash, after the transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Text, bindparam, case, func, literal, null, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col
from starlette.responses import Response

from api.http.answers import TYPES, Deferred, known_tags, negotiate, preferred_locale, stored
from api.reports import periods
from api.reports.delivery import openings
from api.reports.models import (
    Artifact,
    Format,
    PeriodKind,
    RenderingRead,
    ReportVersion,
    VersionStatus,
)
from tenants import reads, storage
from tenants.errors import Gone, NotAcceptable, NotFound
from tenants.models import Audience
from tenants.pipeline import Statement
from tenants.sight import Sight

MEDIA_TYPES = {
    **{Format(name): media_type for name, media_type in TYPES.items()},
    Format.html: "text/html; charset=utf-8",
    Format.csv: "text/csv; charset=utf-8",
    Format.slides: "text/html; charset=utf-8",
}
_PAGE: dict[str, Any] = {"schema": {"type": "string", "maxLength": 8_000_000}}
_FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary", "maxLength": 8_000_000}}
# What an answer may hold beside JSON.
DOCUMENTED = {
    TYPES["html"]: _PAGE,
    TYPES["csv"]: _PAGE,
    **{TYPES[name]: _FILE for name in ("pdf", "xlsx", "pptx")},
}
_SHOWN = (Format.html, Format.pdf, Format.slides)  # by a browser; the others are saved


class ReportWithdrawn(Gone):
    """The report was taken back; `replacement_expected_on` says when a better one is expected."""


class LanguageNotOffered(NotAcceptable):
    """The version was not written in that language; `locales` lists its languages."""


_V: Any = ReportVersion
_STANDING = _V.status != VersionStatus.superseded
_OF_CLIENT = (_V.client_id == bindparam("client"), _V.audience == Audience.client, _STANDING)
_NEWEST = (_V.ends_on.desc(), _V.published_at.desc())
# How a version is chosen: what holds of it, and which of several comes first.
_CHOICES: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    "latest": (_OF_CLIENT, _NEWEST),
    "latest_of_period": ((*_OF_CLIENT, _V.period == bindparam("period")), _NEWEST),
    "numbered": ((_V.report_id == bindparam("report"), _V.number == bindparam("number")), ()),
    "standing": ((_V.report_id == bindparam("report"), _STANDING), (_V.number.desc(),)),
}


@dataclass(frozen=True)
class Which:
    """One of those choices, with its values."""

    choice: str
    values: dict[str, Any]


def latest(client_id: UUID, period: PeriodKind | None) -> Which:
    """The client's newest report. When its newest version was taken back: gone, never an older."""
    if period is None:
        return Which("latest", {"client": client_id})
    return Which("latest_of_period", {"client": client_id, "period": period.value})


def numbered(report_id: UUID, number: int) -> Which:
    """One version of a report, superseded ones too."""
    return Which("numbered", {"report": report_id, "number": number})


def standing(report_id: UUID) -> Which:
    """The version of a report that stands now."""
    return Which("standing", {"report": report_id})


class _Version(NamedTuple):
    """What is read of a version. `snapshot` is its JSON; `artifacts`, its other renderings."""

    client_id: UUID
    status: str
    replacement_expected_on: date | None
    number: int
    period: str
    starts_on: date
    ends_on: date
    locales: list[str]
    sha256: str
    render_job_id: UUID
    snapshot: str | None
    artifacts: list[dict[str, Any]] | None


_COLUMNS = [getattr(ReportVersion, name) for name in _Version._fields[:-2]]


@dataclass(frozen=True)
class Serving:
    """Asks for a version in a format. Answers 202 while that is being made, 304 when known."""

    session: Session
    which: Which
    format: Format
    locale: str | None
    is_noted: bool = True

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        fixed = _statement(self.which.choice, self.format)
        values = {"agency": agency_id, "known": known_tags(self.session), **self.which.values}
        asked = [Statement(fixed.sql, fixed.parameters | values)]
        if self.is_noted:
            chosen = _chosen(self.which.choice)
            found = Statement(chosen.sql, chosen.parameters | self.which.values)
            asked.append(openings.own(found, agency_id, self.format, self.locale))
        return asked

    def answer(
        self, sight: Sight, permission: str | None, found: Sequence[list[Any]]
    ) -> Response | Deferred:
        version = _Version(*found[0][0]) if found[0] else None
        owner = version.client_id if version else self.which.values.get("client")
        reads.check_client(sight, permission, owner)
        if version is None:
            raise NotFound
        check_stands(version)
        if self.format is Format.json:
            body = (version.snapshot or "").encode()
            return stored(self.session, version.sha256, MEDIA_TYPES[self.format], body)
        return self._rendered(sight.agency_id, version)

    def _rendered(self, agency_id: UUID, version: _Version) -> Response | Deferred:
        language = self._language(version)
        artifact = next((a for a in version.artifacts or () if a["locale"] == language), None)
        if artifact is None:
            return _being_made(version.render_job_id)
        month = PeriodKind(version.period)
        name = periods.name(month, version.starts_on, version.ends_on)
        ending = "html" if self.format is Format.slides else self.format.value
        file = f"{name}-v{version.number}-{language}.{ending}"
        how = "inline" if self.format in _SHOWN else "attachment"
        headers = {
            "Content-Language": language,
            "Content-Disposition": f'{how}; filename="{file}"',
        }
        if artifact["content_policy"]:
            headers["Content-Security-Policy"] = artifact["content_policy"]
        sha256 = artifact["sha256"]
        return stored(
            self.session,
            sha256,
            MEDIA_TYPES[self.format],
            lambda: storage.read(agency_id, sha256),
            headers=headers,
        )

    def _language(self, version: _Version) -> str:
        """The language asked for by name; else the preferred one, or the version's first."""
        if self.locale is not None:
            if self.locale not in version.locales:
                raise LanguageNotOffered(extra={"locales": version.locales})
            return self.locale
        preferred = preferred_locale(self.session)
        return preferred if preferred in version.locales else version.locales[0]


@cache
def _statement(choice: str, format: Format) -> Statement:
    conditions, order = _CHOICES[choice]
    columns: list[Any] = [*_COLUMNS, *_content(format)]
    query = select(*columns).where(_V.agency_id == bindparam("agency"), *conditions)
    return reads.template(query.order_by(*order).limit(1))


@cache
def _chosen(choice: str) -> Statement:
    conditions, order = _CHOICES[choice]
    query = select(_V.id).where(_V.agency_id == bindparam("agency"), *conditions)
    return reads.template(query.order_by(*order).limit(1))


def _content(format: Format) -> tuple[Any, Any]:
    """The JSON that the caller does not have yet; or all renderings in a format."""
    if format is Format.json:
        known = _V.sha256 + literal(".json") == func.any(bindparam("known", type_=ARRAY(Text)))
        return case((known, null()), else_=_V.snapshot), null()
    artifacts = (
        select(func.json_agg(Artifact.__table__.table_valued()))  # type: ignore[attr-defined]
        .where(col(Artifact.version_id) == _V.id, col(Artifact.format) == format)
        .correlate(ReportVersion)
    )
    return null(), artifacts.scalar_subquery()


def serve(
    session: Session,
    which: Which,
    format: str | None,
    locale: str | None,
    *,
    is_noted: bool = True,
) -> Serving:
    """
    A version by Accept or `format`; slides are a page too, so they are asked for by name.
    `is_noted`: that somebody of the client's who is logged in opened it.
    """
    chosen = Format(format or negotiate(session, list(TYPES)))
    return Serving(session, which, chosen, locale, is_noted)


def check_stands(version: _Version | ReportVersion) -> None:
    """Refuse a version that was taken back."""
    if version.status == VersionStatus.withdrawn:
        expected = version.replacement_expected_on
        raise ReportWithdrawn(
            extra={"replacement_expected_on": expected.isoformat() if expected else None}
        )


def _being_made(job_id: UUID) -> Response:
    return Response(
        RenderingRead(job_id=job_id).model_dump_json(),
        status_code=202,
        headers={"Location": f"/v1/jobs/{job_id}", "Retry-After": "1"},
        media_type="application/json",
    )
