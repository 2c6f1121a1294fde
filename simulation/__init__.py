"""The seeded world that tries to break the promises. Never deployed."""
