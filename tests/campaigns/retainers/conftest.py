"""Years go by in these tests."""

from datetime import UTC, datetime

import pytest
from sqlmodel import col, update

from tenants import database
from tenants.models import UserSession
from tests.factories import Staffed


@pytest.fixture
def agency(agency: Staffed) -> Staffed:
    """Nobody has to log in again for years."""
    with database.platform_session() as session:
        mine = col(UserSession.agency_id) == agency.agency_id
        session.exec(
            update(UserSession).where(mine).values(expires_at=datetime(2040, 1, 1, tzinfo=UTC))
        )
    return agency
