"""Frozen values and pure rules of the incident process.

Belongs here: what an incident, a page or a roster is, and every decision about them. Never here: a vendor's word, a
clock, a socket, a log line, or an import from any other Firebell package except `chalicelib.errors`.
"""
