import { createRequire } from 'node:module'
import { expect, test } from 'vitest'

/** The npm package isolation-forest 0.0.9, as far as this test looks into it (it ships no usable types). */
interface PeerNode {
  leftChild?: PeerNode
  rightChild?: PeerNode
  /** Rows at the node; 0 at inner ones. */
  size(): number
}
interface PeerForest {
  fit(rows: Record<string, number>[]): { getRootNode(): PeerNode }[]
  getSubsample(size: number): Record<string, number>[]
}
const { IsolationForest } = createRequire(import.meta.url)('isolation-forest') as {
  IsolationForest: new (trees: number, subsample: number) => PeerForest
}

function leafRows(node: PeerNode): number {
  if (node.leftChild === undefined || node.rightChild === undefined) return node.size()
  return leafRows(node.leftChild) + leafRows(node.rightChild)
}

test('the npm package isolation-forest draws subsamples, and then grows each tree on all rows', () => {
  const rows = Array.from({ length: 300 }, (_, i) => ({ x: i, y: (i * 7919) % 300 }))
  const forest = new IsolationForest(4, 32)
  const drawn: number[] = []
  const draw = forest.getSubsample.bind(forest)
  forest.getSubsample = size => {
    const sample = draw(size)
    drawn.push(sample.length)
    return sample
  }
  const trees = forest.fit(rows)
  expect(drawn).toEqual([32, 32, 32, 32])
  // Were the subsample used, the leaves of a tree would hold 32 rows.
  expect(trees.map(tree => leafRows(tree.getRootNode()))).toEqual([300, 300, 300, 300])
})
