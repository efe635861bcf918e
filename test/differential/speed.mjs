// Verifies one quote COUNT times for every line on standard input, and answers with the CPU seconds that took.
// usage: node speed.mjs QUOTE COLLATERAL ROOT_DER UNIX_SECONDS COUNT
import { createInterface } from 'node:readline'
import { readFileSync } from 'node:fs'
import qvl from '@phala/dcap-qvl'

const [quoteFile, collateralFile, rootFile, seconds, count] = process.argv.slice(2)
const quote = readFileSync(quoteFile)
const text = JSON.parse(readFileSync(collateralFile, 'utf8'))
const bytes = (hex) => Buffer.from(hex, 'hex')
const collateral = {
  ...text,
  root_ca_crl: bytes(text.root_ca_crl),
  pck_crl: bytes(text.pck_crl),
  tcb_info_signature: bytes(text.tcb_info_signature),
  qe_identity_signature: bytes(text.qe_identity_signature)
}
const verifier = qvl.QuoteVerifier.newWithRootCa(readFileSync(rootFile))

for await (const _ of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage()
  for (let i = 0; i < Number(count); ++i) verifier.verify(quote, collateral, Number(seconds))
  const spent = process.cpuUsage(before)
  console.log((spent.user + spent.system) / 1e6)
}
