"""GraphQL: the same catalogue, figures and things as everywhere, as a graph; behind the guard, in the viewer's scope.

`door.py` takes the request, `limits.py` refuses what would be too much before anything is read, `schema.py` is what can
be asked; `loading.py` reads for many things at once what a graph asks of each.
"""
