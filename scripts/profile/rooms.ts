/** What of a V8 `.cpuprofile` is read. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  /** Node ids, one a sample. */
  readonly samples: readonly number[]
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[]
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

/** Time of a thread: seconds by room of the code that was at work, and by function. */
export interface RoomTimes {
  readonly rooms: ReadonlyMap<string, number>
  /** By "function (file:line)". */
  readonly functions: ReadonlyMap<string, number>
}

/** Nothing runs on the thread: it waits, for the SQL engine most of the time. */
export const IDLE = 'idle'

/** Frames that V8 makes up. */
const MADE_UP: Readonly<Record<string, string>> = {
  '(idle)': IDLE,
  '(garbage collector)': 'garbage collection',
  '(program)': 'native code',
  '(root)': 'native code',
}

/** Adds up where the samples of a profile lie. `dist` is the compiled program, whose folders mirror src. */
export function timesByRoom(profile: CpuProfile, dist: string): RoomTimes {
  const byId = new Map(profile.nodes.map(node => [node.id, node]))
  const parents = new Map(
    profile.nodes.flatMap(node => (node.children ?? []).map(child => [child, node] as const)),
  )
  const roomOfNode = (node: ProfileNode): string => {
    const { url, functionName } = node.callFrame
    if (url !== '') return roomOf(url, dist)
    const parent = parents.get(node.id)
    // What has no file is built into V8 or a native binding, and works for whoever called it.
    return MADE_UP[functionName] ?? (parent === undefined ? 'native code' : roomOfNode(parent))
  }
  const rooms = new Map<string, number>()
  const functions = new Map<string, number>()
  profile.samples.forEach((id, i) => {
    const node = byId.get(id)!
    const seconds = profile.timeDeltas[i]! / 1e6
    const room = roomOfNode(node)
    rooms.set(room, (rooms.get(room) ?? 0) + seconds)
    const { url } = node.callFrame
    if (url.startsWith(dist)) {
      const name = nameOf(node, dist)
      functions.set(name, (functions.get(name) ?? 0) + seconds)
    }
  })
  return { rooms, functions }
}

/** The folder below src, or whose code it is: Node's, the SQL engine's binding, another package's. */
function roomOf(url: string, dist: string): string {
  if (url.startsWith(dist)) {
    const [room] = url.slice(dist.length).replace(/^\//, '').split('/')
    return room!.replace(/\.js$/, '')
  }
  if (url.startsWith('node:')) return 'node'
  if (url.includes('/node_modules/@duckdb/')) return 'sql (binding)'
  return url.includes('/node_modules/') ? 'packages' : 'other'
}

function nameOf({ callFrame }: ProfileNode, dist: string): string {
  const file = callFrame.url.slice(dist.length).replace(/^\//, '')
  return `${callFrame.functionName || '(anonymous)'} (${file}:${callFrame.lineNumber + 1})`
}

/** The times of several threads as one. */
export function addTimes(all: readonly RoomTimes[]): RoomTimes {
  const sum = (of: (one: RoomTimes) => ReadonlyMap<string, number>) => {
    const total = new Map<string, number>()
    for (const one of all)
      for (const [name, seconds] of of(one)) total.set(name, (total.get(name) ?? 0) + seconds)
    return total
  }
  return { rooms: sum(one => one.rooms), functions: sum(one => one.functions) }
}
