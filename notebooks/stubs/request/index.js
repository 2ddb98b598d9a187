// danfojs-node fetches files from the web with a package that is given up; no notebook does.
module.exports = () => {
  throw new Error('read the file yourself and hand over its content')
}
