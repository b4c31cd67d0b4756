"""Whether the process lives, and whether it can serve."""

import time
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import text

from api.http.problems import problems
from api.http.route import operation_id
from tenants import errors, pools

router = APIRouter(tags=["operations"], generate_unique_id_function=operation_id)

_KEPT = 1.0
_last: tuple[float, bool] = (0.0, False)


class Health(BaseModel):
    """One word on the process."""

    status: Literal["ok"]


@router.get("/healthz", openapi_extra={"security": []}, responses=problems(errors.ApiError))
async def get_liveness() -> Health:
    """The process answers; it touches nothing outside."""
    return Health(status="ok")


@router.get(
    "/readyz",
    openapi_extra={"security": []},
    responses=problems(errors.ApiError, errors.Unavailable),
)
def get_readiness(response: Response) -> Health:
    """The database answers, too. Looked at once a second at most; a broker's loss is no reason."""
    global _last
    looked, ready = _last
    if time.monotonic() - looked > _KEPT:
        ready = _database_answers()
        _last = (time.monotonic(), ready)
    if not ready:
        raise errors.Unavailable(headers={"Retry-After": "1"})
    return Health(status="ok")


def _database_answers() -> bool:
    try:
        with pools.current().app.connect() as connection:
            connection.execute(text("select 1"))
    except Exception:
        return False
    return True
