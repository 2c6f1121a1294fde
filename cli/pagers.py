"""The pagers of a settings file, built to be asked for ids: `bootstrap` builds them only from settings that lack none."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.ports.pager import Pager
from chalicelib.ports.secrets import Secrets
from chalicelib.settings import PagerSettings

PATIENCE_S = (3.0, 10.0)
"""Nobody is waiting to be woken: a slow answer is better than none."""


def build_pagers(configured: Mapping[str, PagerSettings], secrets: Secrets) -> dict[str, Pager]:
    return {name: _build(name, known, secrets) for name, known in configured.items()}


def _build(name: str, known: PagerSettings, secrets: Secrets) -> Pager:
    from chalicelib.adapters.jsm_operations import JsmOperations
    from chalicelib.adapters.opsgenie import Opsgenie
    from chalicelib.adapters.pagerduty import PagerDuty

    match name:
        case "opsgenie":
            return Opsgenie(known.base_url, secrets.opsgenie_key, timeouts_s=PATIENCE_S, by_proxy=True)
        case "jsm":
            return JsmOperations(
                integration_url=known.integration_url,
                integration_key=secrets.jsm_integration_key,
                rest_url=known.base_url,
                cloud_id=known.cloud_id,
                mail=secrets.jsm_mail,
                token=secrets.jsm_token,
                timeouts_s=PATIENCE_S,
                by_proxy=True,
            )
        case "pagerduty":
            return PagerDuty(
                known.base_url,
                known.events_url,
                secrets.pagerduty_token,
                secrets.pagerduty_routing_keys,
                known.from_mail,
                timeouts_s=PATIENCE_S,
                by_proxy=True,
            )
    raise AssertionError(f"settings let {name} through")
