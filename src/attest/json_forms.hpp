#pragma once
// The JSON forms of values that ride inside larger documents (release requests, bundles, receipts): one spelling for all.
// Shows Boost.JSON through codec/json.hpp: include it from .cpp files only.
#include "attest/event_log.hpp"
#include "attest/intel_collateral.hpp"
#include "attest/ledger.hpp"
#include "codec/json.hpp"

namespace iapp::attest {

/// Errors of the readers: invalid_input, the ids of codec/json.hpp with the path of the member.
json::Value to_json(const EventLog& log);
Result<EventLog> event_log_from_json(const json::Value& value);

json::Value to_json(const Collateral& collateral);
Result<Collateral> collateral_from_json(const json::Value& value);

json::Value to_json(const TreeHead& head);
Result<TreeHead> tree_head_from_json(const json::Value& value);

/// {"leaf":"base64","index":n,"treeHead":{...},"inclusion":["0x32",...]}
json::Value to_json(const Decision& decision);
Result<Decision> decision_from_json(const json::Value& value);

}  // namespace iapp::attest
