"""Documents in, ranked passages out: extraction, chunking, embedding, Chroma and BM25. Knows nothing of `bot`."""
