"""Readings: once, in any order, from any form, and no row loses another."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from api.metrics.figures import LARGEST
from api.metrics.readings.uploads import MOST_ROWS
from tenants import auth, database
from tenants.models import Assignment
from tenants.permissions import Duty
from tests.factories import Person, Staffed, events_of
from tests.files.samples import zipped
from tests.metrics.made import DAILY, channel_of, counts, current, fault_of, reading, record, stored

_KEY = {"Idempotency-Key": "large"}


def _csv(person: Person, content: Any, **headers: str) -> Any:
    return person.call(
        "POST",
        DAILY,
        content=content.encode() if isinstance(content, str) else content,
        headers={"Content-Type": "text/csv", **headers},
    )


class TestRecordReadings:
    def test_stores_a_batch_once(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        batch = [reading(channel, f"2026-10-{day:02}", views=day, likes=0) for day in range(1, 32)]

        assert counts(record(agency, *batch)) == (31, 0, 0)
        assert counts(record(agency, *batch)) == (0, 31, 0)
        random.shuffle(batch)
        assert counts(record(agency, *batch)) == (0, 31, 0)
        assert stored(agency, channel) == 31
        assert events_of(agency, agency.client_id) == ["readings.recorded"]

    def test_keeps_apart_zero_and_nothing(self, agency: Staffed) -> None:
        channel = channel_of(agency)

        record(agency, reading(channel, views=0, missing={"saves": "not_offered"}))

        row = current(agency, channel)
        assert (row["views"], row["likes"], row["saves"]) == (0, None, None)
        assert row["missing"] == {"saves": "not_offered"}

    def test_takes_the_largest_number_every_reader_keeps(self, agency: Staffed) -> None:
        channel = channel_of(agency)

        taken = record(agency, reading(channel, views=LARGEST))
        refused = record(agency, reading(channel, "2026-10-02", views=LARGEST + 1))

        assert counts(taken) == (1, 0, 0)
        assert current(agency, channel)["views"] == LARGEST
        assert counts(refused) == (0, 0, 1)
        assert fault_of(refused) == (1, "/views", "less_than_equal")

    def test_reports_one_bad_row_and_loses_no_other(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        bad: list[tuple[Any, str, str]] = [
            (reading(channel, views=-1), "/views", "greater_than_equal"),
            (reading(channel, views=1.5), "/views", "int_type"),
            (reading(channel, views="7"), "/views", "int_type"),
            (reading(channel, views=True), "/views", "int_type"),
            (reading(channel, "2026-02-30", views=1), "/date", "date_from_datetime_parsing"),
            (reading(channel, "2999-01-01", views=1), "/date", "date_parsing"),
            (reading(channel, "2100-01-01", views=1), "/date", "period_not_begun"),
            (reading(channel, "2400-01-01", views=1), "/date", "date_parsing"),
            (reading(channel, "1970-01-01", views=1), "/date", "date_out_of_range"),
            (reading(channel, "1999-12-31", views=1), "/date", "date_out_of_range"),
            (reading("instagram:nobody", views=1), "/channel", "unknown_channel"),
            (reading("nowhere", views=1), "/channel", "unknown_channel"),
            (reading(channel), "", "nothing_said"),
            (reading(channel, views=1, missing={"views": "not_yet"}), "", "said_twice"),
            (reading(channel, missing={"views": "tired"}), "/missing", "literal_error"),
            (reading(channel, missing={"shoe_size": "not_yet"}), "/missing", "literal_error"),
            (reading(channel, shoe_size=1), "", "extra_forbidden"),
            (reading(channel, basis="week", views=1), "", "not_a_period_start"),
            (reading(channel, "2026-10-02", basis="month", views=1), "", "not_a_period_start"),
            (reading(channel, source="Bad Source", views=1), "/source", "string_pattern_mismatch"),
            (reading(channel, currency="EUROS", spend_minor=1), "/currency", "string_too_long"),
            (
                reading(channel, captured_at="2999-01-01T00:00:00Z", views=1),
                "/captured_at",
                "datetime_parsing",
            ),
            (
                reading(channel, captured_at="2100-01-01T00:00:00Z", views=1),
                "/captured_at",
                "captured_in_the_future",
            ),
            (
                reading(channel, captured_at="2026-10-02T00:00:00", views=1),
                "/captured_at",
                "timezone_aware",
            ),
            ("not an object", "", "model_type"),
        ]
        good = [reading(channel, f"2026-10-{day:02}", views=day) for day in range(3, 31)]
        batch = [row for row, _, _ in bad[:14]] + good + [row for row, _, _ in bad[14:]]

        answer = record(agency, *batch)

        assert counts(answer) == (len(good), 0, len(bad))
        found = {fault["row"]: fault for fault in answer.json()["errors"]}
        rows = [*range(1, 15), *range(15 + len(good), len(batch) + 1)]
        seen = [(found[row]["pointer"], found[row]["code"]) for row in rows]
        assert seen == [(pointer, code) for _, pointer, code in bad]
        assert all(fault["detail"] for fault in found.values())
        assert list(found) == sorted(found)

    def test_says_it_in_the_readers_language(self, agency: Staffed) -> None:
        batch = {"readings": [reading("instagram:nobody", views=1)]}

        answer = agency.community.post(DAILY, batch, headers={"Accept-Language": "es"})

        detail = answer.json()["errors"][0]["detail"]
        assert detail == "No existe ese canal o no puedes verlo."

    def test_knows_a_channel_by_its_handle(self, agency: Staffed) -> None:
        channel = channel_of(agency, handle="CafeAurora")

        answer = record(agency, reading("Instagram:@cafeaurora", views=5))

        assert counts(answer) == (1, 0, 0)
        assert current(agency, channel)["views"] == 5

    def test_refuses_a_handle_that_several_clients_have(self, agency: Staffed) -> None:
        channel_of(agency, handle="shared")
        channel_of(agency, handle="shared", client_id=str(agency.other_client_id))
        named = reading("instagram:shared", views=5)

        several = record(agency, named, person="owner")
        only_one_in_sight = record(agency, named, person="community")

        assert fault_of(several) == (1, "/channel", "ambiguous_channel")
        assert counts(only_one_in_sight) == (1, 0, 0)

    @pytest.mark.parametrize("name", ["id", "handle"])
    def test_hides_what_is_another_agencys_or_clients(
        self, agency: Staffed, other_agency: Staffed, name: str
    ) -> None:
        handle = f"h{agency.slug}"
        channel = channel_of(agency, handle=handle)
        named = channel if name == "id" else f"instagram:{handle}"

        foreign = record(other_agency, reading(named, views=1), person="owner")
        hidden = record(agency, reading(named, views=1), person="other_executive")
        unknown = record(agency, reading("01890000-0000-7000-8000-000000000000", views=1))

        assert foreign.json()["errors"] == hidden.json()["errors"] == unknown.json()["errors"]
        assert stored(agency, channel) == 0

    @pytest.mark.parametrize("person", ["viewer", "approver", "stranger"])
    def test_refuses_who_may_not(self, agency: Staffed, person: str) -> None:
        answer = record(agency, reading(channel_of(agency), views=1), person=person)

        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")

    def test_refuses_a_row_of_a_client_for_whom_one_may_not(self, agency: Staffed) -> None:
        mine = channel_of(agency)
        theirs = channel_of(agency, client_id=str(agency.other_client_id))
        with database.agency_session(auth.system(agency.agency_id)) as session:
            looks_on = Assignment(
                client_id=agency.other_client_id,
                membership_id=agency.community.membership_id,
                duty=Duty.viewer,
                starts_on=date(2020, 1, 1),
            )
            database.add(session, looks_on)

        answer = record(agency, reading(theirs, views=1), reading(mine, views=1))

        assert counts(answer) == (1, 0, 1)
        assert fault_of(answer) == (1, "/channel", "not_permitted")
        assert stored(agency, theirs) == 0

    def test_takes_ten_thousand_and_no_more(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        lines = [f"20{year:02}-01-01,{channel},manual,1" for year in range(1, 2)]
        lines *= MOST_ROWS
        table = "date,channel,source,views\n"

        taken = _csv(agency.community, table + "\n".join(lines))
        refused = _csv(agency.community, table + "\n".join([*lines, lines[0]]))
        as_json = record(agency, *[reading(channel, views=1)] * (MOST_ROWS + 1))

        assert counts(taken) == (1, MOST_ROWS - 1, 0)
        assert (refused.status_code, refused.json()["code"]) == (422, "too_many_readings")
        assert (as_json.status_code, as_json.json()["errors"][0]["code"]) == (422, "too_long")
        assert as_json.json()["errors"][0]["pointer"] == "/readings"

    def test_is_refused_above_its_own_body_limit(self, agency: Staffed) -> None:
        def chunks(size: int) -> Any:
            return (b"x" * 65536 for _ in range(size // 65536))

        declared = _csv(agency.community, b"x" * (16 * 1024 * 1024 + 1))
        counted = _csv(agency.community, chunks(17 * 1024 * 1024))
        larger_than_others = _csv(agency.community, b"x" * (3 * 1024 * 1024), **_KEY)

        for refused in (declared, counted):
            assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
        assert larger_than_others.json()["code"] == "unreadable_table"

    def test_takes_a_line_without_an_end_for_one_bad_row(self, agency: Staffed) -> None:
        answer = agency.community.call(
            "POST",
            DAILY,
            content=b"x" * 4_000_000 + b"\n" + json.dumps(reading("x:y", views=1)).encode(),
            headers={"Content-Type": "application/x-ndjson"},
        )

        assert counts(answer) == (0, 0, 2)
        assert [each["code"] for each in answer.json()["errors"]] == ["not_json", "unknown_channel"]
        assert len(answer.content) < 1_000

    @pytest.mark.parametrize(
        ("media_type", "content", "status", "code"),
        [
            ("application/xml", b"<a/>", 415, "unsupported_media"),
            ("", b"{}", 415, "unsupported_media"),
            ("text/csv; charset=latin-1", b"date,channel\n", 415, "unsupported_media"),
            ("application/json", b"{", 400, "malformed_body"),
            ("application/json", b'{"readings": [{"views": NaN}]}', 400, "malformed_body"),
            ("application/json", b"\xff\xfe", 400, "malformed_body"),
            ("application/json", b"[]", 422, "invalid_request"),
            ("application/json", b'{"readings": []}', 422, "invalid_request"),
            ("application/json", b'{"readings": [], "more": 1}', 422, "invalid_request"),
            ("text/csv", b"\xff\xfed", 400, "unreadable_table"),
            ("text/csv", b"", 422, "column_missing"),
            ("text/csv", b"date,views\n", 422, "column_missing"),
            ("text/csv", b"date,channel,shoe_size\n", 422, "unknown_column"),
            ("text/csv", "Date;Chaîne;Vues\n".encode(), 422, "unknown_column"),
            ("text/csv", zipped("readings.csv"), 400, "unreadable_table"),
            ("application/json", zipped("readings.json"), 400, "malformed_body"),
            ("application/zip", zipped("readings.csv"), 415, "unsupported_media"),
            ("text/csv", b"date,channel,views,views\n", 422, "unknown_column"),
            ("text/csv", b'date,channel,views\n"unclosed', 400, "unreadable_table"),
            ("text/csv", b"date,channel\n2026-10-01,\x00", 400, "unreadable_table"),
        ],
    )
    def test_refuses_a_body_that_cannot_be_read(
        self, agency: Staffed, media_type: str, content: bytes, status: int, code: str
    ) -> None:
        headers = {"Content-Type": media_type} if media_type else {}

        answer = agency.community.call("POST", DAILY, content=content, headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_answers_again_what_it_answered_for_one_idempotency_key(self, agency: Staffed) -> None:
        batch = {"readings": [reading(channel_of(agency), views=1), {}]}

        first = agency.community.post(DAILY, batch, headers={"Idempotency-Key": "k1"})
        again = agency.community.post(DAILY, batch, headers={"Idempotency-Key": "k1"})

        assert first.status_code == again.status_code == 207
        assert first.content == again.content
        assert again.headers["Idempotent-Replayed"] == "true"


class TestRecordReadingsAsTable:
    def test_reads_our_tidy_layout(self, agency: Staffed) -> None:
        channel = channel_of(agency, handle="aurora")
        table = (
            "\ufeffDate;Channel;Views;Likes;Saves;Spend_minor;Currency\r\n"
            f"2026-10-01;{channel};10;0;not_offered;250;USD\r\n"
            "\r\n"
            '2026-10-02;"instagram:aurora"; 20 ;;;;\r\n'
        )

        answer = _csv(agency.community, table)

        assert counts(answer) == (2, 0, 0)
        first, second = current(agency, channel), current(agency, channel, "2026-10-02")
        assert (first["views"], first["likes"], first["saves"]) == (10, 0, None)
        assert first["missing"] == {"saves": "not_offered"}
        assert (first["spend_minor"], first["spend_currency"]) == (250, "USD")
        assert (second["views"], second["likes"], second["spend_currency"]) == (20, None, None)
        assert counts(_csv(agency.community, table)) == (0, 2, 0)

    @pytest.mark.parametrize(
        "cell",
        ["=1+1", "+7", "@cmd", "-1", "1.000", "1,5", "1e3", "٣", "0x10", "9" * 18, "n/a", "tired"],
    )
    def test_refuses_a_cell_that_is_no_number(self, agency: Staffed, cell: str) -> None:
        channel = channel_of(agency)
        table = f'date,channel,views\n2026-10-01,{channel},"{cell}"\n2026-10-02,{channel},2\n'

        answer = _csv(agency.community, table)

        assert counts(answer) == (1, 0, 1)
        row, pointer, code = fault_of(answer)
        assert (row, pointer) == (1, "/views")
        assert code in ("int_type", "greater_than_equal", "less_than_equal")
        assert cell not in answer.text or cell == "-1"

    def test_refuses_a_row_of_another_width(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        table = f"date,channel,views\n2026-10-01,{channel}\n2026-10-02,{channel},2\n"

        answer = _csv(agency.community, table)

        assert counts(answer) == (1, 0, 1)
        assert fault_of(answer) == (1, "", "wrong_cell_count")

    def test_reads_one_object_a_line(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        lines = [
            json.dumps(reading(channel, views=1)),
            "{not json",
            "",
            json.dumps(reading(channel, "2026-10-02", views=2)),
            "[1]",
        ]

        answer = agency.community.call(
            "POST",
            DAILY,
            content="\n".join(lines).encode(),
            headers={"Content-Type": "application/x-ndjson; charset=utf-8"},
        )

        assert counts(answer) == (2, 0, 2)
        faults = [(fault["row"], fault["code"]) for fault in answer.json()["errors"]]
        assert faults == [(2, "not_json"), (4, "model_type")]


class TestRecordReadingsAtOnce:
    def test_is_once_for_equal_batches(self, agency: Staffed) -> None:
        channels = [channel_of(agency) for _ in range(3)]
        batch = [
            reading(channel, f"2026-10-{day:02}", views=day)
            for channel in channels
            for day in range(1, 31)
        ]

        def send(turn: int) -> Any:
            mine = list(batch)
            random.Random(turn).shuffle(mine)
            return record(agency, *mine, person=("community", "executive")[turn % 2])

        with ThreadPoolExecutor(8) as pool:
            answers = [counts(answer) for answer in pool.map(send, range(8))]

        assert sorted(answers) == [(0, 90, 0)] * 7 + [(90, 0, 0)]
        assert [stored(agency, channel) for channel in channels] == [30, 30, 30]

    def test_loses_no_word_of_different_ones(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        metrics = ["views", "likes", "shares", "saves", "clicks", "leads", "posts", "sessions"]

        def send(metric: str) -> Any:
            values: dict[str, Any] = {metric: 7}
            return record(agency, reading(channel, **values))

        with ThreadPoolExecutor(8) as pool:
            answers = [counts(answer) for answer in pool.map(send, metrics)]

        assert answers == [(1, 0, 0)] * 8
        row = current(agency, channel)
        assert [row[metric] for metric in metrics] == [7] * 8


class TestStoredReadings:
    def test_cannot_be_changed(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(agency, reading(channel, views=1))

        for statement in ("update metric_readings set views = 2", "delete from metric_readings"):
            with (
                pytest.raises(Exception, match="permission denied"),
                database.agency_session(auth.system(agency.agency_id)) as session,
            ):
                session.execute(text(statement))

    @pytest.mark.parametrize("table", ["metric_readings", "metric_current", "kpi_targets"])
    def test_are_not_a_contacts_to_read(self, agency: Staffed, table: str) -> None:
        record(agency, reading(channel_of(agency), views=1))
        viewer = auth.AccessToken(agency.agency_id, agency.viewer.session_id, agency.viewer.user_id)

        with (
            pytest.raises(Exception, match="permission denied"),
            database.open_session(viewer.enter) as session,
        ):
            session.execute(text(f"select * from {table}"))

    def test_stay_behind_both_walls_without_a_where(
        self, agency: Staffed, other_agency: Staffed
    ) -> None:
        mine = channel_of(agency)
        theirs = channel_of(agency, client_id=str(agency.other_client_id))
        record(agency, reading(mine, views=1), reading(theirs, views=1), person="owner")

        def seen(person: Person) -> set[str]:
            token = auth.AccessToken(person.agency_id, person.session_id, person.user_id)
            with database.open_session(token.enter) as session:
                rows = session.execute(text("select subject_id from metric_current"))
                return {str(row[0]) for row in rows}

        assert seen(agency.owner) == {mine, theirs}
        assert seen(agency.strategist) == {mine}
        assert seen(agency.other_executive) == {theirs}
        assert seen(other_agency.owner) == seen(agency.stranger) == set()
