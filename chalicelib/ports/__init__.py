"""What Firebell needs from the world, named by role. Protocols and the plain values they exchange; no behaviour."""
