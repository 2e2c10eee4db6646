"""The catalogue says what is indexed, keeps each document whole, and fails in one sentence."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from processes import all_at_once

from index.catalog import Catalog
from index.errors import FilesUnusable
from index.types import Change, Document


def change(key: str, text: str, *, cuts: tuple[int, ...] = (), collection: str = "default") -> Change:
    """A document cut at `cuts`; its passages' ids are their words."""
    bounds = [0, *cuts, len(text)]
    passages = [(text[a:b].strip(), a, b) for a, b in pairwise(bounds)]
    return Change(Document(key, f"./{key}", f"Title of {key}", text), collection, f"digest of {text}", passages)


ABC = change("abc.txt", "one two three", cuts=(4, 8))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "catalog.sqlite3"


@pytest.fixture
def catalog(path: Path) -> Iterator[Catalog]:
    with closing(Catalog(path)) as opened:
        yield opened


def test_a_new_catalogue_is_empty(catalog: Catalog) -> None:
    assert catalog.document_count() == 0
    assert catalog.entries() == []
    assert catalog.passage_ids() == set()
    assert catalog.passages(["one"]) == {}
    assert catalog.digest("abc.txt") is None
    assert catalog.text(1) == ""
    assert catalog.meta("embedder") is None


def test_a_document_comes_back_as_it_was_put_in(catalog: Catalog) -> None:
    catalog.replace([ABC, change("b.txt", "other", collection="news")])
    first, second = catalog.entries()
    assert (first.key, first.source, first.title, first.collection) == (
        "abc.txt",
        "./abc.txt",
        "Title of abc.txt",
        "default",
    )
    assert (first.passages, second.passages, catalog.document_count()) == (3, 1, 2)
    assert catalog.text(first.id) == "one two three"
    assert catalog.digest("abc.txt") == ABC.digest
    assert list(catalog.documents()) == [(ABC.document, "default"), (change("b.txt", "other").document, "news")]
    assert catalog.passage_ids() == {"one", "two", "three", "other"}
    assert [passage.text for passage in catalog.passages_of(first.id)] == ["one ", "two ", "three"]


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=2), data=st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_passage_is_the_documents_text_between_its_offsets(catalog: Catalog, text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(text) - 1))
    document = Document("a.txt", "a.txt", "A", text)
    catalog.replace([Change(document, "default", "d", [("1", 0, cut), ("2", cut, len(text))])])
    for passage in catalog.passages(["1", "2"]).values():
        assert passage.text == text[passage.start : passage.end]


def test_a_document_is_replaced_whole(catalog: Catalog) -> None:
    catalog.replace([ABC])
    catalog.replace([change("abc.txt", "four five", cuts=(5,))])
    assert catalog.passage_ids() == {"four", "five"}
    assert [entry.passages for entry in catalog.entries()] == [2]


def test_a_failed_change_leaves_everything_as_it_was(catalog: Catalog) -> None:
    catalog.replace([ABC])
    before = catalog.generation
    broken = Change(ABC.document, "default", "d", [("1", 0, 3), None])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        catalog.replace([change("b.txt", "other"), broken])
    assert catalog.passage_ids() == {"one", "two", "three"}
    assert catalog.generation == before
    catalog.replace([change("b.txt", "other")])
    assert catalog.document_count() == 2


def test_a_removed_document_takes_its_passages_along(catalog: Catalog) -> None:
    catalog.replace([ABC, change("b.txt", "other")])
    catalog.remove(["abc.txt", "never there"])
    assert catalog.passage_ids() == {"other"}


def test_the_generation_grows_with_every_change(catalog: Catalog) -> None:
    seen = [catalog.generation]
    catalog.replace([ABC])
    seen.append(catalog.generation)
    catalog.set_meta("embedder", "m")
    seen.append(catalog.generation)
    catalog.remove(["abc.txt"])
    seen.append(catalog.generation)
    assert seen == sorted(set(seen))
    assert catalog.meta("embedder") == "m"


def test_neighbours_are_those_before_and_after_in_the_document(catalog: Catalog) -> None:
    catalog.replace([change("a.txt", "a b c d e", cuts=(2, 4, 6, 8)), change("b.txt", "f")])
    passages = catalog.passages(["a", "c"])
    assert [near.id for near in catalog.neighbours(passages["c"])] == ["b", "c", "d"]
    assert [near.id for near in catalog.neighbours(passages["a"])] == ["a", "b"]
    assert [near.id for near in catalog.neighbours(passages["c"], reach=9)] == ["a", "b", "c", "d", "e"]


def test_the_same_words_in_two_places_are_found_at_the_first(catalog: Catalog) -> None:
    catalog.replace([change("a.txt", "same same", cuts=(5,)), change("b.txt", "same")])
    found = catalog.passages(["same"])["same"]
    assert (found.source, found.ordinal) == ("./a.txt", 0)
    catalog.remove(["a.txt"])
    assert catalog.passages(["same"])["same"].source == "./b.txt"


def test_any_number_of_ids_can_be_asked_for(catalog: Catalog) -> None:
    """SQLite takes 32,766 question marks by default, fewer in some builds."""
    catalog.replace([ABC])
    assert set(catalog.passages([str(number) for number in range(300_000)] + ["two"])) == {"two"}


def test_another_connection_sees_a_finished_change_and_no_half_of_one(catalog: Catalog, path: Path) -> None:
    def changes() -> Iterator[Change]:
        yield ABC
        with closing(Catalog(path)) as other:
            assert other.document_count() == 0
        yield change("b.txt", "other")

    catalog.replace(changes())
    with closing(Catalog(path)) as other:
        assert other.document_count() == 2
        assert other.generation == catalog.generation


def test_threads_share_a_catalogue(catalog: Catalog) -> None:
    def work(number: int) -> bool:
        key = f"{number}.txt"
        catalog.replace([change(key, f"text {number}")])
        return catalog.passages([f"text {number}"])[f"text {number}"].source == f"./{key}"

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(64)))
    assert catalog.document_count() == 64


# What can happen to the file.


def failure(path: Path) -> str:
    with pytest.raises(FilesUnusable) as caught, closing(Catalog(path)) as catalog:
        catalog.entries()
    return str(caught.value)


def filled(path: Path) -> None:
    with closing(Catalog(path)) as catalog:
        catalog.replace([change(f"{number}.txt", f"{number} " * 500) for number in range(20)])


@pytest.mark.parametrize("damage", ["overwritten", "middle", "cut"])
def test_a_damaged_catalogue_is_one_sentence(path: Path, damage: str) -> None:
    filled(path)
    whole = path.read_bytes()
    middle = slice(len(whole) // 3, 2 * len(whole) // 3)
    hurt = bytearray(whole)
    hurt[middle] = b"\xff" * len(hurt[middle])
    path.write_bytes({"overwritten": b"junk" * 5000, "middle": bytes(hurt), "cut": whole[: len(whole) // 2]}[damage])
    assert failure(path) == f"The catalogue {path} is damaged: move its folder away and index again."


def test_a_catalogue_that_cannot_be_opened_is_one_sentence(path: Path) -> None:
    path.mkdir(parents=True)
    assert failure(path).startswith(f"The catalogue {path} cannot be opened: check its permissions")


def test_a_catalogue_of_another_version_is_one_sentence(path: Path) -> None:
    filled(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert failure(path) == (
        f"The index in {path.parent} was made by another version of citebot: move that folder away and index again."
    )


def test_a_full_disk_is_one_sentence_and_loses_nothing(catalog: Catalog) -> None:
    catalog.replace([ABC])
    pages = catalog._rows("PRAGMA page_count")[0][0]  # noqa: SLF001 - the disk cannot be filled
    catalog._rows(f"PRAGMA max_page_count = {pages + 2}")  # noqa: SLF001
    with pytest.raises(FilesUnusable, match="cannot grow: make room on its disk"):
        catalog.replace([change("big.txt", "word " * 100_000)])
    assert [entry.key for entry in catalog.entries()] == ["abc.txt"]


def test_a_catalogue_that_is_locked_for_long_is_one_sentence(catalog: Catalog, path: Path) -> None:
    catalog._rows("PRAGMA busy_timeout = 1")  # noqa: SLF001 - rather than 30 s
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(FilesUnusable, match="is held by another process: try again"):
            catalog.replace([ABC])
        assert catalog.document_count() == 0
        other.execute("ROLLBACK")
    catalog.replace([ABC])
    assert catalog.document_count() == 1


def test_our_own_mistakes_are_not_called_damage(catalog: Catalog) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        catalog._rows("SELECT * FROM nonsense")  # noqa: SLF001


def make(path: Path) -> str | None:
    with closing(Catalog(path)) as catalog:
        return catalog.meta("id")


def test_a_catalogue_can_be_made_by_several_processes_at_once(path: Path) -> None:
    assert len(set(all_at_once(4, make, path))) == 1
