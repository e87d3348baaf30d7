"""The HTTP service over the same pipeline: one synchronous core, called in worker threads."""
