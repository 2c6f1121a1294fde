"""Jira Cloud: issues, history, comments, search that lags, and webhooks out."""
