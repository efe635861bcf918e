#pragma once
// The four signed orders of PoCo. Member names are those of the protocol; prices are nRLC (10^-9 RLC).
// `sign` is not part of the order hash: empty when the order was presigned on chain.
#include <string>

#include "base/fixed_bytes.hpp"
#include "eth/address.hpp"
#include "eth/u256.hpp"
#include "poco/tag.hpp"

namespace iapp::poco {

using eth::Address;
using eth::U256;

struct AppOrder {
    Address app = Address::zero();
    U256 appprice;
    U256 volume;
    Tag tag = Tag::zero();
    Address datasetrestrict = Address::zero();
    Address workerpoolrestrict = Address::zero();
    Address requesterrestrict = Address::zero();
    Hash256 salt = Hash256::zero();
    Bytes sign;

    friend bool operator==(const AppOrder&, const AppOrder&) = default;
};

/// All zero with an empty `sign` means "no dataset".
struct DatasetOrder {
    Address dataset = Address::zero();
    U256 datasetprice;
    U256 volume;
    Tag tag = Tag::zero();
    Address apprestrict = Address::zero();
    Address workerpoolrestrict = Address::zero();
    Address requesterrestrict = Address::zero();
    Hash256 salt = Hash256::zero();
    Bytes sign;

    friend bool operator==(const DatasetOrder&, const DatasetOrder&) = default;
};

struct WorkerpoolOrder {
    Address workerpool = Address::zero();
    U256 workerpoolprice;
    U256 volume;
    Tag tag = Tag::zero();
    U256 category;
    U256 trust;
    Address apprestrict = Address::zero();
    Address datasetrestrict = Address::zero();
    Address requesterrestrict = Address::zero();
    Hash256 salt = Hash256::zero();
    Bytes sign;

    friend bool operator==(const WorkerpoolOrder&, const WorkerpoolOrder&) = default;
};

struct RequestOrder {
    Address app = Address::zero();
    U256 appmaxprice;
    Address dataset = Address::zero();
    U256 datasetmaxprice;
    Address workerpool = Address::zero();
    U256 workerpoolmaxprice;
    Address requester = Address::zero();
    U256 volume;
    Tag tag = Tag::zero();
    U256 category;
    U256 trust;
    Address beneficiary = Address::zero();
    Address callback = Address::zero();
    std::string params;  ///< hashed as these exact bytes; never re-serialised
    Hash256 salt = Hash256::zero();
    Bytes sign;

    friend bool operator==(const RequestOrder&, const RequestOrder&) = default;
};

/// What one match takes. `dataset` stays all zero when the deal has none.
struct OrderSet {
    AppOrder app;
    DatasetOrder dataset;
    WorkerpoolOrder workerpool;
    RequestOrder request;

    bool has_dataset() const { return !dataset.dataset.is_zero(); }
};

/// "Any number of times": 2^53 - 1, the largest integer every client can carry.
inline constexpr std::uint64_t kInfiniteVolume = 9'007'199'254'740'991;
/// A dataset order is good for bulk use from this volume on.
inline constexpr std::uint64_t kLeastBulkVolume = kInfiniteVolume - 1;

// Parsing accepts numbers as JSON integers or decimal strings, refuses unknown and repeated members, and takes addresses in
// any case; in an order without signature a mixed-case address must carry its checksum, since nothing else covers its bytes.
// `sign` may be absent or "0x". For documents already parsed see order_json.hpp.
// Errors: invalid_input "json.syntax", "json.depth", "json.size", "json.type", "json.text", "json.missing",
// "json.unknown_member", "json.duplicate_member", "order.number", "address.format", "address.checksum".
Result<AppOrder> parse_app_order(std::string_view json);
Result<DatasetOrder> parse_dataset_order(std::string_view json);
Result<WorkerpoolOrder> parse_workerpool_order(std::string_view json);
Result<RequestOrder> parse_request_order(std::string_view json);

/// How numbers are written: bulk slices and publish bodies want text, order book answers want JSON numbers.
enum class Numbers : unsigned char { as_text, as_number };

/// Compact JSON in the member order of the struct, checksummed addresses. A number above 2^53 - 1 is always text.
std::string encode(const AppOrder& order, Numbers numbers = Numbers::as_text);
std::string encode(const DatasetOrder& order, Numbers numbers = Numbers::as_text);
std::string encode(const WorkerpoolOrder& order, Numbers numbers = Numbers::as_text);
std::string encode(const RequestOrder& order, Numbers numbers = Numbers::as_text);

}  // namespace iapp::poco
