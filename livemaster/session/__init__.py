"""What is performed: a playlist or live input, its transport, plans, controls and take. The sound is in `sound`."""
