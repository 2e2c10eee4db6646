"""An optional judge: a pinned chat model grades answers; repeated, cached by content, capped before it begins."""

import asyncio
import hashlib
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import BadInput, ModelUnavailable, explain
from bot.evals.record import JudgeFacts, Row
from bot.evals.replies import Replies, Reply
from bot.evals.verdict import Verdict, agreement, majority, parsed, prompt_of, unjudged
from prompts import load

Complete = Callable[[str], Awaitable[Reply]]
"""Sends one prompt at temperature 0. Raises ModelUnavailable."""
Price = tuple[float, float]
"""US dollars for a million input tokens, and for a million output tokens."""

CHARACTERS_PER_TOKEN = 3.5
"""For the preview: low for English, so that the estimate is rather too high."""
REPLY_TOKENS = 60
GIVE_UP_AFTER = 3
"""Calls that fail in a row: the endpoint is at fault, and the rest is not asked."""
CAP_REACHED = "the judge's cap was reached"


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """`max_usd` needs a known price; `max_tokens` always holds. Replies are kept apart by model and `endpoint`."""

    model: str
    repeats: int = 3
    max_tokens: int = 1_000_000
    max_usd: float | None = None
    jobs: int = 4
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What judging will take, estimated from the length of the prompts; replies in the cache cost nothing."""

    calls: int
    cached: int
    tokens: int
    usd: float | None

    def __str__(self) -> str:
        cost = f"about ${self.usd:.2f}" if self.usd is not None else "price not known (see CITEBOT_PRICES)"
        return f"{self.calls} calls ({self.cached} more are cached), about {self.tokens:,} tokens, {cost}"


@dataclass(slots=True)
class _Spent:
    """What the calls of this run took."""

    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0
    cached: int = 0
    failures: int = 0
    stopped: str = ""

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


class Judge:
    """Grades rows. `price` is None where it is not known; `replies` keeps what was paid for."""

    def __init__(self, options: JudgeOptions, replies: Replies, price: Price | None) -> None:
        self._options = options
        self._replies = replies
        self._price = price
        self._spent = _Spent()
        self._served: set[str] = set()
        self._places = asyncio.Semaphore(options.jobs)

    def preview(self, rows: Sequence[Row]) -> Preview:
        """What `grade` would take.

        Raises:
            BadInput: it is over a cap, or a cap in dollars is set and the price is not known.
        """
        asked = [prompt for row in rows if not unjudged(row) for prompt in [prompt_of(row)]]
        keys = [(prompt, self._key(prompt, n)) for prompt in asked for n in range(self._options.repeats)]
        new = [prompt for prompt, key in keys if self._replies.get(key) is None]
        given = sum(math.ceil(len(prompt) / CHARACTERS_PER_TOKEN) for prompt in new)
        written = REPLY_TOKENS * len(new)
        usd = (given * self._price[0] + written * self._price[1]) / 1e6 if self._price else None
        preview = Preview(len(new), len(keys) - len(new), given + written, usd)
        self._check(preview)
        return preview

    async def grade(
        self, rows: Sequence[Row], complete: Complete, done: Callable[[], None]
    ) -> tuple[list[Row], JudgeFacts]:
        """The rows with their verdicts, in order. `done` is called for each; what cannot be judged says why."""
        graded = await asyncio.gather(*(self._grade(row, complete, done) for row in rows))
        facts = JudgeFacts(
            model=self._options.model,
            served_as=sorted(self._served),
            prompt_digest=load("judge").digest,
            repeats=self._options.repeats,
            input_tokens=self._spent.input_tokens,
            output_tokens=self._spent.output_tokens,
            cached_calls=self._spent.cached,
            calls=self._spent.calls + self._spent.cached,
            agreement=agreement(graded),
        )
        return list(graded), facts

    async def _grade(self, row: Row, complete: Complete, done: Callable[[], None]) -> Row:
        reason = unjudged(row)
        async with self._places:
            replies = [] if reason else await self._replies_to(prompt_of(row), complete)
        done()
        verdicts = [reply for reply in replies if isinstance(reply, Verdict)]
        problem = reason or next((reply for reply in replies if isinstance(reply, str)), "")
        scores = {
            f"judge_{name}": problem or majority([getattr(verdict, name) for verdict in verdicts])
            for name in ("correct", "supported")
        }
        judgement: dict[str, Any] = {"verdicts": [verdict.model_dump() for verdict in verdicts], "problem": problem}
        return replace(row, scores=row.scores | scores, judgement=judgement)

    async def _replies_to(self, prompt: str, complete: Complete) -> list[Verdict | str]:
        """A verdict for each repeat; what is no verdict ends them."""
        replies: list[Verdict | str] = []
        while len(replies) < self._options.repeats and not (replies and isinstance(replies[-1], str)):
            replies.append(await self._verdict(prompt, len(replies), complete))
        return replies

    async def _verdict(self, prompt: str, n: int, complete: Complete) -> Verdict | str:
        key = self._key(prompt, n)
        reply = self._replies.get(key)
        if reply is not None:
            self._spent.cached += 1
        else:
            if self._spent.stopped:
                return self._spent.stopped
            try:
                reply = await complete(prompt)
            except ModelUnavailable as error:
                self._failed(explain(error))
                return explain(error)
            self._count(reply)
        self._served |= {reply.served_as} - {""}
        verdict = parsed(reply.text)
        if isinstance(verdict, Verdict):
            self._replies.put(key, reply)
        return verdict

    def _count(self, reply: Reply) -> None:
        spent, options = self._spent, self._options
        spent.failures = 0
        spent.calls += 1
        spent.input_tokens += reply.input_tokens
        spent.output_tokens += reply.output_tokens
        usd = (spent.input_tokens * self._price[0] + spent.output_tokens * self._price[1]) / 1e6 if self._price else 0
        if spent.tokens >= options.max_tokens or (options.max_usd is not None and usd >= options.max_usd):
            spent.stopped = CAP_REACHED

    def _failed(self, reason: str) -> None:
        self._spent.failures += 1
        if self._spent.failures >= GIVE_UP_AFTER:
            self._spent.stopped = reason

    def _check(self, preview: Preview) -> None:
        options = self._options
        if preview.tokens > options.max_tokens:
            raise BadInput(
                f"The judge would need {preview}, more than the cap of {options.max_tokens:,} tokens: "
                "raise --judge-max-tokens, or judge fewer cases or repeats."
            )
        require_price(options, self._price)
        if preview.usd is not None and options.max_usd is not None and preview.usd > options.max_usd:
            raise BadInput(
                f"The judge would need {preview}, more than the cap of ${options.max_usd:.2f}: "
                "raise --judge-max-usd, or judge fewer cases or repeats."
            )

    def _key(self, prompt: str, n: int) -> str:
        parts = (self._options.endpoint, self._options.model, load("judge").digest, prompt, str(n))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def require_price(options: JudgeOptions, price: Price | None) -> None:
    """Checks that a cap in dollars can be held.

    Raises:
        BadInput: there is one, and the price is not known.
    """
    if options.max_usd is not None and price is None:
        raise BadInput(
            f"The cap of ${options.max_usd:.2f} cannot be held, because the price of {options.model} is not known: "
            "set it in CITEBOT_PRICES, or cap the tokens with --judge-max-tokens."
        )
