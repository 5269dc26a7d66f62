"""Matchering: makes one song's spectrum and loudness like another's.

Usage: python peer_matchering.py INPUT REFERENCE OUTPUT
"""

import sys

import matchering


def main() -> None:
    path, reference, output = sys.argv[1:4]
    matchering.process(target=path, reference=reference, results=[matchering.pcm24(output)])


if __name__ == "__main__":
    main()
