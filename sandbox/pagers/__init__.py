"""Opsgenie, JSM Operations and PagerDuty: one desk of alerts with three faces."""
