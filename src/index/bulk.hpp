#pragma once
// The objects of a bulk as they lie on IPFS: a list of slices, and in each slice signed dataset orders. Pure.
// Only what a row needs is checked; whether an order would be accepted the hub says.
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "eth/address.hpp"
#include "eth/u256.hpp"
#include "poco/tag.hpp"

namespace iapp::index {

/// A dataset order of a slice.
struct SliceOrder {
    std::size_t position;  ///< in the slice, malformed orders counted
    eth::Address dataset;
    eth::U256 datasetprice;  ///< nRLC
    eth::U256 volume;
    poco::Tag tag;
    eth::Address apprestrict;
    eth::Address workerpoolrestrict;
    eth::Address requesterrestrict;
    Hash256 salt;
    Bytes sign;
};

/// The CID of a bulk, when the parameters of a deal without a dataset name one.
std::optional<std::string> bulk_cid(std::string_view params);

/// CIDs of the slices; slice i belongs to task i. Errors: invalid_input "json.*".
Result<std::vector<std::string>> parse_bulk_root(std::string_view text);

/// What is well-formed. Errors: invalid_input "json.*" (no list at all); resource_exhausted "index.bulk_limit" (more than
/// 1,000 items).
Result<std::vector<SliceOrder>> parse_bulk_slice(std::string_view text);

}  // namespace iapp::index
