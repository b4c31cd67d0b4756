"""What networks call a kind of post, and what it is."""

from api.metrics.posts.models import PostFormat

# Words in what networks call a kind of post → what it is; the first that is there.
_KINDS = {
    "carousel": PostFormat.carousel,
    "carrusel": PostFormat.carousel,
    "album": PostFormat.carousel,
    "reel": PostFormat.reel,
    "story": PostFormat.story,
    "stories": PostFormat.story,
    "historia": PostFormat.story,
    "live": PostFormat.live,
    "video": PostFormat.video,
    "vídeo": PostFormat.video,
    "image": PostFormat.image,
    "imagen": PostFormat.image,
    "photo": PostFormat.image,
    "foto": PostFormat.image,
    "link": PostFormat.link,
    "enlace": PostFormat.link,
    "article": PostFormat.article,
    "artículo": PostFormat.article,
    "document": PostFormat.document,
    "poll": PostFormat.poll,
    "encuesta": PostFormat.poll,
    "text": PostFormat.text,
}


def post_format(said: str | None) -> PostFormat | None:
    """`IG carousel`, `Photos`, `Vídeo` → what kind of post it is; None: not said."""
    words = (said or "").casefold()
    found = next((kind for word, kind in _KINDS.items() if word in words), None)
    return found or (PostFormat.other if words else None)
