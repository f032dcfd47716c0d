"""The demo diarization model: a segmentation, an embedding and a PLDA as one pyannote pipeline."""
