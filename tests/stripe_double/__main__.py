"""
The double as a process: `python -m tests.stripe_double <nonce>`, on 127.0.0.1 and a free port,
which it prints. It answers a ping with the nonce, so that nobody takes another server for it.
"""

import json
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.stripe_double import surface
from tests.stripe_double.calls import CALLS
from tests.stripe_double.controls import CONTROLS
from tests.stripe_double.state import StripeRefused, World, invalid


@dataclass
class Fault:
    """What goes wrong with the next calls: before they are done, or after (the answer is lost)."""

    how: str  # 500 · 429 · drop · delay
    path: str
    left: int
    done: bool
    seconds: float = 0.0


class Double(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, nonce: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.nonce = nonce
        self.worlds: defaultdict[str, World] = defaultdict(World)
        self.faults: defaultdict[str, list[Fault]] = defaultdict(list)
        self.asked: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)


class Dropped(Exception):
    """The answer is lost on its way."""


class Handler(BaseHTTPRequestHandler):
    server: Double
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Tests say what they have to say themselves."""

    def do_GET(self) -> None:
        self._handle("get")

    def do_POST(self) -> None:
        self._handle("post")

    def do_DELETE(self) -> None:
        self._handle("delete")

    def _handle(self, verb: str) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length).decode()
        parts = urlsplit(self.path)
        try:
            if parts.path.startswith("/_control/"):
                self._answer(200, self._control(parts.path[len("/_control/") :], body))
                return
            self._answer(*self._call(verb, parts.path, parts.query, body))
        except StripeRefused as refusal:
            self._answer(refusal.status, refusal.body)
        except Dropped:
            self.close_connection = True
            self.connection.close()

    def _control(self, name: str, body: str) -> Any:
        asked = json.loads(body or "{}")
        if name == "ping":
            return {"nonce": self.server.nonce}
        key = asked.pop("key")
        if name == "fail":
            self.server.faults[key].append(Fault(left=asked.pop("times", 1), **asked))
            return {}
        if name == "mend":
            self.server.faults[key].clear()
            return {}
        if name == "asked":
            return self.server.asked[key]
        world = self.server.worlds[key]
        with world.lock:
            return CONTROLS[name](world, asked)

    def _call(self, verb: str, path: str, query: str, body: str) -> tuple[int, Any]:
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not key.startswith("sk_test_"):
            raise StripeRefused(401, "invalid_request_error", None, "Invalid API Key provided")
        self.server.asked[key].append((verb, path))
        world, fault = self.server.worlds[key], self._fault(key, path)
        if fault is not None and not fault.done:
            self._go_wrong(fault)
        status, answer = self._once(world, verb, path, query if verb == "get" else body)
        if fault is not None and fault.done:
            self._go_wrong(fault)
        return status, answer

    def _fault(self, key: str, path: str) -> Fault | None:
        for fault in self.server.faults[key]:
            if fault.left > 0 and fault.path in path:
                fault.left -= 1
                return fault
        return None

    def _go_wrong(self, fault: Fault) -> None:
        if fault.how == "delay":
            time.sleep(fault.seconds)
        elif fault.how == "drop":
            raise Dropped
        elif fault.how == "429":
            raise StripeRefused(429, "invalid_request_error", "rate_limit", "Too many requests")
        else:
            raise StripeRefused(500, "api_error", None, "Something went wrong at Stripe")

    def _once(self, world: World, verb: str, path: str, said: str) -> tuple[int, Any]:
        """The same key gives the same answer (https://docs.stripe.com/api/idempotent_requests)."""
        account = self.headers.get("Stripe-Account", "")
        key = self.headers.get("Idempotency-Key") if verb == "post" else None
        asked = f"{verb} {path} {said}"
        with world.lock:
            known = world.answers.get((account, key)) if key else None
            if known and known[0] != asked:
                message = "Keys for idempotent requests can only be used with the same parameters"
                raise StripeRefused(400, "idempotency_error", "idempotency_error", message)
            if known:
                return known[1], json.loads(known[2])
            made = self._do(world, account, verb, path, said)
            if key:
                world.answers[account, key] = (asked, 200, json.dumps(made))
            return 200, json.loads(json.dumps(made))

    def _do(self, world: World, account: str, verb: str, path: str, said: str) -> Any:
        known = surface.matching(verb, path)
        if known is None:
            raise StripeRefused(
                404, "invalid_request_error", None, f"Unrecognized request URL ({verb}: {path})"
            )
        given = surface.read_form(parse_qsl(said, keep_blank_values=True))
        if (kind := surface.type_of(known)) is not None:
            for where, what in surface.faults(given, kind):
                raise invalid(what, where, "parameter_unknown" if "unknown" in what else None)
        call = CALLS.get((verb, known.path))
        if call is None:
            raise StripeRefused(501, "api_error", "not_modelled", f"{verb} {known.path}")
        found = known.pattern.match(path)
        return call(world, account, given, *(found.groups() if found else ()))

    def _answer(self, status: int, answer: Any) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Request-Id", f"req_{time.time_ns()}")
        if status == 501:
            self.send_header("Stripe-Should-Retry", "false")
        self.end_headers()
        self.wfile.write(body)


def _end_with_parent(double: Double) -> None:
    sys.stdin.read()
    double.shutdown()


def main() -> None:
    double = Double(sys.argv[1])
    # It ends with whoever started it: their end of the pipe closes.
    threading.Thread(target=_end_with_parent, args=(double,), daemon=True).start()
    sys.stdout.write(f"{double.server_address[1]}\n")
    sys.stdout.flush()
    double.serve_forever()


if __name__ == "__main__":
    main()
