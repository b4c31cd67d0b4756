"""
Who is who in `tests/factories.py`, said a second time and independently: the expectation of every
cell of the matrix is computed from this and from the permission table, never from the running code.
"""

from dataclasses import dataclass, field

from tenants.permissions import EVERYBODY, INFLUENCER, MEMBER, NOT_BY_RANK, PERMISSIONS, Duty

AE, SMM, CM = Duty.account_executive, Duty.social_media_manager, Duty.community_manager


@dataclass(frozen=True)
class Role:
    """A person's rank, and the duties on the agency's two clients."""

    rank: str = "member"  # owner · admin · member · contact · influencer
    duties: dict[str, set[Duty]] = field(default_factory=dict)
    works_for: str | None = None  # an influencer's things are those of this client

    @property
    def is_contact(self) -> bool:
        return self.rank == "contact"

    def sees(self, slot: str) -> bool:
        return self.rank in ("owner", "admin") or slot in (*self.duties, self.works_for)


PEOPLE: dict[str, Role] = {
    "owner": Role("owner"),
    "admin": Role("admin"),
    "executive": Role(duties={"one": {AE}, "two": {CM}}),
    "strategist": Role(duties={"one": {SMM}}),
    "community": Role(duties={"one": {CM}}),
    "stranger": Role(),
    "other_executive": Role(duties={"two": {AE}}),
    "approver": Role("contact", {"one": {Duty.approver}}),
    "viewer": Role("contact", {"one": {Duty.viewer}}),
    "other_contact": Role("contact", {"two": {Duty.approver}}),
    "influencer": Role("influencer", works_for="one"),
    "other_influencer": Role("influencer", works_for="two"),
}


def may(name: str, permission: str | None, slot: str | None = None) -> bool:
    """Whether somebody holds a permission for a client they see; without `slot`, anywhere."""
    role = PEOPLE[name]
    if slot is not None and not role.sees(slot):
        return False
    if permission is None or by_rank(name, permission):
        return True
    held = role.duties.values() if slot is None else [role.duties.get(slot, set())]
    return any(PERMISSIONS[permission] & duties for duties in held)


def by_rank(name: str, permission: str) -> bool:
    """Whether somebody holds a permission whatever their duties."""
    role = PEOPLE[name]
    if role.rank in ("owner", "admin"):
        return permission not in NOT_BY_RANK
    held = {"member": MEMBER, "influencer": INFLUENCER}.get(role.rank, frozenset())
    return permission in EVERYBODY | held
