"""The life of an operation: who was allowed, who did, who checked, who accepted."""
