"""Who works on what."""
