"""How long the page protocol waits for what, and how often it tries before it doubts. Reasons: docs/page-protocol.md."""

from __future__ import annotations

from datetime import timedelta

CLAIM = timedelta(seconds=8)
"""How long a create may be under way: longer than the longest call (3 s) and the write after it."""
CLOSES_BEFORE_DOUBT = 7
"""So often was an alert closed that still shows: for a minute, its pager has taken requests and done nothing."""
FAILURES_TOLD = 15
"""So often was a page in vain looked for, or closed, that nobody needs: for nearly three minutes. Then its owners hear
that it may ring on, and after as many more again."""
LOOK_AGAIN = timedelta(seconds=3)
LATER_AGAIN = timedelta(seconds=12)
"""A close is asked for again after 3 s, then 6, then every 12: pagers answer before they act, and may take their time. So is a
look at what nobody needs, and no later: wanted anew, a page waits for its old alert."""
LONGEST_LOOK_WAIT = timedelta(seconds=30)
"""A pager that asks to be left alone is looked at again by then. To look changes nothing there, and whoever is needed, or has
answered meanwhile, must not wait for an hour to be seen."""
LOOKS_BEFORE_DOUBT = 3
FIRST_CHECK = timedelta(seconds=2)
NEXT_CHECK = timedelta(seconds=5)
UNSEEN = timedelta(seconds=30)
"""Accepted this long ago and still no alert: the next in the chain is paged too."""
LOST = timedelta(seconds=60)
"""Accepted this long ago and still no alert: the request is taken for lost and sent again."""
MISSING = LOST + UNSEEN
"""Begun this long ago, and nothing seen of what was sent since, nor of its repeat: the pager's second rings."""
UNREACHABLE = timedelta(seconds=60)
"""Not accepted for this long: the pager counts as unreachable, and everything else stops waiting for it."""
ORPHAN = timedelta(seconds=120)
"""How long an alert that we no longer want, and never saw, may still turn up."""
ORPHAN_OWED = timedelta(seconds=360)
"""The same for what was sent: a pager may sit on a request for long, also on one whose answer was lost. Every sweep looks."""
OVERTAKEN = timedelta(seconds=20)
"""So long after a pass has read the issue it may still act on that: its page stage gives up after 15 s, and a call takes 3."""
OURS_NO_MORE = timedelta(seconds=420)
"""What is closed so long after we gave up closing it was closed by a human: two minutes, and a pager's clock may be wrong."""
CLOCKS_DIFFER = timedelta(minutes=10)
"""Jira's clock and a pager's may each be five minutes wrong: so much earlier may seem to be what came later."""
REFUSED_RETRY = timedelta(seconds=300)
REFUSED_ALONE_RETRY = timedelta(seconds=30)
"""While no page of the episode rings anybody, what refused us is asked again soon: it may have been passing."""
ACK_AGAIN = timedelta(seconds=30)
LONGEST_WAIT = timedelta(seconds=3600)
"""A Retry-After to what is written is honoured up to here. Whoever asks for more may be wrong, and somebody may wait to be
rung."""
