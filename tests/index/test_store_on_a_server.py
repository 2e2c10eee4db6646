"""The same store on a real Chroma server, which several may share."""

import gc
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import numpy as np
import pytest

from index.build import index_sources
from index.embedding import MiniLmEmbedder
from index.errors import IndexMismatch, StoreUnavailable
from index.library import Library
from index.search import search
from index.store import VectorStore

# Chroma's HTTP client (1.5.9) leaves its connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

X, Y, Z = np.eye(3, dtype=np.float32)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Chroma server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    chroma, folder = Path(sys.executable).with_name("chroma"), tmp_path_factory.mktemp("server")
    command = [str(part) for part in (chroma, "run", "--host", "127.0.0.1", "--port", port, "--path", folder)]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as client:
            client.get(f"{url}/api/v2/heartbeat").raise_for_status()
        yield url
        process.terminate()
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        gc.collect()


def on(server: str, tmp_path: Path, owner: str, model: str = "m") -> closing[VectorStore]:
    return closing(VectorStore(tmp_path, model, url=server, owner=owner))


def test_a_server_does_what_a_folder_does(server: str, tmp_path: Path) -> None:
    with on(server, tmp_path, "one") as store:
        store.upsert(["x", "y", "z"], ["at x", "at y", "at z"], np.stack([X, Y, Z]), ["a", "a", "b"])
        store.delete(["y"])
        assert [match.id for match in store.nearest(X, 3)] == ["x", "z"]
        assert [match.id for match in store.nearest(X, 3, ["b"])] == ["z"]
        assert store.missing(["x", "y"]) == ["y"]
        store.reopen()
        assert store.ids() == {"x", "z"}
        assert store.vectors(["z"])["z"].tolist() == Z.tolist()
        with pytest.raises(IndexMismatch, match="vectors of another length"):
            store.nearest(np.ones(5, dtype=np.float32), 3)
    assert not list(tmp_path.iterdir())


def test_homes_that_share_a_server_do_not_share_vectors(server: str, tmp_path: Path) -> None:
    with on(server, tmp_path, "two") as store, on(server, tmp_path, "three") as other:
        store.upsert(["x"], ["at x"], X[None], ["a"])
        assert other.ids() == set()
        other.drop_other_embedders()
        assert len(store) == 1
        with on(server, tmp_path, "two", "another model") as newer:
            newer.drop_other_embedders()
        with pytest.raises(StoreUnavailable):
            store.ids()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "https://127.0.0.1:1", "http://127.0.0.1:99999", "nonsense", "http://["]
)
def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        VectorStore(tmp_path, "m", url=url)
    assert str(caught.value) == (f"The Chroma server at {url} cannot be used: start it, or correct CITEBOT_CHROMA_URL.")


def test_a_library_may_keep_its_vectors_on_a_server(server: str, tmp_path: Path, embedder: MiniLmEmbedder) -> None:
    (tmp_path / "a.txt").write_text("Steve Witkoff met Putin in Moscow.", encoding="utf-8")
    with closing(Library(tmp_path / "home", embedder, chroma_url=server)) as library:
        index_sources(library, [str(tmp_path / "a.txt")])
        [found] = search(library, "Who met Putin?", 3).passages
        assert found.similarity > 0.4
    with closing(Library(tmp_path / "another home", embedder, chroma_url=server)) as other:
        index_sources(other, [str(tmp_path / "a.txt")])
        (tmp_path / "a.txt").write_text("Something else.", encoding="utf-8")
        index_sources(other, [str(tmp_path / "a.txt")])
    with closing(Library(tmp_path / "home", embedder, chroma_url=server)) as library:
        assert search(library, "Who met Putin?", 3).passages[0].similarity > 0.4
