"""Whether this account lets the functions reserve what the template says.

A young account may run 10 or 50 functions at once, and there the first deployment would fail after minutes, with a sentence of
AWS's that names no way out, and leave a stack behind that must be deleted by hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEPT_FREE = 100
"""What AWS wants left for functions that reserve nothing; of less than this, it lets nobody reserve any.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
"""


def problems_of(template: Path, functions: Any, say: Callable[[str], object]) -> list[str]:
    """For a stack that is not there yet: what one has reserved already is no longer free. functions: a client of Lambda.

    Who may not ask is told so, and finds out when AWS refuses.
    """
    from botocore.exceptions import ClientError

    try:
        limit = functions.get_account_settings()["AccountLimit"]
    except ClientError as error:
        if "AccessDenied" not in error.response["Error"]["Code"]:
            raise
        say(f"lambda:GetAccountSettings is not allowed, so nobody knows whether the quota is enough: {error}")
        return []
    return problems_with(reserved_in(template), limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"])


def reserved_in(template: Path) -> int:
    resources = json.loads(template.read_text("utf-8"))["Resources"].values()
    return sum(
        resource["Properties"].get("ReservedConcurrentExecutions", 0) for resource in resources if "Properties" in resource
    )


def problems_with(wanted: int, quota: int, free: int) -> list[str]:
    """wanted, quota, free: executions at once, that the stack reserves, that the account may have, that nobody has reserved."""
    missing = wanted + KEPT_FREE - free
    if missing <= 0:
        return []
    return [
        f"the functions reserve {wanted} executions, AWS keeps {KEPT_FREE} for functions that reserve none, and of this "
        f"account's {quota} here {free} are free: ask for {quota + missing} or more at Service Quotas (AWS Lambda, Concurrent "
        "executions, L-B99A9384), which may take a day, or reserve less where that is enough (reserved_concurrency in "
        ".chalice/config.json)"
    ]
