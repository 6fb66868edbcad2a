// The auction algorithm for objects of several equal pieces: persons without one bid for the cheapest, and prices rise.
// D. P. Bertsekas, D. A. Castañon, The auction algorithm for the transportation problem, 1989; scaling of epsilon:
// D. P. Bertsekas, The auction algorithm: a distributed relaxation method for the assignment problem, 1988.

/** Persons to be placed at sites, one at each piece of them: as many persons as pieces. */
export interface Auction {
  readonly persons: number
  /** Costs of a person at each site; infinite where it cannot go. Read before the next call. */
  readonly row: (person: number) => Float64Array
  /** Pieces of each site, at least 1. */
  readonly capacities: Int32Array
  /** Difference between the largest and the smallest finite cost, above 0. */
  readonly range: number
  /** The last epsilon: the total cost is at most that above the least for each person. */
  readonly epsilon: number
  readonly maxBids: number
}

/** A site for each person, and what that is worth. */
export interface AuctionOutcome {
  /** `[persons]`. */
  readonly sites: Int32Array
  /** Lowest price at each site. */
  readonly prices: Float64Array
  readonly bids: number
  /** Whether all bidding ended below `maxBids`. */
  readonly settled: boolean
}

const FACTOR = 5

/** Runs auctions of decreasing epsilon, each from the prices of the one before; a feasible placement must exist. */
export function runAuction(auction: Auction): AuctionOutcome {
  const { persons, capacities, range, epsilon, maxBids } = auction
  const pieces = createPieces(capacities)
  const waiting = new Int32Array(persons)
  let bids = 0
  let settled = true
  for (let raise = Math.max(epsilon, range / FACTOR); ; raise = Math.max(epsilon, raise / FACTOR)) {
    pieces.holders.fill(-1)
    let count = persons
    for (let k = 0; k < persons; k++) waiting[k] = persons - 1 - k
    while (count > 0 && bids < maxBids) {
      const displaced = bid(auction, pieces, waiting[--count], raise)
      if (displaced >= 0) waiting[count++] = displaced
      bids++
    }
    settled = count === 0
    if (!settled || raise <= epsilon) return { ...outcomeOf(auction, pieces), bids, settled }
  }
}

/** One person takes its cheapest piece, and raises the price until its second choice is as good but for `raise`. */
function bid({ row, capacities, range }: Auction, pieces: Pieces, person: number, raise: number): number {
  const costs = row(person)
  const { lowest } = pieces
  let best = Number.POSITIVE_INFINITY
  let second = Number.POSITIVE_INFINITY
  let site = 0
  for (let j = 0; j < capacities.length; j++) {
    const total = costs[j] + lowest[j]
    if (total >= second) continue
    if (total < best) {
      second = best
      best = total
      site = j
    } else second = total
  }
  const other = costs[site] + pieces.secondLowest(site)
  const alternative = Math.min(second, other)
  const gain = alternative === Number.POSITIVE_INFINITY ? range : alternative - best
  return pieces.take(site, person, lowest[site] + gain + raise)
}

type Pieces = ReturnType<typeof createPieces>

/** The pieces of each site as a heap, the cheapest first. */
function createPieces(capacities: Int32Array) {
  const starts = new Int32Array(capacities.length + 1)
  for (let j = 0; j < capacities.length; j++) starts[j + 1] = starts[j] + capacities[j]
  const prices = new Float64Array(starts[capacities.length])
  const holders = new Int32Array(prices.length)
  const lowest = new Float64Array(capacities.length)

  function secondLowest(site: number): number {
    const first = starts[site]
    const end = starts[site + 1]
    if (first + 1 >= end) return Number.POSITIVE_INFINITY
    return first + 2 < end ? Math.min(prices[first + 1], prices[first + 2]) : prices[first + 1]
  }

  /** Gives the cheapest piece to a person at a higher price; returns who held it, or -1. */
  function take(site: number, person: number, price: number): number {
    const first = starts[site]
    const size = capacities[site]
    const displaced = holders[first]
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= size) break
      if (child + 1 < size && prices[first + child + 1] < prices[first + child]) child++
      if (prices[first + child] >= price) break
      prices[first + hole] = prices[first + child]
      holders[first + hole] = holders[first + child]
      hole = child
    }
    prices[first + hole] = price
    holders[first + hole] = person
    lowest[site] = prices[first]
    return displaced
  }

  return { starts, holders, lowest, secondLowest, take }
}

/** Who is where; persons that still wait get what is free. */
function outcomeOf({ persons, capacities }: Auction, { starts, holders, lowest }: Pieces) {
  const sites = new Int32Array(persons).fill(-1)
  const free: number[] = []
  for (let j = 0; j < capacities.length; j++)
    for (let k = starts[j]; k < starts[j + 1]; k++) {
      if (holders[k] >= 0) sites[holders[k]] = j
      else free.push(j)
    }
  let next = 0
  for (let i = 0; i < persons; i++) if (sites[i] < 0) sites[i] = free[next++]
  return { sites, prices: lowest }
}
