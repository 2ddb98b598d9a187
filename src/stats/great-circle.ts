/** Mean radius of the Earth, km (IUGG). */
const EARTH_RADIUS_KM = 6371.0088

const RADIANS = Math.PI / 180

/** Great-circle distance in km between two places in degrees, by the haversine. */
export function distanceKm(
  latitude1: number,
  longitude1: number,
  latitude2: number,
  longitude2: number,
): number {
  const h =
    Math.sin(((latitude2 - latitude1) * RADIANS) / 2) ** 2 +
    Math.cos(latitude2 * RADIANS) *
      Math.cos(latitude1 * RADIANS) *
      Math.sin(((longitude2 - longitude1) * RADIANS) / 2) ** 2
  return 2 * EARTH_RADIUS_KM * Math.atan2(Math.sqrt(h), Math.sqrt(Math.abs(1 - h)))
}

/** Moves shorter than this are errors of geolocation. */
const LEAST_KM = 100

/**
 * Speed of a move, km/h; 0 under 100 km. A minute is added to the gap: clocks of log collectors differ by seconds, and a speed over
 * zero time says nothing.
 */
export function speedKmh(km: number, gapMs: number): number {
  return km >= LEAST_KM ? km / ((gapMs / 1000 + 60) / 3600) : 0
}
