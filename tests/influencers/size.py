"""A roster of many people, put there by the database itself; and what a search makes of it."""

from typing import Any

import psycopg

# Names as they are here: some begin alike, some are rare.
FILL = (
    """
    insert into influencers (agency_id, id, created_at, updated_at, version, name, status, country,
        languages, categories, audience_size, engagement_millionths)
    select %(agency)s, ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, now(),
        now(), 1, (array['Ana','Antonia','Andrés','Bruno','Carla','Diego','Elena',
            'Fermín'])[1 + n %% 8] || ' '
            || (array['García','Gallego','Peña','Sanz','Ruiz'])[1 + n / 8 %% 5] || ' '
            || to_hex(n * 2654435761 %% 4294967296),
        case when n %% 11 = 0 then 'archived' else 'active' end,
        (array['ES','MX','AR','CO','US'])[1 + n %% 5], '["es"]', '[]',
        n * 7919::bigint %% 1000000, n * 104729::bigint %% 100000
    from generate_series(1, %(people)s) n
    """,
    """
    insert into influencer_dossiers (agency_id, id, created_at, tags)
    select agency_id, id, now(), '["vip"]' from influencers i where agency_id = %(agency)s
        and not exists (select from influencer_dossiers d
            where d.agency_id = i.agency_id and d.id = i.id)
    """,
    """
    insert into influencer_accounts (agency_id, id, created_at, influencer_id, network, handle,
        handle_key, followers, audience)
    select agency_id, gen_random_uuid(), now(), id, network, 'h' || md5(id || network),
        'h' || md5(id || network), audience_size / 2, '{}'
    from influencers, (values ('instagram'), ('tiktok')) as on_network (network)
    where agency_id = %(agency)s and (network = 'instagram' or audience_size %% 3 = 0)
        and name ~ '[0-9a-f]{5}$'
    """,
    """
    insert into influencer_rates (agency_id, id, created_at, influencer_id, network, placement,
        amount_minor, currency)
    select agency_id, gen_random_uuid(), now(), id, 'instagram', 'reel', 1000 + audience_size,
        'EUR' from influencers where agency_id = %(agency)s and audience_size %% 2 = 0
    on conflict do nothing
    """,
    """
    insert into influencer_words (agency_id, id, created_at, word)
    select agency_id, id, now(), word from influencers, lateral (
        select lower(translate(unnest(string_to_array(name, ' ')), 'áéíóúñ', 'aeioun'))
        union select 'country:' || lower(country)
        union select 'network:instagram'
        union select 'category:' ||
            (array['beauty','food','travel','sport'])[1 + audience_size %% 4]
        union select 'tag:rare' where audience_size %% 1000 = 1
        union select 'tag:vip' where audience_size %% 49 = 0
    ) said (word) where agency_id = %(agency)s and word is not null
    on conflict do nothing
    """,
)
TABLES = ("influencers", "influencer_accounts", "influencer_rates", "influencer_words")

SEARCHES: dict[str, dict[str, Any]] = {
    "newest": {},
    "largest": {"sort": "audience"},
    "many begin so": {"q": "an"},
    "one word": {"q": "fermin"},
    "two words": {"q": "ana garcia"},
    "a rare word": {"q": "ab3"},
    "a word and a label": {"q": "gal", "category": "food"},
    "a label": {"category": "beauty"},
    "a rare label": {"tag": "rare"},
    "labels": {"category": "food", "country": "MX", "tag": "vip"},
    "labels and audience": {
        "category": "food",
        "country": "MX",
        "tag": "vip",
        "audience_min": 200_000,
    },
    "network": {"network": "instagram"},
    "audience": {"audience_min": 999_000},
    "audience on a network": {"network": "instagram", "audience_min": 499_000},
    "engagement": {"engagement_min": 0.0995},
    "rate": {"rate_currency": "EUR", "rate_max_minor": 1_500},
    "rate that many have": {"rate_currency": "EUR", "rate_max_minor": 900_000},
    "archived": {"status": "archived"},
    "all of it": {
        "q": "ana",
        "network": "instagram",
        "category": "beauty",
        "audience_min": 100_000,
        "placement": "reel",
    },
}


def fill(owner_url: str, agency_id: Any, people: int) -> None:
    """Put people on an agency's roster, and let the planner know."""
    plain = owner_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain, autocommit=True) as connection:
        for statement in FILL:
            connection.execute(statement, {"agency": agency_id, "people": people})
        for table in TABLES:
            connection.execute(f"vacuum analyze {table}")
