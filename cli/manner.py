"""How commands ask vendors."""

from __future__ import annotations

from chalicelib.vendors import Manner

AT_A_DESK = Manner(timeouts_s=(3.0, 10.0), by_proxy=True)
"""Nobody is waiting to be woken: a slow answer is better than none."""

FOR_ALL_OF_IT = Manner(timeouts_s=(5.0, 30.0), by_proxy=True)
"""Somebody waits for all of it anyway."""
