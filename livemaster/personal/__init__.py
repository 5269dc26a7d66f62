"""What is known of a listener: ratings, preferences in versions, what is learned from them, and what may be shared."""
