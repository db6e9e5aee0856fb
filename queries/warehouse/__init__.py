"""The warehouse: the star schema, its engines and its loading."""
