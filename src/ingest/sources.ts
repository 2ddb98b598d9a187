import { KeyhoundError } from '../lib/errors.ts'
import type { OpenLog } from './log.ts'
import { badFile } from './probe.ts'
import { type Fields, type FoundFields, SOURCE_NAMES, type Source, type SourceName } from './source.ts'
import { awsApiGateway } from './sources/aws-api-gateway.ts'
import { cloudtrail } from './sources/cloudtrail.ts'
import { type ColumnMap, generic, namedFields } from './sources/generic.ts'
import { githubAudit } from './sources/github-audit.ts'
import { combined, nginx } from './sources/nginx.ts'
import { ocsf } from './sources/ocsf.ts'

/** The more particular formats are asked first. */
const SOURCES: readonly Source[] = [cloudtrail, ocsf, githubAudit, awsApiGateway, nginx, combined, generic]

/** The source named, or the first that recognises the log, and why. */
export function chooseSource(log: OpenLog, wanted: 'auto' | SourceName): { source: Source; why: string } {
  if (wanted !== 'auto') {
    const source = SOURCES.find(candidate => candidate.name === wanted)
    if (source === undefined) {
      throw new KeyhoundError('usage', `no source "${wanted}"; there are: auto, ${SOURCE_NAMES.join(', ')}`)
    }
    return { source, why: 'as told' }
  }
  for (const source of SOURCES) {
    const why = source.recognise(log)
    if (why !== null) return { source, why }
  }
  throw badFile(
    log.files[0]!,
    'is no log format we know; name it with --source, or convert it to CSV, JSON or Parquet',
  )
}

/** Where the log keeps what: as the source knows it, and as the user's map says over it. */
export function fieldsOf(source: Source, log: OpenLog, map: ColumnMap | null): FoundFields {
  if (map === null) return source.fields(log)
  if (source === generic) return namedFields(log, map)
  const found = source.fields(log)
  const fields: Fields = { ...found.fields }
  for (const [wanted, name] of Object.entries(map) as [keyof Fields, string | null][]) {
    if (name === null) delete fields[wanted]
    else fields[wanted] = log.value(name)
  }
  return { ...found, fields }
}
