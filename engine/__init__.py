"""The engine: decides, remembers and dispatches; it imports none of our other packages.

Floors, downward only: scheduler, dispatch, service | audit, store | clock | language,
ports, domain.
"""
