"""
Due days as iCalendar (RFC 5545): an event of a whole day for each deliverable.

An event keeps its UID; SEQUENCE and LAST-MODIFIED are the deliverable's version and last change, so
that the same deliverables are the same bytes. Nothing blocks anybody's time.
"""

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar, Event

from api.campaigns.deliverable_models import Deliverable
from tenants import words

MEDIA_TYPE = "text/calendar; charset=utf-8"
REFRESH = timedelta(hours=1)


def write(due: Iterable[tuple[Deliverable, str]], locale: str) -> bytes:
    """A calendar of deliverables, each with its client's name, in a language."""
    made = Calendar()
    made.add("prodid", "-//Agency platform//Deliverables//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("name", words.say(locale, "calendar", "name"))
    made.add("x-wr-calname", words.say(locale, "calendar", "name"))
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for deliverable, client in due:
        made.add_component(_event(deliverable, client, locale))
    written: bytes = made.to_ical()
    return written


def _event(deliverable: Deliverable, client: str, locale: str) -> Event:
    label, status = deliverable.label, f"status_{deliverable.status}"
    title = label.get(words.language(locale)) or next(iter(label.values()))
    made = Event()
    made.add("uid", str(deliverable.id))
    made.add("dtstamp", deliverable.updated_at)
    made.add("created", deliverable.created_at)
    made.add("last-modified", deliverable.updated_at)
    made.add("sequence", deliverable.version)
    made.add("dtstart", deliverable.due_on)
    made.add("summary", f"{client}: {title}")
    made.add("description", words.say(locale, "calendar", status))
    made.add("transp", "TRANSPARENT")
    return made
