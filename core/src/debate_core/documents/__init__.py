"""The documents of DESIGN 5: pydantic models, one file a document, with JSON Schemas published beside."""
