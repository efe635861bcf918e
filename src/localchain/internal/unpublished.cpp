#include "localchain/internal/unpublished.hpp"

#include <algorithm>
#include <charconv>

#include "codec/json.hpp"

namespace iapp::localchain::internal {
namespace {

std::unexpected<Error> malformed()
{
    return fail(ErrorKind::corrupt, "rpc.response", "txpool_inspect answered something else");
}

Result<std::uint64_t> read_nonce(std::string_view text)
{
    std::uint64_t nonce = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), nonce);
    if (error != std::errc{} || end != text.data() + text.size()) return malformed();
    return nonce;
}

Result<Waiting> read_sender(std::string_view address, const json::Value& transactions)
{
    const auto* by_nonce = transactions.if_object();
    if (by_nonce == nullptr || by_nonce->empty()) return malformed();
    TRY(const eth::Address sender, eth::parse_address(address));
    Waiting out{sender, UINT64_MAX};
    for (const auto& transaction : *by_nonce) {
        TRY(const std::uint64_t nonce, read_nonce(transaction.key()));
        out.nonce = std::min(out.nonce, nonce);
    }
    return out;
}

}  // namespace

Result<std::vector<Waiting>> read_waiting(std::string_view answer)
{
    TRY(const auto pool, json::parse(answer));
    const auto* parts = pool.if_object();
    const auto* pending = parts ? parts->if_contains("pending") : nullptr;
    if (pending == nullptr || !pending->is_object()) return malformed();
    std::vector<Waiting> out;
    for (const auto& of_sender : pending->get_object()) {
        TRY(const Waiting waiting, read_sender(of_sender.key(), of_sender.value()));
        out.push_back(waiting);
    }
    return out;
}

Result<bool> may_have_unpublished_block(const chain::JsonRpcClient& rpc, const net::CallContext& context)
{
    TRY(const std::string answer, rpc.call({"txpool_inspect"}, context));
    TRY(const auto all, read_waiting(answer));
    for (const Waiting& waiting : all) {
        TRY(const std::uint64_t used, rpc.transaction_count(waiting.sender, chain::BlockId::latest(), context));
        if (used > waiting.nonce) return true;
    }
    return false;
}

}  // namespace iapp::localchain::internal
