"""Firebell: an incident process that runs by itself on Jira events. DESIGN: observe -> decide -> apply."""
