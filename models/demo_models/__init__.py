"""The code that makes the demo models and the sample debate; nothing in the product imports it."""
