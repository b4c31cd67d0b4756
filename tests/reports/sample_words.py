"""What the sample says in words, in Spanish and in English."""

import copy
from typing import Any


def text(es: str, en: str) -> dict[str, str]:
    return {"es": es, "en": en}


def narrative() -> dict[str, Any]:
    return copy.deepcopy({"es": _SPANISH, "en": _ENGLISH})


_SPANISH: dict[str, Any] = {
    "headline": (
        "Octubre: un 32 % más de interacción y una crisis resuelta en menos de veinte horas."
    ),
    "summary": (
        "La campaña de otoño **«Vuelve el tueste lento»** y las dos colaboraciones de "
        "*influencers* llevaron a TikTok a su récord de visualizaciones y a Instagram "
        "a superar los 48.000 seguidores. Cumplimos **seis de los ocho objetivos** "
        "del mes.\n\nNos quedamos cortos en clics al sitio y, por ocho décimas, en el "
        "compromiso de respuesta: el fin de semana del 17 de octubre recibimos en 36 "
        "horas el volumen de una semana normal. Con lo aprendido, para noviembre "
        "proponemos mover inversión de Facebook a TikTok y reforzar los enlaces de "
        "reserva en *stories*."
    ),
    "highlights": [
        {
            "title": "TikTok, motor de crecimiento",
            "body": (
                "2.470 seguidores nuevos y un 41,6 % más de visualizaciones, con la "
                "misma inversión."
            ),
        },
        {
            "title": "Pedidos en línea por encima del objetivo",
            "body": ("412 pedidos atribuidos, 283 de ellos con código de las colaboraciones."),
        },
        {
            "title": "Respondemos en 38 minutos",
            "body": ("Catorce minutos menos que en septiembre, con un 20 % más de mensajes."),
        },
    ],
    "lowlights": [
        (
            "7.000 clics al sitio frente a los 7.500 previstos: las *stories* "
            "llevaban el enlace en la tercera viñeta."
        ),
        (
            "La inversión aún no vuelve en ventas del mes: el objetivo acordado de la "
            "campaña es notoriedad, y así se mide."
        ),
    ],
    "learnings": [
        ("Los vídeos con barista a cámara retienen 2,1 veces más que las piezas de producto."),
        (
            "Los carruseles «guardables» (recetas) triplican los guardados, pero "
            "apenas generan clics."
        ),
        (
            "Sin guion de crisis previo habríamos tardado en publicar: la aprobación "
            "exprés funcionó."
        ),
    ],
    "channel_notes": {
        "instagram": (
            "Los *reels* de «El taller del barista» concentran el 58 % de las "
            "interacciones del canal."
        ),
        "tiktok": (
            "«Latte de calabaza, paso a paso» es el vídeo más visto del año; el canal "
            "ya aporta casi la mitad de la interacción."
        ),
        "linkedin": (
            "Ligero retroceso: el vídeo de marca empleadora se movió a noviembre y "
            "faltó una pieza ancla."
        ),
        "facebook": (
            "Canal maduro; proponemos reducir frecuencia y reservarlo para servicio y "
            "eventos locales."
        ),
    },
}

_ENGLISH: dict[str, Any] = {
    "headline": ("October: 32% more engagement, and a crisis resolved in under twenty hours."),
    "summary": (
        "The autumn campaign **“Slow roast is back”** and the two influencer "
        "collaborations took TikTok to a record month for views and Instagram past "
        "48,000 followers. We met **six of the month’s eight targets**.\n\nWe fell "
        "short on site clicks and, by eight tenths of a point, on the response "
        "commitment: on the weekend of 17 October we received a normal week’s volume "
        "in 36 hours. Building on that, for November we propose moving budget from "
        "Facebook to TikTok and strengthening booking links in stories."
    ),
    "highlights": [
        {
            "title": "TikTok drives growth",
            "body": ("2,470 new followers and 41.6% more views, on the same spend."),
        },
        {
            "title": "Online orders above target",
            "body": ("412 attributed orders, 283 of them with a collaboration code."),
        },
        {
            "title": "We reply in 38 minutes",
            "body": ("Fourteen minutes faster than September, with 20% more messages."),
        },
    ],
    "lowlights": [
        (
            "7,000 site clicks against the 7,500 planned: the stories carried the "
            "link on their third frame."
        ),
        (
            "The investment does not yet return as sales within the month: the agreed "
            "goal of the campaign is awareness, and it is measured so."
        ),
    ],
    "learnings": [
        ("Videos with a barista on camera retain 2.1 times better than product pieces."),
        ("“Saveable” carousels (recipes) triple saves but generate hardly any clicks."),
        (
            "Without a crisis playbook we would have been slower to publish: fast- "
            "track approval worked."
        ),
    ],
    "channel_notes": {
        "instagram": ("The “Barista workshop” reels account for 58% of the channel’s engagements."),
        "tiktok": (
            "“Pumpkin latte, step by step” is the most viewed video of the year; the "
            "channel now brings almost half of all engagement."
        ),
        "linkedin": (
            "Slight decline: the employer-brand video moved to November, leaving the "
            "month without an anchor piece."
        ),
        "facebook": (
            "A mature channel; we propose lowering frequency and keeping it for "
            "service and local events."
        ),
    },
}
