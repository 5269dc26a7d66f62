"""Comments on masters, written without sight of the table that reads them, with the wish in each."""

PHRASINGS: list[tuple[str, dict[str, int]]] = [
    # Asked for directly.
    ("could you give it a touch more low end", {"bass": 1}),
    ("Please turn down the bass a little, it's shaking my car", {"bass": -1}),
    ("I'd love a bit more sparkle on top", {"treble": 1}),
    ("can we roll off some of the highs please", {"treble": -1}),
    ("Bring the mids forward so I can hear the guitars", {"mid": 1}),
    ("maybe scoop the midrange slightly?", {"mid": -1}),
    ("make it wider please", {"width": 1}),
    ("Can you narrow the stereo image a bit?", {"width": -1}),
    ("needs to be louder, my other tracks on spotify are way hotter", {"loudness": 1}),
    ("Could be a couple dB quieter for my taste", {"loudness": -1}),
    ("please less compression, let the drums breathe", {"dynamics": 1}),
    ("I want it more glued together, squeeze it harder", {"dynamics": -1}),
    ("Please you can put more bass, for me is too little", {"bass": 1}),
    # Put as a complaint.
    ("cymbals hurt my ears", {"treble": -1}),
    ("kick drum has no weight", {"bass": 1}),
    ("feels cramped in the middle", {"width": 1}),
    ("The whole thing sounds muddy", {"bass": -1}),
    ("it's like listening through a blanket", {"treble": 1}),
    ("Vocals sound nasal and honky now", {"mid": -1}),
    ("sounds hollow, like the body of the voice is gone", {"mid": 1}),
    ("Everything is squashed flat, no life left in the chorus", {"dynamics": 1}),
    ("the quiet verse is too quiet compared to the chorus, I keep riding the volume", {"dynamics": -1}),
    ("My song is so quiet next to the others in the playlist", {"loudness": 1}),
    ("way too loud, I had to grab the volume knob", {"loudness": -1}),
    ("the s sounds are very sharp, it is not comfortable in headphones", {"treble": -1}),
    # With a negation.
    ("not bright enough", {"treble": 1}),
    ("the bass isn't too much, but highs are dull", {"treble": 1}),
    ("It doesn't need to be this loud", {"loudness": -1}),
    ("there's not much punch in the snare anymore", {"dynamics": 1}),
    # Praise and a wish.
    ("Love the punch! Only the low end is a bit boomy", {"bass": -1}),
    ("Really nice and clear, but the stereo is too wide, the center feels empty", {"width": -1}),
    ("great loudness, I just miss some warmth down low", {"bass": 1}),
    # Two wishes.
    ("more bass and less treble please", {"bass": 1, "treble": -1}),
    ("Too harsh and too narrow", {"treble": -1, "width": 1}),
    ("a bit louder, and the lows could be tighter and less heavy", {"loudness": 1, "bass": -1}),
    # Nothing to change.
    ("Perfect, don't touch anything!", {}),
    ("wow this sounds amazing, thank you so much", {}),
    ("The bass is just right and the highs are lovely", {}),
    ("Can I download this as a wav file?", {}),
    ("I should have sung the second verse better haha", {}),
]
