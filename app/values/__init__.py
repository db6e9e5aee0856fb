"""The words of the house: frozen values that travel, with no web and no database."""
