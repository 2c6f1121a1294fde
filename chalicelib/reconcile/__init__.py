"""observe -> decide -> apply: the only place that knows about ledgers, retries and crashes.

observe.py    the incident as it is now, from Jira, the ledger and the message
pages.py      performs the page protocol's steps, one record at a time
blind.py      the page while the ledger is away
artifacts.py  makes everything else exactly once, concurrently
firebell.py   one pass: observe, page first, then the rest, then when to come back
"""
