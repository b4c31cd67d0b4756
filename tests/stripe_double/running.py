"""The double, started for a test run: a process of its own, and known to be ours by its nonce."""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).parent.parent.parent
SECRETS = {"account": "whsec_account_double", "connect": "whsec_connect_double"}


@dataclass
class Running:
    """A double that answers at `url`; every test has a key, and so a Stripe, of its own."""

    url: str
    http: httpx2.Client

    def world(self) -> "Keyed":
        return Keyed(self, f"sk_test_{secrets.token_hex(8)}")


@dataclass
class Keyed:
    """The Stripe of one API key."""

    double: Running
    key: str

    def control(self, name: str, **asked: Any) -> Any:
        answer = self.double.http.post(f"/_control/{name}", json={"key": self.key, **asked})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def every(self, kind: str, account: str = "") -> list[Any]:
        return list(self.control("every", kind=kind, account=account))

    def deliveries(self, **how: Any) -> list[Any]:
        return list(self.control("deliveries", secrets=SECRETS, **how))


@contextmanager
def double() -> Iterator[Running]:
    nonce = secrets.token_hex(8)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stripe_double", nonce],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        url = f"http://127.0.0.1:{int(process.stdout.readline())}"
        with httpx2.Client(base_url=url, timeout=20) as http:
            answered = json.loads(http.post("/_control/ping").content)
            assert answered == {"nonce": nonce}, "another server answers there"
            yield Running(url, http)
    finally:
        process.terminate()
        process.communicate(timeout=10)
