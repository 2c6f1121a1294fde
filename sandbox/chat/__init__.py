"""Slack: its rules without HTTP (`model`), its Web API and events (`slack`). Deterministic on a virtual clock."""
