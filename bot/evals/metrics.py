"""The metrics of one case, by the field's names and definitions. Pure, and no model is asked.

Answers: exact match and token F1 as in SQuAD, and containment. Retrieval: recall@k, reciprocal rank and nDCG@k by
evidence spans. Citations: precision and recall in the sense of ALCE.
"""

import math
import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised(text: str) -> list[str]:
    """The tokens of a text in SQuAD's normal form: lower case, no ASCII punctuation, no articles.

    Source: `normalize_answer` of the SQuAD 1.1 and 2.0 evaluation scripts (Rajpurkar et al., EMNLP 2016, ACL 2018).
    """
    return _ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split()


def exact_match(answer: str, accepted: Iterable[str]) -> float:
    """1 if the answer equals an accepted one in normal form, else 0.

    Source: SQuAD evaluation script; the best of the accepted answers counts.
    """
    tokens = normalised(answer)
    return float(any(tokens == normalised(each) for each in accepted))


def token_f1(answer: str, accepted: Iterable[str]) -> float:
    """The best F1 over accepted answers: 2PR / (P + R), with P and R the shared tokens over those of either side.

    Tokens are shared as often as both sides have them. With no token on one side it is 1 if there is none on the
    other, else 0. Source: `compute_f1` of the SQuAD 2.0 evaluation script.
    """
    return max((_f1(normalised(answer), normalised(each)) for each in accepted), default=0.0)


def answer_contains(answer: str, accepted: Iterable[str]) -> float:
    """1 if the tokens of an accepted answer stand in the answer, side by side and in order, else 0.

    Whole words count: "no" is not in "now". An accepted answer that is all punctuation and articles is never
    contained. Source: "answer match" of Chen et al., "Reading Wikipedia to Answer Open-Domain Questions", ACL 2017,
    on SQuAD's normal form.
    """
    tokens = normalised(answer)
    return float(any(_stands_in(normalised(each), tokens) for each in accepted))


def recall(ranks: Sequence[int | None], k: int) -> float:
    """The share of evidence strings that one of the first `k` passages holds.

    `ranks` has, for each evidence string, the rank from 1 of the first retrieved passage that overlaps its place
    in the document, or None. Source: recall as in Manning, Raghavan and Schütze, "Introduction to Information
    Retrieval", 2008, section 8.4, with evidence strings as the relevant items.
    """
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def reciprocal_rank(relevant: Sequence[bool], k: int = 10) -> float:
    """1 / rank of the first relevant passage among the first `k`, or 0. Its mean over cases is MRR@k.

    Source: Voorhees, "The TREC-8 Question Answering Track Report", 1999.
    """
    return next((1 / rank for rank, found in enumerate(relevant[:k], start=1) if found), 0.0)


def ndcg(relevant: Sequence[bool], total: int, k: int = 10) -> float:
    """DCG of the first `k` passages over that of the best order: a relevant passage at rank r gives 1 / log2(r + 1).

    `total` is the number of relevant passages in the index, of which the best order has the first min(total, k)
    ranks full. Source: Järvelin and Kekäläinen, ACM TOIS 20, 2002, with binary gains, as trec_eval's ndcg_cut.
    """
    gain = sum(1 / math.log2(rank + 1) for rank, found in enumerate(relevant[:k], start=1) if found)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(total, k) + 1))
    return gain / ideal


def citation_recall(statements: Sequence[Sequence[bool]]) -> float:
    """The share of statements that their citations support.

    `statements` has, for each sentence of the answer, whether each of its citations supports it. Source: ALCE (Gao
    et al., "Enabling Large Language Models to Generate Text with Citations", EMNLP 2023). ALCE asks an entailment
    model; here a citation supports when its quote overlaps gold evidence, so no model is needed and a right
    citation of other words does not count.
    """
    return sum(any(supports) for supports in statements) / len(statements)


def citation_precision(statements: Sequence[Sequence[bool]]) -> float:
    """The share of citations that support their statement. `statements` and the source are as in `citation_recall`."""
    flags = [flag for supports in statements for flag in supports]
    return sum(flags) / len(flags)


def _f1(tokens: list[str], wanted: list[str]) -> float:
    if not tokens or not wanted:
        return float(tokens == wanted)
    shared = sum((Counter(tokens) & Counter(wanted)).values())
    # 2PR / (P + R) with P = shared / len(tokens) and R = shared / len(wanted).
    return 2 * shared / (len(tokens) + len(wanted))


def _stands_in(wanted: list[str], tokens: list[str]) -> bool:
    if not wanted:
        return False
    starts = range(len(tokens) - len(wanted) + 1)
    return any(tokens[start : start + len(wanted)] == wanted for start in starts)
