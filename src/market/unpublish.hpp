#pragma once
// Taking orders out of the book, for an address that proved itself.
#include "market/book.hpp"

namespace iapp::market {

/// What PUT names: one order, or those of the caller for one resource.
struct UnpublishRequest {
    enum class Target : unsigned char { order, last, all } target = Target::order;
    Hash256 hash = Hash256::zero();      ///< of `order`
    Address resource = Address::zero();  ///< of `last` and `all`
};

/// Errors: invalid_input "market.body".
Result<UnpublishRequest> parse_unpublish_body(OrderKind kind, std::string_view body);

/// Hashes of what was removed, newest first. Errors: permission_denied "market.not_open", "market.not_signer"; those of
/// store.
Result<std::vector<Hash256>> unpublish(store::Transaction& transaction, OrderKind kind, const UnpublishRequest& request,
                                       const Address& caller);

}  // namespace iapp::market
