"""
The exports of networks, by their headers as seen in real files. Not every column there is a figure
here: what a network counts as followers gained in a day is no level, and profile visits and watch
time are not kept; such columns are ignored, and shown as ignored.
"""

import re

from api.clients.networks import Network
from api.imports.formats import Column, Format, FormatId, Manner, added, column
from api.metrics.figures import METRICS
from api.metrics.readings.uploads import SUBJECTS

_POST_ID = ("post id", "identificador de la publicación", "id de la publicación")
_PUBLISHED = ("publish time", "hora de publicación", "fecha de publicación")
_PERMALINK = ("permalink", "enlace permanente", "enlace")
_VIEWS = ("views", "visualizaciones", "vistas", "reproducciones")
_REACH = ("reach", "alcance")
_LIKES = ("likes", "me gusta", "reactions", "reacciones")
_COMMENTS = ("comments", "comentarios")
_SHARES = ("shares", "veces compartido", "veces que se ha compartido", "compartidos")
_SAVES = ("saves", "veces guardado", "veces que se ha guardado", "guardados")
_DATE = ("date", "fecha")
_IMPRESSIONS = ("impressions", "impresiones")

_META_POST = (
    column("post_id", *_POST_ID, needed=True),
    column("url", *_PERMALINK, needed=True),
    column("published_at", *_PUBLISHED, needed=True),
    column("post_format", "post type", "tipo de publicación"),
    column("views", *_VIEWS),
    column("impressions", *_IMPRESSIONS),
    column("reach", *_REACH),
    column("comments", *_COMMENTS),
    column("shares", *_SHARES),
)

# What Meta's files of one metric are called above their header; others are not kept.
META_TITLES = {
    **dict.fromkeys(_VIEWS, "views"),
    **dict.fromkeys(_REACH, "reach"),
    **dict.fromkeys(_IMPRESSIONS, "impressions"),
    **dict.fromkeys(("link clicks", "clics en el enlace", "clics en enlaces"), "clicks"),
}

_X_SHARED = (
    column("impressions", *_IMPRESSIONS, needed=True),
    column("likes", *_LIKES),
    column("comments", "replies", "respuestas"),
    column("shares", "reposts", "retweets"),
    column("saves", "bookmarks", "elementos guardados", "guardados"),
)


def _of_linkedin(
    means: str, *names: str, spanish: str, ending: str, needed: bool = False
) -> Column:
    """
    In all, or else organic and sponsored together. `ending`: of the Spanish words for these; a
    total agrees in number (`totales`) or does not, from one name to the next.
    """
    parts = [(f"{n} (organic)", f"{n} (sponsored)") for n in names]
    parts += [(f"{spanish} (orgánic{ending})", f"{spanish} (patrocinad{ending})")]
    wholes = [(f"{name} (total)",) for name in names]
    wholes += [(f"{spanish} {said}",) for said in ("(totales)", "(total)", "totales")]
    return added(means, *wholes, *parts, needed=needed)


NETWORKS: tuple[Format, ...] = (
    Format(
        FormatId.tidy_csv,
        (
            column("date", "date", needed=True),
            *(column(each, each) for each in (*SUBJECTS, *METRICS)),
        ),
        manner=Manner.tidy,
    ),
    Format(
        FormatId.instagram_posts,
        (
            *_META_POST,
            column(
                "account",
                *("account username", "nombre de usuario de la cuenta"),
                needed=True,
            ),
            column("title", "description", "descripción"),
            column("likes", *_LIKES),
            column("saves", *_SAVES),
        ),
        frozenset({Network.instagram}),
        source="meta",
        lifetime=True,
    ),
    Format(
        FormatId.facebook_posts,
        (
            *_META_POST,
            column("page", "page id", "identificador de la página", needed=True),
            added(
                "title",
                *(("title", "description"), ("título", "descripción")),
                *(("title",), ("description",), ("título",), ("descripción",)),
            ),
            column("likes", "reactions", "reacciones"),
            column("clicks", "total clicks", "total de clics", "clics totales"),
            column("revenue_minor", "estimated earnings", "ingresos estimados"),
        ),
        frozenset({Network.facebook}),
        source="meta",
        lifetime=True,
    ),
    Format(
        FormatId.meta_daily,
        (
            column("date", *_DATE, needed=True),
            column("number", "primary", "principal", needed=True),
        ),
        frozenset({Network.instagram, Network.facebook}),
        source="meta",
        manner=Manner.titled,
    ),
    Format(
        FormatId.linkedin_content,
        (
            column("date", *_DATE, needed=True),
            _of_linkedin(
                *("impressions", "impressions"), spanish="impresiones", ending="as", needed=True
            ),
            column("reach", "unique impressions (organic)", "impresiones únicas (orgánicas)"),
            _of_linkedin("clicks", "clicks", spanish="clics", ending="os"),
            _of_linkedin("likes", "reactions", spanish="reacciones", ending="as"),
            _of_linkedin("comments", "comments", spanish="comentarios", ending="os"),
            _of_linkedin("shares", "reposts", "shares", spanish="veces compartido", ending="o"),
        ),
        frozenset({Network.linkedin}),
        source="linkedin",
    ),
    Format(
        FormatId.linkedin_posts,
        (
            column("url", "post link", "enlace de la publicación", needed=True),
            column("published_at", "created date", "fecha de creación", needed=True),
            column("title", "post title", "título de la publicación"),
            column("post_format", "content type", "tipo de contenido"),
            column("impressions", *_IMPRESSIONS, needed=True),
            column("views", "views", "views (excluding offsite video views)", "visualizaciones"),
            column("clicks", "clicks", "clics"),
            column("likes", "likes", "recomendaciones", "reactions"),
            column("comments", *_COMMENTS),
            column("shares", "reposts", "shares", "veces compartido"),
        ),
        frozenset({Network.linkedin}),
        source="linkedin",
        lifetime=True,
        id_in_url=re.compile(r"(?:urn:li:(?:activity|share|ugcpost):|-activity-)([0-9]+)", re.I),
    ),
    Format(
        FormatId.linkedin_followers,
        (
            column("date", *_DATE, needed=True),
            column(
                *("gained", "total followers", "total de seguidores", "seguidores totales"),
                needed=True,
            ),
            column("gained_alone", "organic followers", "seguidores orgánicos", needed=True),
        ),
        frozenset({Network.linkedin}),
        source="linkedin",
    ),
    Format(
        FormatId.linkedin_visitors,
        (
            column("date", *_DATE, needed=True),
            column(
                *("visits", "total page views (total)"),
                "visualizaciones de la página en total (total)",
                needed=True,
            ),
        ),
        frozenset({Network.linkedin}),
        source="linkedin",
    ),
    Format(
        FormatId.tiktok_overview,
        (
            column("date", *_DATE, needed=True),
            column("views", "video views", "visualizaciones de vídeos", needed=True),
            column("visits", "profile views", "visualizaciones del perfil", needed=True),
            column("likes", *_LIKES),
            column("comments", *_COMMENTS),
            column("shares", *_SHARES),
        ),
        frozenset({Network.tiktok}),
        source="tiktok",
        without_year=True,
    ),
    Format(
        FormatId.tiktok_followers,
        (
            column("date", *_DATE, needed=True),
            column("followers", "followers", "seguidores", needed=True),
            column(
                "gained",
                "difference in followers from previous day",
                "diferencia de seguidores respecto al día anterior",
                needed=True,
            ),
        ),
        frozenset({Network.tiktok}),
        source="tiktok",
        without_year=True,
    ),
    Format(
        FormatId.tiktok_content,
        (
            column("url", "video link", "enlace del vídeo", needed=True),
            column("published_at", "post time", "fecha de publicación", needed=True),
            column("title", "video title", "título del vídeo"),
            column("views", "total views", "video views", "total de visualizaciones"),
            column("likes", "total likes", "likes", "total de me gusta"),
            column("comments", "total comments", "comments", "total de comentarios"),
            column("shares", "total shares", "shares", "total de veces compartido"),
            column("saves", "add to favorites", "added to favorites", "añadir a favoritos"),
        ),
        frozenset({Network.tiktok}),
        source="tiktok",
        lifetime=True,
        without_year=True,
        id_in_url=re.compile(r"/(?:video|photo)/([0-9]+)"),
    ),
    Format(
        FormatId.x_content,
        (
            column("post_id", "post id", "tweet id", "id del post", needed=True),
            column("published_at", "date", "time", "fecha", needed=True),
            column("title", "post text", "tweet text", "texto del post", needed=True),
            column("url", "post link", "tweet permalink", "enlace del post"),
            *_X_SHARED,
            column("clicks", "url clicks", "clics en url", "clics en la url"),
        ),
        frozenset({Network.x}),
        source="x",
        lifetime=True,
    ),
    Format(
        FormatId.x_account,
        (
            column("date", *_DATE, needed=True),
            column("gained", "new follows", "nuevos seguidores", needed=True),
            column("lost", "unfollows", "dejaron de seguir", needed=True),
            *_X_SHARED,
            column("views", "video views", "visualizaciones de vídeos"),
        ),
        frozenset({Network.x}),
        source="x",
    ),
    Format(
        FormatId.youtube_content,
        (
            column("post_id", "content", "contenido", needed=True),
            column("title", "video title", "título del vídeo", needed=True),
            column(
                "published_at",
                *("video publish time", "hora de publicación del vídeo"),
                needed=True,
            ),
            column("views", *_VIEWS),
            column("impressions", "impressions", "thumbnail impressions", "impresiones"),
            column("likes", "likes", "me gusta"),
            column("comments", "comments added", "comentarios añadidos"),
            column("shares", *_SHARES),
            column("revenue_minor", "estimated revenue", "ingresos estimados"),
        ),
        frozenset({Network.youtube}),
        source="youtube",
        lifetime=True,
    ),
    Format(
        FormatId.ga4_channels,
        (
            column(
                "group",
                "session primary channel group (default channel group)",
                "session default channel group",
                "session primary channel group",
                "grupo de canales principal de la sesión (grupo de canales predeterminado)",
                "grupo de canales predeterminado de la sesión",
                needed=True,
            ),
            column("sessions", "sessions", "sesiones", needed=True),
        ),
        frozenset({Network.website, Network.blog}),
        source="ga4",
        manner=Manner.grouped,
    ),
)
# What GA4 calls visits from a search engine's results, and its rows of totals.
SEARCH_GROUPS = ("organic search", "búsqueda orgánica")
TOTALS = ("", "total", "totals", "grand total", "total general", "totales")
