"""
A logo as it is kept: one small PNG, drawn anew from what came, so that nothing else comes with it.

What came is a PNG or a JPEG by its bytes. Its size is known before it is unpacked; what it says
beside its pixels (places, comments, profiles, other frames) is left behind. Light strokes
on nothing are put on a dark ground, for pages put a logo on paper.
"""

import base64
import io
import re
from dataclasses import dataclass
from typing import Any

from tenants.errors import Unprocessable

LARGEST = 2 << 20  # bytes that may come
PIXELS = 16_000_000  # that are unpacked at most: 64 MB
BOX = (480, 192)  # pixels: sharp at the size that pages print it
KEPT = 96 << 10  # bytes; what is larger has its colours counted down to 256
_DRAWN = re.compile(
    r'<image width="(\d+)" height="(\d+)" href="data:image/png;base64,([A-Za-z0-9+/=]+)"/>'
)
_LIGHT, _GROUND = 200, (29, 27, 25, 255)


class LogoNotTaken(Unprocessable):
    """A logo is a PNG or a JPEG of up to 2 MiB and 16 megapixels; SVG and others are not taken."""


@dataclass(frozen=True)
class Logo:
    png: bytes
    width: int
    height: int


def drawn_anew(content: bytes) -> Logo:
    """The logo that these bytes show. Raises LogoNotTaken for what is none."""
    from PIL import Image  # noqa: PLC0415 - for those only that receive a logo

    if not content or len(content) > LARGEST:
        raise LogoNotTaken(pointer="/file")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as came:
            if came.width * came.height > PIXELS:
                raise LogoNotTaken(pointer="/file")
            made = _upright(came).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise LogoNotTaken(pointer="/file") from None
    trimmed = made.getchannel("A").getbbox()
    if trimmed is None:  # nothing to be seen
        raise LogoNotTaken(pointer="/file")
    has_ground = made.getchannel("A").getextrema()[0] > 0
    made = made.crop(trimmed)
    made.thumbnail(BOX, Image.Resampling.LANCZOS)
    if not has_ground and _is_light(made):
        made = _on_ground(made)
    return Logo(_png(made), made.width, made.height)


def as_svg(logo: Logo) -> str:
    """The same as a drawing that needs no other file: what pages and paper embed."""
    data = base64.b64encode(logo.png).decode()
    size = f'width="{logo.width}" height="{logo.height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {logo.width} {logo.height}" {size}>'
        f'<image {size} href="data:image/png;base64,{data}"/></svg>'
    )


def of_svg(svg: str | None) -> Logo | None:
    """The logo inside such a drawing, for what takes pictures alone."""
    found = _DRAWN.search(svg or "")
    if found is None:
        return None
    return Logo(base64.b64decode(found[3]), int(found[1]), int(found[2]))


def _upright(came: Any) -> Any:
    """As the camera says it was held; that goes with the rest of what is left behind."""
    from PIL import ImageOps  # noqa: PLC0415

    return ImageOps.exif_transpose(came)


def _is_light(made: Any) -> bool:
    """Whether what is to be seen of it would not be seen on white."""
    seen = made.getchannel("A").point(lambda part: 255 if part > 127 else 0)
    shades: list[int] = made.convert("L").histogram(seen)
    return sum(shade * times for shade, times in enumerate(shades)) > _LIGHT * max(sum(shades), 1)


def _on_ground(made: Any) -> Any:
    from PIL import Image  # noqa: PLC0415

    margin = max(made.height // 6, 4)
    ground = Image.new("RGBA", (made.width + 2 * margin, made.height + 2 * margin), _GROUND)
    ground.alpha_composite(made, (margin, margin))
    return ground


def _png(made: Any) -> bytes:
    written = io.BytesIO()
    made.save(written, "PNG", optimize=True)
    if len(written.getvalue()) > KEPT:
        written = io.BytesIO()
        made.quantize(256).save(written, "PNG", optimize=True)
    return written.getvalue()
