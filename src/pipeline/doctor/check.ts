import type { Config } from '../../schema/config.ts'
import type { Check } from '../../schema/doctor.ts'
import type { Context } from '../context.ts'

/** What the checks are given; they only read. */
export interface DoctorContext extends Context {
  readonly config: Config
  readonly env: Readonly<Record<string, string | undefined>>
  /** The system's folder for temporary files. */
  readonly temporaryFolder: string
}

export function ok(check: string, what: string, where: string | null = null): Check {
  return { check, level: 'ok', what, where, todo: null }
}

export function warn(check: string, what: string, where: string | null, todo: string): Check {
  return { check, level: 'warn', what, where, todo }
}

export function fail(check: string, what: string, where: string | null, todo: string): Check {
  return { check, level: 'fail', what, where, todo }
}

/** `3 files`, `1 file`. */
export function some(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** 1500000 -> 1.5 MB. */
export function size(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${UNITS[unit]}`
}

/** 2026-10-05 13:00. */
export function minute(time: Date): string {
  return time.toISOString().slice(0, 16).replace('T', ' ')
}
