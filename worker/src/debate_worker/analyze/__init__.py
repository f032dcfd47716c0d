"""analyze: transcribe and diarize each window, in child processes; one document a window."""
