"""What a sender gets back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """status: of HTTP. outcome and detail: the body, for whoever reads the sender's delivery log. body: one of its own, for
    a sender that reads it."""

    status: int
    outcome: str
    detail: str
    body: Mapping[str, str] | None = None
