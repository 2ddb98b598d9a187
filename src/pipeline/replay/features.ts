import type { Catalogue } from '../../features/catalogue.ts'
import { KeyhoundError } from '../../lib/errors.ts'
import { didYouMean } from '../../lib/nearest.ts'
import { FEATURE_GROUPS } from '../../schema/features.ts'

/** Names of features and of groups -> features. Throws 'bad-input' for names of neither, and for features that are no evidence. */
export function namedFeatures(names: readonly string[], { features }: Pick<Catalogue, 'features'>): string[] {
  const problems: string[] = []
  const known = [...features.map(feature => feature.name), ...FEATURE_GROUPS]
  const found = names.flatMap(name => {
    const of = features.filter(feature => feature.name === name || feature.group === name)
    const evidence = of.filter(feature => feature.higherIs !== 'context').map(feature => feature.name)
    if (of.length === 0) problems.push(`"${name}" is no feature and no group${didYouMean(name, known)}`)
    else if (evidence.length === 0)
      problems.push(`"${name}" is context, which no score rests on: there is nothing to leave out`)
    return evidence
  })
  if (problems.length > 0) {
    throw new KeyhoundError(
      'bad-input',
      `features.leaveOut: ${problems.join('; ')}. Groups: ${FEATURE_GROUPS.join(', ')}; features: src/features/FEATURES.md`,
    )
  }
  return [...new Set(found)]
}
