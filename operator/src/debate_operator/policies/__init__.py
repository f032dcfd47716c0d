"""What answers an end, a wait or a wish: one module a policy, all pure."""
