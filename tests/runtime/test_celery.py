"""How the worker is set up, and what may not be written anywhere."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tenants import jobs, worker

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for folder in ("api", "billing", "tenants")
    for path in (ROOT / folder).rglob("*.py")
    if path != ROOT / "tenants/worker.py"
]


@pytest.fixture
def named() -> Iterator[None]:
    """The app put back as it was, for other tests."""
    before = worker.app.conf.broker_url
    yield
    worker.app.conf.broker_url = before
    worker.app.pool.force_close_all()


@pytest.mark.usefixtures("named")
class TestConfiguration:
    def test_loses_no_task_with_its_worker(self) -> None:
        conf = worker.app.conf
        assert conf.task_acks_late
        assert conf.task_reject_on_worker_lost
        assert conf.worker_prefetch_multiplier == 1
        assert conf.worker_cancel_long_running_tasks_on_connection_loss
        assert conf.worker_soft_shutdown_timeout > 0
        assert conf.worker_enable_soft_shutdown_on_idle
        assert conf.broker_connection_retry_on_startup

    def test_hides_a_message_longer_than_any_task_runs(self) -> None:
        worker.connect("redis://localhost:1/0")
        conf = worker.app.conf
        hidden = {
            conf.visibility_timeout,
            conf.broker_transport_options["visibility_timeout"],
            conf.result_backend_transport_options["visibility_timeout"],
        }
        assert len(hidden) == 1
        assert conf.task_soft_time_limit < conf.task_time_limit < hidden.pop()

    def test_reads_json_and_keeps_no_results(self) -> None:
        conf = worker.app.conf
        assert (conf.task_serializer, conf.accept_content) == ("json", ["json"])
        assert conf.task_ignore_result
        assert conf.result_backend is None

    def test_has_one_queue_per_urgency(self) -> None:
        worker.connect("redis://localhost:1/0")
        conf = worker.app.conf
        assert [queue.name for queue in conf.task_queues] == [str(each) for each in jobs.Queue]
        assert not conf.task_create_missing_queues

    def test_asks_rabbitmq_for_confirmed_quorum_queues(self) -> None:
        worker.connect("amqp://guest:guest@localhost:1//")
        conf = worker.app.conf
        assert conf.broker_transport_options["confirm_publish"]
        assert all(q.queue_arguments == {"x-queue-type": "quorum"} for q in conf.task_queues)

    def test_gives_up_on_a_broker_that_never_answers(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            worker.connect(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
            started = time.monotonic()
            with pytest.raises(Exception, match="imeout|timed out"):
                worker.ring_job(jobs.Due(uuid4(), uuid4(), jobs.Queue.now))
            assert time.monotonic() - started < 15


class TestSources:
    def test_are_read(self) -> None:
        assert len(SOURCES) > 30

    def test_leave_messages_to_the_worker(self) -> None:
        """Due work is a row: no message waits for its time, and only the relay publishes."""
        forbidden = re.compile(r"\.delay\(|apply_async|send_task|countdown\s*=|\beta\s*=")
        found = [str(path) for path in SOURCES if forbidden.search(path.read_text())]
        assert found == []

    def test_keep_the_broker_out_of_requests(self) -> None:
        """A process that serves requests does not even know Celery."""
        script = "import sys, api.server; print([m for m in sys.modules if m.startswith('celery')])"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
        assert done.stdout.strip() == b"[]"

    def test_register_every_tasks_module(self) -> None:
        modules = {
            str(path.relative_to(ROOT).with_suffix("")).replace("/", ".")
            for path in SOURCES
            if path.name == "tasks.py"
        }
        script = "import sys, api.worker; print('\\n'.join(sys.modules))"
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, check=True, text=True
        )
        assert modules <= set(done.stdout.split())
