"""
What Schemathesis would hold against the API and is no fault, each with its reason.

Everything let pass is counted under its reason and printed with the verdict. Nothing here leaves
out an operation, a check or a phase.
"""

from collections.abc import Callable
from typing import Any

from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.generation.meta import CoveragePhaseData
from schemathesis.openapi.checks import RejectedPositiveData

AnyCase = Case[Any]

# Faults of several members together, or of what the world holds: a schema has no words for them.
BETWEEN_MEMBERS = {
    "first_day_missing",
    "half_a_subject",
    "one_due_rule",
    "proof_missing",
    "evidence_missing",
    "named_twice",
    "nothing_said",
    "one_subject",
    "said_twice",
    "repeated",
    "captured_in_the_future",
    "not_a_period_start",
    "cap_and_capped",
    "periods_and_expiring",
    "paid_twice",
    "tells_nothing",
    "does_not_add_up",
}

# Which there are is told by a registry that grows, or by a standard: a pattern is only their form.
IN_REGISTRIES = {
    "insecure_url",
    "unknown_country",
    "unknown_currency",
    "unknown_language",
    "unknown_locale",
    "unknown_zone",
}

# check → statuses it does not know as refusals, or as answers that depend on what there is.
CHECKS: dict[str, Any] = {
    # 413: the body limit comes before the schema's own. 412: no such version, whatever else.
    "negative_data_rejection": {
        "expected-statuses": [
            *("400", "401", "403", "404", "405", "406", "409", "410", "412", "413", "415", "422"),
            *("428", "429"),
        ]
    },
    # 412: a version nobody wrote down. 410: a token of nothing. 302: a link that leads on.
    "positive_data_acceptance": {
        "expected-statuses": [
            *("2xx", "302", "303", "304", "401", "403", "404", "409", "410", "412", "429"),
        ]
    },
    # 428 is what RFC 6585 has for a missing If-Match.
    "missing_required_header": {"expected-statuses": ["400", "401", "403", "404", "422", "428"]},
}


def reason(failure: Failure, case: AnyCase, response: Response) -> str | None:
    """Why a failure is none, or None."""
    for why, holds in REASONS.items():
        if holds(failure, case, response):
            return why
    return None


def _is_rule_of_the_domain(failure: Failure, case: AnyCase, response: Response) -> bool:
    problem = problem_of(response)
    own_code = problem.get("code") != "invalid_request"
    return _refuses_valid(failure, response, 422) and own_code


def _is_between_members(failure: Failure, case: AnyCase, response: Response) -> bool:
    faults = {fault["code"] for fault in problem_of(response).get("errors", [])}
    known = faults <= BETWEEN_MEMBERS | IN_REGISTRIES
    return _refuses_valid(failure, response, 422) and bool(faults) and known


def _is_not_set_up(failure: Failure, case: AnyCase, response: Response) -> bool:
    return problem_of(response).get("code") == "billing_not_configured"


def _is_said_per_item(failure: Failure, case: AnyCase, response: Response) -> bool:
    return isinstance(failure, AcceptedNegativeData) and response.status_code == 207


def _is_about_credentials(failure: Failure, case: AnyCase, response: Response) -> bool:
    return _refuses_valid(failure, response, 400) and problem_of(response).get("code") in (
        "invalid_grant",
        "agency_required",
    )


def _is_a_language_nobody_wrote(failure: Failure, case: AnyCase, response: Response) -> bool:
    code = problem_of(response).get("code")
    return _refuses_valid(failure, response, 406) and code == "language_not_offered"


def _is_a_grant_without_its_members(failure: Failure, case: AnyCase, response: Response) -> bool:
    if case.operation.path != "/v1/auth/token" or not _refuses_valid(failure, response, 422):
        return False
    pointers = {fault["pointer"] for fault in problem_of(response)["errors"]}
    return pointers <= {"/username", "/password", "/refresh_token"}


def _is_an_odd_if_none_match(failure: Failure, case: AnyCase, response: Response) -> bool:
    if not isinstance(failure, AcceptedNegativeData) or case.meta is None:
        return False
    data = case.meta.phase.data
    if isinstance(data, CoveragePhaseData):
        named = {data.parameter}
    else:
        named = {mutation.parameter for mutation in data.mutations}
    elsewhere = {
        location
        for location, component in case.meta.components.items()
        if component.mode.is_negative and location is not ParameterLocation.HEADER
    }
    return named == {"If-None-Match"} and not elsewhere


Reason = Callable[[Failure, AnyCase, Response], bool]
REASONS: dict[str, Reason] = {
    "in which languages a report was written, its schema cannot say": _is_a_language_nobody_wrote,
    "a rule of the domain, under a code of its own: the document names it": _is_rule_of_the_domain,
    "a rule between members, or a registry's: JSON Schema has no words for it": _is_between_members,
    "what needs Stripe answers 501 without it, as the document says": _is_not_set_up,
    "a batch refuses its bad items one by one, with 207": _is_said_per_item,
    "a schema says which credentials are well formed, not which exist": _is_about_credentials,
    "which members a grant needs follows from grant_type (RFC 6749)": (
        _is_a_grant_without_its_members
    ),
    "an If-None-Match that names no version is passed over (RFC 9110 §13.1.2)": (
        _is_an_odd_if_none_match
    ),
}


def _refuses_valid(failure: Failure, response: Response, status: int) -> bool:
    return isinstance(failure, RejectedPositiveData) and response.status_code == status


def problem_of(response: Response) -> dict[str, Any]:
    """The problem an answer is, or nothing."""
    kind = response.headers.get("content-type", [""])[0]
    if kind.partition(";")[0] != "application/problem+json":
        return {}
    found: dict[str, Any] = response.json()
    return found
