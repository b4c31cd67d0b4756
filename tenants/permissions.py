"""
What each role may do: one table, `role x permission`.

A permission is `<area>:<verb>`, kept in alphabetical order. Owner and admin hold every staff
permission for every client; everybody else holds what their duties on a client give, for that
client only. Members without a duty hold what `MEMBER` says, for the agency; an influencer holds
what `INFLUENCER` says, for what is theirs.
"""

from enum import StrEnum


class AgencyRole(StrEnum):
    """A member's place in the agency."""

    owner = "owner"
    admin = "admin"
    member = "member"


class Duty(StrEnum):
    """What a person does for one client."""

    account_executive = "account_executive"
    social_media_manager = "social_media_manager"
    community_manager = "community_manager"
    approver = "approver"
    viewer = "viewer"


STAFF_DUTIES = frozenset(
    {Duty.account_executive, Duty.social_media_manager, Duty.community_manager}
)
CONTACT_DUTIES = frozenset({Duty.approver, Duty.viewer})

_AE, _SMM, _CM = Duty.account_executive, Duty.social_media_manager, Duty.community_manager
_APPROVER, _VIEWER = Duty.approver, Duty.viewer
_STAFF = {_AE, _SMM, _CM}
_ALL = _STAFF | {_APPROVER, _VIEWER}

# permission -> the duties that carry it, besides owner and admin.
PERMISSIONS: dict[str, frozenset[Duty]] = {
    permission: frozenset(duties)
    for permission, duties in {
        "account:read": _ALL,
        "account:write": _ALL,
        "agency:write": set(),
        "approval_links:read": _STAFF,
        "approval_links:write": {_AE},
        "approval_policies:read": _STAFF,
        "approval_policies:write": {_AE},
        "approvals:contest": {_APPROVER},
        "approvals:decide": {_APPROVER},
        "approvals:decide_internal": {_SMM},
        "approvals:read": _STAFF | {_APPROVER},
        "approvals:record": {_AE},
        "assignments:read": _STAFF,
        "assignments:write": set(),
        "attribution_rules:read": _STAFF,
        "benchmarks:read": _STAFF,
        "benchmarks:write": set(),
        "billables:read": {_AE},
        "billing:read": set(),
        "billing:write": set(),
        "billing_profiles:read": {_AE},
        "billing_profiles:write": {_AE},
        "books:read": _STAFF,
        "books:write": set(),
        "budgets:propose": {_AE},
        "budgets:read": _STAFF | {_APPROVER},
        "budgets:write": {_AE, _SMM},
        "campaigns:approve": {_SMM, _APPROVER},
        "campaigns:propose": {_AE, _SMM},
        "campaigns:read": _STAFF | {_APPROVER},
        "campaigns:run": {_AE, _SMM},
        "campaigns:write": {_AE, _SMM, _CM},
        "change_orders:decide": {_SMM, _APPROVER},
        "change_orders:read": _STAFF | {_APPROVER},
        "change_orders:submit": {_AE},
        "change_orders:write": {_AE},
        "channels:read": _ALL,
        "channels:write": _STAFF,
        "clients:create": set(),
        "clients:read": _ALL,
        "clients:write": {_AE},
        "collaboration_results:read": _STAFF,
        "collaboration_results:write": _STAFF,
        "collaboration_terms:read": _STAFF,
        "collaborations:agree": {_AE, _SMM},
        "collaborations:answer": set(),
        "collaborations:negotiate": _STAFF,
        "collaborations:read": _ALL,
        "collaborations:write": _STAFF,
        "comments:read": _STAFF | {_APPROVER},
        "comments:read_edits": _STAFF,
        "comments:write": _STAFF | {_APPROVER},
        "commitments:read": _ALL,
        "commitments:write": _STAFF,
        "community:read": _STAFF,
        "community:write": {_SMM, _CM},
        "competitors:read": _STAFF,
        "competitors:write": {_SMM},
        "contacts:read": _STAFF,
        "contacts:write": {_AE},
        "contracts:read": {_AE},
        "contracts:write": {_AE},
        "conversions:read": _STAFF,
        "conversions:write": _STAFF,
        "cost_rates:read": set(),
        "cost_rates:write": set(),
        "deliverables:approve": {_SMM, _APPROVER},
        "deliverables:read": _ALL,
        "deliverables:read_dates": _STAFF,
        "deliverables:write": _STAFF,
        "disclosure_checks:read": _STAFF,
        "disclosure_checks:write": _STAFF,
        "disclosure_rules:read": _STAFF,
        "events:read": _STAFF,
        "expenses:approve": {_SMM},
        "expenses:read": _STAFF,
        "expenses:write": _STAFF,
        "files:read": _ALL,
        "files:write": _STAFF | {_APPROVER},
        "import_mappings:read": _STAFF,
        "import_mappings:write": _STAFF,
        "imports:read": _STAFF,
        "imports:write": _STAFF,
        "influencers:read": _STAFF,
        "influencers:write": {_AE, _SMM},
        "invitations:read": set(),
        "invitations:write": set(),
        "invoice_settings:read": {_AE},
        "invoice_settings:write": set(),
        "invoices:approve": {_AE},
        "invoices:issue": set(),
        "invoices:read": {_AE, _APPROVER},
        "invoices:write": {_AE},
        "jobs:cancel": _STAFF,
        "jobs:read": _ALL,
        "jobs:requeue": _STAFF,
        "kpi_targets:read": _STAFF,
        "kpi_targets:write": {_SMM},
        "kpis:read": _ALL,
        "listening:read": _STAFF,
        "listening:write": {_SMM, _CM},
        "live_checks:read": _STAFF,
        "live_posts:read": _ALL,
        "live_posts:write": _STAFF,
        "margins:read": {_AE},
        "members:read": _STAFF,
        "members:write": set(),
        "metrics:read": _STAFF,
        "metrics:write": _STAFF,
        "objectives:read": _STAFF,
        "objectives:write": {_SMM},
        "overview:read": _STAFF,
        "own_collaborations:write": set(),
        "own_profile:read": set(),
        "own_profile:write": set(),
        "payables:read": {_AE, _SMM},
        "payables:read_gates": {_AE, _SMM},
        "payables:settle": set(),
        "payables:write": {_AE, _SMM},
        "payees:confirm": set(),
        "payees:read": set(),
        "payees:write": set(),
        "payments:write": set(),
        "payouts:approve": set(),
        "payouts:read": set(),
        "payouts:read_gates": set(),
        "payouts:write": set(),
        "programs:read": _STAFF,
        "programs:write": {_AE, _SMM},
        "promo_codes:read": _STAFF,
        "promo_codes:write": {_AE, _SMM},
        "published_posts:read": _STAFF,
        "published_posts:write": _STAFF,
        "report_schedules:read": _STAFF,
        "report_schedules:write": _STAFF,
        "report_templates:read": _STAFF,
        "report_templates:write": {_AE, _SMM},
        "reports:acknowledge": {_APPROVER, _VIEWER},
        "reports:publish": _STAFF,
        "reports:publish_client": {_AE},
        "reports:publish_internal": {_SMM, _CM},
        "reports:read": _ALL,
        "reports:read_drafts": _STAFF,
        "reports:review": {_AE, _SMM},
        "reports:write": _STAFF,
        "reports:write_client": {_AE},
        "reports:write_internal": {_SMM, _CM},
        "requests:read": _ALL,
        "requests:write": _STAFF,
        "retainers:read": _ALL,
        "scopes:decide": {_SMM, _APPROVER},
        "scopes:read": _STAFF | {_APPROVER},
        "scopes:submit": {_AE},
        "scopes:write": {_AE},
        "share_links:write": {_AE},
        "statements:read": {_AE, _SMM, _APPROVER},
        "submissions:read": _STAFF | {_APPROVER},
        "submissions:write": _STAFF,
        "time:read": _STAFF,
        "time:read_all": {_AE},
        "time:write": _STAFF,
        "time:write_all": {_AE},
        "tracking_links:read": _STAFF,
        "tracking_links:write": _STAFF,
        "usage_rights:read": _ALL,
        "usage_rights:use": _STAFF,
    }.items()
}

# An owner or admin holds everything but what only the person on duty, the client, or an influencer
# may do.
NOT_BY_RANK = frozenset(
    {
        "approvals:contest",
        "approvals:decide",
        "collaborations:answer",
        "own_collaborations:write",
        "own_profile:read",
        "own_profile:write",
        "reports:acknowledge",
        "reports:publish",
        "reports:publish_client",
        "reports:publish_internal",
    }
)

# What every member holds of any kind, an influencer without a duty too: their own account.
EVERYBODY = frozenset({"account:read", "account:write"})

# What every staff member holds for the agency, whatever their duties.
MEMBER = frozenset({"clients:read", "kpis:read", "members:read"})

# What an influencer who logs in may do, with their own rows alone.
INFLUENCER = frozenset(
    {
        "collaboration_results:read",
        "collaboration_terms:read",
        "collaborations:answer",
        "collaborations:negotiate",
        "collaborations:read",
        "disclosure_checks:read",
        "disclosure_rules:read",
        "files:read",
        "live_checks:read",
        "live_posts:read",
        "own_collaborations:write",
        "own_profile:read",
        "own_profile:write",
        "payables:read",
        "payees:read",
        "payees:write",
        "payouts:read",
        "promo_codes:read",
        "submissions:read",
        "submissions:write",
        "tracking_links:read",
        "usage_rights:read",
    }
)


def duties_with(permission: str) -> frozenset[Duty]:
    """The duties that carry a permission."""
    return PERMISSIONS[permission]


def by_rank(role: AgencyRole, permission: str) -> bool:
    """Whether an agency role alone carries a permission, for every client."""
    if role is AgencyRole.member:
        return permission in MEMBER
    return permission not in NOT_BY_RANK
