"""
The worker: what it can do, how it does it, and the Celery that rings its doorbell.

    @job("reports.render")           a kind of job: (actor, job, beat) -> result
    @on("report.published")          hears events: (session, event), at least once each
    @every(60)                       a chore across agencies: (), quick, harmless from two at once

A job holds no session while it renders or calls the network: it opens its own, as
`database.agency_session(actor)`. A message carries an agency and an id and nothing else; what is to
be done stands in the database, so a message that is lost, doubled, late or forged costs nothing.
"""

import contextlib
import logging
import resource
import socket
import threading
import time
import traceback
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import billiard.pool
from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging, worker_process_init, worker_shutting_down
from kombu.entity import Queue
from kombu.transport import redis, virtual
from sqlalchemy.exc import OperationalError

from tenants import auth, database, heartbeat, jobs, sealer
from tenants.auth import Actor
from tenants.errors import ApiError
from tenants.jobs import Job
from tenants.outbox import Event

log = logging.getLogger("agency.worker")

QUEUES = tuple(str(queue) for queue in jobs.Queue)
PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)  # seconds, while the database does not answer
PULSE = 1.0  # seconds between two beats; the lease is five
MEMORY = 2 << 30  # bytes a child may take: then its job fails, before the machine does
SOFT_LIMIT, HARD_LIMIT, VISIBILITY = 15 * 60, 16 * 60, 3600

Beat = Callable[[int, int | None], None]
JobHandler = Callable[[Actor, Job, Beat], dict[str, Any] | None]
EventHandler = Callable[[database.Session, Event], None]
Chore = Callable[[], bool | None]

_jobs: dict[str, JobHandler] = {}
_pauses: dict[str, Sequence[int]] = {}
_listeners: dict[str, dict[str, EventHandler]] = defaultdict(dict)
chores: list[tuple[float, Chore]] = []


class JobTakenBack(Exception):
    """The job was cancelled, or another worker has it: stop, and leave no trace."""


def job(kind: str, *, pauses: Sequence[int] = jobs.PAUSES) -> Callable[[JobHandler], JobHandler]:
    """
    Register what does a kind of job. Its verbs change nothing the second time. `pauses`: how many
    seconds to wait after each attempt that failed, as many as are by default.
    """

    def register(handler: JobHandler) -> JobHandler:
        _pauses[kind] = pauses
        if _jobs.setdefault(kind, handler) is not handler:
            raise TypeError(f"two handlers for jobs of kind {kind}")
        return handler

    return register


def on(*types: str) -> Callable[[EventHandler], EventHandler]:
    """
    Register a handler of events, in the agency's own transaction; `*` hears everything. What it
    does and the note that it did it commit together, so a database effect happens once.
    """

    def register(handler: EventHandler) -> EventHandler:
        for type in types:
            _listeners[type][f"{handler.__module__}.{handler.__name__}"] = handler
        return handler

    return register


def every(seconds: float) -> Callable[[Chore], Chore]:
    """
    Register a chore of the relay. It takes no actor: it finds due rows across agencies, and answers
    True when it left some for its next turn, which comes at once. Every relay does it, and each at
    its start, so what must happen once in a period is a job of that `period` (`jobs.enqueue`).
    While no relay runs nothing is done, and nothing is made up for by number: the first to come
    back does each chore once, with whatever is due by then.
    """

    def register(chore: Chore) -> Chore:
        chores.append((seconds, chore))
        return chore

    return register


def heard() -> frozenset[str]:
    """The types of event somebody listens to."""
    return frozenset(type for type, handlers in _listeners.items() if handlers)


def run_job(agency_id: UUID, job_id: UUID) -> None:
    """Do one attempt of a job, if it is due, this agency's, and nobody else's."""
    actor = auth.system(agency_id)
    claimed = _patiently(_in_session, actor, lambda session: jobs.claim(session, job_id))
    if claimed is None:
        log.info("job %s of agency %s is not to be had", job_id, agency_id)
        return
    with Pulse(actor, claimed) as pulse:
        settle = _attempt(actor, claimed, pulse)
        _patiently(_in_session, actor, settle)


def _in_session(actor: Actor, do: Callable[[database.Session], Any]) -> Any:
    with database.agency_session(actor) as session:
        return do(session)


def _patiently(do: Callable[..., Any], *arguments: Any) -> Any:
    """
    Claim or settle, also while the database comes back: a doorbell that is answered in vain does
    not ring again for fifteen seconds. What is done so changes nothing the second time.
    """
    for pause in PAUSES:
        try:
            return do(*arguments)
        except OperationalError:
            time.sleep(pause)
    return do(*arguments)


def _attempt(actor: Actor, job: Job, pulse: "Pulse") -> Callable[[database.Session], object]:
    """Run the handler; what its end means for the row."""
    try:
        result = _jobs[job.kind](actor, job, pulse.beat)
    except JobTakenBack:
        return lambda session: None
    except ApiError as refusal:
        problem = refusal
        return lambda session: jobs.fail(session, job, problem)
    except Exception as failure:
        cause = _tell("job", job.kind, job.id, failure)
        return lambda session: jobs.retry(session, job, cause, _pauses.get(job.kind, jobs.PAUSES))
    return lambda session: jobs.succeed(session, job, result, *pulse.progress)


class Pulse:
    """Beats for a running job from a thread of its own, and learns when the job is lost."""

    def __init__(self, actor: Actor, job: Job) -> None:
        self.actor, self.job = actor, job
        self.progress: tuple[int, int | None] = (job.progress, job.total)
        self.lost = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: TracebackType | object) -> None:
        self._over.set()
        self._thread.join()

    def beat(self, progress: int, total: int | None = None) -> None:
        """Say how far the job is. Raises JobTakenBack when it is no longer this worker's."""
        self.progress = (progress, total)
        if self.lost:
            raise JobTakenBack

    def _run(self) -> None:
        held_until = time.monotonic() + jobs.LEASE.total_seconds()
        while not self.lost and not self._over.wait(PULSE):
            started = time.monotonic()
            heartbeat.beat()
            try:
                with database.agency_session(self.actor) as session:
                    self.lost = not jobs.beat(session, self.job, *self.progress)
                held_until = started + jobs.LEASE.total_seconds()
            except Exception as failure:  # the database may be back for the next beat
                self.lost = time.monotonic() > held_until
                _tell("beat of job", self.job.kind, self.job.id, failure)


def handle_event(agency_id: UUID, event_id: UUID) -> None:
    """Let every handler hear one event that has not heard it yet."""
    told = _patiently(sealer.claim, agency_id, event_id)
    if told is None:
        log.info("event %s of agency %s is not to be had", event_id, agency_id)
        return
    handlers = {**_listeners.get(sealer.EVERYTHING, {}), **_listeners.get(told.type, {})}
    heard = {name: _hear(told, name, handler) for name, handler in handlers.items()}
    _patiently(sealer.settle, told, {name: cause for name, cause in heard.items() if cause})


def _hear(told: sealer.Told, name: str, handler: EventHandler) -> str | None:
    """Let one handler hear it, once; what went wrong, if anything did."""
    try:
        with database.agency_session(auth.system(told.agency_id)) as session:
            event = database.get(session, Event, told.id)
            if sealer.mark(session, event, name):
                handler(session, event)
    except Exception as failure:
        return _tell("event", f"{told.type} for {name}", told.id, failure)
    return None


def _tell(what: str, kind: str, id: UUID, failure: Exception) -> str:
    """Log where it failed, and name it, without the message: it may quote values of the row."""
    frames = "".join(traceback.format_tb(failure.__traceback__))
    log.error("%s %s %s failed: %s\n%s", what, kind, id, type(failure).__name__, frames)
    return type(failure).__name__


# Celery.

app = Celery("agency", set_as_current=False)
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    result_backend=None,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_soft_time_limit=SOFT_LIMIT,
    task_time_limit=HARD_LIMIT,
    visibility_timeout=VISIBILITY,
    result_backend_transport_options={"visibility_timeout": VISIBILITY},
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_lost_wait=0.5,  # a dead child holds up the queue no longer than this
    worker_soft_shutdown_timeout=10.0,
    worker_enable_soft_shutdown_on_idle=True,
    worker_max_tasks_per_child=1000,
    worker_max_memory_per_child=600_000,  # kilobytes; a PDF takes some 250 MB
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_connection_timeout=4,
    broker_heartbeat=10,
    task_publish_retry=True,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2},
    task_default_queue=QUEUES[0],
    task_create_missing_queues=False,
    timezone="UTC",
)


def connect(broker_url: str) -> None:
    """Name the broker of this process: Valkey or Redis (`redis`, `redis+socket`), or RabbitMQ."""
    amqp = broker_url.startswith(("amqp", "pyamqp"))
    options = {"confirm_publish": True} if amqp else {"visibility_timeout": VISIBILITY}
    if not amqp:  # a broker that neither answers nor closes must not hold its caller for ever
        options |= {"socket_timeout": 5, "socket_connect_timeout": 4, "socket_keepalive": True}
        options |= {"health_check_interval": 5}
        redis.Channel.QoS = LettingGo
    arguments = {"x-queue-type": "quorum"} if amqp else {}
    app.conf.update(
        broker_url=broker_url,
        broker_transport_options=options,
        task_queues=[_queue(name, arguments) for name in QUEUES],
    )


_QoS: Any = redis.QoS  # kombu is not typed
_let_go: Any = virtual.QoS.ack


class LettingGo(_QoS):  # type: ignore[misc]
    """
    Counts a message as done with even when the broker, just lost, cannot be told so. Kombu's own
    goes on counting it; the worker, full for ever, asks for no other and never learns of the loss.
    """

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        except Exception:
            _let_go(self, delivery_tag)
            raise

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        try:
            super().reject(delivery_tag, requeue)
        except Exception:
            _let_go(self, delivery_tag)
            raise


def _queue(name: str, arguments: dict[str, Any]) -> Any:
    made: Any = Queue  # kombu is not typed
    return made(name, routing_key=name, queue_arguments=arguments)


@app.task(name="agency.job")  # type: ignore[untyped-decorator]
def _job_bell(agency_id: str, job_id: str) -> None:
    run_job(UUID(agency_id), UUID(job_id))


@app.task(name="agency.event")  # type: ignore[untyped-decorator]
def _event_bell(agency_id: str, event_id: str) -> None:
    handle_event(UUID(agency_id), UUID(event_id))


@app.task(name="agency.heartbeat")  # type: ignore[untyped-decorator]
def _heartbeat() -> None:
    heartbeat.beat()


def ring_job(due: jobs.Due) -> None:
    """Ring for a job. Called by the relay alone: a request never speaks to the broker."""
    _job_bell.apply_async((str(due.agency_id), str(due.id)), queue=due.queue)


def ring_event(told: sealer.Told) -> None:
    """Ring for an event. Called by the relay alone."""
    _event_bell.apply_async((str(told.agency_id), str(told.id)), queue=jobs.Queue.now)


def _bound_memory() -> None:
    """Let what devours memory run into an error of its own. (macOS knows no such limit.)"""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, resource.RLIM_INFINITY))


def work(queues: Sequence[str], concurrency: int, prepare: Callable[[], None]) -> int:
    """
    Run a worker in this process until it is told to stop; `prepare` runs first in each of its
    children, which do the work. Returns its exit code.
    """
    # Celery warns root of pickle, and RabbitMQ's users of ETA: it is given neither.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    logging.getLogger("kombu.transport.native_delayed_delivery").setLevel(logging.ERROR)
    worker_process_init.connect(lambda **_: _bound_memory(), weak=False)
    worker_process_init.connect(lambda **_: prepare(), weak=False)
    setup_logging.connect(lambda **_: None, weak=False)  # logging is the process's own affair
    # A child that ends waits until its parent has counted all that it did. The count can be one
    # short, and the wait is half a minute; what it did is in the database, so two seconds will do.
    billiard.pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = 20
    own = f"heartbeat.{'-'.join(queues)}.{socket.gethostname()}"
    app.amqp.queues.add(_queue(own, {"x-expires": 3_600_000, "x-message-ttl": 60_000}))
    watched = heartbeat.watch(lambda: _heartbeat.apply_async(queue=own))
    worker_shutting_down.connect(lambda **_: watched.set(), weak=False)
    worker = app.Worker(
        queues=[*queues, own],
        concurrency=concurrency,
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        hostname=f"{'-'.join(queues)}@%h",
    )
    worker.start()
    return int(worker.exitcode or 0)
