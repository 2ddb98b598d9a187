import { longer } from '../pair-table.ts'

/** Days on end in which a token was of one principal and peer group. */
export interface Spell {
  readonly principal: number
  readonly peer: number
  /** Counted from the epoch, both inclusive. */
  readonly firstDay: number
  readonly lastDay: number
  /** Last event, milliseconds since the epoch. */
  readonly lastTime: number
}

/** Whose each token is, and since when; the current spell in columns, earlier ones of the few that change in lists. */
export class Affiliations {
  principal = new Int32Array(0)
  peer = new Int32Array(0)
  firstDay = new Int32Array(0)
  /** -1: never active. */
  lastDay = new Int32Array(0)
  lastTime = new Float64Array(0)
  readonly earlier = new Map<number, Spell[]>()
  /** Tokens that were ever of each principal. */
  readonly #tokensOf: number[][] = []

  fit(tokens: number): void {
    if (tokens <= this.principal.length) return
    const length = Math.max(tokens, this.principal.length * 2)
    this.principal = longer(this.principal, length, -1)
    this.peer = longer(this.peer, length, -1)
    this.firstDay = longer(this.firstDay, length, -1)
    this.lastDay = longer(this.lastDay, length, -1)
    this.lastTime = longer(this.lastTime, length)
  }

  /** Days must be added in their order. */
  add(token: number, spell: Omit<Spell, 'firstDay' | 'lastDay'> & { day: number }): void {
    const { principal, peer, lastTime, day } = spell
    if (this.principal[token] !== principal || this.peer[token] !== peer) {
      if (this.lastDay[token]! >= 0) {
        const spells = this.earlier.get(token) ?? []
        spells.push(this.current(token))
        this.earlier.set(token, spells)
      }
      this.principal[token] = principal
      this.peer[token] = peer
      this.firstDay[token] = day
      this.#tokensOf[principal] ??= []
      const tokens = this.#tokensOf[principal]
      if (!tokens.includes(token)) tokens.push(token)
    }
    this.lastDay[token] = day
    this.lastTime[token] = lastTime
  }

  current(token: number): Spell {
    return {
      principal: this.principal[token]!,
      peer: this.peer[token]!,
      firstDay: this.firstDay[token]!,
      lastDay: this.lastDay[token]!,
      lastTime: this.lastTime[token]!,
    }
  }

  /** Spells that ended on or after a day, the newest last. */
  spellsSince(token: number, day: number): Spell[] {
    const spells = [...(this.earlier.get(token) ?? []), this.current(token)]
    return spells.filter(spell => spell.lastDay >= day)
  }

  tokensOf(principal: number): readonly number[] {
    return this.#tokensOf[principal] ?? []
  }
}
