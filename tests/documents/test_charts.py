"""Drawings: escaped, without styles, with gaps where there is no figure."""

from itertools import pairwise
from xml.etree import ElementTree

import pytest

from api.documents import charts, lines
from api.documents.lines import Mark, Trend
from api.documents.svg import Paint
from api.documents.theme import palette

COLOURS = palette("#12403C", "#E07A5F").light
SCREEN = Paint("screen", COLOURS, "Inter")
PAPER = Paint("paper", COLOURS, "Inter")


def trend(values: list[int | None], marks: tuple[Mark, ...] = ()) -> str:
    data = Trend(values, [], "now", "before", [(0, "1 oct")], marks, "a line")
    return lines.trend(SCREEN, data, str, 720, 236)


class TestTrend:
    def test_leaves_a_gap_where_a_day_has_no_figure(self) -> None:
        whole, broken = trend([5, 6, 7, 8, 9]), trend([5, 6, None, 8, 9])
        assert whole.count('class="k-c1"') + 1 == broken.count('class="k-c1"')

    def test_draws_a_lone_day_as_a_dot(self) -> None:
        assert "<circle" in trend([None, 6, None])

    @pytest.mark.parametrize("values", [[0, 0], [1], [None, 3], [10**12, 0, 5]])
    def test_stands_any_figures(self, values: list[int | None]) -> None:
        ElementTree.fromstring(trend(values))

    def test_puts_labels_of_near_days_on_separate_rows(self) -> None:
        marks = tuple(Mark(day, "A rather long label", "bad") for day in (3, 4, 5))
        drawn = ElementTree.fromstring(trend(list(range(1, 32)), marks))
        labels = [node for node in drawn.iter() if node.text == "A rather long label"]
        heights = [float(node.attrib["y"]) for node in labels]
        assert len(set(heights)) == 3

    def test_turns_a_label_at_the_edge_inwards(self) -> None:
        drawn = trend(list(range(1, 32)), (Mark(30, "Last day of all", "bad"),))
        assert 'text-anchor="end" font-weight="600" class="f-bad">Last day' in drawn

    def test_never_swings_past_the_figures(self) -> None:
        path = lines.smooth([(0, 10), (10, 10), (20, 0), (30, 0)])
        numbers = path.replace("M", " ").replace("C", " ").replace(",", " ").split()
        assert all(0 <= float(number) <= 10 for number in numbers[1::2])


class TestGrid:
    @pytest.mark.parametrize("highest", [0, 1, 7, 99, 1234, 69_550, 10**9])
    def test_takes_round_steps_that_reach_the_top(self, highest: int) -> None:
        step = lines.grid_step(highest)
        assert step >= 1
        assert step * 4 >= highest
        assert highest < 4 or step * 2 <= highest * 1.1 + 4


class TestDrawing:
    def test_escapes_every_word(self) -> None:
        drawn = trend([1, 2], (Mark(0, "<script>&\"'", "bad"),))
        texts = [node.text for node in ElementTree.fromstring(drawn).iter()]
        assert "<script>&\"'" in texts
        assert "<script>" not in drawn

    def test_colours_by_class_on_screen_and_by_value_on_paper(self) -> None:
        screen = charts.bullet(SCREEN, 0.9, "good", "x")
        paper = charts.bullet(PAPER, 0.9, "good", "x")
        assert 'class="f-good"' in screen
        assert "#" not in screen
        assert COLOURS["good"] in paper
        assert "class=" not in paper

    def test_has_no_style_and_no_id(self) -> None:
        drawn = charts.stack(SCREEN, [(3, "c1"), (4, "c2")], "x")
        assert "style=" not in drawn
        assert " id=" not in drawn

    def test_gives_each_part_its_length(self) -> None:
        drawn = ElementTree.fromstring(charts.stack(PAPER, [(1, "c1"), (3, "c2")], "x", width=400))
        boxes = [float(node.attrib["x"]) for node in drawn]
        assert boxes == [0, 0, 100]
        assert all(first <= second for first, second in pairwise(boxes))

    @pytest.mark.parametrize("share", [-3.0, 0.0, 1.0, 99.0])
    def test_keeps_a_bar_inside_its_track(self, share: float) -> None:
        drawn = ElementTree.fromstring(charts.bullet(PAPER, share, "good", "x"))
        assert all(0 <= float(node.attrib["width"]) <= 180 for node in drawn)
