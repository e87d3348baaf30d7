"""Segments -> finished audio: join, master, encode, tag, and the captions that go with it."""
