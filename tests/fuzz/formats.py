"""What the document's own formats mean: which values there are is the world's to say."""

from datetime import date, time, timedelta, timezone

from hypothesis import strategies as st
from schemathesis import openapi

FIRST, LAST = date(1900, 1, 1), date(2200, 12, 31)
ZONES = ("UTC", "Europe/Madrid", "America/Argentina/Buenos_Aires", "Asia/Kathmandu", "Etc/GMT+12")
TAGS = ("es", "en", "es-ES", "es-MX", "es-419", "en-GB", "en-US")
CURRENCIES = ("EUR", "USD", "JPY", "KWD", "CLF")
IBANS = ("ES9121000418450200051332", "DE89370400440532013000", "GB29NWBK60161331926819")
OFFSETS = (0, 60, -210, 345, 840, -720)


def _instant(day: date, clock: time, minutes: int) -> str:
    zone = timezone(timedelta(minutes=minutes))
    return f"{day}T{clock.replace(tzinfo=zone).isoformat(timespec='microseconds')}"


def register() -> None:
    """Tell Schemathesis, once for the process."""
    days = st.dates(FIRST, LAST)
    openapi.format("date", days.map(str))
    openapi.format("date-time", st.builds(_instant, days, st.times(), st.sampled_from(OFFSETS)))
    openapi.format("iana-time-zone", st.sampled_from(ZONES))
    openapi.format("bcp-47", st.sampled_from(TAGS))
    openapi.format("iso-4217", st.sampled_from(CURRENCIES))
    openapi.format("iban", st.sampled_from(IBANS))
    names = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)
    openapi.format("email", names.map("{}@people.example".format))
