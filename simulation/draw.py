"""A seed and a kind -> a script. Swarm testing: each seed switches off half of the faults, so that rare pairs get room."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from random import Random
from typing import Any, TypeVar

from simulation.faults import FAULTS, REFUSED, SENT_TWICE
from simulation.operations import (
    ALL_OPERATIONS,
    BY_NAME,
    COUNTING,
    IN_PLACES,
    OF_TELLING,
    OPERATIONS,
    PLACES,
    TELLING,
    WHEN_COUNTED,
    Operation,
    operations_of,
)
from simulation.people import JIRA_ACTS, PAGER_ACTS, RUN_OUT
from simulation.people_metrics import COUNT_ACTS
from simulation.people_places import PLACE_ACTS
from simulation.people_telling import TELL_ACTS
from simulation.script import Act, HookFate, Outage, Raise, Script, Strike

T = TypeVar("T")

BEGINNINGS = (
    "2026-11-23T03:00:00+00:00",
    "2026-10-25T00:55:00+00:00",  # London puts its clocks back
    "2027-03-28T00:55:00+00:00",  # and forward
    "2028-02-29T23:55:00+00:00",
    "2026-12-31T23:57:00+00:00",
)
IN_THE_DAY = "2026-11-23T10:00:00+00:00"
"""When a severity 3 may be told of at once."""
_COMPANIES = ("two pagers", "two pagers", "one pager", "pagerduty", "two imoc rosters")
_SERVICES = ("Bitbucket", "Bitbucket", "Bitbucket", "Confluence", None, "Unknown", "Never heard of")
_SEVERITIES = (1, 1, 1, 2, 2, 3, None)
_REACTIONS = ("ack 5", "ack 5", "ack 40", "close 5", "close 30", "ignore", "fix 20", "take 15")
_HASTY = ("ack 0.2", "close 0.2")
_JIRA_FATES = ("lost", "doubled", "late", "replayed", "forged")
_PAGER_FATES = ("lost", "doubled", "late")
_LATE_S = (2, 20, 100, 400, 3_000, 86_400)
_OFTEN = tuple(
    o
    for o in OPERATIONS
    if o.name not in IN_PLACES and o.method in ("open_page", "find", "read", "confirm", "insert", "replace", "see", "send")
)
_SYSTEMS = ("opsgenie", "opsgenie", "pagerduty", "jira", "ledger", "queue", "secrets", "jira.recently_updated")
_LONG_AGO = ("closed", "closed", "acked", "open")
HASTY_ONE_IN = 8
PLACES_ONE_IN = 4
TELLING_ONE_IN = 8
COUNTED_ONE_IN = 8
LONG_AGO_ONE_IN = 8
_EVERYWHERE = tuple(o for o in OPERATIONS if o.name not in IN_PLACES)
_JOIN = BY_NAME["slack.join"]
_AT_PLACES = tuple(o for o in OPERATIONS if o.name in IN_PLACES and o is not _JOIN)
_AT_S = (0.0, 3, 8, 12, 25, 50, 65, 90, 130, 310, 400)
_TELLING = (*TELL_ACTS, "order an update", "order one for customers", "say that customers notice", "edit the order", "resolve")
_COUNTED = (
    *COUNT_ACTS,
    "resolve",
    "resolve",
    "reopen",
    "rename",
    "raise to 1",
    "lower to 3",
    "move away",
    "move back",
    "delete",
)
_LATER_S = (3.0, 60.0, 950.0, 1_900.0)
_MUCH_LATER_S = (700, 3_500, 3_605, 90_000)
_TO_AND_FRO = (
    ("lower to 3", "raise to 1"),
    ("resolve", "reopen"),
    ("fix", "reopen"),
    ("resolve", "fix by a robot"),
    ("take", "unassign"),
    ("take", "assign to the default"),
    ("acknowledge", "unassign"),
    ("ask for somebody", "ask for nobody"),
    ("ask for nobody", "ask for somebody"),
    ("hide", "show"),
    ("move away", "move back"),
)
"""What makes a page needless, and what makes it needed again; or the other way round."""
_TO_AND_FRO_ACTS = (*dict.fromkeys(act for pair in _TO_AND_FRO for act in pair), "find the service", "forget the service")
_APART_S = (0.05, 0.3, 1.0, 5.0, 15.0, 60.0, 300.0)
_AROUND_S = (0.0, 1.0, 5.0, 20.0, 30.0, 60.0, 120.0, 300.0, 310.0, 360.0)
"""The last four: how long somebody is waited for, and about when a lost alert is given up."""
_CHANGES = ("rename", "raise to 1", "lower to 3", "assign to somebody else", "take", "resolve", "reopen")


class Kind(StrEnum):
    """ALL: whatever Firebell does. BARE: the page path alone. RESTLESS: that, and people who keep changing their minds.

    CALM: people alone, one incident, and hardly anything that fails.
    """

    ALL = "all"
    BARE = "bare"
    RESTLESS = "restless"
    CALM = "calm"


def draw(seed: int, kind: Kind = Kind.ALL) -> Script:
    """The same script for the same seed and kind, for ever: changing this function changes what every seed means."""
    script = _on_the_page_path(seed)
    match kind:
        case Kind.ALL:
            script = _with_the_rest(seed, script)
        case Kind.RESTLESS:
            script = _restless(Random(f"restless {seed}"), script)
        case Kind.CALM:
            script = _calm(Random(f"calm {seed}"))
        case Kind.BARE:
            pass
    # Drawn apart: what was there before the company had Firebell.
    before = Random(f"long ago {seed}")
    return script.but(long_ago=before.choice(_LONG_AGO)) if before.randrange(LONG_AGO_ONE_IN) == 0 else script


def _with_the_rest(seed: int, script: Script) -> Script:
    """All that can be beside the page path. Each is drawn apart, so that other lives stay what they were."""
    rng, telling = Random(f"places {seed}"), Random(f"telling {seed}")
    is_telling = telling.randrange(TELLING_ONE_IN) == 0
    if rng.randrange(PLACES_ONE_IN) == 0 or (is_telling and telling.random() < 0.5):
        script = _with_places(rng, script)
    script = _with_telling(telling, script) if is_telling else script
    counted = Random(f"counted {seed}")
    script = _with_counting(counted, script) if counted.randrange(COUNTED_ONE_IN) == 0 else script
    return _with_comebacks(Random(f"comebacks {seed}"), script)


def _restless(rng: Random, script: Script) -> Script:
    """A page that is not needed and needed again while a pager, Jira, the ledger or the queue fails."""
    begin = max(raised.at_s for raised in script.raises)
    acts = []
    for pair in range(rng.choice((1, 2, 2, 3))):
        to, fro = rng.choice(_TO_AND_FRO)
        at_s = round(begin + rng.choice(_AROUND_S) + 0.01 * (pair + 1), 2)  # no two in the same millisecond: Jira has an order
        number = rng.randrange(len(script.raises))
        acts += [Act(at_s, to, number), Act(round(at_s + rng.choice(_APART_S), 2), fro, number)]
    faults = frozenset(FAULTS)
    strikes = [_strike(rng, faults, rng.choice(_OFTEN)) for _ in range(rng.choice((0, 1, 1, 2)))]
    slow: dict[str, Any] = {}
    if rng.random() < 0.15:
        slow["deaf"] = (rng.choice((0.0, 1.0, 20.0)), rng.choice((60.0, 150.0, 300.0)))
    if rng.random() < 0.2:
        slow["takes_s"] = rng.choice((2.0, 5.0, 12.0))
    return _joined(script, acts, strikes, (), **slow)


def _calm(rng: Random) -> Script:
    """Whatever people do, one thing after the other. Where nothing fails hardly anything is excused."""
    company, at_s, acts = rng.choice(_COMPANIES), 0.0, []
    possible = (*_TO_AND_FRO_ACTS, *PAGER_ACTS, *((RUN_OUT,) if company == "pagerduty" else ()))
    for number in range(rng.choice((1, 2, 3, 3, 4, 4, 5, 6))):
        at_s += rng.choice(_APART_S) + rng.choice((0.0, 0.01, 7.0, 330.0))
        acts.append(Act(round(at_s + 0.01 * number, 2), rng.choice(possible)))
    return Script(
        company=company,
        begins=rng.choice((*BEGINNINGS, IN_THE_DAY)),
        raises=(Raise(0.0, rng.choice(_SEVERITIES), rng.choice(_SERVICES), rng.choice(("", "", "default", "emma"))),),
        acts=tuple(acts),
        reactions=tuple(rng.choice(_REACTIONS) for _ in range(rng.randint(1, 4))),
        schedule=rng.randrange(1, 1_000_000),
        workers=rng.choice((1, 2, 4)),
        sweep_offset_s=rng.choice((1.0, 30.0, 59.0)),
        takes_s=rng.choice((0.3, 0.3, 2.0, 12.0)),
        pager_hooks=rng.random() > 0.25,
        healed_s=at_s,
    )


def _with_places(rng: Random, script: Script) -> Script:
    """What happens at places."""
    faults = _half_of_all(rng)
    acts = _more_acts(rng, script, (*PLACE_ACTS, *_CHANGES), (0, 1, 1, 2, 3, 5))
    strikes = (_strike(rng, faults, rng.choice(_AT_PLACES)) for _ in range(rng.choice((0, 0, 1, 1, 2, 4))))
    outages = _outages(rng, faults, PLACES) if rng.random() < 0.3 else ()
    return _joined(script, acts, strikes, outages, places=True)


def _with_comebacks(rng: Random, script: Script) -> Script:
    """Somebody opens the room again that another has archived."""
    archived = [act for act in script.acts if act.what == "archive the room" and rng.random() < 0.7]
    if not archived:
        return script
    acts = [Act(act.at_s + rng.choice(_LATER_S), "open the room again", act.incident) for act in archived]
    strike = _strike(rng, frozenset(FAULTS), _JOIN) if rng.random() < 0.5 else None
    return _joined(script, acts, (strike,), ())


def _with_telling(rng: Random, script: Script) -> Script:
    """What people order, and what breaks on the way to those who are told."""
    faults = _half_of_all(rng)
    acts = _more_acts(rng, script, _TELLING, (1, 2, 3, 4, 6))
    strikes = (_strike(rng, faults, rng.choice(OF_TELLING)) for _ in range(rng.choice((0, 1, 1, 2, 3, 4))))
    outages = _outages(rng, faults, TELLING) if rng.random() < 0.3 else ()
    return _joined(script, acts, strikes, outages, telling=True)


def _with_counting(rng: Random, script: Script) -> Script:
    """What people tell of times, and what breaks where it is counted."""
    faults = _half_of_all(rng)
    acts = _more_acts(rng, script, _COUNTED, (1, 2, 3, 4, 6), lambda: _MUCH_LATER_S if rng.random() < 0.1 else _AT_S)
    strikes = (_strike(rng, faults, rng.choice(WHEN_COUNTED)) for _ in range(rng.choice((0, 1, 1, 2, 3, 4))))
    outages = _outages(rng, faults, COUNTING) if rng.random() < 0.3 else ()
    offset_s = rng.choice((1.0, 20.0, 100.0, 300.0, 600.0, 3_000.0))
    return _joined(script, acts, strikes, outages, counted=True, rollup_offset_s=offset_s)


def _half_of_all(rng: Random) -> frozenset[str]:
    return frozenset(name for name in FAULTS if rng.random() < 0.5)


def _more_acts(
    rng: Random, script: Script, possible: Sequence[str], how_many: Sequence[int],
    at_s: Callable[[], Sequence[float]] = lambda: _AT_S,
) -> tuple[Act, ...]:  # fmt: skip
    """at_s: how long after the last incident was raised; asked for each."""
    begin = max(raised.at_s for raised in script.raises)
    return tuple(
        Act(
            round(begin + rng.choice(at_s()) + rng.choice((0.0, 0.4, 1.7)), 2),
            rng.choice(possible),
            rng.randrange(len(script.raises)),
        )
        for _ in range(rng.choice(how_many))
    )


def _joined(
    script: Script, acts: Sequence[Act], strikes: Iterable[Strike | None], outages: Sequence[Outage], **kind: Any
) -> Script:
    """The same life, and all this in it. strikes: drawn only here, after everything else."""
    return script.but(
        acts=tuple(sorted((*script.acts, *acts), key=lambda act: act.at_s)),
        strikes=(*script.strikes, *(strike for strike in strikes if strike is not None)),
        outages=(*script.outages, *outages),
        **kind,
    )


def _on_the_page_path(seed: int) -> Script:
    rng = Random(seed)
    company = rng.choice(_COMPANIES)
    faults = _half_of_all(rng)
    raises = _raises(rng)
    last_raise = max(raised.at_s for raised in raises)
    hasty = rng.randrange(HASTY_ONE_IN) == 0
    reactions = _REACTIONS + _HASTY if hasty else _REACTIONS
    return Script(
        company=company,
        begins=rng.choice(BEGINNINGS),
        raises=raises,
        acts=_acts(rng, len(raises), last_raise),
        reactions=tuple(rng.choice(reactions) for _ in range(rng.randint(1, 3))),
        strikes=_strikes(rng, faults),
        outages=_outages(rng, faults),
        fates=_fates(rng),
        schedule=rng.randrange(1, 1_000_000),
        workers=rng.choice((2, 2, 3, 4, 8)),
        sweep_offset_s=rng.choice((1.0, 13.0, 30.0, 47.0, 59.0)),
        search_lag_s=_rarely(rng, (5.0, 60.0, 600.0), 0.0),
        list_lag_s=_rarely(rng, (1.0, 5.0, 20.0), 0.0),
        index_lag_s=_rarely(rng, (1.0, 5.0), 0.0),
        takes_s=_rarely(rng, (0.0, 2.0, 12.0, 45.0), 0.3),
        jira_skew_s=_rarely(rng, (-300.0, -20.0, 20.0, 300.0), 0.0),
        pager_skew_s=_rarely(rng, (-300.0, 300.0), 0.0),
        worker_skew_s=_rarely(rng, (0.5, 1.0), 0.0),
        pager_hooks=rng.random() > 0.15,
        deaf=(rng.choice((0.0, 1.0, 20.0)), rng.choice((20.0, 90.0, 300.0))) if rng.random() < 0.04 else (0.0, 0.0),
        poisoned=(1,) if len(raises) > 1 and rng.random() < 0.2 else (),
        healed_s=last_raise + 300.0,
        redelivered=(rng.randint(1, 6),) if rng.random() < 0.15 else (),
    )


def _rarely(rng: Random, values: Sequence[float], usual: float) -> float:
    return rng.choice(values) if rng.random() < 0.15 else usual


def _raises(rng: Random) -> tuple[Raise, ...]:
    count = 1 if rng.random() < 0.88 else 2 if rng.random() < 0.96 else 13
    if count == 13:
        return tuple(Raise(float(rng.randint(0, 120)), rng.choice((1, 2)), "Bitbucket") for _ in range(count))
    return tuple(
        Raise(
            float(rng.choice((0, 0, 1, 30))),
            rng.choice(_SEVERITIES),
            rng.choice(_SERVICES),
            rng.choice(("", "", "default", "emma")),
        )
        for _ in range(count)
    )


def _acts(rng: Random, incidents: int, begin: float) -> tuple[Act, ...]:
    count = rng.choice((0, 0, 1, 1, 2, 3, 4, 6))
    acts = []
    for _ in range(count):
        at = begin + rng.choice((0.05, 1, 3, 8, 12, 25, 50, 65, 90, 130, 310, 400)) + rng.choice((0.0, 0.4, 1.7))
        what = rng.choice(tuple(JIRA_ACTS)) if rng.random() < 0.8 else rng.choice(PAGER_ACTS)
        acts.append(Act(round(at, 2), what, rng.randrange(incidents)))
    return tuple(sorted(acts, key=lambda act: act.at_s))


def _strikes(rng: Random, faults: frozenset[str]) -> tuple[Strike, ...]:
    count = rng.choice((0, 0, 1, 1, 1, 2, 3, 5))
    strikes = (_strike(rng, faults, rng.choice(_OFTEN if rng.random() < 0.7 else _EVERYWHERE)) for _ in range(count))
    return tuple(strike for strike in strikes if strike is not None)


def _strike(rng: Random, faults: frozenset[str], operation: Operation) -> Strike | None:
    possible = [fault.name for fault in operation.faults if fault.name in faults]
    if not possible:
        return None
    nth = rng.choice((1, 1, 1, 2, 2, 3, 4, 6, 9))
    return Strike(operation.name, nth, rng.choice(possible), nth + rng.choice((0, 0, 0, 1, 3)))


def _outages(rng: Random, faults: frozenset[str], systems: Sequence[str] = _SYSTEMS) -> tuple[Outage, ...]:
    outages = []
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):
        system = rng.choice(systems)
        operations = [o for o in ALL_OPERATIONS if o.name == system] or list(operations_of(system))
        lasting = {f.name for o in operations for f in o.faults if not f.is_death and f not in (REFUSED, SENT_TWICE)}
        possible = sorted(lasting & faults)
        if possible:
            begin, last = rng.choice((0.0, 0.0, 0.2, 4.0, 30.0, 100.0)), rng.choice((5.0, 30.0, 75.0, 200.0, 200.0, 900.0))
            outages.append(Outage(system, begin, last, rng.choice(possible)))
    return tuple(outages)


def _fates(rng: Random) -> tuple[HookFate, ...]:
    fates = []
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2, 3))):
        if rng.random() < 0.65:
            fates.append(HookFate("jira", rng.choice((1, 1, 2, 3, 4)), rng.choice(_JIRA_FATES), float(rng.choice(_LATE_S))))
        else:
            fates.append(HookFate("pager", rng.choice((1, 2, 2, 3)), rng.choice(_PAGER_FATES), float(rng.choice(_LATE_S))))
    return tuple(fates)
