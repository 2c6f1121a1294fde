"""Signature checks and parsers for everything that comes in over HTTP: raw bytes -> plain values, or a named error."""
