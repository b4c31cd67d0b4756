"""What is told to the client: the account executive's words, and who owes what to whom."""

from api.demo.people import Json

REQUESTS: list[Json] = [
    {
        "text": {"es": es, "en": en},
        "owner_name": "Clara Montes",
        "due_on": due,
        "subject_kind": kind,
    }
    for es, en, due, kind in (
        (
            "Mover 800 € de Facebook a TikTok en noviembre",
            "Move €800 from Facebook to TikTok in November",
            "2026-11-07",
            "other",
        ),
        (
            "Comentarios a la estrategia del cuarto trimestre",
            "Comments on the fourth-quarter strategy",
            "2026-11-10",
            "approval",
        ),
        (
            "Firmar las cesiones de imagen de la plantilla",
            "Sign the staff image releases",
            "2026-11-09",
            "file",
        ),
    )
]
OUR_PROMISES: list[tuple[str, str, str, bool]] = [
    (
        "Renovar los textos de perfil de los cuatro canales",
        "Renew the profile texts of the four channels",
        "2026-10-09",
        True,
    ),
    (
        "Tercera pieza de Marc Vidal y enlace de reserva",
        "Marc Vidal’s third piece with booking link",
        "2026-11-27",
        False,
    ),
    (
        "Ampliar el turno de comunidad en fines de semana",
        "Extend weekend community cover",
        "2026-11-28",
        False,
    ),
]

NARRATIVE: Json = {
    "es": {
        "headline": "Octubre: un 32 % más de interacción, y TikTok en su mejor mes.",
        "summary": (
            "La campaña de otoño **«Vuelve el tueste lento»** llevó a TikTok a su récord de "
            "visualizaciones y a Instagram a superar los 48.000 seguidores. Cumplimos **cinco de "
            "los seis objetivos** del mes.\n\nNos quedamos cortos en clics al sitio. Para "
            "noviembre proponemos mover inversión de Facebook a TikTok y reforzar los enlaces de "
            "reserva en *stories*."
        ),
        "highlights": [
            {
                "title": "TikTok, motor de crecimiento",
                "body": "2.470 seguidores nuevos y un 41,6 % más de visualizaciones, con la misma "
                "inversión.",
            },
            {
                "title": "Pedidos en línea por encima del objetivo",
                "body": "412 pedidos atribuidos, frente a un objetivo de 400.",
            },
            {
                "title": "Todo lo contratado de redes, entregado",
                "body": "96 piezas en cuatro canales y tres *stories* más, sin coste.",
            },
        ],
        "lowlights": [
            "7.000 clics al sitio frente a 7.500 previstos: las *stories* llevaban el enlace en "
            "la tercera viñeta."
        ],
        "learnings": [
            "Los vídeos con barista a cámara retienen 2,1 veces más que las piezas de producto.",
            "Los carruseles «guardables» (recetas) triplican los guardados, pero apenas generan "
            "clics.",
        ],
        "figure_notes": {"clicks": "Desde el 3 de noviembre el enlace va en la primera viñeta."},
        "day_notes": {
            "2026-10-08": "Se estrena «El tueste lento en 40 segundos».",
            "2026-10-22": "Marc Vidal publica el latte de calabaza.",
        },
        "next_steps": [
            "Enlaces de reserva en la primera viñeta de todas las *stories*.",
            "Una serie corta con baristas, que es lo que más se ve hasta el final.",
        ],
        "closing": "Octubre confirma que las personas detrás de la barra son vuestra mejor "
        "campaña. Gracias por abrirnos la puerta.",
    },
    "en": {
        "headline": "October: 32% more engagement, and TikTok’s best month.",
        "summary": (
            "The autumn campaign **“Slow roast is back”** took TikTok to a record month for views "
            "and Instagram past 48,000 followers. We met **five of the month’s six targets**.\n\n"
            "We fell short on site clicks. For November we propose moving budget from Facebook to "
            "TikTok and strengthening booking links in *stories*."
        ),
        "highlights": [
            {
                "title": "TikTok drives growth",
                "body": "2,470 new followers and 41.6% more views, on the same spend.",
            },
            {
                "title": "Online orders above target",
                "body": "412 attributed orders, against a target of 400.",
            },
            {
                "title": "Everything contracted is out",
                "body": "96 pieces on four channels and three *stories* more, at no charge.",
            },
        ],
        "lowlights": [
            "7,000 site clicks against 7,500 planned: stories carried the link in their third "
            "frame."
        ],
        "learnings": [
            "Videos with a barista on camera retain 2.1 times better than product pieces.",
            "“Saveable” carousels (recipes) triple saves but generate hardly any clicks.",
        ],
        "figure_notes": {"clicks": "Since 3 November the link stands on the first frame."},
        "day_notes": {
            "2026-10-08": "“Slow roast in 40 seconds” comes out.",
            "2026-10-22": "Marc Vidal publishes the pumpkin latte.",
        },
        "next_steps": [
            "Booking links on the first frame of every story.",
            "A short series with baristas: it is what people watch to the end.",
        ],
        "closing": "October confirms that the people behind the bar are your best campaign. "
        "Thank you for opening the door to us.",
    },
}

NOTES: dict[str, tuple[str, str]] = {
    "instagram": (
        "Los *reels* de «El taller del barista» concentran el 58 % de las interacciones del canal.",
        "The “Barista workshop” reels account for 58% of the channel’s engagements.",
    ),
    "tiktok": (
        "«Latte de calabaza, paso a paso» es el vídeo más visto; el canal ya aporta casi la mitad "
        "de la interacción.",
        "“Pumpkin latte, step by step” is the most viewed video; the channel now brings almost "
        "half of all engagement.",
    ),
    "linkedin": (
        "Ligero retroceso: el vídeo de marca empleadora se movió a noviembre.",
        "Slight decline: the employer-brand video moved to November.",
    ),
    "facebook": (
        "Canal maduro; proponemos reducir frecuencia y reservarlo para servicio y eventos locales.",
        "A mature channel; we propose lowering frequency and keeping it for service and local "
        "events.",
    ),
}

CORRECTION = {
    "es": "Gasto en producción: una factura de octubre llegó el 3 de noviembre.",
    "en": "Production spend: an October invoice arrived on 3 November.",
}
