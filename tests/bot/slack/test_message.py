"""Parts are put into messages in order; nothing is lost on the way."""

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.message import ACTIONS, BLOCKS_BYTES, TEXT, Part, as_message, button, cut, line, pages, weight, words
from bot.slack.text import inert


@given(st.text(), st.integers(4, 50))
def test_a_cut_text_is_whole_again_when_joined(text: str, most: int) -> None:
    pieces = list(cut(text, most))
    assert "".join(pieces) == text
    assert all(len(piece.encode()) <= most for piece in pieces)


parts = st.builds(
    Part,
    st.sampled_from(["answer", "sources"]),
    st.lists(
        st.builds(
            lambda text, times, quote: line(words(inert(text * times)), quote=quote),
            st.text(min_size=1, max_size=20),
            st.integers(1, 400),
            st.booleans(),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    st.one_of(st.none(), st.just(button("Show", "show", "1"))),
    continues=st.booleans(),
    spoken=st.booleans(),
)


def told(found: list[Part]) -> str:
    return "".join(element["text"] for part in found for each in part.lines for element in each["elements"])


@given(st.lists(parts, max_size=40), st.integers(0, BLOCKS_BYTES))
def test_pages_hold_everything_in_order_within_their_room(given_parts: list[Part], first_room: int) -> None:
    made = pages(given_parts, first_room)
    assert told([part for page in made for part in page]) == told(given_parts)
    for number, page in enumerate(made):
        message = as_message(page, text="Sources")
        assert page or number == 0
        assert weight(list(message.blocks)) <= (BLOCKS_BYTES if number else first_room)
        assert len(message.text) <= TEXT
        rows = [block for block in message.blocks if block["type"] == "actions"]
        assert all(len(row["elements"]) <= ACTIONS for row in rows)
    shown = sum(part.button is not None for page in made for part in page)
    assert shown == sum(part.button is not None for part in given_parts)


def test_short_parts_share_one_message() -> None:
    one = Part("answer", (line(words("One. ")),), spoken=True)
    two = Part("answer", (line(words("Two.")),), spoken=True, continues=True)
    (page,) = pages([one, two])
    message = as_message(page, text="")
    assert message.text == "One. Two."
    assert message.blocks == ({"type": "rich_text", "elements": [line(words("One. "), words("Two."))]},)
