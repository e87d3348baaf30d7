"""Segments -> finished audio: join, master, encode, tag, and the captions that go with it."""

TARGET = -16.0
"""LUFS, integrated, of what is finished; mono counted as one channel."""
