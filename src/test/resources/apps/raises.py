"""An application that does not import."""

raise RuntimeError("no database named shop")
