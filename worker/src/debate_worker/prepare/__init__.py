"""prepare: claim the job id, bring the media into the store, decode the sound, find speech, write the plan."""
