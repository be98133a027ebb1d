/** Number of an identifier, or none. */
export type IdentifierNumber = number | null

/**
 * Brings entities together, and never two of different identifiers, nor two that a person told apart. Entities and identifiers are
 * numbers that the caller gives.
 */
export class Clusters {
  readonly #parent = new Map<number, number>()
  readonly #size = new Map<number, number>()
  readonly #identifier = new Map<number, number>()
  /** By root: entities whose clusters it must not join. */
  readonly #apart = new Map<number, Set<number>>()

  /** The entity that stands for the cluster. */
  find(entity: number): number {
    let root = entity
    for (let up = this.#parent.get(root); up !== undefined; up = this.#parent.get(root)) root = up
    for (let at = entity; at !== root;) {
      const up = this.#parent.get(at)!
      this.#parent.set(at, root)
      at = up
    }
    return root
  }

  /** Says that an entity has an identifier. */
  identify(entity: number, identifier: IdentifierNumber): void {
    if (identifier !== null) this.#identifier.set(this.find(entity), identifier)
  }

  /** Keeps the clusters of two entities apart, whatever joins later. */
  keepApart(one: number, other: number): void {
    for (const [a, b] of [
      [this.find(one), other],
      [this.find(other), one],
    ] as const) {
      const known = this.#apart.get(a)
      if (known) known.add(b)
      else this.#apart.set(a, new Set([b]))
    }
  }

  /** Joins the clusters of two entities; false: they must not be one. */
  join(one: number, other: number): boolean {
    const [a, b] = [this.find(one), this.find(other)]
    if (a === b) return true
    if (this.#mustNot(a, b)) return false
    const [sizeA, sizeB] = [this.#size.get(a) ?? 1, this.#size.get(b) ?? 1]
    const [root, child] = sizeA >= sizeB ? [a, b] : [b, a]
    this.#parent.set(child, root)
    this.#size.set(root, sizeA + sizeB)
    const identifier = this.#identifier.get(child)
    if (identifier !== undefined) this.#identifier.set(root, identifier)
    const apart = this.#apart.get(child)
    if (apart) this.#apart.set(root, new Set([...apart, ...(this.#apart.get(root) ?? [])]))
    return true
  }

  /** All entities that joined another, with the one that stands for their cluster. */
  *joined(): Iterable<[entity: number, root: number]> {
    for (const entity of this.#parent.keys()) yield [entity, this.find(entity)]
  }

  #mustNot(a: number, b: number): boolean {
    const [idA, idB] = [this.#identifier.get(a), this.#identifier.get(b)]
    if (idA !== undefined && idB !== undefined && idA !== idB) return true
    const apart = this.#apart.get(a)
    return apart !== undefined && [...apart].some((one) => this.find(one) === b)
  }
}
