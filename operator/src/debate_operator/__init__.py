"""Debate Analyzer's operator: DebateJob resources in, Kubernetes Jobs out."""
