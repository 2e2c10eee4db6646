"""Vectors are kept in Chroma, here or on a server, and are found by likeness."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from processes import Elsewhere, all_at_once

from index.errors import FilesUnusable, IndexMismatch
from index.store import VectorStore
from index.types import Vectors

X, Y, Z = np.eye(3, dtype=np.float32)


def fill(store: VectorStore) -> None:
    store.upsert(["x", "y", "z"], ["at x", "at y", "at z"], np.eye(3, dtype=np.float32), ["a", "a", "b"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "chroma"


@pytest.fixture
def store(folder: Path) -> Iterator[VectorStore]:
    with closing(VectorStore(folder, "some/model:1")) as opened:
        yield opened


def test_the_nearest_come_first_with_their_cosine(store: VectorStore) -> None:
    fill(store)
    found = store.nearest(np.array([0.8, 0.6, 0.0], dtype=np.float32), 2)
    assert [match.id for match in found] == ["x", "y"]
    assert [match.score for match in found] == pytest.approx([0.8, 0.6], abs=1e-6)


def test_only_the_sets_that_are_named_are_searched(store: VectorStore) -> None:
    fill(store)
    assert [match.id for match in store.nearest(X, 5, ["b"])] == ["z"]
    assert len(store.nearest(X, 5, ["a", "b"])) == 3
    assert store.nearest(X, 5, ["no such set"]) == []


def test_more_than_there_are_may_be_asked_for(store: VectorStore) -> None:
    assert store.nearest(X, 10) == []
    fill(store)
    assert len(store.nearest(X, 100_000)) == 3


def test_what_is_stored_can_be_listed_and_taken_out(store: VectorStore) -> None:
    fill(store)
    assert store.ids() == {"x", "y", "z"}
    assert len(store) == 3
    assert store.missing(["w", "x", "v"]) == ["w", "v"]
    assert {name: vector.tolist() for name, vector in store.vectors(["x", "w"]).items()} == {"x": [1, 0, 0]}


def test_nothing_is_no_error(store: VectorStore) -> None:
    store.upsert([], [], np.zeros((0, 3), dtype=np.float32), [])
    store.delete([])
    assert store.missing([]) == []
    assert store.vectors([]) == {}


def test_a_deleted_passage_is_found_no_more(store: VectorStore) -> None:
    fill(store)
    store.delete(["x"])
    assert "x" not in [match.id for match in store.nearest(X, 3)]


def test_any_number_of_ids_can_be_asked_for(store: VectorStore) -> None:
    fill(store)
    names = [str(number) for number in range(20_000)]
    assert store.missing([*names, "x"]) == names
    assert list(store.vectors([*names, "x"])) == ["x"]
    store.delete([*names, "x"])
    assert store.ids() == {"y", "z"}


def test_embedders_do_not_share_vectors_and_old_ones_are_dropped_on_request(store: VectorStore, folder: Path) -> None:
    fill(store)
    with closing(VectorStore(folder, "some/model:2")) as other:
        assert len(other) == 0
        other.drop_other_embedders()
    with closing(VectorStore(folder, "some/model:1")) as again:
        assert len(again) == 0


def test_vectors_of_another_length_are_a_mismatch(store: VectorStore) -> None:
    fill(store)
    sentence = (
        "another length than those in .*: set CITEBOT_EMBEDDING_MODEL back, or remove them and run `citebot index"
    )
    with pytest.raises(IndexMismatch, match=sentence):
        store.nearest(np.ones(5, dtype=np.float32), 3)
    with pytest.raises(IndexMismatch, match=sentence):
        store.upsert(["w"], ["at w"], np.ones((1, 5), dtype=np.float32), ["a"])


def cloud(first: int, count: int) -> dict[str, Vectors]:
    """Passages in directions of their own: `count` ids from `first` on, the same in every process."""
    vectors = np.random.default_rng(first).normal(size=(count, 8)).astype(np.float32)
    return {str(first + n): vector for n, vector in enumerate(vectors)}


def write(store: VectorStore, passages: dict[str, Vectors]) -> None:
    names = list(passages)
    store.upsert(names, names, np.stack(list(passages.values())), ["s"] * len(names))


def write_elsewhere(folder: Path, first: int, count: int) -> None:
    with closing(VectorStore(folder, "some/model:1")) as store:
        write(store, cloud(first, count))


def test_what_another_process_writes_is_seen_after_reopening(store: VectorStore, folder: Path) -> None:
    write(store, cloud(0, 5))
    assert store.nearest(cloud(0, 5)["3"], 1)[0].id == "3"
    Elsewhere(write_elsewhere, folder, 100, 5).result()
    store.reopen()
    assert store.nearest(cloud(100, 5)["103"], 1)[0].id == "103"
    assert store.nearest(cloud(0, 5)["3"], 1)[0].id == "3"


def test_threads_may_search_while_another_reopens(store: VectorStore) -> None:
    fill(store)

    def work(number: int) -> str:
        if number % 4 == 0:
            store.reopen()
        return store.nearest(X, 1)[0].id

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(work, range(40))) == {"x"}


def test_a_store_can_be_made_by_several_processes_at_once(folder: Path) -> None:
    all_at_once(4, write_elsewhere, folder, 0, 3)
    with closing(VectorStore(folder, "some/model:1")) as store:
        assert store.ids() == {"0", "1", "2"}


def overwrite(folder: Path) -> None:
    (folder / "chroma.sqlite3").write_bytes(b"junk" * 5000)


def replace_by_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_bytes(b"junk")


@pytest.mark.parametrize("damage", [overwrite, replace_by_a_file])
def test_a_damaged_folder_is_one_sentence(folder: Path, damage: Callable[[Path], None]) -> None:
    with closing(VectorStore(folder, "some/model:1")) as store:
        fill(store)
    damage(folder)
    with pytest.raises(FilesUnusable) as caught:
        VectorStore(folder, "some/model:1")
    assert str(caught.value) == (
        f"The vectors in {folder} cannot be used: move that folder away and run `citebot index --rebuild`."
    )


def test_a_damaged_search_graph_is_one_sentence(folder: Path) -> None:
    with closing(VectorStore(folder, "some/model:1")) as store:
        count = 1100
        store.upsert([str(n) for n in range(count)], ["t"] * count, np.eye(count, 8, dtype=np.float32), ["s"] * count)
    for file in folder.rglob("*.bin"):
        file.write_bytes(b"junk")
    with closing(VectorStore(folder, "some/model:1")) as store, pytest.raises(FilesUnusable, match="cannot be used"):
        store.nearest(np.ones(8, dtype=np.float32), 3)
