// SPDX-License-Identifier: GPL-2.0-or-later
// Envelopes as the npm package makes them, unchanged, for amt.py. Reads lines "get|enumerate|pull CLASS VALUE", answers
// each with one line of JSON: the envelope.
const path = require('path')
const readline = require('readline')
const { WSManMessageCreator, BaseActions } = require(path.resolve(process.argv[2], 'WSMan.js'))
const creator = new WSManMessageCreator('http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/')
const make = {
  get: (cls, name) => creator.createXml(creator.createHeader(BaseActions.GET, cls, { name: 'Name', value: name }),
    creator.createCommonBody.Get()),
  enumerate: (cls) => creator.createXml(creator.createHeader(BaseActions.ENUMERATE, cls), creator.createCommonBody.Enumerate()),
  pull: (cls, context) => creator.createXml(creator.createHeader(BaseActions.PULL, cls), creator.createCommonBody.Pull(context))
}
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb, cls, value] = line.split(' ')
  console.log(JSON.stringify(make[verb](cls, value)))
})
