"""What a performer sees and touches: the terminal screen, and plain lines where there is none."""
