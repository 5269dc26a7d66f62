"""Comments on masters, written without sight of the table that reads them, with the wish in each."""

PHRASINGS: list[tuple[str, dict[str, int]]] = [
    # Direct requests.
    ("Could you bring up the low end a little?", {"bass": 1}),
    ("a bit less bass please", {"bass": -1}),
    ("Push the vocals forward, they sit in the midrange and get lost", {"mid": 1}),
    ("Please cut some mids around the guitars", {"mid": -1}),
    ("add some air on top", {"treble": 1}),
    ("can you tame the highs, the cymbals hurt my ears", {"treble": -1}),
    ("Make it wider please", {"width": 1}),
    ("I would like it closer to mono, I play it on one speaker in my bar", {"width": -1}),
    ("turn it up!", {"loudness": 1}),
    ("please make it quieter", {"loudness": -1}),
    ("Give the drums more punch", {"dynamics": 1}),
    ("Can you make the volume more even between verse and chorus?", {"dynamics": -1}),
    ("more kick and sub", {"bass": 1}),
    # Complaints.
    ("Sounds muddy", {"bass": -1}),
    ("It's really boomy in my car", {"bass": -1}),
    ("the sound is too thin, there is no body", {"bass": 1}),
    ("Too harsh, I can't listen to it on headphones", {"treble": -1}),
    ("kind of dull compared to the mix I sent", {"treble": 1}),
    ("Nasal and honky", {"mid": -1}),
    ("it sound hollow, like a hole in the middle frequencies", {"mid": 1}),
    ("Stereo feels narrow", {"width": 1}),
    ("too wide, the center feels empty", {"width": -1}),
    ("It's much softer than other songs in my playlist", {"loudness": 1}),
    ("way too loud", {"loudness": -1}),
    ("Overcompressed, all the life is gone", {"dynamics": 1}),
    ("The loud parts jump out too much", {"dynamics": -1}),
    # With negation.
    ("not enough bass", {"bass": 1}),
    ("It is not bright enough for me", {"treble": 1}),
    ("doesn't need to be this loud", {"loudness": -1}),
    ("Please don't squash it so much", {"dynamics": 1}),
    # Praise with a wish.
    ("Love it, but the s sounds are a little sharp", {"treble": -1}),
    ("Very nice master, only the voice is a bit buried", {"mid": 1}),
    ("Great low end! Just wish it was a bit louder", {"loudness": 1}),
    # Two wishes.
    ("More bass and less treble please", {"bass": 1, "treble": -1}),
    ("Wider and louder, please", {"width": 1, "loudness": 1}),
    ("too much low end and the dynamics are crushed", {"bass": -1, "dynamics": 1}),
    # Nothing to change.
    ("Perfect, thank you so much!", {}),
    ("The bass is just right, don't touch it", {}),
    ("What software do you use for this?", {}),
    ("I like the lyrics in the second verse", {}),
]
