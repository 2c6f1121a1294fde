"""Benchmarks: what Firebell costs, always next to the least that could be done, measured in the same run.

One module per question; `python -m bench` asks them all. Nothing here is deployed, and no test asserts a time.
"""
