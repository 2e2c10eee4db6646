"""How many follow-ups are answered rightly in embedded mode: the question alone, and with what is carried over.

    python recipe/evidence/follow_ups.py WORK

WORK is the folder of `observe.py`, which made the index. Right: the answering sentences hold an accepted answer.
"""

import argparse
from contextlib import closing
from pathlib import Path

from observe import HERE, PASSAGES

from bot.condense import carry_over
from bot.evals.cases import Case, read_cases
from bot.evals.metrics import answer_contains
from bot.evidence import weigh
from bot.signals import answering_sentences
from bot.types import Standalone
from index.embedding import MiniLmEmbedder
from index.library import Library
from index.reader import Reader
from index.search import search


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("work", type=Path)
    options = parser.parse_args()
    cases = [case for case in read_cases(HERE / "follow_ups.jsonl") if case.answerable]
    reader = Reader()
    with closing(Library(options.work / "follow_ups-index", MiniLmEmbedder())) as library:
        alone = [right(library, reader, case, Standalone(case.question)) for case in cases]
        carried = [right(library, reader, case, carry_over(case.question, case.history)) for case in cases]
    print(f"{len(cases)} answerable follow-ups, right before the threshold:")
    print(f"  the question alone        {sum(alone) / len(alone):.3f}")
    print(f"  names and topic carried   {sum(carried) / len(carried):.3f}")


def right(library: Library, reader: Reader, case: Case, standalone: Standalone) -> bool:
    findings = weigh(reader, standalone.question, search(library, standalone.search_text, PASSAGES).passages)
    best = findings.evidence[0]
    text = best.found.passage.text
    return best.reading is not None and (
        answer_contains(text[slice(*answering_sentences(text, best.reading))], case.answers) > 0
    )


if __name__ == "__main__":
    main()
