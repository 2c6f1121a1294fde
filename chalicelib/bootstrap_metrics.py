"""The part of `bootstrap` that picks what counts: the fact store and the rollup. The page's path imports none of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib.bootstrap import clock, log, settings, templates
from chalicelib.errors import SettingsError

if TYPE_CHECKING:
    from chalicelib.metrics.run import Ran
    from chalicelib.ports.fact_store import FactStore

BUCKET_VARIABLE = "FIREBELL_FACTS"


def facts_of_incidents() -> Callable[[], FactStore] | None:
    """Where the pass of an incident puts its facts; None without a bucket, which is said."""
    if not _bucket():
        log().info("facts_off", error=f"{BUCKET_VARIABLE} is not set: nothing is counted")
        return None
    return fact_store


def fact_store(*, patient: bool = False) -> FactStore:
    """patient: somebody has time to wait for it."""
    from chalicelib.adapters.aws import client
    from chalicelib.adapters.s3 import S3FactStore

    return S3FactStore(_bucket(), lambda: client("s3", patient=patient))


def rollup() -> Ran:
    """Raises SettingsError without a bucket, TemporaryError when it cannot be reached: the next hour does it."""
    from chalicelib.adapters.report_pages import ReportPages
    from chalicelib.metrics.run import Rollup

    if not _bucket():
        raise SettingsError((f"environment: {BUCKET_VARIABLE} is not set; the deployment template sets it",))
    work = Rollup(fact_store(patient=True), log(), settings().metrics.hours, ReportPages(templates()))
    ran = work.run(clock().now())
    log().info("rolled_up", merged=ran.merged, months=len(ran.months), quarters=len(ran.quarters))
    return ran


def _bucket() -> str:
    return os.environ.get(BUCKET_VARIABLE, "")
