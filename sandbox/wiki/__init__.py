"""Confluence: the rules of its pages, and its HTTP face."""
