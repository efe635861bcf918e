#include "market/unpublish.hpp"

#include "codec/json.hpp"

namespace iapp::market {
namespace {

std::unexpected<Error> malformed(std::string why) { return fail(ErrorKind::invalid_input, "market.body", std::move(why)); }

Result<UnpublishRequest::Target> parse_target(std::string_view text)
{
    if (text == "unpublish_orderHash") return UnpublishRequest::Target::order;
    if (text == "unpublish_last") return UnpublishRequest::Target::last;
    if (text == "unpublish_all") return UnpublishRequest::Target::all;
    return malformed("target must be one of the following values: unpublish_orderHash, unpublish_last, unpublish_all");
}

Result<UnpublishRequest> read_unpublish(OrderKind kind, const json::ObjectReader& body)
{
    UnpublishRequest out;
    TRY(const auto target, body.find_text("target"));
    TRY(out.target, parse_target(target.value_or("unpublish_orderHash")));
    if (out.target == UnpublishRequest::Target::order) {
        TRY(const auto hash, body.text("orderHash"));
        TRY(out.hash, parse_hash("orderHash", hash));
        return out;
    }
    const std::string_view member = kind_info(kind).resource;
    TRY(const auto resource, body.text(member));
    TRY(out.resource, parse_address(member, resource));
    return out;
}

std::unexpected<Error> not_open(std::string message)
{
    return fail(ErrorKind::permission_denied, "market.not_open", std::move(message));
}

Result<std::vector<StoredListing>> find_named(store::Transaction& transaction, OrderKind kind, const Hash256& hash,
                                              const Address& caller)
{
    TRY(auto found, find_open(transaction, kind, hash));
    if (!found) return not_open(std::string(kind_info(kind).name) + " with orderHash " + hash.hex() + " is not published");
    if (found->signer != caller)
        return fail(ErrorKind::permission_denied, "market.not_signer",
                    "only order signer " + eth::to_checksum(found->signer) + " can unpublish an order");
    std::vector<StoredListing> out;
    out.push_back(*std::move(found));
    return out;
}

Result<std::vector<StoredListing>> find_own(store::Transaction& transaction, OrderKind kind, const UnpublishRequest& request,
                                            const Address& caller)
{
    TRY(auto found, open_of(transaction, kind, caller, request.resource));
    if (found.empty())
        return not_open("no open " + std::string(kind_info(kind).name) + " published by signer " + eth::to_checksum(caller) +
                        " for " + std::string(kind_info(kind).resource) + ' ' + eth::to_checksum(request.resource));
    if (request.target == UnpublishRequest::Target::last) found.resize(1);
    return found;
}

}  // namespace

Result<UnpublishRequest> parse_unpublish_body(OrderKind kind, std::string_view body)
{
    const auto value = json::parse(body, {.max_bytes = std::size_t{1} << 20U, .max_depth = 8});
    if (!value) return malformed(value.error().detail);
    const auto reader = json::ObjectReader::of(*value);
    if (!reader) return malformed(reader.error().detail);
    auto request = read_unpublish(kind, *reader);
    if (!request) return malformed(request.error().detail);
    return request;
}

Result<std::vector<Hash256>> unpublish(store::Transaction& transaction, OrderKind kind, const UnpublishRequest& request,
                                       const Address& caller)
{
    TRY(const auto found, request.target == UnpublishRequest::Target::order
                              ? find_named(transaction, kind, request.hash, caller)
                              : find_own(transaction, kind, request, caller));
    std::vector<Hash256> out;
    for (const StoredListing& listing : found) {
        TRY_OK(erase(transaction, listing.hash));
        out.push_back(listing.hash);
    }
    TRY_OK(kill_orphans(transaction, kind, found.front().listing.resource(), 0));
    return out;
}

}  // namespace iapp::market
