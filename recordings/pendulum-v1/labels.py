def label(stage: str, facts: dict[str, str]) -> tuple[str, str]:
    """The teacher's judgement where no `When:` decides: the right function, and why."""
    if facts["energy"] == "too low":
        return "swing_up", "Without more energy the rod cannot reach upright, and torque along the motion adds it."
    if facts["energy"] == "too high":
        return "brake", "The rod would pass upright too fast to be caught, and speed is paid."
    return "ride_up", "The rod has just the energy that it needs, so it comes up by itself."
