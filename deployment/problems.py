"""What keeps us from packaging or deploying, all of it at once."""

from __future__ import annotations

from collections.abc import Iterable


class DeploymentError(Exception):
    """problems: one line each, saying what is wrong and what to do."""

    def __init__(self, headline: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([f"{headline}:", *(f"  - {problem}" for problem in self.problems)]))


def refuse_if(headline: str, problems: Iterable[str]) -> None:
    found = tuple(problems)
    if found:
        raise DeploymentError(headline, found)
