from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from logicdistill.functions.manual import parse_function
from logicdistill.types import Stage
from logicdistill.views import facts_beside, render_view, render_words

BESIDE = Stage("intent", "intent", "What is asked?", reads=("message", "form"), text=("message",))
FORMS = st.dictionaries(
    st.sampled_from(["order_id", "reason", "address"]),
    st.sampled_from(["given", "open", True, None, 3]),
    min_size=1,
)
CANCEL = '''def cancel(message: str, form: dict[str, str]) -> str:
    """Cancel an order.

    Use when: somebody wants to cancel.
    >>> cancel(message="stop my order", form={"reason": "given"})
    'cancel'
    """
    return "cancel"
'''


@given(st.text(min_size=1), FORMS)
def test_a_view_is_its_words_and_the_facts_beside_them(
    message: str, form: dict[str, object]
) -> None:
    scope = {"message": message, "form": form, "unread": "x"}
    assert render_view(BESIDE, scope) == ", ".join(
        [render_words(BESIDE, scope), *facts_beside(BESIDE, scope)]
    )
    assert len(facts_beside(BESIDE, scope)) == len(form)


def test_without_facts_the_words_are_the_view() -> None:
    alone = Stage("intent", "intent", "What is asked?", reads=("message",), text=("message",))
    assert (
        render_words(alone, {"message": "stop, please"})
        == render_view(alone, {"message": "stop, please"})
        == "stop, please"
    )
    assert facts_beside(alone, {"message": "stop, please"}) == ()


def test_the_facts_of_a_usage_example_are_not_among_what_its_words_are_compared_with() -> None:
    assert parse_function(CANCEL, BESIDE).texts == (
        "cancel. somebody wants to cancel. Cancel an order.",
        "stop my order",
    )
