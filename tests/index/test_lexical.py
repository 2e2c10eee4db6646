"""Passages are found by their words, whatever form these take."""

from collections.abc import Callable
from pathlib import Path

import pytest
from processes import Elsewhere

from index.errors import FilesUnusable
from index.lexical import LexicalIndex, stems, terms


@pytest.fixture
def words(tmp_path: Path) -> LexicalIndex:
    index = LexicalIndex(tmp_path / "words")
    index.replace(
        ["p1", "p2", "p3", "p4"],
        ["News", "News", "Kitchen", "The Who"],
        [
            "Steve Witkoff met Putin in Moscow.",
            "The negotiations between the leaders lasted 90 minutes.",
            "Whisk two eggs; bake the café cake.",
            "Their second album.",
        ],
        ["default", "default", "recipes", "music"],
    )
    return index


def ids(index: LexicalIndex, question: str, *sets: str) -> list[str]:
    return [match.id for match in index.nearest(question, 10, sets)]


def test_a_passage_is_found_by_its_words_in_any_form(words: LexicalIndex) -> None:
    assert ids(words, "WITKOFF") == ["p1"]
    assert ids(words, "negotiating leader") == ["p2"]
    assert ids(words, "baking at the cafe") == ["p3"]
    assert ids(words, "kitchen") == ["p3"]
    assert ids(words, "90") == ["p2"]


def test_words_are_compared_by_their_stems() -> None:
    assert stems("The Négotiations LASTED 90 minutes, didn't they?") == ("the negoti last 90 minut didn t they".split())
    assert stems("") == []


def test_function_words_find_nothing_beside_others_but_alone_they_do(words: LexicalIndex) -> None:
    assert ids(words, "Who met Putin in Moscow?") == ["p1"]
    assert ids(words, "the who") == ["p4", "p2", "p3"]
    assert terms("What did the leaders do about it?") == ["leader"]
    assert terms("The Who") == ["the", "who"]


@pytest.mark.parametrize("question", ["", "  ", "?!", "“”…", "x" * 100, 'a AND (b OR "c', "title:News^2 -Putin *"])
def test_no_question_is_an_error(words: LexicalIndex, question: str) -> None:
    assert set(ids(words, question)) <= {"p1", "p2"}


@pytest.mark.parametrize("question", ["Witkof", "witkofff", "wiktoff", "Wutkoff", "itkoff"])
def test_a_word_with_one_slip_is_found(words: LexicalIndex, question: str) -> None:
    assert ids(words, question) == ["p1"]


def test_a_word_that_is_there_is_taken_at_its_word(words: LexicalIndex) -> None:
    words.replace(["p5"], [""], ["Steven came later."], ["default"])
    assert ids(words, "Steven") == ["p5"]
    assert ids(words, "Steve") == ["p1"]


@pytest.mark.parametrize("question", ["91", "900", "2024b", "egs", "cke", "Wtikof"])
def test_numbers_short_words_and_two_slips_are_not_corrected(words: LexicalIndex, question: str) -> None:
    assert ids(words, question) == []


def test_a_mistyped_word_counts_less_than_the_right_one_that_is_rare(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "words")
    names = [f"p{number:02}" for number in range(40)]
    index.replace(names, [""] * 40, ["A treaty.", "The negotiator.", *["Weather."] * 38], [""] * 40)
    assert ids(index, "negotiator traety")[0] == "p01"


def test_only_the_sets_that_are_named_are_searched(words: LexicalIndex) -> None:
    assert set(ids(words, "Putin eggs album", "default", "music")) == {"p1", "p4"}
    assert ids(words, "Putin", "recipes") == []
    assert ids(words, "Putin", "no such set") == []


def test_being_in_a_set_earns_no_score(words: LexicalIndex) -> None:
    assert words.nearest("Putin", 10, ["default"]) == words.nearest("Putin", 10)


def test_equal_scores_are_ordered_by_id(tmp_path: Path) -> None:
    orders = (["b", "c", "a"], ["c", "a", "b"])
    found = []
    for number, names in enumerate(orders):
        index = LexicalIndex(tmp_path / str(number))
        index.replace(names, [""] * 3, ["the same words"] * 3, [""] * 3)
        found.append(index.nearest("same", 10))
    assert found[0] == found[1]
    assert [match.id for match in found[0]] == ["a", "b", "c"]


def test_a_passage_is_replaced_by_one_with_its_id(words: LexicalIndex) -> None:
    words.replace(["p1"], ["News"], ["Entirely different."], ["default"])
    assert ids(words, "Putin") == []
    assert ids(words, "different") == ["p1"]
    assert words.ids() == {"p1", "p2", "p3", "p4"}


def test_a_deleted_passage_is_found_no_more(words: LexicalIndex) -> None:
    words.delete(["p1", "never there"])
    assert ids(words, "Putin") == []
    assert words.ids() == {"p2", "p3", "p4"}


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "words")
    assert index.nearest("Putin", 10) == []
    assert index.ids() == set()


def write_elsewhere(folder: Path) -> None:
    LexicalIndex(folder).replace(["p5"], ["T"], ["Rubio"], ["default"])


def test_another_process_is_heard_after_reopening(words: LexicalIndex, tmp_path: Path) -> None:
    Elsewhere(write_elsewhere, tmp_path / "words").result()
    words.reopen()
    assert ids(words, "Rubio") == ["p5"]


def overwrite(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for file in folder.glob(name):
            file.write_bytes(b"junk" * 1000)

    return damage


def remove(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for file in folder.glob(name):
            file.unlink()

    return damage


@pytest.mark.parametrize(
    "damage",
    [overwrite("meta.json"), overwrite("*.term"), remove("*.idx"), overwrite("*.*")],
    ids=["list of parts", "terms", "part missing", "all"],
)
@pytest.mark.usefixtures("words")
def test_a_damaged_folder_is_one_sentence(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    folder = tmp_path / "words"
    damage(folder)
    with pytest.raises(FilesUnusable) as caught:
        LexicalIndex(folder).nearest("Putin", 10)
    assert str(caught.value) == (
        f"The words in {folder} cannot be used: move that folder away and run `citebot index --rebuild`."
    )


def test_the_folder_may_be_made_anew(words: LexicalIndex, tmp_path: Path) -> None:
    (tmp_path / "words").rename(tmp_path / "away")
    fresh = LexicalIndex(tmp_path / "words")
    assert ids(fresh, "Putin") == []
    assert ids(words, "Putin") == ["p1"]
