"""What a person writes becomes a tree of values; everything else stays as it was typed."""

import pytest

from api.documents.markup import Block, Run, blocks, inline


class TestInline:
    def test_reads_bold_italic_and_links(self) -> None:
        assert inline("a **b** *c* [d](https://e.example/f)") == (
            Run("text", "a "),
            Run("strong", "b"),
            Run("text", " "),
            Run("emphasis", "c"),
            Run("text", " "),
            Run("link", "d", "https://e.example/f"),
        )

    @pytest.mark.parametrize(
        "typed",
        [
            "<script>alert(1)</script>",
            "{{7*7}}",
            '#import "x"',
            "[a](javascript:alert(1))",
            "[a](http://plain.example)",
            "2 * 3 * 4",
            "****",
            "`code` # heading",
        ],
    )
    def test_leaves_the_rest_as_typed(self, typed: str) -> None:
        assert inline(typed) == (Run("text", typed),)

    def test_holds_a_figure_and_its_sign_together(self) -> None:
        assert inline("un 32 % más") == (Run("text", "un 32\u00a0% más"),)

    def test_takes_no_long_time_over_hostile_text(self) -> None:
        for typed in ("[" * 20_000, "*a" * 10_000, "**" * 10_000, "[a](" * 5_000):
            assert "".join(run.text for run in inline(typed))


class TestBlocks:
    def test_reads_paragraphs_and_lists(self) -> None:
        read = blocks("One\nline.\n\nThings:\n- first\n- **second**\n\nEnd.")
        assert [block.kind for block in read] == ["paragraph", "paragraph", "list", "paragraph"]
        assert read[0] == Block("paragraph", ((Run("text", "One line."),),))
        assert read[2].lines == ((Run("text", "first"),), (Run("strong", "second"),))

    def test_reads_nothing_from_nothing(self) -> None:
        assert blocks("  \n\n ") == ()
