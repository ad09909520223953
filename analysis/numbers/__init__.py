"""Every number with what is behind it: its page, its column, its file."""
