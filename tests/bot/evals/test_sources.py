"""Where evidence lies: found by the end of a source's name, pinned by digest, in a real index."""

import hashlib
from pathlib import Path

import pytest

from bot.evals.cases import Case
from bot.evals.sources import Sources
from bot.types import Citation
from index.build import index_sources
from index.library import Library

TEXT = "A title\n\nThe envoy met Putin. It rained.\n\nHe said “no” twice – and left. The envoy met Putin. He flew home."


def indexed(library: Library, folder: Path, **texts: str) -> Sources:
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    index_sources(library, [str(folder)])
    return Sources(library.catalog)


def case(*evidence: str, sources: tuple[str, ...] = ("a.txt",), pins: dict[str, str] | None = None) -> Case:
    return Case("c", "Who?", answerable=True, evidence=evidence, sources=sources, source_sha256=pins)


def test_a_source_is_named_by_the_end_of_its_path(library: Library, tmp_path: Path) -> None:
    sources = indexed(library, tmp_path / "docs", a=TEXT, news__a="Other words here.", ba="Not this one.")
    assert len(sources.named("a.txt")) == 2
    assert [Path(entry.source).parent.name for entry in sources.named("news/a.txt")] == ["news"]
    assert sources.named("docs\\news\\a.txt")
    assert not sources.named("s/a.txt")


def test_evidence_is_found_at_every_place_and_in_its_passages(library: Library, tmp_path: Path) -> None:
    sources = indexed(library, tmp_path / "docs", a=TEXT, b="The envoy met Putin elsewhere.")
    (found,) = sources.locate(case("The envoy met Putin."))
    assert [TEXT[place.start : place.end] for place in found.places] == ["The envoy met Putin."] * 2
    assert len({place.source for place in found.places}) == 1
    assert found.passages == {passage.id for passage in library.catalog.passages_of(sources.named("a.txt")[0].id)}


def test_evidence_may_differ_from_its_source_in_typography_alone(library: Library, tmp_path: Path) -> None:
    sources = indexed(library, tmp_path / "docs", a=TEXT)
    near, other = sources.locate(case('He said "no" twice - and left.', "He said yes twice and left."))
    assert [TEXT[place.start : place.end] for place in near.places] == ["He said “no” twice – and left."]
    assert not other.places
    assert not other.passages


def test_a_case_without_sources_is_looked_up_everywhere(library: Library, tmp_path: Path) -> None:
    sources = indexed(library, tmp_path / "docs", a=TEXT, b="The envoy met Putin. Again.")
    (found,) = sources.locate(case("The envoy met Putin.", sources=()))
    assert len({place.source for place in found.places}) == 2


def test_the_same_words_shown_from_another_document_count_as_the_evidence(library: Library, tmp_path: Path) -> None:
    sources = indexed(library, tmp_path / "docs", a="The envoy met Putin.", b="The envoy met Putin.")
    (found,) = sources.locate(case("The envoy met Putin.", sources=("b.txt",)))
    assert {Path(place.source).name for place in found.places} == {"a.txt", "b.txt"}


def test_a_pinned_case_is_stale_when_its_source_changes_or_goes(library: Library, tmp_path: Path) -> None:
    pins = {"a.txt": hashlib.sha256(TEXT.encode()).hexdigest()}
    pinned = case("It rained.", pins=pins)
    assert indexed(library, tmp_path / "docs", a=TEXT).stale(pinned) == ""
    assert "has changed" in indexed(library, tmp_path / "docs", a=TEXT + " More.").stale(pinned)
    (tmp_path / "docs" / "a.txt").unlink()
    index_sources(library, [], prune=[])
    assert "no longer indexed" in Sources(library.catalog).stale(pinned)
    assert Sources(library.catalog).stale(case("It rained.")) == ""


def test_the_fingerprint_follows_the_texts_and_not_their_folder(library: Library, tmp_path: Path) -> None:
    first = indexed(library, tmp_path / "docs", a=TEXT)
    other = Library(tmp_path / "other", library.embedder)
    assert indexed(other, tmp_path / "elsewhere", a=TEXT).fingerprint() == first.fingerprint()
    assert indexed(other, tmp_path / "elsewhere", a=TEXT + " More.").fingerprint() != first.fingerprint()
    other.close()


@pytest.mark.parametrize(("shift", "held"), [(0, True), (1, False)])
def test_a_quote_is_valid_only_at_its_own_offsets(library: Library, tmp_path: Path, shift: int, *, held: bool) -> None:
    sources = indexed(library, tmp_path / "docs", a=TEXT)
    start = TEXT.index("It rained.") + shift
    source = sources.named("a.txt")[0].source
    quoted = Citation(1, source, "A title", start, start + 10, "It rained.", "p")
    assert sources.holds(quoted) is held
