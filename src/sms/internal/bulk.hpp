#pragma once
// Bulk lists: root = JSON array of slice CIDs, slice = JSON array of signed dataset orders; task index i uses slice i.
// Every byte is verified against its CID, and anything wrong is a failure: a slice is never quietly empty.
#include "sms/chain_facts.hpp"

namespace iapp::sms::internal {

inline constexpr std::size_t kMaxSliceOrders = 100;

/// Errors: invalid_input "bulk.list", "bulk.index", "bulk.slice", "bulk.too_many", and those of the source.
Result<std::vector<poco::DatasetOrder>> fetch_slice(BlobSource& blobs, std::string_view bulk_cid, std::uint64_t index,
                                                    const net::CallContext& context);

}  // namespace iapp::sms::internal
