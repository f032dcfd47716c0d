"""debate_worker: video in, transcript with speakers out."""
