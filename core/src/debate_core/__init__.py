"""debate_core: what every part of Debate Analyzer speaks."""
