import { KeyhoundError } from '../lib/errors.ts'
import type { OpenLog } from './log.ts'
import type { LogMap } from './map.ts'
import { badFile } from './probe.ts'
import { type Fields, type FoundFields, SOURCE_NAMES, type Source, type SourceName } from './source.ts'
import { fileSources, whereSql } from './source-file.ts'
import { awsApiGateway } from './sources/aws-api-gateway.ts'
import { cloudtrail } from './sources/cloudtrail.ts'
import { generic, mappedFields, namedFields } from './sources/generic.ts'
import { githubAudit } from './sources/github-audit.ts'
import { combined, nginx } from './sources/nginx.ts'
import { ocsf } from './sources/ocsf.ts'
import { w3c } from './sources/w3c.ts'

/** The more particular formats are asked first. */
const sources = (): readonly Source[] => [
  cloudtrail,
  ocsf,
  githubAudit,
  awsApiGateway,
  w3c,
  ...fileSources(),
  nginx,
  combined,
  generic,
]

/** The source named, or the first that recognises the log, and why. */
export function chooseSource(log: OpenLog, wanted: 'auto' | SourceName): { source: Source; why: string } {
  if (wanted !== 'auto') {
    const source = sources().find(candidate => candidate.name === wanted)
    if (source === undefined) {
      throw new KeyhoundError('usage', `no source "${wanted}"; there are: auto, ${SOURCE_NAMES.join(', ')}`)
    }
    return { source, why: 'as told' }
  }
  for (const source of sources()) {
    const why = source.recognise(log)
    if (why !== null) return { source, why }
  }
  throw unknownText(log.files[0]!)
}

/** Text whose lines are of no form we know: what is known, and what to do. */
export function unknownText(path: string): KeyhoundError {
  return badFile(
    path,
    `is a text log of a form we do not know (known: combined and common, vhost_combined, ${sources()
      .filter(source => source.prepare !== undefined && !['nginx', 'combined'].includes(source.name))
      .map(source => source.name)
      .join(
        ', ',
      )}). Give its form as --format '<log_format of nginx, or LogFormat of Apache>', or let the server write JSON`,
  )
}

/** Where the log keeps what: as the source knows it, and as the user's map says over it. */
export function fieldsOf(source: Source, log: OpenLog, map: LogMap | null): FoundFields {
  if (source === generic) return namedFields(log, map)
  const found = source.fields(log)
  if (map === null) return found
  const notes = [...found.notes]
  const fields: Fields = { ...found.fields, ...mappedFields(log, map, notes) }
  for (const [wanted, spec] of Object.entries(map.fields))
    if (spec === null) delete fields[wanted as keyof Fields]
  return { ...found, fields, notes, ...(map.where !== undefined && { leftOut: whereSql(log, map.where) }) }
}
