#pragma once
// What this room tells programs, as JSON documents: one spelling for the command line, the library and other languages.
// Not signed and not a token (ear.hpp). Shows Boost.JSON through codec/json.hpp: include it from .cpp files only.
#include "attest/appraisal.hpp"
#include "attest/inspect.hpp"
#include "attest/policy_document.hpp"
#include "codec/json.hpp"

namespace iapp::attest {

/// {"verdict","tee","simulated","tcb_status","advisories","measurements","policy","checks":[{"id","outcome","detail"}],"at"};
/// of a refusal "reason", of verified evidence "report_data" and "evidence_id".
json::Object result_document(const Appraisal& appraisal);

/// {"format","verified":false,"content":{"name","value","fields":[...]}}: fields are an array, because names repeat and
/// order means something. Text that is not UTF-8 has '?' for every byte beyond ASCII.
json::Object result_document(const Field& inspected);

/// {"policy","sha256","findings":[{"level","text"}]}: what lint() finds.
json::Object lint_document(const PolicyDocument& document);

}  // namespace iapp::attest
