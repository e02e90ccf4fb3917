"""Tasks and teams: the board, one task with its gates, teams, what ends soon."""
