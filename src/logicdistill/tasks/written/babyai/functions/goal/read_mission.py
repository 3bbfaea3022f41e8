def read_mission(mission: str) -> dict[str, str]:
    """Read what to do, with which kind of thing, of which colour, and where it was at the start.

    Use when: in every state.
    Rules: 4, 5
    >>> read_mission(mission="go to the red ball")
    {'verb': 'go to', 'kind': 'ball', 'colour': 'red', 'place': 'anywhere'}
    >>> read_mission(mission="pick up a key on your left")
    {'verb': 'pick up', 'kind': 'key', 'colour': 'any', 'place': 'left'}
    >>> read_mission(mission="pick up the grey box in front of you")
    {'verb': 'pick up', 'kind': 'box', 'colour': 'grey', 'place': 'front'}
    >>> read_mission(mission="open the door behind you")
    {'verb': 'open', 'kind': 'door', 'colour': 'any', 'place': 'behind'}
    """
    places = {
        " in front of you": "front",
        " behind you": "behind",
        " on your left": "left",
        " on your right": "right",
    }
    place, rest = "anywhere", mission
    for words, name in places.items():
        if rest.endswith(words):
            place, rest = name, rest[: -len(words)]
    for verb in ("go to", "pick up", "open"):
        for article in ("the", "a"):
            begin = f"{verb} {article} "
            if rest.startswith(begin):
                words = rest[len(begin) :].split(" ")
                colour = "any"
                if len(words) == 2 and words[0] in (
                    "red", "green", "blue", "purple", "yellow", "grey",
                ):
                    colour = words[0]
                    words = words[1:]
                if len(words) == 1 and words[0] in ("key", "ball", "box", "door", "object"):
                    return {"verb": verb, "kind": words[0], "colour": colour, "place": place}
    raise ValueError(f"no mission that these rules know: {mission}")
