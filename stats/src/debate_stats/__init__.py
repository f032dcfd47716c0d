"""debate_stats: transcripts in, statistics out."""
