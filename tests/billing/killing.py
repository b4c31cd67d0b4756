"""Who orders deaths: one process that has all loaded, and a child of it for each."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tenants import settings
from tests.factories import Staffed

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Nursery:
    """`kill` has something done by a process that dies at a point of it (`killed.py`)."""

    process: subprocess.Popen[str]
    reached: dict[str, str]
    home: Path

    def kill(self, agency: Staffed, task: str, id: object, point: str) -> None:
        orders = {
            **self.reached,
            "agency": str(agency.agency_id),
            "task": task,
            "id": str(id),
            "point": point,
            "settings": {"AGENCY_HOME": str(self.home), **_stripe()},
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(orders) + "\n")
        self.process.stdin.flush()
        assert int(self.process.stdout.readline()) == -signal.SIGKILL, point


def _stripe() -> dict[str, str]:
    """The Stripe of the test, if it has one."""
    configured = settings.get()
    if configured.stripe_secret_key is None:
        return {}
    return {
        "AGENCY_BILLING_PROVIDER": "stripe",
        "AGENCY_STRIPE_SECRET_KEY": configured.stripe_secret_key.get_secret_value(),
        "AGENCY_STRIPE_ACCOUNT_WEBHOOK_SECRETS": "whsec_x",
        "AGENCY_STRIPE_CONNECT_WEBHOOK_SECRETS": "whsec_y",
        "AGENCY_STRIPE_API_URL": str(configured.stripe_api_url),
        "AGENCY_STRIPE_TRANSFERS": str(configured.stripe_transfers),
    }


@contextmanager
def nursery(urls: dict[str, str], home: Path, pooler: str) -> Iterator[Nursery]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.billing.killed"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    reached = {"app": urls["app"], "platform": urls["platform"], "pooler": pooler}
    try:
        yield Nursery(process, reached, home)
    finally:
        process.communicate(timeout=20)  # its orders end, and so does it
