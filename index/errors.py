"""What can go wrong with an index, each with a message that names the thing and its cure.

* IndexProblem
  x IndexMissing       nothing has been indexed yet
  x IndexMismatch      the index was made with another embedder
  x IndexBusy          another process is writing it
  x SourceUnreadable   one file or URL cannot be turned into text
    x SourceGone       ... because its server says that it does not exist
  x ModelFileProblem   a model file is absent or is not the expected one
  x EmbeddingFailed    the embedding endpoint refused, or did not answer with vectors
  x StoreUnavailable   the Chroma server cannot be reached
  x FilesUnusable      the index's own files are damaged, or cannot be written
"""


class IndexProblem(Exception):
    """The root of this family. The message is one sentence a user can act on."""


class IndexMissing(IndexProblem):
    pass


class IndexMismatch(IndexProblem):
    pass


class IndexBusy(IndexProblem):
    pass


class SourceUnreadable(IndexProblem):
    """`source` is the path or URL as the user spelled it; empty until someone who knows it catches this."""

    def __init__(self, reason: str, source: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.source = source


class SourceGone(SourceUnreadable):
    pass


class ModelFileProblem(IndexProblem):
    pass


class EmbeddingFailed(IndexProblem):
    pass


class StoreUnavailable(IndexProblem):
    pass


class FilesUnusable(IndexProblem):
    pass
