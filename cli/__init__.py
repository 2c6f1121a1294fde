"""`firebell` for operators. Never deployed.

Belongs here: reading options, printing answers. Never here: a rule of the process; that is `chalicelib`'s.

A new command: a module cli/<name>.py, and one line in `COMMANDS` of cli/__main__.py. Import there what is quick; what is
heavy (the sandbox, requests, boto3) inside the function that needs it, or `firebell --help` takes a second.

Exit codes: 0 all is well, 1 something is wrong and was named, 2 the command was not called rightly.
"""
