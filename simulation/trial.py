"""One life, judged: the promise that it broke, or that it could not even be played to its end."""

from __future__ import annotations

from dataclasses import dataclass

from simulation.life import Verdict, play
from simulation.script import Script

PLAYABLE = "every life can be played to its end"


@dataclass(frozen=True, slots=True)
class Broken:
    """invariant: its name. text: what happened, for people."""

    invariant: str
    text: str


@dataclass(frozen=True, slots=True)
class Trial:
    """verdict: None when the life could not be played to its end."""

    verdict: Verdict | None
    broken: Broken | None


def judge(script: Script, *, tell: bool = False) -> Trial:
    """Never raises: what escapes from a life is a broken promise like any other."""
    try:
        verdict = play(script, tell=tell)
    except Exception as error:  # noqa: BLE001  one broken life must not end a campaign
        return Trial(None, Broken(f"{PLAYABLE} ({type(error).__name__})", f"{PLAYABLE}: {error!r}"))
    violation = verdict.violation
    return Trial(verdict, Broken(violation.invariant, str(violation)) if violation is not None else None)


def broken_by(script: Script) -> str | None:
    """The name of the promise that this life breaks."""
    broken = judge(script).broken
    return broken.invariant if broken is not None else None
