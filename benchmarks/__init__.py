"""What ``scripts/bench`` measures: one module a command.

A module here is a command of the same name, with ``-`` for ``_``, and its docstring is its help.
It has ``add_arguments(parser)``, and ``run(arguments)`` that returns the exit code. A module whose
name begins with ``_`` is no command.
"""
