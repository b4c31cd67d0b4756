"""Saved mappings: files that no format knows, explained once."""

from typing import Any

import pytest

from tests.factories import Staffed, events_of
from tests.imports.making import IMPORTS, bring, codes, counts, figures, post_figures, upload
from tests.metrics.made import channel_of

MAPPINGS = "/v1/import-mappings"
COLUMNS = [
    {"header": "Día", "means": "date"},
    {"header": "Vistas (orgánicas)", "means": "views"},
    {"header": "Vistas (pagadas)", "means": "views"},
    {"header": "Inversión", "means": "spend_minor"},
]


def _mapping(agency: Staffed, **values: Any) -> Any:
    body = {"client_id": str(agency.client_id), "name": "Resumen", "columns": COLUMNS, **values}
    return agency.community.post(MAPPINGS, body)


class TestMapping:
    def test_explains_a_file(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        mapping = _mapping(agency, decimals=",", delimiter=";", currency="USD").json()
        content = (
            "Informe de octubre\n\nVISTAS (PAGADAS);Notas;día;Inversión;Vistas (orgánicas)\n"
            "1.200;=HYPERLINK(1);01/10/2026;1.234,56 $;34\n"
            "5;;02/10/2026;12,50;\n"
            ";;03/10/2026;1,234.56;1\n"
        )

        made = bring(agency, content, channel_id=channel, mapping_id=mapping["id"])

        assert counts(made) == (2, 0, 1)
        assert made["format"] == made["tables"][0]["format"] == "mapping"
        assert figures(agency, channel) == {
            "2026-10-01": {"views": 1_234, "spend_minor": 123_456},
            "2026-10-02": {"views": 5, "spend_minor": 1_250},
        }
        assert codes(made) == [(6, "Inversión", "decimals_differ")]
        assert made["sample"][0]["currency"] == "USD"
        means = {each["header"]: each["means"] for each in made["tables"][0]["columns"]}
        assert (means["Notas"], means["día"]) == (None, "date")

    def test_explains_posts(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="pinterest")
        columns = [
            {"header": "Pin", "means": "post_id"},
            {"header": "Publicado", "means": "published_at"},
            {"header": "Guardados", "means": "saves"},
        ]
        mapping = _mapping(agency, columns=columns, lifetime=True).json()

        made = bring(
            agency,
            "Pin,Publicado,Guardados\n1001,14/10/2026 09:00,7\n",
            channel_id=channel,
            mapping_id=mapping["id"],
            exported_at="2026-11-01T09:00:00Z",
        )

        assert counts(made) == (1, 0, 0)
        assert post_figures(agency) == {"1001": {"2026-11-01": {"saves": 7}}}

    def test_that_is_changed_or_taken_back_leaves_imports_alone(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        made = _mapping(agency).json()
        path = f"{MAPPINGS}/{made['id']}"
        done = bring(
            agency,
            "Día;Vistas (orgánicas);Vistas (pagadas);Inversión\n01/10/2026;1;2;3\n",
            channel_id=channel,
            mapping_id=made["id"],
        )

        changed = agency.community.patch(path, {"name": "Otro"}, version=made["version"])
        stale = agency.community.patch(path, {"name": "Otra vez"}, version=made["version"])
        removed = agency.community.delete(path)

        assert (changed.json()["name"], stale.status_code, removed.status_code) == (
            "Otro",
            412,
            204,
        )
        assert agency.community.get(path).status_code == 404
        again = agency.community.get(f"{IMPORTS}/{done['id']}").json()
        assert (again["mapping_id"], again["stored"]) == (made["id"], 1)
        assert events_of(agency, made["id"]) == [
            f"import_mapping.{what}" for what in ("created", "updated", "deleted")
        ]

    @pytest.mark.parametrize(
        ("columns", "lifetime"),
        [
            ([{"header": "Día", "means": "date"}], False),
            ([{"header": "Vistas", "means": "views"}], False),
            ([*COLUMNS, {"header": "DÍA ", "means": "likes"}], False),
            ([*COLUMNS, {"header": "Fecha", "means": "date"}], False),
            (COLUMNS, True),
            ([COLUMNS[1], {"header": "Pin", "means": "post_id"}], True),
        ],
    )
    def test_needs_a_figure_and_what_it_is_of(
        self, agency: Staffed, columns: Any, lifetime: bool
    ) -> None:
        answer = _mapping(agency, columns=columns, lifetime=lifetime)
        assert (answer.status_code, answer.json()["code"]) == (422, "mapping_form")
        assert _mapping(agency).status_code == 201

    def test_has_a_name_of_its_own(self, agency: Staffed) -> None:
        assert _mapping(agency).status_code == 201
        again = _mapping(agency)
        assert (again.status_code, again.json()["code"]) == (409, "mapping_exists")

    def test_is_named_alone_and_is_the_clients(self, agency: Staffed) -> None:
        mine = _mapping(agency).json()["id"]
        body = {"client_id": str(agency.other_client_id), "name": "Suyo", "columns": COLUMNS}
        theirs = agency.owner.post(MAPPINGS, body).json()["id"]
        kept = upload(agency, "Día\n").json()["id"]
        asked = {"client_id": str(agency.client_id), "file_id": kept}

        both = agency.owner.post(IMPORTS, {**asked, "mapping_id": mine, "format": "tidy_csv"})
        neither = agency.owner.post(IMPORTS, {**asked, "format": "mapping"})
        other = agency.owner.post(IMPORTS, {**asked, "mapping_id": theirs})

        for refused in (both, neither):
            assert (refused.status_code, refused.json()["code"]) == (422, "format_and_mapping")
        assert other.status_code == 404
        assert agency.community.get(f"{MAPPINGS}/{theirs}").status_code == 404
        for person in (agency.approver, agency.viewer):
            assert person.get(MAPPINGS).status_code == 403
