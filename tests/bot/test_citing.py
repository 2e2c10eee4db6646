"""Model text becomes claims whose quotes stand in the source, however the stream was cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.citing import Draft, DraftParser, Quote, Verifier
from bot.types import Released, Withheld
from index.types import Passage

SOURCE = "Preface. Steve Witkoff met Putin in Moscow. Marco Rubio had persuaded Ukrainian officers in Saudi Arabia."
FIRST = SOURCE[9:43]
SECOND = SOURCE[44:]


def passage(start: int, text: str) -> Passage:
    assert SOURCE[start : start + len(text)] == text
    return Passage(f"p{start}", 1, "a.txt", "A", 0, start, start + len(text), text)


PASSAGES = [passage(9, FIRST), passage(44, SECOND)]


def parse(*chunks: str) -> list[Draft]:
    parser = DraftParser()
    return [draft for chunk in chunks for draft in parser.feed(chunk)] + list(parser.close())


def check(number: int, words: str) -> Released | Withheld:
    return Verifier(PASSAGES).check(Draft("A claim.", (Quote(number, words),)))


@pytest.mark.parametrize(
    ("text", "drafts"),
    [
        ('A met B. <cite n="1">x y z</cite>', [("A met B.", [(1, "x y z")])]),
        ("A met B. <cite n='1'>x</cite><cite n=2>y</cite>", [("A met B.", [(1, "x"), (2, "y")])]),
        ('A. <cite n="1">x</cite> B. <cite n="2">y</cite>', [("A.", [(1, "x")]), ("B.", [(2, "y")])]),
        ('- **A** is B [1]. <CITE N = "1">x</CITE >', [("A is B .", [(1, "x")])]),
        ("No citation at all.", [("No citation at all.", [])]),
        ('A fact. Another one. <cite n="1">x</cite>', [("A fact.", []), ("Another one.", [(1, "x")])]),
        ('A. <cite n="1">never closed', [("A.", [])]),
        ('A. <cite n="1">outer <cite n="2">inner</cite> B.', [("A.", [(2, "inner")]), ("B.", [])]),
        ("A </cite> B.", [("A B.", [])]),
        ("If a < b and b > c then <b>so</b>.", [("If a < b and b > c then <b>so</b>.", [])]),
        ('A. <cite n="x">y</cite>', [("A. y", [])]),
        ('<cite n="1">a quote alone</cite>', []),
        ("", []),
        ("<", [("<", [])]),
        ('A. <cite n="1', [('A. <cite n="1', [])]),
    ],
)
def test_model_text_is_cut_into_drafts(text: str, drafts: list[tuple[str, list[tuple[int, str]]]]) -> None:
    assert [(draft.text, [(q.number, q.words) for q in draft.quotes]) for draft in parse(text)] == drafts


TAGS = ['<cite n="1">', '<cite n="2">', "<cite n=9>", "</cite>", "<<cite n='1'>", "</cite></cite>"]
SCRAPS = ["</cit", "<ci", "te", "<", ">", 'n="1"', " ", "\n", ". ", "…", "\u200b", "é"]
WORDS = ["Steve Witkoff met Putin", "in Saudi Arabia", "He said so"]
PIECES = st.sampled_from([*TAGS, *SCRAPS, *WORDS])
MODEL_TEXT = st.lists(PIECES | st.text(max_size=8), max_size=25).map("".join)


@given(MODEL_TEXT, st.data())
def test_drafts_do_not_depend_on_how_the_stream_was_cut(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=12))
    bounds = [0, *sorted(cuts), len(text)]
    assert parse(*(text[a:b] for a, b in pairwise(bounds))) == parse(text) == parse(*text)


@given(MODEL_TEXT)
def test_whatever_a_model_writes_every_citation_is_the_source_verbatim(text: str) -> None:
    verifier = Verifier(PASSAGES)
    for draft in parse(text):
        checked = verifier.check(draft)
        if isinstance(checked, Released):
            assert checked.claim.citations
    for number, citation in enumerate(verifier.citations, start=1):
        assert citation.number == number
        assert SOURCE[citation.start : citation.end] == citation.quote


def test_a_quote_from_another_passage_gets_the_right_place() -> None:
    checked = check(2, "Witkoff met Putin in Moscow")
    assert isinstance(checked, Released)
    assert checked.citations[0].start == SOURCE.index("Witkoff")


@pytest.mark.parametrize("number", [0, 3, 9999])
def test_a_number_out_of_range_does_not_lose_a_true_quote(number: int) -> None:
    checked = check(number, "Marco Rubio had persuaded")
    assert isinstance(checked, Released)
    assert checked.citations[0].quote == "Marco Rubio had persuaded"


@pytest.mark.parametrize(
    "words",
    [
        "Steve Witkoff met ... in Moscow",
        "Steve Witkoff met Putin in Saudi Arabia",
        "in Moscow. Marco Rubio had persuaded",
        "Стив Уиткофф встретился с Путиным",
        "Who met Putin in Moscow?",
        "",
    ],
)
def test_words_that_do_not_stand_in_one_passage_are_withheld(words: str) -> None:
    assert isinstance(check(1, words), Withheld)


def test_one_bad_quote_withholds_the_claim_whatever_stands_beside_it() -> None:
    draft = Draft("Both.", (Quote(1, "Steve Witkoff met Putin"), Quote(2, "an invented quote")))
    assert isinstance(Verifier(PASSAGES).check(draft), Withheld)


def test_a_claim_without_a_quote_is_withheld() -> None:
    assert Verifier(PASSAGES).check(Draft("So it is.", ())) == Withheld("So it is.", "it cites nothing")


def test_a_quote_used_twice_keeps_its_number() -> None:
    verifier = Verifier(PASSAGES)
    first = verifier.check(Draft("So it was.", (Quote(1, "Steve Witkoff met Putin"),)))
    second = verifier.check(Draft("So it stays.", (Quote(1, "Steve Witkoff met Putin"), Quote(2, "in Saudi Arabia"))))
    assert isinstance(first, Released)
    assert isinstance(second, Released)
    assert first.claim.citations == (1,)
    assert second.claim.citations == (1, 2)
    assert [citation.number for citation in second.citations] == [2]


def test_the_answering_words_are_marked_in_document_offsets() -> None:
    words = "Steve Witkoff met Putin in Moscow."
    checked = Verifier(PASSAGES).check(Draft(words, (Quote(1, words, highlight=(0, 13)),)))
    assert isinstance(checked, Released)
    start, end = checked.citations[0].highlight or (0, 0)
    assert SOURCE[start:end] == "Steve Witkoff"
