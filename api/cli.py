"""
`agency`: everything an operator does.

    run        the whole platform in the foreground    serve, worker, beat   one process of it
    migrate    bring the schema to this release        seed                  people to try it with
    dead-letters  the work that was given up           requeue               try it again
    config     the settings in force                   openapi               the document
    verify     whether rows contradict each other         metrics    verify what is kept of figures
    plan       give an agency a plan by hand              replay     a Stripe event again
"""

import contextlib
import gc
import importlib
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import httpx2
import typer

from tenants import settings
from tenants.settings import ConfigurationError, Settings

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

WORKER_POOL = 4  # connections of one worker child: its work, its pulse


@app.callback()
def _load_quickly(context: typer.Context) -> None:
    # While modules load nothing becomes garbage, and the collector would look at all of it again
    # and again: a quarter of what a start costs.
    gc.disable()
    context.call_on_close(gc.enable)


@contextlib.contextmanager
def _configured() -> Iterator[Settings]:
    """The settings; whatever is wrong with them is one line, and exit code 2."""
    gc.freeze()
    gc.enable()
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    try:
        yield settings.get()
    except ConfigurationError as failure:
        _end(str(failure), 2)


def _end(message: str, code: int) -> None:
    print(f"agency: {message}", file=sys.stderr)
    raise typer.Exit(code)


@app.command()
def run(
    workers: Annotated[int, typer.Option(min=1, help="API processes.")] = 1,
    demo: Annotated[bool, typer.Option(help="Play the demo when nobody is there.")] = True,
) -> None:
    """Run the whole platform until ^C: engines, API, workers, relay."""
    from api.processes import Platform, StartFailed  # noqa: PLC0415
    from tenants.embedded import EngineFailed  # noqa: PLC0415

    told = _interrupted()
    with _configured():
        platform = Platform(processes=workers, quiet=False)
        try:
            platform.start()
            print(f"agency: {platform.base_url} ({platform.base_url}/docs)", flush=True)
            if demo and platform.wants_seed:
                _fill(platform)
            while not told.wait(0.5):
                platform.watch()
        except KeyboardInterrupt:
            pass
        except (EngineFailed, StartFailed) as failure:
            _end(str(failure), 1)
        finally:
            for each in _ENDS:
                signal.signal(each, signal.SIG_IGN)
            platform.stop()


_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _interrupted() -> threading.Event:
    """Set when we are told to end; raised too, but an exception may come where it is swallowed."""
    told = threading.Event()

    def interrupt(*_: object) -> None:
        told.set()
        raise KeyboardInterrupt

    for each in _ENDS:
        signal.signal(each, interrupt)
    return told


def _fill(platform: Any) -> None:
    print("agency: nobody is here yet; playing the demo", flush=True)
    people = platform.fill()
    if people is None:
        print("agency: the demo could not be played to its end", file=sys.stderr)
    else:
        _introduce(people)


def _introduce(made: dict[str, Any]) -> None:
    """Who is there, and the client's report: what somebody new to the installation looks for."""
    print(
        f"\nagency {made['agency']['slug']}, client {made['client']['name']}; log in as", flush=True
    )
    for person in made["people"]:
        roles = ", ".join(person["roles"])
        print(f"  {roles:<22} {person['email']:<30} {person['password']}")
    print(f"\nthe client's report: {made['report']['address']}\n", flush=True)


@app.command()
def serve(
    workers: Annotated[int, typer.Option(min=1, help="API processes.")] = 1,
    descriptor: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Serve the API alone; the schema must be this release's."""
    from api import installation, server  # noqa: PLC0415

    with _configured() as configured:
        if descriptor is None:
            installation.verify(installation.addresses(configured))
        server.serve(configured, workers, descriptor)


@app.command()
def worker(
    queues: Annotated[str, typer.Option(help="Comma separated.")] = "now,render,bulk",
    concurrency: Annotated[int, typer.Option(min=1)] = 1,
) -> None:
    """Work off jobs and events."""
    import api.worker  # noqa: F401, PLC0415
    from api import installation, processes  # noqa: PLC0415
    from tenants import worker as work  # noqa: PLC0415

    parent = os.getpid()

    def prepare() -> None:
        processes.die_with(parent)
        installation.connect(WORKER_POOL)

    with _configured() as configured:
        work.connect(installation.addresses(configured).broker)
        names = [name.strip() for name in queues.split(",")]
        if not set(names) <= set(work.QUEUES):
            _end(f"--queues takes {', '.join(work.QUEUES)}", 2)
        raise typer.Exit(work.work(names, concurrency, prepare))


@app.command()
def beat() -> None:
    """Relay: seal events, ring for due work, do the chores. Any number may run."""
    import api.worker  # noqa: F401, PLC0415
    from api import installation  # noqa: PLC0415
    from tenants import relay  # noqa: PLC0415
    from tenants import worker as work  # noqa: PLC0415

    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    with _configured() as configured:
        work.connect(installation.addresses(configured).broker)
        installation.connect(WORKER_POOL)
        relay.Relay().run(stop)


@app.command()
def dead_letters() -> None:
    """List the jobs and events that were given up, and why."""
    from api import installation  # noqa: PLC0415
    from tenants import dead_letters as letters  # noqa: PLC0415

    with _configured():
        installation.connect(WORKER_POOL)
        for each in letters.find():
            since = each.since.isoformat(timespec="seconds")
            print(f"{each.id} {each.what} {each.kind} {since} {each.attempts}× {each.cause}")


@app.command()
def requeue(ids: Annotated[list[UUID], typer.Argument(help="From `agency dead-letters`.")]) -> None:
    """Try jobs and events that were given up again."""
    from api import installation  # noqa: PLC0415
    from tenants import dead_letters as letters  # noqa: PLC0415

    with _configured():
        installation.connect(WORKER_POOL)
        unknown = [str(each) for each in ids if not letters.requeue(each)]
    if unknown:
        _end(f"no dead letter has the id {', '.join(unknown)}", 1)


@app.command()
def migrate() -> None:
    """Bring the schema to this release."""
    from api import installation  # noqa: PLC0415

    with _configured() as configured:
        found = installation.addresses(configured)
        installation.migrate(found)
        installation.verify(found)


@app.command()
def seed(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    base: Annotated[str | None, typer.Option(help="Where the API answers.")] = None,
) -> None:
    """Fill an empty installation with an agency to try the platform with."""
    from api import installation  # noqa: PLC0415

    with _configured() as configured:
        installation.connect(WORKER_POOL)
        where = base or f"http://{configured.host}:{configured.port}"
        try:
            made = importlib.import_module("api.demo.seed").seed(where)
        except httpx2.TransportError:
            _end(f"no API answers at {where}; start `agency run`, which plays the demo itself", 1)
    print(json.dumps(made, indent=None if as_json else 2, ensure_ascii=False))


@app.command()
def config() -> None:
    """Print the settings in force, secrets masked."""
    with _configured() as configured:
        for name, known in Settings.model_fields.items():
            value = getattr(configured, name)
            shown = "(not set)" if value is None else value
            note = f"  # {known.description}" if known.description else ""
            print(f"AGENCY_{name.upper()}={shown}{note}")


@app.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from api.app import create  # noqa: PLC0415

    with _configured():
        print(json.dumps(create().openapi(), indent=2, ensure_ascii=False))


@app.command()
def verify() -> None:
    """Look for rows that contradict each other, in every agency; exit code 1 if there are any."""
    import api.worker  # noqa: F401, PLC0415
    from api import installation  # noqa: PLC0415
    from tenants import invariants  # noqa: PLC0415

    with _configured():
        installation.connect(WORKER_POOL)
        broken = 0
        for agency_id, each in invariants.check_all():
            broken += 1
            print(f"{agency_id} {each.invariant.name}: {each.invariant.says}")
            print("  " + " ".join(map(str, each.ids)))
    print(f"{len(invariants.known)} rules; {broken or 'none'} broken")
    if broken:
        raise typer.Exit(1)


@app.command()
def plan(
    slug: Annotated[str, typer.Argument(help="The agency's.")],
    code: Annotated[str, typer.Argument(help="trial, starter, studio or network.")],
    days: Annotated[int | None, typer.Option(min=1, help="As a trial of so many days.")] = None,
) -> None:
    """Give an agency a plan by hand, where none is bought."""
    import api.worker  # noqa: F401, PLC0415  (each domain says how it is counted)
    from api import installation  # noqa: PLC0415
    from billing.subscription import by_hand  # noqa: PLC0415

    with _configured():
        installation.connect(WORKER_POOL)
        try:
            print(by_hand.give(slug, code, days))
        except by_hand.NotGiven as refusal:
            _end(str(refusal), 1)


@app.command()
def replay(event: Annotated[str, typer.Argument(help="Stripe's id of it: evt_…")]) -> None:
    """Look into an event of Stripe's again, from the start."""
    from api import installation  # noqa: PLC0415
    from billing.provider import inbox  # noqa: PLC0415

    with _configured():
        installation.connect(WORKER_POOL)
        if not inbox.replay(event):
            _end("no such event is kept", 1)


figures = typer.Typer(no_args_is_help=True, help="What is kept of readings.")
app.add_typer(figures, name="metrics")


@figures.command("verify")
def verify_figures(
    repair: Annotated[bool, typer.Option(help="Make what differs anew from the readings.")] = False,
) -> None:
    """Work out all that is kept of readings anew; exit code 1 if anything differs."""
    import api.worker  # noqa: F401, PLC0415
    from api import installation  # noqa: PLC0415
    from api.metrics.readings import verified  # noqa: PLC0415

    clients = different = 0
    with _configured():
        installation.connect(WORKER_POOL)
        for checked in verified.verify(repair=repair):
            clients += 1
            if not checked.holds:
                different += 1
                print(f"{checked.agency_id} client {checked.client_id}:", end=" ")
                print(f"{checked.current} current rows, {checked.months} months differ")
    print(f"{clients} clients; {different or 'none'} {'repaired' if repair else 'differ'}")
    if different and not repair:
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
