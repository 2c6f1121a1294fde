"""The few kinds of failure Firebell knows. Adapters translate into them once; nobody above knows HTTP.

FirebellError
├── IntegrationError          a vendor or AWS did not do what we asked
│   ├── TemporaryError        worth another try; may say when
│   │   └── UnfitSecret       what a sender proves itself with cannot be used: answer 503, which is no alarm
│   └── PermanentError        the same answer every time; a human must change something
├── IgnoredEvent              well formed, none of our business: answer 200 and say why
├── UnreadableEvent           authentic, but no sense can be made of it: keep it for a human
├── RefusedInput              authentic and wrong, and the sender can correct it: answer 400 and say what
├── Unauthentic               not signed, or wrongly signed: answer 401
└── SettingsError             what is known at start-up to fail later
"""

from __future__ import annotations


class FirebellError(Exception):
    """Base of everything Firebell raises on purpose."""


class IntegrationError(FirebellError):
    """A vendor did not do what we asked.

    vendor: adapter name ("opsgenie"); operation: port operation ("open_page"); message: the vendor's own words, trimmed,
    without the half characters that vendors leave behind who cut in UTF-16: the ledger could not store them.
    """

    def __init__(self, vendor: str, operation: str, message: str) -> None:
        message = message.encode("utf-8", "replace").decode("utf-8")
        super().__init__(f"{vendor} {operation}: {message}")
        self.vendor = vendor
        self.operation = operation
        self.message = message


class TemporaryError(IntegrationError):
    """Worth another try.

    retry_after_s: seconds the vendor asked us to wait, None when it said nothing.
    out_of_service: the vendor will not serve us for longer than a minute (Retry-After over 60 s, 401, 403): it counts as down.
    """

    def __init__(
        self, vendor: str, operation: str, message: str, *, retry_after_s: float | None = None, out_of_service: bool = False
    ) -> None:
        super().__init__(vendor, operation, message)
        self.retry_after_s = retry_after_s
        self.out_of_service = out_of_service or (retry_after_s is not None and retry_after_s > 60)


class UnfitSecret(TemporaryError):
    """A sender's secret cannot be used, so nobody can tell it from a stranger. The secret store has given the alarm."""


class PermanentError(IntegrationError):
    """The same answer every time (a roster that does not exist, a malformed request)."""


class IgnoredEvent(FirebellError):
    """A well-formed event that is none of our business. The text is the reason, shown to the sender."""


class UnreadableEvent(FirebellError):
    """An authentic event that cannot be read. The text says what was wrong and where."""


class RefusedInput(FirebellError):
    """What a sender must correct before it is of any use. The text says which member, and is shown to the sender."""


class Unauthentic(FirebellError):
    """The sender did not prove who it is. The text never says how close it came."""


class SettingsError(FirebellError):
    """Every mistake in the settings at once: `problems` holds one line each, saying what, where and what to do."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
