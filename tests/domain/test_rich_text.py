"""A template is filled with pieces; one that is broken says so, and shows nothing that it might not have shown."""

from __future__ import annotations

import pytest

from chalicelib.domain.rich_text import Link, Text, compose, fill, plain

PIECES: dict[str, Text] = {"issue": (Link("https://jira.example.com/HOT-42", "HOT-42"),), "summary": "a secret {issue}"}


def test_values_are_never_read_as_templates():
    assert plain(compose("{issue}: {summary} {{}}", **PIECES)) == (
        "HOT-42 (https://jira.example.com/HOT-42): a secret {issue} {}"
    )


@pytest.mark.parametrize("broken", ["{who}", "{summary", "}", "{}", "{0}", "{summary.upper}", "{issue!x}{nobody}"])
def test_a_template_with_wrong_braces_says_so(broken: str):
    with pytest.raises((IndexError, KeyError, ValueError)):
        fill(broken, **PIECES)
    assert plain(compose(broken, **PIECES)) == (
        "Something was to be said here, and its template is broken: HOT-42 (https://jira.example.com/HOT-42). "
        "Please look at the issue."
    )
    assert "HOT-42" not in plain(compose(broken))
