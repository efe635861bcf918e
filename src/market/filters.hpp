#pragma once
// Query strings of list reads as SQL conditions. Pure: knows the columns of the book, runs nothing.
// A restriction filter that is absent means "unrestricted orders only"; `any` lifts it.
#include <variant>
#include <vector>

#include "eth/address.hpp"
#include "market/kind.hpp"
#include "net/url.hpp"
#include "poco/tag.hpp"

namespace iapp::market {

/// A value that a condition binds.
using Parameter = std::variant<std::int64_t, Bytes>;

struct Page {
    std::uint64_t offset = 0;
    std::uint64_t limit = 20;
};

struct ListQuery {
    std::string where;  ///< " AND ..." for each condition; empty when every row qualifies
    std::vector<Parameter> values;
    Page page;

    template <class... Values>
    void require(std::string_view condition, const Values&... bound)
    {
        where += " AND ";
        where += condition;
        (values.push_back(Parameter(bound)), ...);
    }
};

/// A tag as four words that SQL can mask, most significant first.
std::array<std::int64_t, 4> tag_words(const poco::Tag& tag);

// Unknown parameters are ignored; of a repeated one the first counts.
// Errors: invalid_input "market.query" with the message the client sees.
Result<ListQuery> parse_order_query(OrderKind kind, const net::Query& query);
Result<ListQuery> parse_deal_query(const net::Query& query);
Result<ListQuery> parse_category_query(const net::Query& query);

/// chainId of every request. Errors: invalid_input "market.query".
Status check_chain_id(const net::Query& query, std::uint64_t served);

/// An address in any case. Errors: invalid_input "market.query", naming the parameter.
Result<eth::Address> parse_address(std::string_view name, std::string_view text);
/// A decimal number of at most 2^53 - 1. Errors: as above.
Result<std::uint64_t> parse_number(std::string_view name, std::string_view text);
/// 32 bytes of hex in any case. Errors: as above.
Result<Hash256> parse_hash(std::string_view name, std::string_view text);

}  // namespace iapp::market
