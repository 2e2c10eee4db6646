"""What can go wrong above the index, each with a message that is one sentence and its cure.

* BotProblem
  x SetupProblem       a setting is missing, unknown or out of range
  x ModelUnavailable   the chat model refused, or gave no usable answer after retries
  x BadInput           a file or line the user gave cannot be used
  x DatabaseUnavailable  the journal's database cannot be opened
"""

from index.errors import IndexProblem


class BotProblem(Exception):
    """The root of this family. The message is one sentence a user can act on."""


class SetupProblem(BotProblem):
    pass


class ModelUnavailable(BotProblem):
    pass


class BadInput(BotProblem):
    pass


class DatabaseUnavailable(BotProblem):
    pass


KNOWN_PROBLEMS = (BotProblem, IndexProblem)
"""What a front end turns into one sentence. Anything else is a bug and keeps its traceback."""


def explain(error: BaseException) -> str:
    """One sentence for the user, on one line."""
    return " ".join(str(error).split()) or type(error).__name__
