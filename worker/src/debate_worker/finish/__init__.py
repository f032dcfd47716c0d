"""finish: links the speakers of all windows, gives each word a speaker, and writes everything that a person reads."""
