"""One opened index: cheap to open, kept in step with other processes, clear about what is wrong with it."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from embedders import WatchedEmbedder

from index.build import index_sources
from index.embedding import MiniLmEmbedder
from index.errors import FilesUnusable, IndexMissing
from index.library import Library
from index.search import search

TEXT = "Steve Witkoff met Putin in Moscow last week."


@pytest.fixture
def article(tmp_path: Path) -> str:
    path = tmp_path / "article.txt"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


def test_opening_loads_neither_chroma_nor_a_model(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; import index.build, index.search;"
        "from index.embedding import MiniLmEmbedder; from index.library import Library;"
        "Library(Path(sys.argv[1]), MiniLmEmbedder()).close();"
        "print({'chromadb', 'onnxruntime', 'tokenizers', 'openai', 'nupunkt', 'pypdf', 'lxml'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"


def test_an_empty_index_is_one_sentence_with_the_cure(library: Library) -> None:
    assert library.empty
    with pytest.raises(IndexMissing) as caught:
        search(library, "Who?", 3)
    assert str(caught.value) == "Nothing is indexed yet: run `citebot index` with a file, folder or URL."


def test_a_filled_index_can_be_asked(library: Library, article: str) -> None:
    index_sources(library, [article])
    assert not library.empty
    library.check()


def test_neighbours_are_those_of_the_document(seed_library: Library) -> None:
    passages = seed_library.catalog.passages_of(seed_library.catalog.entries()[0].id)
    assert list(seed_library.neighbours(passages[3])) == passages[2:5]
    assert list(seed_library.neighbours(passages[0], reach=2)) == passages[:3]


def test_the_passages_of_the_seed_article_tile_it(seed_library: Library, seed_text: str) -> None:
    passages = seed_library.catalog.passages_of(seed_library.catalog.entries()[0].id)
    assert "".join(passage.text for passage in passages) == seed_text
    assert all(passage.text == seed_text[passage.start : passage.end] for passage in passages)


def test_two_libraries_of_one_folder_keep_up_with_each_other(
    library: Library, article: str, embedder: MiniLmEmbedder
) -> None:
    with closing(Library(library.folder, embedder)) as other:
        assert other.empty
        index_sources(library, [article])
        assert search(other, "Who met Putin?", 1).passages[0].passage.text == TEXT


def test_threads_may_search_while_the_index_grows(library: Library, article: str, tmp_path: Path) -> None:
    index_sources(library, [article])

    def ask(_: int) -> str:
        return search(library, "Who met Putin?", 1).passages[0].passage.text

    with ThreadPoolExecutor(4) as threads:
        answers = threads.map(ask, range(40))
        for number in range(4):
            more = tmp_path / f"more {number}.txt"
            more.write_text(f"Note {number}.", encoding="utf-8")
            index_sources(library, [str(more)])
        assert set(answers) == {TEXT}


def overwrite(path: Path) -> None:
    path.write_bytes(b"junk" * 5000)


@pytest.mark.parametrize(
    ("part", "cure"),
    [
        ("catalog.sqlite3", "is damaged: move its folder away and index again."),
        ("chroma/chroma.sqlite3", "cannot be used: move that folder away and run `citebot index --rebuild`."),
        ("words/meta.json", "cannot be used: move that folder away and run `citebot index --rebuild`."),
    ],
)
def test_a_damaged_part_is_one_sentence_with_the_cure(
    library: Library, article: str, embedder: MiniLmEmbedder, part: str, cure: str
) -> None:
    index_sources(library, [article])
    library.close()
    overwrite(library.folder / part)
    with pytest.raises(FilesUnusable) as caught, closing(Library(library.folder, embedder)) as damaged:
        search(damaged, "Who met Putin?", 1)
    assert str(caught.value).endswith(cure)
    assert str(library.folder) in str(caught.value)


def test_the_last_question_is_embedded_once(library: Library) -> None:
    embedder = WatchedEmbedder()
    with closing(Library(library.folder, embedder)) as opened:
        vectors = [opened.embed_question(question) for question in ("", "Who?", "Who?", "")]
    assert embedder.texts == ["", "Who?", ""]
    assert [vector.shape for vector in vectors] == [(embedder.dimension,)] * 4
    assert vectors[1] is vectors[2]


def test_threads_that_ask_at_once_get_the_vectors_of_their_own_questions(library: Library) -> None:
    questions = ["Who?", "When?"] * 20
    expected = dict(zip(questions, library.embedder.embed(questions), strict=True))
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(library.embed_question, questions))
    assert all((answer == expected[question]).all() for question, answer in zip(questions, answers, strict=True))


def test_a_question_is_checked_before_it_is_embedded(library: Library) -> None:
    embedder = WatchedEmbedder()
    with closing(Library(library.folder, embedder)) as opened, pytest.raises(IndexMissing):
        search(opened, "Who?", 3)
    assert embedder.calls == []
