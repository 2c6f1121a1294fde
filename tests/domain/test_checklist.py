"""What is known by now: the newest answer on each topic, from updates and from the issue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.checklist import Checked, beside_questions, check, newest_answers, questions_answered, topic_of
from chalicelib.domain.ordered import Ordered
from chalicelib.domain.orders import Topic
from tests.builders import NOW, seconds


def an_update(after_s: float, *lines: str, **impact: str) -> Ordered:
    at = NOW + seconds(after_s)
    text = "\n".join(("update: Slow.", *lines))
    return Ordered(str(after_s), at, at, "acc-mia", "Mia Moore", text, impact=tuple(sorted(impact.items())))


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("customers", Topic.OUTSIDE),
        ("customers_inside", Topic.INSIDE),
        ("internal_customers", Topic.INSIDE),
        ("impact", Topic.IMPACT),
        ("symptoms", Topic.IMPACT),
        ("Root_Cause", Topic.CAUSE),
        ("eta", Topic.ETA),
        ("security", None),
    ],
)
def test_a_question_asks_for_the_topic_it_is_called_by(question: str, topic: Topic | None):
    assert topic_of(question) is topic


@pytest.mark.parametrize(
    ("orders", "impact", "known"),
    [
        pytest.param([], {}, {}, id="nothing"),
        pytest.param([], {"customers": " ten\nof them ", "security": "no"}, {Topic.OUTSIDE: "ten of them"}, id="the issue"),
        pytest.param([an_update(1, "Customers: 20")], {}, {Topic.OUTSIDE: "20"}, id="an update"),
        pytest.param(
            [an_update(1, "Customers: 20"), an_update(2, "ETA: noon"), an_update(3, "customers: 30")], {},
            {Topic.OUTSIDE: "30", Topic.ETA: "noon"}, id="the last of several updates",
        ),
        pytest.param(
            [an_update(1, "Customers: 20", customers="ten")], {"customers": "ten"}, {Topic.OUTSIDE: "20"},
            id="an update, of a field that said something else already then",
        ),
        pytest.param(
            [an_update(1, "Customers: 20", customers="ten")], {"customers": "40"}, {Topic.OUTSIDE: "40"},
            id="a field that was answered since",
        ),
        pytest.param(
            [an_update(1, "Customers: 20"), an_update(2, customers="40"), an_update(3, "Customers: 50", customers="40")],
            {"customers": "40"}, {Topic.OUTSIDE: "50"}, id="field and updates in turn",
        ),
        pytest.param([an_update(1, customers="ten")], {}, {Topic.OUTSIDE: "ten"}, id="a field that was emptied since"),
        pytest.param([an_update(1, "Next update: 10:00"), an_update(2)], {}, {}, id="a promise that was kept"),
    ],
)  # fmt: skip
def test_the_newest_answer_on_a_topic_wins(orders: list[Ordered], impact: dict[str, str], known: dict[Topic, str]):
    assert newest_answers(orders, impact) == known


def test_what_has_no_answer_is_unknown_in_the_order_of_asking():
    topics = (Topic.IMPACT, Topic.CAUSE, Topic.ETA)
    assert check({Topic.CAUSE: "a full disk"}, topics) == Checked(((Topic.CAUSE, "a full disk"),), (Topic.IMPACT, Topic.ETA))


def test_questions_are_answered_by_the_newest_answer_else_by_their_field():
    questions = {"customers": "How many?", "security": "Is data at risk?", "symptoms": "What do they see?"}
    answers: dict[Topic, str] = {Topic.OUTSIDE: "20", Topic.CAUSE: "a full disk", Topic.ETA: "noon"}
    impact = {"customers": "ten", "security": "no"}
    assert questions_answered(questions, impact, answers) == {"customers": "20", "security": "no", "symptoms": ""}
    assert beside_questions(questions, answers) == ((Topic.CAUSE, "a full disk"), (Topic.ETA, "noon"))


def test_an_order_that_is_none_answers_nothing():
    refused: Any = replace(an_update(1), text="public fixed: x\nCustomers: 20")
    assert newest_answers([refused], {}) == {}
