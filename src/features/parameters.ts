/** The few numbers that the features rest on, each with its reason. They are part of the feature fingerprint. */
export const FEATURE_PARAMETERS = {
  /** Memory of the baselines, days: five weeks see each weekday five times and a month-end once. */
  historyDays: 45,
  /** Weight of a day falls by half in this many days: habits change, and old ones should not excuse new behaviour for ever. */
  halfLifeDays: 30,
  /** Pseudo-days by which a token's own rate of novelty is drawn to that of its peers. */
  noveltyShrinkDays: 6,
  /** Pseudo-hours by which a token's own distribution of a metric is drawn to that of its peers. */
  tailShrinkHours: 12,
  /** Pseudo-days by which the hours of a token's day are drawn to those of its peers. */
  hourShrinkDays: 2,
  /** Days in which first uses of one value by several tokens count as one wave: a release, a move, a roll-out. */
  adoptionDays: 7,
  /** A network that a token first used less than this many days ago is young: a week of work shows every network of a week's routine. */
  youngDays: 7,
  /** Before the log is this many days old nothing is "first seen": everything is. */
  burnInDays: 5,
} as const

/** Ages of a token in active days at which novelty is counted apart: a new token is new in everything. Lower bounds. */
export const AGE_BOUNDS = [0, 1, 3, 7, 14] as const
