"""The table of steps."""

from __future__ import annotations

from debate_core.steps import BY_NAME, STEPS


def test_the_steps_together_are_the_whole_of_a_jobs_time() -> None:
    assert sum(step.share for step in STEPS) == 100


def test_every_step_comes_after_the_one_that_it_needs() -> None:
    for position, step in enumerate(STEPS):
        assert step.after is None or BY_NAME[step.after] in STEPS[:position]
