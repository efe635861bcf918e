// Where another verifier's verdict is not ours, and why. A disagreement that no row names fails the test, and so does a row
// that nothing needs any more. docs/compatibility-attest.md explains the rows to a reader.
//   peer   whose verdict differs        base, cases   on what (patterns of whole names)
//   ours   'accepts', 'refuses', or 'rates' (both accept, with another status or other advisories)
const js = 'javascript', wasm = 'webassembly';
const genuine = '(sgx|tdx)-.*';

export const disagreements = [
  // forms that a peer does not read
  { peer: js, ours: 'accepts', base: 'simulated_sgx[45]', cases: '.*', why: 'reads SGX quotes of version 3 only' },
  { peer: wasm, ours: 'accepts', base: 'tdx-v5-.*', cases: '.*', why: 'does not read this version 5 quote' },
  { peer: js, ours: 'accepts', cases: 'tcb_version_2', why: 'does not read the older TCB info of SGX' },
  { peer: js, ours: 'accepts', cases: 'no_qe_auth', why: 'demands QE authentication data of 32 bytes; the format does not' },

  // bytes of a quote that nobody signs
  { peer: js, ours: 'refuses', cases: 'flip_\\d+|length_.*|followed_by_(text|too_many_zeros)|outer_type_5', why: 'sizes need not be exact, the outer type is not read, anything may follow' },
  { peer: wasm, ours: 'refuses', base: genuine, cases: 'flip_\\d+|length_.*|followed_by_(text|too_many_zeros)|outer_type_5', why: 'sizes need not be exact, the outer type is not read, anything may follow' },

  // chains
  { peer: js, ours: 'accepts', cases: '(pck|tcb|qe)_chain_reversed', why: 'takes chains in one order only' },
  { peer: wasm, ours: 'accepts', base: genuine, cases: '(pck|tcb|qe)_chain_reversed', why: 'takes chains in one order only' },
  { peer: js, ours: 'refuses', cases: 'pck_chain_(root_twice|without_root|text_before|two_nuls)|(tcb|qe)_chain_(root_twice|text_before)', why: 'ignores what surrounds a chain, and needs no root in it' },
  { peer: wasm, ours: 'refuses', base: genuine, cases: 'pck_chain_(root_twice|without_root|text_before|two_nuls|stranger_.*)|tcb_chain_(root_twice|text_before|stranger_.*)', why: 'takes any number of certificates in any company' },
  { peer: js, ours: 'refuses', cases: 'crl_chain_.*', why: 'does not use the chain of the list\'s issuer' },
  { peer: wasm, ours: 'refuses', base: genuine, cases: 'crl_chain_.*', why: 'does not use the chain of the list\'s issuer' },

  // revocation lists
  { peer: js, ours: 'refuses', cases: '(pck|root)_list_(missing|garbage|bit|longer|over|ahead|without_next_update|is_(root|pck)_list)|lists_swapped', why: 'checks neither signature, issuer nor window of a list; what it cannot read it ignores' },
  { peer: js, ours: 'refuses', base: 'tdx-.*', cases: 'time_before|time_after', why: 'here only a list is outside its window' },
  { peer: wasm, ours: 'refuses', base: genuine, cases: 'lists_swapped', why: 'finds each list by its issuer, under whatever name it was sent; both are checked' },
  { peer: wasm, ours: 'accepts', base: 'tdx-v4-.*', cases: 'time_last_second', why: 'a list ends before its nextUpdate, not with it' },

  // TCB info and QE identity
  { peer: wasm, ours: 'refuses', base: genuine, cases: 'qe_identity_.*|qe_chain_.*', why: 'does not verify the QE identity: CVE-2026-22696' },
  { peer: wasm, ours: 'refuses', base: genuine, cases: 'time_before|time_40_days_before', why: 'does not look at issueDate' },
  { peer: wasm, ours: 'refuses', base: 'sgx-v3-.*', cases: 'time_after', why: 'does not look at the end of the QE identity' },
  { peer: js, ours: 'refuses', base: 'simulated_.*', cases: 'other_pce', why: 'does not compare PCEID' },
  { peer: js, ours: 'refuses', base: 'simulated_.*', cases: 'status_twice', why: 'the last of two members with one name wins' },
  { peer: js, ours: 'refuses', base: 'simulated_.*', cases: 'tcb_type_1|tcb_version_4', why: 'reads TCB info of types and versions that are not defined' },
  { peer: js, ours: 'refuses', base: 'simulated_.*', cases: 'fifteen_components|seventeen_components', why: 'skips a level of another length and goes on to the next' },
  { peer: js, ours: 'refuses', base: 'simulated_td.*', cases: 'module_(unknown|signer|revoked)|seam_attributes|status_unknown', why: 'does not judge the TDX module' },
  { peer: js, ours: 'rates', base: 'simulated_td.*', cases: 'module_out_of_date', why: 'does not judge the TDX module' },
  { peer: js, ours: 'rates', base: 'simulated_.*', cases: 'levels_worst_first', why: 'takes the first level that fits, in the order they came' },
  { peer: js, ours: 'rates', base: 'simulated_.*', cases: 'qe_out_of_date_platform_(both|configuration)', why: 'the word for the configuration is lost in the merge' },
  { peer: js, ours: 'accepts', base: 'simulated_.*', cases: 'components_are_not_the_cpu_svn', why: 'compares CPUSVN where the components are meant' },

  // what the quoting enclave and the workload say
  { peer: js, ours: 'refuses', base: 'simulated_.*', cases: 'qe_report_tail', why: 'does not look at the second half of the QE\'s report data' },
  { peer: js, ours: 'refuses', base: 'simulated_td.*', cases: 'performance_monitor|xfam_reserved', why: 'our default policy: no performance counters, no unknown features' },
  { peer: js, ours: 'refuses', base: 'simulated_sgx3', cases: 'not_initialised|provision_key', why: 'our default policy: a running enclave without the provisioning key' },
];

const whole = (pattern, text) => new RegExp(`^(?:${pattern ?? '.*'})$`).test(text);

/** The row that explains why `peer` answers otherwise than we do, or undefined. */
export const explanation = (peer, ours, { base, name }) =>
  disagreements.find((row) => row.peer === peer && row.ours === ours && whole(row.base, base) && whole(row.cases, name));
