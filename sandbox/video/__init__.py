"""Zoom: the rules of its meetings, and its HTTP face."""
