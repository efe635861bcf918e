#pragma once
// The JSON form of an entry: the same inside bundles and inside the cache's files.
#include "codec/json.hpp"
#include "endorse/entry.hpp"

namespace iapp::endorse {

json::Value to_json(const Entry& entry);

/// Errors: invalid_input, the ids of codec/json.hpp and "endorse.bundle" for a name outside its set.
Result<Entry> entry_from_json(const json::ObjectReader& in);

}  // namespace iapp::endorse
