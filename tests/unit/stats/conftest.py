"""Hypothesis without deadlines: the machines that run these tests are shared, and their clock proves nothing."""

from hypothesis import settings

settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")
