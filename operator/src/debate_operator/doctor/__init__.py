"""`debate-operator doctor`: can debates be worked on here? Each check in a line, and how to fix what is wrong.

Nothing is imported here: the operator itself needs the names of the parts alone (`parts`), and none of what the checks
take of memory.
"""
