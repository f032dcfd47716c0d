"""The demo transcription model: a Whisper of two million parameters for faster-whisper."""
