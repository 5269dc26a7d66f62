"""The whole job from files to files: listen, plan, survey, solve, render, check."""
