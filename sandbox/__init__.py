"""Strict emulators of every vendor, the embedded stack, and its pages. Never deployed.

A model (`model.py`) holds a vendor's rules and state and knows no HTTP; `http.py` beside it only translates.
"""
