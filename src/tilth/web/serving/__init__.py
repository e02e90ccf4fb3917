"""What keeps a server running: its processes, its log, and whether it is ready."""
