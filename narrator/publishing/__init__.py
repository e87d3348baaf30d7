"""A Narration -> what the web needs of it: manifest, chapters, feed, snippet, media types.

Values in, text out: neither a disk nor a network is touched here, so that a site folder and a
service publish the same things.
"""
