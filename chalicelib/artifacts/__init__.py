"""One small file per thing that should exist in the world for an incident. Pure: each says what is wanted, none does it."""
