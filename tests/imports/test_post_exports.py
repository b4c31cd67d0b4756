"""Exports of posts: each is noted once, and its totals are kept as they stood on the file's day."""

from datetime import timedelta
from typing import Any

import pytest

from tenants import clock
from tests.factories import Staffed
from tests.imports import exports
from tests.imports.exports import row, table
from tests.imports.making import bring, codes, counts, figures, post_figures, posts, problem
from tests.metrics.made import channel_of

AS_OF: dict[str, Any] = {"exported_at": "2026-11-01T09:00:00Z"}
DAY = "2026-11-01"


def _instagram(post_id: str = "17995550101234567", **said: object) -> list[object]:
    values: dict[str, object] = {
        "Post_ID": post_id,
        "Account_username": "cafeaurora",
        "Description": "El tueste 𝒍𝒆𝒏𝒕𝒐,\nen 40 segundos",
        "Publish_time": "10/08/2026 18:30",
        "Permalink": f"https://www.instagram.com/reel/{post_id}/",
        "Post_type": "IG reel",
        "Date": "Lifetime",
        "Views": "12,400",
        "Reach": "9,870",
        "Likes": 622,
        "Shares": 40,
        "Follows": 12,
        "Comments": 31,
        "Saves": 55,
    }
    return row(exports.INSTAGRAM, **(values | said))


class TestInstagram:
    def test_notes_posts_and_their_totals_so_far(self, agency: Staffed) -> None:
        channel_of(agency, handle="cafeaurora")
        content = exports.with_mark(table(exports.INSTAGRAM, _instagram()))

        made = bring(agency, content, **AS_OF)

        assert counts(made) == (1, 0, 0)
        assert made["posts"] == 1
        assert post_figures(agency)["17995550101234567"] == {
            DAY: {
                **{"views": 12_400, "reach": 9_870, "likes": 622, "shares": 40},
                **{"comments": 31, "saves": 55},
            }
        }
        post = posts(agency)["17995550101234567"]
        assert (post["format"], post["title"]) == ("reel", "El tueste lento, en 40 segundos")
        assert post["published_at"] == "2026-10-08T16:30:00Z"
        assert post["url"] == "https://www.instagram.com/reel/17995550101234567/"

    def test_of_the_same_file_twice_adds_nothing(self, agency: Staffed) -> None:
        channel_of(agency, handle="cafeaurora")
        content = table(exports.INSTAGRAM, *(_instagram(f"1799555010{n}") for n in range(20)))

        first, again = bring(agency, content), bring(agency, content)

        assert (counts(first), counts(again)) == ((20, 0, 0), (0, 20, 0))
        assert {len(days) for days in post_figures(agency).values()} == {1}
        assert {each["version"] for each in posts(agency).values()} == {1}

    def test_of_the_same_file_days_later_adds_nothing(self, agency: Staffed) -> None:
        channel_of(agency, handle="cafeaurora")
        content = table(exports.INSTAGRAM, _instagram("1001"))
        bring(agency, content)

        with clock.at(clock.now() + timedelta(days=3)):
            again = bring(agency, content)

        assert counts(again) == (0, 1, 0)

    def test_may_stand_in_any_order_and_lack_what_is_not_needed(self, agency: Staffed) -> None:
        channel_of(agency, handle="cafeaurora")
        header = ("Saves", "Account username", "Permalink", "Publish time", "Post ID", "Views")
        found = (5, "CafeAurora", "https://a.example/p/1", "10/08/2026 18:30", "1001", 7)

        assert counts(bring(agency, table(header, found), **AS_OF)) == (1, 0, 0)
        assert post_figures(agency) == {"1001": {DAY: {"views": 7, "saves": 5}}}

    def test_is_known_in_spanish(self, agency: Staffed) -> None:
        channel_of(agency, handle="cafeaurora")
        header = (
            *("Identificador de la publicación", "Nombre de usuario de la cuenta"),
            *("Hora de publicación", "Enlace permanente", "Tipo de publicación"),
            *("Visualizaciones", "Alcance", "Me gusta", "Comentarios"),
        )
        found = ("1001", "cafeaurora", "08/10/2026 18:30", "", "Carrusel", "12.400", "9 870", 6, 3)
        content = table(header, found, delimiter=";")

        made = bring(agency, content, date_order="dmy", **AS_OF)

        assert counts(made) == (1, 0, 0)
        assert post_figures(agency)["1001"][DAY] == {
            **{"views": 12_400, "reach": 9_870, "likes": 6, "comments": 3}
        }
        assert posts(agency)["1001"]["published_at"].startswith("2026-10-08")
        assert posts(agency)["1001"]["format"] == "carousel"

    def test_reports_what_a_spreadsheet_has_broken(self, agency: Staffed) -> None:
        channel_of(agency, handle="cafeaurora")
        bad = [
            _instagram("1.79956E+16"),
            _instagram("1002", Views="1.24E+04"),
            _instagram("1003", Publish_time="28/09/2026 18:12"),
            _instagram("1004", Publish_time=""),
            _instagram("", Views=5),
            _instagram("1006", Views="many"),
            _instagram("1007", Views="=1+1"),
            _instagram("1008", Views="-4"),
            _instagram("1009", Views=str(2**53)),
            _instagram("1010", Views="1.5"),
            _instagram("1011", Publish_time="01/01/1970 00:00"),
            _instagram("1012", Publish_time="01/01/2400 00:00"),
            _instagram("1013", Account_username="nobody"),
            _instagram("1014", Account_username=""),
        ]

        made = bring(agency, table(exports.INSTAGRAM, _instagram("1001"), *bad), **AS_OF)

        assert counts(made) == (1, 0, len(bad))
        assert codes(made) == [
            (3, "Post ID", "id_mangled"),
            (4, "Views", "number_mangled"),
            (5, "Publish time", "date_unreadable"),
            (6, "Publish time", "date_missing"),
            (7, "Post ID", "post_without_id"),
            (8, "Views", "not_a_number"),
            (9, "Views", "not_a_number"),
            (10, "Views", "below_zero"),
            (11, "Views", "number_too_large"),
            (12, "Views", "not_whole"),
            (13, "Publish time", "date_out_of_range"),
            (14, "Publish time", "date_out_of_range"),
            (15, "Account username", "unknown_channel"),
            (16, "Account username", "account_missing"),
        ]
        assert list(posts(agency)) == ["1001"]
        said = next(each for each in made["faults"] if each["code"] == "id_mangled")["detail"]
        assert "without opening it" in said

    def test_of_another_account_than_the_imports_is_refused(self, agency: Staffed) -> None:
        channel = channel_of(agency, handle="cafeaurora")
        content = table(
            exports.INSTAGRAM, _instagram("1001"), _instagram("1002", Account_username="other")
        )

        made = bring(agency, content, channel_id=channel, **AS_OF)

        assert counts(made) == (1, 0, 1)
        assert codes(made) == [(3, "Account username", "another_account")]

    def test_of_a_post_without_a_figure_notes_the_post(self, agency: Staffed) -> None:
        channel_of(agency, handle="cafeaurora")
        silent = dict.fromkeys(("Views", "Reach", "Likes", "Shares", "Comments", "Saves"), "")

        made = bring(agency, table(exports.INSTAGRAM, _instagram("1001", **silent)), **AS_OF)

        assert counts(made) == (0, 1, 0)
        assert (made["posts"], post_figures(agency)) == (1, {"1001": {}})

    def test_of_a_later_day_stands_beside_the_earlier(self, agency: Staffed) -> None:
        channel_of(agency, handle="cafeaurora")
        bring(agency, table(exports.INSTAGRAM, _instagram("1001")), **AS_OF)
        later = table(exports.INSTAGRAM, _instagram("1001", Views="13,000"))

        bring(agency, later, exported_at="2026-11-08T09:00:00Z")

        totals = post_figures(agency)["1001"]
        assert {day: values["views"] for day, values in totals.items()} == {
            DAY: 12_400,
            "2026-11-08": 13_000,
        }


class TestFacebook:
    def test_has_its_money_in_the_headers_currency(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="facebook")
        found = row(
            exports.FACEBOOK,
            Post_ID="122158000000000001",
            Page_ID="1001",
            Title="Tueste",
            Description="El tueste lento en cuarenta segundos",
            Publish_time="09/28/2026 18:12",
            Permalink="https://www.facebook.com/p/1",
            Post_type="Photos",
            Date="Lifetime",
            Views=900,
            Reactions=30,
            Total_clicks=12,
            Estimated_earnings__USD_="1,234.565",
        )

        made = bring(agency, table(exports.FACEBOOK, found), channel_id=channel, **AS_OF)

        assert counts(made) == (1, 0, 0)
        assert post_figures(agency)["122158000000000001"][DAY] == {
            **{"views": 900, "likes": 30, "clicks": 12, "revenue_minor": 123_456}
        }
        assert made["sample"][0]["currency"] == "USD"
        post = posts(agency)["122158000000000001"]
        caption = "El tueste lento en cuarenta segundos"  # the longer of the two
        assert (post["title"], post["format"]) == (caption, "image")

    def test_needs_its_channel(self, agency: Staffed) -> None:
        made = bring(agency, table(exports.FACEBOOK, row(exports.FACEBOOK, Post_ID="1")))
        assert problem(made) == "channel_needed"


class TestOthers:
    @pytest.mark.parametrize(
        "link",
        [
            "https://www.linkedin.com/feed/update/urn:li:activity:7123456789012345678/",
            "https://www.linkedin.com/posts/aurora_tueste-activity-7123456789012345678-abcd",
        ],
    )
    def test_linkedin_finds_the_id_in_the_link(self, agency: Staffed, link: str) -> None:
        channel = channel_of(agency, network="linkedin")
        found = row(
            exports.LINKEDIN_POSTS,
            Post_title="Tueste lento",
            Post_link=link,
            Created_date="10/08/2026",
            Impressions=500,
            Views=80,
            Clicks=9,
            Likes=7,
            Comments=1,
            Reposts=2,
            Content_Type="Video",
        )
        metrics = [
            exports.LINKEDIN_METRICS,
            row(exports.LINKEDIN_METRICS, Date="10/01/2026", Impressions__total_=3),
        ]
        book = exports.workbook(
            Metrics=[["About"], *metrics], All_posts=[["About"], exports.LINKEDIN_POSTS, found]
        )

        made = bring(agency, book, "content.xls", channel_id=channel, **AS_OF)

        assert counts(made) == (2, 0, 0)
        assert [each["format"] for each in made["tables"]] == ["linkedin_content", "linkedin_posts"]
        assert [each["sheet"] for each in made["tables"]] == ["Metrics", "All posts"]
        assert post_figures(agency)["7123456789012345678"][DAY] == {
            **{"impressions": 500, "views": 80, "clicks": 9},
            **{"likes": 7, "comments": 1, "shares": 2},
        }
        assert figures(agency, channel) == {"2026-10-01": {"impressions": 3}}

    def test_tiktok_has_short_numbers_and_no_year(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="tiktok")
        found = row(
            exports.TIKTOK_CONTENT,
            Video_title="Latte",
            Video_link="https://www.tiktok.com/@aurora/video/7300000000000000001",
            Post_time="23 August",
            Total_likes="1.2K",
            Total_views="45.6K",
            Average_watch_time="0:12",
            Watched_full_video="38%",
            Add_to_favorites=8,
        )

        made = bring(
            agency, table(exports.TIKTOK_CONTENT, found), channel_id=channel, year=2026, **AS_OF
        )

        assert counts(made) == (1, 0, 0)
        assert post_figures(agency)["7300000000000000001"][DAY] == {
            **{"likes": 1_200, "views": 45_600, "saves": 8}
        }

    def test_x_has_content_beside_its_account(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="x")
        found = row(
            exports.X_CONTENT,
            Post_id="2078000000000000001",
            Date="Tue, Jul 14, 2026",
            Post_text="Hoy, tueste",
            Post_Link="https://x.com/aurora/status/2078000000000000001",
            Impressions="1,024",
            Likes=5,
            Bookmarks=1,
            Reposts=2,
            Replies=3,
            URL_Clicks=4,
        )

        made = bring(agency, table(exports.X_CONTENT, found), channel_id=channel, **AS_OF)

        assert made["tables"][0]["format"] == "x_content"
        assert post_figures(agency)["2078000000000000001"][DAY] == {
            **{"impressions": 1_024, "likes": 5, "saves": 1},
            **{"shares": 2, "comments": 3, "clicks": 4},
        }

    def test_youtube_begins_with_a_row_of_totals(self, agency: Staffed) -> None:
        channel = channel_of(agency, network="youtube")
        rows = [
            row(exports.YOUTUBE, Content="Total", Views=900, Estimated_revenue__USD_="9.99"),
            row(
                exports.YOUTUBE,
                Content=" -abcDEF1234",
                Video_title="Latte",
                Video_publish_time="Jul 14, 2026",
                Views=900,
                Impressions=4_000,
                Estimated_revenue__USD_="9.99",
            ),
        ]

        made = bring(agency, table(exports.YOUTUBE, *rows), channel_id=channel, **AS_OF)

        assert counts(made) == (1, 0, 0)
        assert post_figures(agency) == {
            "-abcDEF1234": {DAY: {"views": 900, "impressions": 4_000, "revenue_minor": 999}}
        }
