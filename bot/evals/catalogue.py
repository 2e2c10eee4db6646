"""All measures of a run: name, direction, meaning, and whether a comparison may fail because of them."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric of a run. `gated`: a regression of it fails a comparison. `binary`: each case scores 0 or 1."""

    name: str
    label: str
    group: Literal["answers", "retrieval", "citations", "abstention", "judge", "running"]
    better: Literal["higher", "lower"] = "higher"
    unit: Literal["share", "ms", "tokens", "usd"] = "share"
    gated: bool = False
    binary: bool = False
    meaning: str = ""


MEASURES = (
    Measure("correct", "correct", "answers", gated=True, binary=True,
            meaning="the answer shown contains an accepted one; a question without an answer is abstained from"),
    Measure("exact_match", "exact match", "answers", gated=True, binary=True,
            meaning="the short answer equals an accepted one (SQuAD)"),
    Measure("f1", "token F1", "answers", gated=True, meaning="tokens shared by the short answer and an accepted one"),
    Measure("answer_contains", "answer contains", "answers", gated=True, binary=True,
            meaning="the answer shown contains an accepted one, as whole words"),
    Measure("exact_match_text", "exact match of all text", "answers", binary=True,
            meaning="as exact match, of all the text shown"),
    Measure("f1_text", "token F1 of all text", "answers", meaning="as token F1, of all the text shown"),
    Measure("recall@1", "recall@1", "retrieval", meaning="evidence strings held by the first passage"),
    Measure("recall@3", "recall@3", "retrieval", meaning="evidence strings held by the first 3 passages"),
    Measure("recall@5", "recall@5", "retrieval", gated=True, meaning="evidence strings held by the first 5 passages"),
    Measure("recall@10", "recall@10", "retrieval", meaning="evidence strings held by the first 10 passages"),
    Measure("mrr@10", "MRR@10", "retrieval", gated=True, meaning="1 / rank of the first passage with evidence"),
    Measure("ndcg@10", "nDCG@10", "retrieval", gated=True, meaning="relevant passages, discounted by their rank"),
    Measure("citation_precision", "citation precision", "citations", gated=True,
            meaning="citations that quote gold evidence (ALCE)"),
    Measure("citation_recall", "citation recall", "citations", gated=True,
            meaning="sentences with a citation that quotes gold evidence (ALCE)"),
    Measure("quote_validity", "quote validity", "citations", gated=True,
            meaning="quotes that stand in their source, character for character"),
    Measure("abstention_precision", "abstention precision", "abstention",
            meaning="of the questions abstained from, those without an answer"),
    Measure("abstention_recall", "abstention recall", "abstention",
            meaning="of the questions without an answer, those abstained from"),
    Measure("abstention_f1", "abstention F1", "abstention", gated=True,
            meaning="harmonic mean of abstention precision and recall"),
    Measure("auroc", "AUROC of confidence", "abstention", gated=True,
            meaning="chance that an answerable question gets the higher confidence"),
    Measure("aurc", "risk–coverage area", "abstention", "lower", gated=True,
            meaning="mean share of wrong answers, as answers are given from sure to unsure"),
    Measure("judge_correct", "judged correct", "judge", gated=True, binary=True,
            meaning="the judge holds the answer to be right"),
    Measure("judge_supported", "judged supported", "judge", gated=True, binary=True,
            meaning="the judge holds every sentence to follow from its quotes"),
    Measure("failed", "failed questions", "running", "lower", gated=True, binary=True,
            meaning="questions that ended in an error instead of an answer"),
    Measure("fell_back", "fallbacks", "running", "lower", gated=True, binary=True,
            meaning="questions that the embedded reader answered because the chat model could not"),
    Measure("latency_p50", "median latency", "running", "lower", "ms", meaning="whole question, 50th percentile"),
    Measure("latency_p95", "p95 latency", "running", "lower", "ms", meaning="whole question, 95th percentile"),
    Measure("input_tokens", "input tokens", "running", "lower", "tokens", meaning="per question"),
    Measure("output_tokens", "output tokens", "running", "lower", "tokens", meaning="per question"),
    Measure("cost", "cost", "running", "lower", "usd", meaning="per question, in US dollars"),
)  # fmt: skip
BY_NAME = {measure.name: measure for measure in MEASURES}
PER_RUN = {"abstention_precision", "abstention_recall", "abstention_f1", "auroc", "aurc"}
