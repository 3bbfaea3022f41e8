def corner(ground: list[int], width: int, one: int, two: int, prey: int, broken: int, steps_left: int, spread: int) -> list[int]:
    """Look two moves ahead: the joint move after which the best flight of the evader leads to the smallest room.

    The evader's room is the cells that it reaches before both pursuers. Between equal moves a preference
    decides that changes from step to step; `spread` says how strong it is in the choice of the eight moves
    that are looked at further. The pursuer of the number `broken` stays on its cell; 0 is none.

    Rules: 2, 6
    >>> corner(ground=[-1, -1, -1, -1, 99, 99, 99, -1, 99, -1, 99, -1, 99, 99, 99, -1, -1, -1, -1, -1], width=4, one=4, two=6, prey=13, broken=0, steps_left=9, spread=101)
    [8, 10]
    >>> corner(ground=[-1, -1, -1, -1, 99, 99, 99, -1, 99, -1, 99, -1, 99, 99, 99, -1, -1, -1, -1, -1], width=4, one=4, two=6, prey=13, broken=2, steps_left=9, spread=101)
    [8, 6]
    """
    ways = {cell: near(ground, width, cell) for cell in range(len(ground)) if ground[cell] > 0}
    lefts = [one] if broken == 1 else near(ground, width, one)
    rights = [two] if broken == 2 else near(ground, width, two)
    flights = near(ground, width, prey)
    starts = lefts + rights + flights
    for cell in lefts + rights:
        starts = starts + near(ground, width, cell)
    reach = {cell: walk(ground, width, cell) for cell in set(starts)}
    cells = [cell for cell in range(len(ground)) if -1 < reach[prey][cell] < 99]

    def room(left: int, right: int, flight: int, ahead: int, enough: int) -> int:
        first, second, own = reach[left], reach[right], reach[flight]
        count = first[flight] + second[flight]
        for cell in cells:
            steps = own[cell] + ahead
            if steps < first[cell] and steps < second[cell]:
                count += 1
                if count >= enough:
                    return count
        return count

    def escapes(left: int, right: int) -> list[int]:
        return [cell for cell in flights if reach[left][cell] > 1 and reach[right][cell] > 1]

    def preference(left: int, right: int, most: int) -> int:
        i, j = [cell // width * (width - 1) - width + 1 + cell % width for cell in (left, right)]
        return (steps_left * 7919 + i * 131) * (steps_left * 613 + j * 37) % most

    ranked = []
    for left in lefts:
        for right in rights:
            worst = max([0] + [room(left, right, flight, 1, 9999) for flight in escapes(left, right)])
            ranked.append((50 * worst + preference(left, right, spread), left, right))
    best, least = [one, two], 9999
    for rank, left, right in sorted(ranked)[:8]:
        liking = preference(left, right, 101)
        worst = 0
        for flight in escapes(left, right):
            reply = 9999
            for i in [left] if broken == 1 else ways[left]:
                for j in [right] if broken == 2 else ways[right]:
                    if reply > worst:
                        reply = min(reply, room(i, j, flight, 0, reply))
            worst = max(worst, reply)
            if 50 * worst + liking >= least:
                break
        if 50 * worst + liking < least:
            best, least = [left, right], 50 * worst + liking
    return best
