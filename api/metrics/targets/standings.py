"""
How targets stand: the figure of each to a day, what was to be expected by then, and the state.

A day is over when the client's calendar says so: without a day named it is yesterday. The figure
counts the readings there are, and says by `complete` whether any are lacking: those of the client's
channels, or, of a campaign's target, the campaign's own.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns.models import Campaign
from api.metrics import kpis
from api.metrics.kpis import CATALOGUE, Answer, KpiId, quotient
from api.metrics.models import KpiTarget, SubjectType
from api.metrics.performance import measured, performance
from api.metrics.periods import DAY, Period
from api.metrics.targets import aims, progress
from api.metrics.targets.progress import Aim, Course, TargetState, UnknownReason
from api.strategy.models import Objective
from tenants import clock, database, pipeline
from tenants.errors import Unprocessable
from tenants.models import Client

Shaped = dict[str, Any]
Figures = dict[KpiId, Answer]
Asked = tuple[UUID | None, Period]  # of a campaign, or of the client's channels

MOST = 500  # targets in one answer
WORST_FIRST = {
    state: rank
    for rank, state in enumerate(
        (
            TargetState.off_track,
            TargetState.at_risk,
            TargetState.unknown,
            TargetState.on_track,
            TargetState.not_yet,
        )
    )
}


class DayToCome(Unprocessable):
    """The day is still to come in the client's calendar."""


def of_target(session: Session, target_id: UUID, as_of: date | None) -> Shaped:
    """How a target stands at the end of a day."""
    target = database.get(session, KpiTarget, target_id)
    client = database.get(session, Client, target.client_id)
    today = clock.today(client.timezone)
    if as_of and as_of > today:
        raise DayToCome(pointer="?as_of")
    return _standings(session, [target], as_of or today - DAY)[0]


def of_client(session: Session, client_id: UUID, on: date | None) -> Shaped:
    """The targets in force on a day, the worst first, as they stood then or stand now."""
    client = database.get(session, Client, client_id)
    today = clock.today(client.timezone)
    day = on or today
    query = select(KpiTarget).where(
        col(KpiTarget.client_id) == client.id,
        col(KpiTarget.starts_on) <= day,
        col(KpiTarget.ends_on) >= day,
    )
    as_of = min(day, today - DAY)
    shown = _standings(session, _read(session, query), as_of)
    return {
        "client_id": client.id,
        "on": day,
        "as_of": as_of,
        "states": counted(each["state"] for each in shown),
        "targets": sorted(shown, key=lambda each: WORST_FIRST[each["state"]]),
    }


def of_objective(session: Session, objective_id: UUID) -> Shaped:
    """An objective, its targets and the campaigns that they name, with the figures of each."""
    objective = database.get(session, Objective, objective_id)
    client = database.get(session, Client, objective.client_id)
    query = select(KpiTarget).where(
        col(KpiTarget.client_id) == client.id, col(KpiTarget.objective_id) == objective.id
    )
    as_of = clock.today(client.timezone) - DAY
    shown = _standings(session, _read(session, query), as_of)
    of_campaign: dict[UUID, list[Shaped]] = {}
    for each in shown:
        if each["target"].campaign_id:
            of_campaign.setdefault(each["target"].campaign_id, []).append(each)
    campaigns = select(Campaign).where(col(Campaign.id).in_(of_campaign))
    return {
        "objective": objective,
        "as_of": as_of,
        "states": counted(each["state"] for each in shown),
        "targets": [each for each in shown if not each["target"].campaign_id],
        "campaigns": [
            {
                **{name: getattr(row, name) for name in ("id", "name", "status")},
                "starts_on": row.starts_on,
                "ends_on": row.ends_on,
                "targets": of_campaign[row.id],
            }
            for row in session.exec(campaigns.order_by(col(Campaign.starts_on), col(Campaign.id)))
        ],
    }


def counted(states: Iterable[TargetState]) -> dict[str, int]:
    counts = dict.fromkeys((state.value for state in TargetState), 0)
    for state in states:
        counts[state.value] += 1
    return counts


def _read(session: Session, query: Any) -> list[KpiTarget]:
    return list(session.exec(query.order_by(KpiTarget.kpi, KpiTarget.id).limit(MOST)))


def _standings(session: Session, targets: Sequence[KpiTarget], as_of: date) -> list[Shaped]:
    """Each target with its standing; the figures of all of them are asked together."""
    begun = {_asked(each, as_of): each.client_id for each in targets if each.starts_on <= as_of}
    agency_id = cast(database.Session, session).sight.agency_id
    statements = [_statement(agency_id, client_id, *asked) for asked, client_id in begun.items()]
    found = pipeline.ask_together(session.connection(), statements) if statements else []
    figures = {
        asked: performance.answers(measured.joined(rows[0][0]), asked[1])
        for asked, rows in zip(begun, found, strict=True)
    }
    return [_standing(each, figures.get(_asked(each, as_of), {}), as_of) for each in targets]


def _asked(target: KpiTarget, as_of: date) -> Asked:
    return target.campaign_id, Period(target.starts_on, min(as_of, target.ends_on))


def _statement(
    agency_id: UUID, client_id: UUID, campaign_id: UUID | None, span: Period
) -> pipeline.Statement:
    kind = SubjectType.campaign if campaign_id else SubjectType.channel
    subjects = [campaign_id] if campaign_id else None
    return measured.statement(agency_id, client_id, span, None, subjects, type=kind, days=False)


def _standing(target: KpiTarget, figures: Figures, as_of: date) -> Shaped:
    kpi = KpiId(target.kpi)
    made = figures.get(kpi) or kpis.answer(kpi, [])
    climbs = progress.course_of(kpi) is Course.climbs
    baseline = _found_baseline(made, figures) if climbs else None
    aim, stands = aims.aim_of(target, baseline), aims.standing(target, made, as_of, baseline)
    return {
        "target": target,
        "as_of": as_of,
        "days": aim.days,
        "elapsed_days": stands.elapsed,
        "course": aim.course,
        "figure": {
            **vars(made),
            "formula_version": CATALOGUE[kpi].version,
            "inputs_digest": kpis.digest(kpi, made),
        },
        "baseline": _rounded(aim.baseline),
        "expected": _rounded(stands.expected),
        "behind": _rounded(stands.behind),
        "state": stands.state,
        "reason": _reason(target, stands.state, made, aim),
        "rule": {
            "id": progress.RULE,
            "version": progress.RULE_VERSION,
            "on_track_within": _rounded(stands.on_track_within),
            "at_risk_within": _rounded(stands.at_risk_within),
        },
    }


def _found_baseline(level: Answer, figures: Figures) -> Fraction | None:
    """The level just before the period, where the readings tell."""
    net = figures.get(KpiId.followers_net)
    if level.value is None or net is None or net.value is None:
        return None
    return Fraction(level.value) - Fraction(net.value)


def _reason(target: KpiTarget, state: TargetState, made: Answer, aim: Aim) -> UnknownReason | None:
    if state is not TargetState.unknown:
        return None
    if aims.is_foreign(target, made):
        return UnknownReason.mixed_currency
    if made.missing_reason:
        return UnknownReason(made.missing_reason.value)
    lacks = aim.course is Course.climbs and aim.baseline is None
    return UnknownReason.no_baseline if lacks else None


def _rounded(value: Fraction | None) -> int | float | None:
    if value is None:
        return None
    if value.denominator == 1:
        return value.numerator
    return float(quotient(value.numerator, value.denominator) or 0)
