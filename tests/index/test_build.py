"""Indexing brings the index in line with files and pages, embeds only what is new, and loses nothing."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import openai
import pytest
from embedders import RandomEmbedder, WatchedEmbedder, interrupt_at
from processes import Elsewhere
from web_server import Response, WebServer

from index.build import Report, index_sources, rebuild
from index.embedding import OpenAIEmbedder
from index.errors import EmbeddingFailed, IndexBusy, IndexMismatch, IndexMissing
from index.library import Library
from index.search import search

WITKOFF = "Steve Witkoff met Putin in Moscow last week."
RUBIO = "Marco Rubio talked with Ukrainian officers in Saudi Arabia."
EGGS = "Whisk two eggs with the sugar until they are pale."


@pytest.fixture(scope="session")
def watched() -> WatchedEmbedder:
    return WatchedEmbedder()


@pytest.fixture
def embedder(watched: WatchedEmbedder) -> WatchedEmbedder:
    """Overrides the suite's embedder: loaded once, forgetful of what other tests embedded."""
    watched.calls.clear()
    return watched


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text(WITKOFF, encoding="utf-8")
    (folder / "b.txt").write_text(RUBIO, encoding="utf-8")
    return folder


def counts(report: Report) -> tuple[int, int, int, int, int]:
    return report.added, report.updated, report.unchanged, report.deleted, report.failed


def found(library: Library, question: str, *sets: str) -> list[str]:
    return [ranked.passage.text for ranked in search(library, question, 10, sets).passages]


def stored(library: Library) -> None:
    """Checks that vectors, words and catalogue hold the same passages."""
    assert library.vectors.ids() == library.words.ids() == library.catalog.passage_ids()


def test_what_is_indexed_is_found(library: Library, docs: Path) -> None:
    report = index_sources(library, [str(docs)])
    assert counts(report) == (2, 0, 0, 0, 0)
    assert (report.passages, report.embedded) == (2, 2)
    assert found(library, "Who met Putin?")[0] == WITKOFF
    stored(library)


def test_unchanged_documents_are_not_embedded_again(library: Library, docs: Path, embedder: WatchedEmbedder) -> None:
    index_sources(library, [str(docs)])
    embedder.calls.clear()
    generation = library.catalog.generation
    assert counts(index_sources(library, [str(docs)])) == (0, 0, 2, 0, 0)
    assert embedder.calls == []
    assert library.catalog.generation == generation


def test_a_changed_document_replaces_its_old_passages(library: Library, docs: Path) -> None:
    index_sources(library, [str(docs)])
    (docs / "a.txt").write_text(EGGS, encoding="utf-8")
    report = index_sources(library, [str(docs)])
    assert counts(report) == (0, 1, 1, 0, 0)
    assert set(found(library, "Who met Putin?")) == {EGGS, RUBIO}
    stored(library)


def test_an_edited_sentence_embeds_only_its_passage_again(
    library: Library, tmp_path: Path, seed_text: str, embedder: WatchedEmbedder
) -> None:
    article = tmp_path / "article.txt"
    article.write_text(seed_text, encoding="utf-8")
    assert index_sources(library, [str(article)]).embedded == 10
    embedder.calls.clear()
    article.write_text(seed_text.replace("Marco Rubio", "Marco A. Rubio", 1), encoding="utf-8")
    report = index_sources(library, [str(article)])
    assert (report.passages, report.embedded) == (10, 1)
    [text] = embedder.texts
    assert "Marco A. Rubio" in text
    stored(library)


def test_a_renamed_document_is_not_embedded_again(library: Library, docs: Path, embedder: WatchedEmbedder) -> None:
    index_sources(library, [str(docs)])
    embedder.calls.clear()
    (docs / "a.txt").rename(docs / "c.txt")
    assert counts(index_sources(library, [str(docs)], prune=[str(docs)])) == (1, 0, 1, 1, 0)
    assert embedder.calls == []
    assert search(library, "Who met Putin?", 1).passages[0].passage.source == str(docs / "c.txt")


def test_the_same_words_in_two_documents_are_embedded_once_and_live_as_long_as_one(
    library: Library, docs: Path, embedder: WatchedEmbedder
) -> None:
    (docs / "copy.txt").write_text(f"  {WITKOFF}\n", encoding="utf-8")
    index_sources(library, [str(docs)])
    assert sorted(embedder.texts) == [RUBIO, WITKOFF]
    (docs / "a.txt").unlink()
    index_sources(library, [], prune=[])
    assert found(library, "Who met Putin?")[0].strip() == WITKOFF
    stored(library)


# What cannot be read.


def test_one_unreadable_file_does_not_keep_the_others_out(library: Library, docs: Path) -> None:
    (docs / "broken.pdf").write_bytes(b"not a PDF")
    (docs / "empty.md").write_bytes(b"")
    report = index_sources(library, [str(docs), "missing.txt"])
    assert counts(report) == (2, 0, 0, 0, 3)
    assert {(error.source, error.reason) for error in report.errors} == {
        (str(docs / "broken.pdf"), "it is damaged, or no .pdf file at all"),
        (str(docs / "empty.md"), "it is empty"),
        ("missing.txt", "there is no such file or folder"),
    }


def test_a_document_that_can_no_longer_be_read_stays_indexed(library: Library, docs: Path) -> None:
    index_sources(library, [str(docs)])
    (docs / "a.txt").write_bytes(b"")
    assert counts(index_sources(library, [str(docs)], prune=[str(docs)])) == (0, 0, 1, 0, 1)
    assert WITKOFF in found(library, "Who met Putin?")


# What is gone.


def test_prune_removes_files_that_are_no_longer_there(library: Library, docs: Path) -> None:
    index_sources(library, [str(docs)])
    (docs / "a.txt").unlink()
    assert counts(index_sources(library, [str(docs)])) == (0, 0, 1, 0, 0)
    assert WITKOFF in found(library, "Who met Putin?")
    assert counts(index_sources(library, [str(docs)], prune=[str(docs)])) == (0, 0, 1, 1, 0)
    assert found(library, "Who met Putin?") == [RUBIO]
    stored(library)


def test_prune_keeps_to_the_paths_that_are_named(library: Library, docs: Path, tmp_path: Path) -> None:
    other = tmp_path / "docs too"
    other.mkdir()
    (other / "c.txt").write_text(EGGS, encoding="utf-8")
    index_sources(library, [str(docs), str(other)])
    (docs / "a.txt").unlink()
    (other / "c.txt").unlink()
    assert index_sources(library, [str(docs)], prune=[str(docs)]).deleted == 1
    assert EGGS in found(library, "eggs")
    assert index_sources(library, [], prune=[]).deleted == 1


def test_a_folder_that_is_gone_can_be_pruned(library: Library, docs: Path) -> None:
    index_sources(library, [str(docs)])
    for file in docs.iterdir():
        file.unlink()
    docs.rmdir()
    report = index_sources(library, [str(docs)], prune=[str(docs)])
    assert (report.deleted, [error.reason for error in report.errors]) == (2, ["there is no such file or folder"])
    with pytest.raises(IndexMissing):
        search(library, "Putin", 1)


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer({"/a": Response(WITKOFF.encode()), "/b": Response(RUBIO.encode())}) as server:
        yield server


@pytest.mark.parametrize("status", [404, 410])
def test_prune_removes_pages_that_their_server_says_are_gone(library: Library, web: WebServer, status: int) -> None:
    addresses = [web.url("/a"), web.url("/b")]
    assert counts(index_sources(library, addresses, allow_private=True)) == (2, 0, 0, 0, 0)
    web.pages["/a"] = Response(status=status)
    web.pages["/b"] = Response(status=503)
    assert counts(index_sources(library, addresses, allow_private=True)) == (0, 0, 0, 0, 2)
    assert counts(index_sources(library, addresses, prune=addresses, allow_private=True)) == (0, 0, 0, 1, 2)
    assert found(library, "Who met Putin?") == [RUBIO]


def test_prune_leaves_pages_alone_that_were_not_asked_for(library: Library, web: WebServer, docs: Path) -> None:
    index_sources(library, [web.url("/a")], allow_private=True)
    assert index_sources(library, [str(docs)], prune=[]).deleted == 0
    assert library.catalog.document_count() == 3


# Sets.


def test_a_set_keeps_its_own_passages(library: Library, docs: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.txt"
    copy.write_text(WITKOFF, encoding="utf-8")
    index_sources(library, [str(docs)], collection="news")
    index_sources(library, [str(copy)], collection="copies")
    assert found(library, "Who met Putin?", "news") == [WITKOFF, RUBIO]
    assert found(library, "Who met Putin?", "copies") == [WITKOFF]
    assert found(library, "Who met Putin?", "no such set") == []
    (docs / "a.txt").unlink()
    index_sources(library, [str(docs)], collection="news", prune=[str(docs)])
    assert found(library, "Who met Putin?", "copies") == [WITKOFF]
    stored(library)


def test_a_document_moves_to_the_set_it_is_indexed_into(library: Library, docs: Path) -> None:
    index_sources(library, [str(docs)], collection="old")
    assert counts(index_sources(library, [str(docs)], collection="new")) == (0, 2, 0, 0, 0)
    assert found(library, "Who met Putin?", "old") == []
    assert found(library, "Who met Putin?", "new") == [WITKOFF, RUBIO]
    stored(library)


# Interruptions.


def test_an_interrupted_run_keeps_its_finished_batches(tmp_path: Path, docs: Path, embedder: WatchedEmbedder) -> None:
    (docs / "c.txt").write_text(EGGS, encoding="utf-8")
    with closing(Library(tmp_path / "home", WatchedEmbedder(before=interrupt_at(2)))) as library:
        with pytest.raises(KeyboardInterrupt):
            index_sources(library, [str(docs)], batch=2)
        assert found(library, "Who met Putin?") == [WITKOFF, RUBIO]
    with closing(Library(tmp_path / "home", embedder)) as library:
        assert counts(index_sources(library, [str(docs)])) == (1, 0, 2, 0, 0)
        assert embedder.texts == [EGGS]
        stored(library)


def test_an_interrupted_document_goes_on_where_it_was_and_leaves_nothing_behind(
    tmp_path: Path, docs: Path, seed_text: str, embedder: WatchedEmbedder
) -> None:
    long = docs / "long.txt"
    long.write_text(seed_text, encoding="utf-8")
    with closing(Library(tmp_path / "home", WatchedEmbedder(before=interrupt_at(3)))) as library:
        with pytest.raises(KeyboardInterrupt):
            index_sources(library, [str(long)], batch=4)
        assert (len(library.vectors), library.empty) == (8, True)
    with closing(Library(tmp_path / "home", embedder)) as library:
        assert index_sources(library, [str(long)]).embedded == len(embedder.texts) == 2
        long.unlink()
        index_sources(library, [str(docs)], prune=[])
        assert len(library.vectors) == 2
        stored(library)


def test_a_failing_endpoint_loses_nothing_and_can_be_tried_again(library: Library, docs: Path, tmp_path: Path) -> None:
    def nobody() -> openai.OpenAI:
        return openai.OpenAI(api_key="k", base_url="http://127.0.0.1:1/v1", max_retries=0)

    with closing(Library(tmp_path / "other", OpenAIEmbedder(nobody, "a-model"))) as unlucky:
        for _ in range(2):
            with pytest.raises(EmbeddingFailed):
                index_sources(unlucky, [str(docs)])
        assert unlucky.empty
    with closing(Library(tmp_path / "other", library.embedder)) as another:
        assert index_sources(another, [str(docs)]).added == 2


# One embedder to an index.


def test_a_mismatch_is_found_before_anything_is_embedded(library: Library, docs: Path) -> None:
    index_sources(library, [str(docs)])
    other = WatchedEmbedder("another-model")
    with closing(Library(library.folder, other)) as mismatched:
        for act in (lambda: search(mismatched, "Putin", 3), lambda: index_sources(mismatched, [str(docs)])):
            with pytest.raises(IndexMismatch) as caught:
                act()
            assert str(caught.value) == (
                "The index was made with the embedding model all-MiniLM-L6-v2-int8, but another-model is configured: "
                "run `citebot index --rebuild`, or set CITEBOT_EMBEDDING_MODEL back."
            )
    assert other.calls == []


def test_rebuild_repairs_a_mismatch_and_leaves_nothing_of_the_old_embedder(library: Library, docs: Path) -> None:
    index_sources(library, [str(docs)], collection="news")
    library.close()
    (docs / "a.txt").unlink()
    with closing(Library(library.folder, WatchedEmbedder("another-model"))) as rebuilt:
        report = rebuild(rebuilt)
        assert (report.updated, report.passages, report.embedded) == (2, 2, 2)
        assert found(rebuilt, "Who met Putin?", "news") == [WITKOFF, RUBIO]
        stored(rebuilt)
    with closing(Library(library.folder, WatchedEmbedder())) as back:
        with pytest.raises(IndexMismatch):
            search(back, "Putin", 3)
        assert len(back.vectors) == 0


def test_an_interrupted_rebuild_can_be_taken_up(library: Library, docs: Path) -> None:
    index_sources(library, [str(docs)])
    library.close()
    halted = WatchedEmbedder("another-model", before=interrupt_at(1))
    with closing(Library(library.folder, halted)) as interrupted, pytest.raises(KeyboardInterrupt):
        rebuild(interrupted)
    with closing(Library(library.folder, library.embedder)) as still_good:
        assert found(still_good, "Who met Putin?")[0] == WITKOFF


def test_an_emptied_index_may_be_filled_with_another_embedder(library: Library, docs: Path) -> None:
    index_sources(library, [str(docs / "a.txt")])
    (docs / "a.txt").unlink()
    index_sources(library, [], prune=[])
    library.close()
    with closing(Library(library.folder, WatchedEmbedder("another-model"))) as other:
        with pytest.raises(IndexMissing):
            search(other, "Putin", 1)
        index_sources(other, [str(docs)])
        assert found(other, "Rubio") == [RUBIO]


def test_rebuild_after_the_vectors_or_the_words_were_moved_away(library: Library, docs: Path) -> None:
    index_sources(library, [str(docs)])
    library.close()
    for part in ("chroma", "words"):
        (library.folder / part).rename(library.folder / f"{part} away")
        with closing(Library(library.folder, library.embedder)) as repaired:
            rebuild(repaired)
            best = search(repaired, "Who met Putin?", 1).passages[0]
            assert (best.passage.text, best.similarity > 0.4, best.lexical > 0) == (WITKOFF, True, True)
            stored(repaired)


# Several at once.


def test_two_that_index_at_once_do_not_meet(library: Library, docs: Path) -> None:
    outcomes: list[str] = []

    def meddle() -> None:
        outcomes.append(Elsewhere(index_elsewhere, library.folder, str(docs)).result())

    with closing(Library(library.folder, WatchedEmbedder(before=meddle))) as busy:
        index_sources(busy, [str(docs)])
    meddle()
    assert outcomes == ["Another citebot process is indexing: wait until it is done.", "2 unchanged"]


def index_elsewhere(folder: Path, source: str) -> str:
    with closing(Library(folder, WatchedEmbedder())) as library:
        try:
            report = index_sources(library, [source])
        except IndexBusy as error:
            return str(error)
        return f"{report.unchanged} unchanged" if report.unchanged else f"{report.added} added"


def test_two_threads_that_index_at_once_do_not_meet(library: Library, docs: Path) -> None:
    started, release = threading.Event(), threading.Event()

    def hold(done: int, total: int, embedded: int) -> None:
        started.set()
        release.wait(30)

    with ThreadPoolExecutor(1) as other:
        first = other.submit(index_sources, library, [str(docs)], progress=hold)
        started.wait(30)
        with pytest.raises(IndexBusy):
            index_sources(library, [str(docs)])
        release.set()
        assert first.result().added == 2


def test_an_open_searcher_sees_what_another_process_indexes_and_loses_none_of_it(library: Library, docs: Path) -> None:
    index_sources(library, [str(docs / "b.txt")])
    assert found(library, "Who met Putin?") == [RUBIO]
    assert Elsewhere(index_elsewhere, library.folder, str(docs / "a.txt")).result() == "1 added"
    assert found(library, "Who met Putin?")[0] == WITKOFF
    (docs / "c.txt").write_text(EGGS, encoding="utf-8")
    assert Elsewhere(index_elsewhere, library.folder, str(docs / "c.txt")).result() == "1 added"
    (docs / "d.txt").write_text("Something else.", encoding="utf-8")
    index_sources(library, [str(docs)])
    best = search(library, "eggs", 1).passages[0]
    assert (best.passage.text, best.similarity > 0.3, best.lexical > 0) == (EGGS, True, True)


def of_passages(count: int, folder: Path, name: str) -> Path:
    path = folder / f"{name}.txt"
    path.write_text("\n\n".join(f"{name} {n} " + "word " * 90 for n in range(count)), encoding="utf-8")
    return path


def index_thousand(folder: Path, source: Path) -> int:
    with closing(Library(folder, RandomEmbedder())) as library:
        return index_sources(library, [str(source)]).embedded


def test_an_open_library_that_indexes_keeps_the_vectors_of_other_processes(tmp_path: Path) -> None:
    """A thousand, so that Chroma writes its search graph, which one that had not seen the others' would replace."""
    home = tmp_path / "home"
    with closing(Library(home, RandomEmbedder())) as library:
        index_sources(library, [str(of_passages(10, tmp_path, "first"))])
        assert library.vectors.nearest(RandomEmbedder().embed(["x"])[0], 1)
        assert Elsewhere(index_thousand, home, of_passages(1010, tmp_path, "second")).result() == 1010
        index_sources(library, [str(of_passages(1010, tmp_path, "third"))])
    with closing(Library(home, RandomEmbedder())) as library:
        for entry in library.catalog.entries():
            passage = library.catalog.passages_of(entry.id)[5]
            [nearest] = library.vectors.nearest(RandomEmbedder().embed([passage.text.strip()])[0], 1)
            assert nearest.id == passage.id


# What is told meanwhile.


def test_progress_counts_documents_up_to_the_total(library: Library, docs: Path) -> None:
    (docs / "broken.pdf").write_bytes(b"x")
    told: list[tuple[int, int, int]] = []
    index_sources(
        library,
        ["missing.txt", str(docs)],
        progress=lambda done, total, embedded: told.append((done, total, embedded)),
    )
    assert told == sorted(told)
    assert {total for _, total, _ in told} == {4}
    assert told[-1] == (4, 4, 2)


def test_an_empty_run_reports_nothing(library: Library) -> None:
    report = index_sources(library, [])
    assert counts(report) == (0, 0, 0, 0, 0)
    assert report.seconds >= 0
