// danfojs-node names a tarball outside the registry for spreadsheets, which no notebook reads.
module.exports = {}
