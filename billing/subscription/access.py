"""
From what Stripe calls a subscription's status to what the agency may do, as a table.

    trialing, active                full
    past_due                        full while the grace lasts, then read_only
    unpaid, paused, incomplete      read_only
    canceled, incomplete_expired    read_only while all can be taken out, then locked
    anything else                   as before: Stripe adds values, and nobody is locked out by one

A trial of ours without a card ends by our clock, like a subscription that was cancelled then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tenants.models import AgencyStatus


class Access(StrEnum):
    full = "full"
    read_only = "read_only"
    locked = "locked"


class Rule(StrEnum):
    """What a status means."""

    open = "open"
    graced = "graced"
    closed = "closed"
    ended = "ended"


RULES: dict[str, Rule] = {
    "trialing": Rule.open,
    "active": Rule.open,
    "past_due": Rule.graced,
    "unpaid": Rule.closed,
    "paused": Rule.closed,
    "incomplete": Rule.closed,
    "canceled": Rule.ended,
    "incomplete_expired": Rule.ended,
}


@dataclass(frozen=True)
class Standing:
    """What is known of a subscription."""

    status: str
    before: Access
    trial_ends_at: datetime | None = None  # a trial of ours; Stripe ends its own
    since: datetime | None = None  # since when it is past due, or has ended


@dataclass(frozen=True)
class Verdict:
    """What follows; `until`: when time alone changes it."""

    access: Access
    reason: str
    until: datetime | None = None


@dataclass(frozen=True)
class Terms:
    """How long an agency is waited for."""

    grace: timedelta
    window: timedelta


def judge(standing: Standing, terms: Terms, now: datetime) -> Verdict:
    """What an agency may do with its subscription as it stands."""
    ends = standing.trial_ends_at
    if standing.status == "trialing" and ends is not None:
        if now < ends:
            return Verdict(Access.full, "trialing", ends)
        return _ended("trial_over", ends, terms, now)
    rule, since = RULES.get(standing.status), standing.since or now
    if rule is None:
        return Verdict(standing.before, "unknown_status")
    if rule is Rule.graced and now < since + terms.grace:
        return Verdict(Access.full, standing.status, since + terms.grace)
    if rule is Rule.ended:
        return _ended(standing.status, since, terms, now)
    access = Access.full if rule is Rule.open else Access.read_only
    return Verdict(access, standing.status)


def _ended(reason: str, since: datetime, terms: Terms, now: datetime) -> Verdict:
    over = since + terms.window
    if now < over:
        return Verdict(Access.read_only, reason, over)
    return Verdict(Access.locked, reason)


def agency_status(access: Access, status: str) -> AgencyStatus:
    """The agency's own status that says the same to everything else."""
    if access is Access.locked:
        return AgencyStatus.suspended
    if access is Access.read_only:
        return AgencyStatus.read_only
    known = {"trialing": AgencyStatus.trialing, "past_due": AgencyStatus.past_due}
    return known.get(status, AgencyStatus.active)
