"""The logo that reports bear: received by its bytes, drawn anew, and frozen with the version."""

import base64
import io
import re
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from api.documents import logos
from tests.factories import Person, Staffed, events_of
from tests.mail.conftest import Sink, configure, sink  # noqa: F401 (fixtures)
from tests.reports.office import entries
from tests.reports.test_reports import begin, publish, render
from tests.reports.writing import made


def picture(
    kind: str = "PNG",
    size: tuple[int, int] = (900, 300),
    colour: Any = (180, 20, 60, 255),
    **said: Any,
) -> bytes:
    mode = "RGBA" if kind == "PNG" else "RGB"
    drawn = Image.new(mode, size, (0, 0, 0, 0) if mode == "RGBA" else (255, 255, 255))
    drawn.paste(colour[: len(mode)], (size[0] // 10, size[1] // 10, size[0] // 2, size[1] // 2))
    written = io.BytesIO()
    drawn.save(written, kind, **said)
    return written.getvalue()


def send(by: Person, content: bytes, client_id: Any = None, name: str = "logo.png") -> Any:
    data = {"client_id": str(client_id)} if client_id else {}
    files = {"file": (name, content, "image/png")}
    return by.call("POST", "/v1/report-logos", data=data, files=files)


def page(agency: Staffed, number: int = 1, **values: Any) -> tuple[Any, str]:
    """A report that is published and its page."""
    report = begin(agency, **values)
    render(agency, made(publish(agency, report)))
    path = f"/v1/reports/{report['id']}/versions/{number}?format=html"
    return report, str(agency.viewer.get(path).text)


def shown(html: str) -> bytes | None:
    """The PNG that a page shows for a logo."""
    found = re.search(r'<img src="data:image/svg\+xml;base64,([^"]+)"', html)
    logo = logos.of_svg(base64.b64decode(found[1]).decode()) if found else None
    return logo.png if logo else None


class TestLogo:
    def test_is_borne_by_pages_slides_and_the_snapshot(self, agency: Staffed) -> None:
        kept = made(send(agency.owner, picture()))

        report, html = page(agency)

        png = shown(html)
        assert png is not None
        with Image.open(io.BytesIO(png)) as found:
            assert (found.format, found.width, found.height) == (
                "PNG",
                kept["width"],
                kept["height"],
            )
            assert found.width <= 480
            assert found.height <= 192
        path = f"/v1/reports/{report['id']}/versions/1"
        policy = agency.viewer.get(f"{path}?format=html").headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert agency.viewer.get(f"{path}?format=pdf").content.startswith(b"%PDF")
        deck = entries(agency.viewer.get(f"{path}?format=pptx").content)
        assert png in deck.values()
        assert events_of(agency, kept["id"]) == ["report_logo.set"]

    def test_is_the_clients_own_before_the_agencys(self, agency: Staffed) -> None:
        made(send(agency.owner, picture(size=(800, 100))))
        own = made(send(agency.executive, picture(size=(100, 800)), agency.client_id))

        _, html = page(agency)

        png = shown(html)
        assert png is not None
        assert Image.open(io.BytesIO(png)).size == (own["width"], own["height"])
        assert own["height"] > own["width"]

    def test_stays_with_the_version_that_bore_it(self, agency: Staffed) -> None:
        first = made(send(agency.owner, picture()))
        report, before = page(agency)
        second = made(send(agency.owner, picture(colour=(0, 80, 200, 255))))
        agency.owner.delete(f"/v1/report-logos/{second['id']}")
        reason = {"es": "Nueva imagen."}
        render(agency, made(publish(agency, report, reason=reason)))

        path = f"/v1/reports/{report['id']}/versions"
        assert first["id"] == second["id"]
        assert first["sha256"] != second["sha256"]
        assert agency.viewer.get(f"{path}/1?format=html").text == before
        assert shown(before) is not None
        assert shown(agency.viewer.get(f"{path}/2?format=html").text) is None

    def test_brings_nothing_but_its_pixels(self, agency: Staffed) -> None:
        about = PngImagePlugin.PngInfo()
        about.add_text("Comment", "<script>alert(1)</script> 40.4168,-3.7038")

        made(send(agency.owner, picture(pnginfo=about) + b"<html>trailing</html>"))
        _, html = page(agency)

        png = shown(html) or b""
        assert b"script" not in png
        assert b"trailing" not in png

    def test_of_light_strokes_has_a_dark_ground(self) -> None:
        drawn = logos.drawn_anew(picture(colour=(255, 255, 255, 255), size=(400, 200)))
        dark = logos.drawn_anew(picture(size=(400, 200)))

        light = Image.open(io.BytesIO(drawn.png)).convert("RGBA")
        plain = Image.open(io.BytesIO(dark.png)).convert("RGBA")
        assert light.getpixel((0, 0)) == (29, 27, 25, 255)
        assert plain.getpixel((1, 1)) == (180, 20, 60, 255)

    def test_is_small_whatever_comes(self) -> None:
        noise = Image.effect_noise((1600, 1200), 90).convert("RGB")
        written = io.BytesIO()
        noise.save(written, "JPEG", quality=70)

        drawn = logos.drawn_anew(written.getvalue())

        assert len(drawn.png) <= 131_072
        assert len(logos.as_svg(drawn)) <= 200_000

    @pytest.mark.parametrize(
        "content",
        [
            b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
            picture("GIF"),
            b"%PDF-1.7",
            picture()[:200],
            picture(size=(5000, 4000)),
            Image.new("RGBA", (9, 9)).tobytes(),
        ],
        ids=["svg", "gif", "pdf", "cut off", "a bomb", "raw"],
    )
    def test_is_a_png_or_a_jpeg(self, agency: Staffed, content: bytes) -> None:
        refused = send(agency.owner, content)

        assert (refused.status_code, refused.json()["code"]) == (422, "logo_not_taken")
        assert agency.owner.get("/v1/report-logos").json()["data"] == []

    def test_is_set_by_whose_it_is(self, agency: Staffed) -> None:
        assert send(agency.executive, picture()).status_code == 403
        assert send(agency.community, picture(), agency.client_id).status_code == 403
        assert send(agency.executive, picture(), agency.other_client_id).status_code in (403, 404)
        assert send(agency.viewer, picture()).status_code == 403
        made(send(agency.other_executive, picture(), agency.other_client_id))

        assert len(agency.owner.get("/v1/report-logos").json()["data"]) == 1
        assert agency.strategist.get("/v1/report-logos").json()["data"] == []


class TestPicture:
    def test_is_the_png_that_reports_show(self, agency: Staffed) -> None:
        kept = made(send(agency.owner, picture("JPEG"), name="logo.jpg"))
        path = f"/v1/report-logos/{kept['id']}/picture"

        answer = agency.community.get(path)

        with Image.open(io.BytesIO(answer.content)) as found:
            assert (found.format, found.size) == ("PNG", (kept["width"], kept["height"]))
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["ETag"] == f'"{kept["sha256"]}.png"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_is_not_sent_again_until_it_is_another(self, agency: Staffed) -> None:
        path = f"/v1/report-logos/{made(send(agency.owner, picture()))['id']}/picture"
        tag = {"If-None-Match": agency.owner.get(path).headers["ETag"]}

        known = agency.owner.get(path, headers=tag)
        made(send(agency.owner, picture(colour=(0, 80, 200, 255))))
        other = agency.owner.get(path, headers=tag)

        assert (known.status_code, known.content, known.headers["ETag"]) == (
            304,
            b"",
            *tag.values(),
        )
        assert (other.status_code, other.content[:4]) == (200, b"\x89PNG")

    def test_is_for_the_staff_in_sight_of_its_client(self, agency: Staffed) -> None:
        kept = made(send(agency.executive, picture(), agency.client_id))
        path = f"/v1/report-logos/{kept['id']}/picture"

        assert agency.strategist.get(path).status_code == 200
        assert agency.other_executive.get(path).status_code == 404
        assert agency.viewer.get(path).status_code == 403
        agency.owner.delete(f"/v1/report-logos/{kept['id']}")
        assert agency.owner.get(path).status_code == 404


def test_mail_shows_it_inside(agency: Staffed, sink: Sink) -> None:  # noqa: F811
    from tests.mail.test_reports import contact, out  # noqa: PLC0415

    made(send(agency.owner, picture()))
    contact(agency, receives_reports=True, email="logo@logos.example")

    out(agency, deliver={})

    (message,) = sink.to("logo@logos.example")
    (shown_in,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert shown_in["Content-ID"] == "<picture>"
    html = message.get_body(("html",))
    assert html is not None
    assert 'src="cid:picture"' in html.get_content()
    assert "http" not in re.findall(r'src="([^"]+)"', html.get_content())[0]
