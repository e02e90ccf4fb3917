"""Quality: visits due, nonconformities open and what they block, recalls."""
