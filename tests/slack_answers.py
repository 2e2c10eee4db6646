"""Answers for the tests of what people see: one of each kind, and any at all."""

from hypothesis import strategies as st

from bot.types import Answer, Citation, Claim, Outcome, Question, Withheld
from index.types import Passage, RankedPassage

ARTICLE = (
    "The office opens at nine. Staff get 30 days of leave a year, of which ten move to the next year. "
    "Requests go to the team lead.\n\nOvertime is paid out in June."
)


def passage(text: str, *, source: str, title: str, name: str = "p1", start: int = 0) -> Passage:
    return Passage(name, 1, source, title, 0, start, start + len(text), text)


def ranked(*passages: Passage) -> tuple[RankedPassage, ...]:
    return tuple(RankedPassage(each, score=1.0, similarity=0.5, lexical=1.0) for each in passages)


def citing(number: int, words: str, of: Passage, highlight: str = "") -> Citation:
    start = of.start + of.text.index(words)
    strong = of.start + of.text.index(highlight) if highlight else 0
    marked = (strong, strong + len(highlight)) if highlight else None
    return Citation(number, of.source, of.title, start, start + len(words), words, of.id, marked)


HANDBOOK = passage(ARTICLE, source="docs/handbook.md", title="Staff handbook")
PAGE = passage(
    "Cafeteria\n\nLunch is served from noon to two. The menu changes weekly.",
    source="https://intra.example.org/canteen#menu",
    title="Canteen",
    name="p2",
)


def answered(
    claims: tuple[Claim, ...], citations: tuple[Citation, ...], passages: tuple[Passage, ...] = (HANDBOOK, PAGE)
) -> Answer:
    return Answer(
        question=Question("How many days off do I have?", id="q1"),
        standalone_question="How many days off do I have?",
        outcome=Outcome.ANSWERED,
        mode="openai",
        model="m",
        claims=claims,
        citations=citations,
        passages=ranked(*passages),
    )


TWO_SOURCES = answered(
    (Claim("You have 30 days of leave, and ten of them can be moved.", (1,)), Claim("Lunch is from noon.", (1, 2))),
    (citing(1, "30 days of leave a year", HANDBOOK), citing(2, "Lunch is served from noon to two.", PAGE)),
)
EMBEDDED = answered(
    (Claim("The office opens at nine.", (1,)),),
    (citing(1, "The office opens at nine.", HANDBOOK, highlight="at nine"),),
)
NOT_FOUND = Answer(
    question=Question("Who is the CEO?"),
    standalone_question="Who is the CEO?",
    outcome=Outcome.NOT_FOUND,
    mode="embedded",
    model="reader",
    passages=ranked(HANDBOOK, PAGE),
)

NASTY = (
    "<!channel> <!here|here> <!everyone> <@U0ANNA> <@U0ANNA|anna> <#C0GENERAL|x> <!subteam^S1|team> &lt;!channel&gt; "
    "&amp;lt;!here&amp;gt; &#60;!channel&#62; &LT;@U1> @here @everyone @channel ![x](https://evil.example/?q=1) "
    "[x](https://evil.example) <https://evil.example|x> https://evil.example/a www.evil.example [a]: "
    "http://e.example mailto:a@evil.example *b* _i_ ~s~ `c` ``` # > - + 1. | \\ "
    "\x00 \x1b[31m \u202e \u200b < & @ : . ] ! [ ( ) <\x00!here>"
).split(" ")

pieces = st.one_of(
    st.sampled_from([*NASTY, " ", "\n", "\n\n", "word. ", "Größe ", "日本語", "👍🏽", "\ud83d"]), st.text(max_size=30)
)
texts = st.lists(pieces, max_size=30).map("".join)
long_texts = st.one_of(texts, st.builds(lambda text, times: (text or "x") * times, texts, st.integers(1, 300)))


@st.composite
def any_answers(draw: st.DrawFn) -> Answer:
    """Any answer a verifier could make: quotes are stretches of their passages, and every claim has some."""
    sources = st.one_of(
        st.sampled_from(
            ["a.txt", "docs/b c.md", "https://x.example/p?q=1#top", "https://x.example/" + "y" * 3100, "http://["]
        ),
        texts.filter(lambda text: "//" not in text),
    )
    bodies = draw(st.lists(long_texts.filter(bool), min_size=1, max_size=3))
    found = [
        passage(body, source=draw(sources), title=draw(texts), name=f"p{n}", start=draw(st.integers(0, 9)))
        for n, body in enumerate(bodies)
    ]
    citations = []
    for number in range(1, draw(st.integers(1, 40)) + 1):
        of = draw(st.sampled_from(found))
        start = draw(st.integers(0, len(of.text) - 1))
        words = of.text[start : draw(st.integers(start + 1, len(of.text)))]
        marked = (
            (of.start + start, of.start + start + draw(st.integers(0, len(words)))) if draw(st.booleans()) else None
        )
        first = of.start + start
        citations.append(Citation(number, of.source, of.title, first, first + len(words), words, of.id, marked))
    numbers = st.lists(st.integers(1, len(citations)), min_size=1, max_size=4, unique=True).map(tuple)
    claims = draw(st.lists(st.builds(Claim, long_texts, numbers), min_size=1, max_size=12))
    return Answer(
        question=Question(draw(texts)),
        standalone_question="",
        outcome=Outcome.ANSWERED,
        mode="openai",
        model="m",
        claims=tuple(claims),
        citations=tuple(citations),
        withheld=tuple(draw(st.lists(st.builds(Withheld, texts, texts), max_size=3))),
        passages=ranked(*draw(st.sampled_from([found, found[:1], []]))),
        notice=draw(st.one_of(st.just(""), texts)),
        marked=draw(st.booleans()),
    )
