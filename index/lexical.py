"""The words of all passages, in a BM25 index (Tantivy) beside the vectors.

Every word is indexed; only the question loses its function words, and only while others remain, so that a
question about The Who still finds them.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import tantivy

from index.errors import FilesUnusable
from index.types import Match

_ANALYZER = "english"
_WRITER_BYTES = 30_000_000
_FIELDS = ("text", "title")
_SHORTEST_MISTYPED = 5
"""Letters of a stem. Too many words are one slip away from a shorter one."""
_MISTYPED_SHARE = 0.65
"""What a word one slip away scores, as a share of the BM25 weight of a word that a single passage holds: Tantivy gives
such matches no BM25 score of their own. Chosen in docs/retrieval.md."""
_FUNCTION_WORDS = frozenset(
    """a about an and any are as at be been being but by can could did do does for from get had has have he her him
    his how i if in into is it its let many may me might much my of on or our she should so some tell than that the
    their them then there these they this those to us was we were what when where which who whom whose why will with
    would you your""".split()
)


@cache
def _analyzer() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(60))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def stems(text: str) -> list[str]:
    """The words of a text in order, lower case, without accents, reduced to their stems."""
    return list(_analyzer().analyze(text))


def terms(question: str) -> list[str]:
    """The stemmed content words of a question, each once, in order; all its words if it has no content words."""
    every = list(dict.fromkeys(stems(question)))
    return [term for term in every if term not in _function_terms()] or every


@cache
def _function_terms() -> frozenset[str]:
    return frozenset(term for word in _FUNCTION_WORDS for term in stems(word))


class LexicalIndex:
    """Passages by their words. Written by one process at a time, read by any number, from any thread.

    Every method that reads or writes files raises `FilesUnusable` where they are damaged.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        schema.add_text_field("set", tokenizer_name="raw", index_option="basic")
        schema.add_text_field("title", tokenizer_name=_ANALYZER, index_option="freq")
        schema.add_text_field("text", tokenizer_name=_ANALYZER, index_option="freq")
        self._schema = schema.build()
        with self._failures_named():
            self._index = tantivy.Index(self._schema, path=str(folder), reuse=True)
        self._index.register_tokenizer(_ANALYZER, _analyzer())

    def reopen(self) -> None:
        """Makes what other processes have written visible."""
        with self._failures_named():
            self._index.reload()

    def replace(self, ids: Sequence[str], titles: Sequence[str], texts: Sequence[str], sets: Sequence[str]) -> None:
        """Adds passages, each with its set, in place of any with the same ids, and makes them visible."""
        with self._writing() as writer:
            for name, title, text, its_set in zip(ids, titles, texts, sets, strict=True):
                writer.delete_documents_by_term("id", name)
                writer.add_document(tantivy.Document(id=name, set=its_set, title=title, text=text))

    def delete(self, ids: Iterable[str]) -> None:
        with self._writing() as writer:
            for name in ids:
                writer.delete_documents_by_term("id", name)

    def ids(self) -> set[str]:
        with self._failures_named():
            searcher = self._index.searcher()
            hits = searcher.search(tantivy.Query.all_query(), max(1, searcher.num_docs)).hits
            return {searcher.doc(address)["id"][0] for _, address in hits}

    def nearest(self, question: str, count: int, sets: Sequence[str] = ()) -> list[Match]:
        """The `count` passages with the highest BM25 score, best first; only of `sets`, if any are named.

        A word that is nowhere in the index is taken for mistyped: words that differ by one slip count for it.
        """
        with self._failures_named():
            searcher = self._index.searcher()
            words = [
                (tantivy.Occur.Should, self._word(searcher, field, term))
                for term in terms(question)
                for field in _FIELDS
            ]
        if not words:
            return []
        query = tantivy.Query.boolean_query(words)
        if sets:
            allowed = tantivy.Query.term_set_query(self._schema, "set", list(sets))
            unscored = tantivy.Query.const_score_query(allowed, 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, unscored)])
        with self._failures_named():
            hits = searcher.search(query, count).hits
            found = [Match(searcher.doc(address)["id"][0], score) for score, address in hits]
        # Equal scores come in the order of writing, which another index of the same documents need not share.
        return sorted(found, key=lambda match: (-match.score, match.id))

    def _word(self, searcher: tantivy.Searcher, field: str, term: str) -> tantivy.Query:
        whole = len(term) < _SHORTEST_MISTYPED or not term.isalpha()
        if whole or any(searcher.doc_freq(each, term) for each in _FIELDS):
            return tantivy.Query.term_query(self._schema, field, term)
        near = tantivy.Query.fuzzy_term_query(self._schema, field, term, distance=1, transposition_cost_one=True)
        rarest = math.log(1 + searcher.num_docs / 1.5)
        return tantivy.Query.boost_query(near, _MISTYPED_SHARE * rarest)

    @contextmanager
    def _writing(self) -> Iterator[tantivy.IndexWriter]:
        with self._failures_named():
            writer = self._index.writer(_WRITER_BYTES, 1)
            yield writer
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()

    @contextmanager
    def _failures_named(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, OSError) as error:
            raise FilesUnusable(
                f"The words in {self._folder} cannot be used: move that folder away and run `citebot index --rebuild`."
            ) from error
