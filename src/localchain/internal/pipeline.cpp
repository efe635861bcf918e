#include "localchain/internal/pipeline.hpp"

#include "eth/create2.hpp"

namespace iapp::localchain::internal {
namespace {

// Gas limits, not costs. Code costs 200 gas a byte to keep and 16 to send, besides what its constructor does.
constexpr std::uint64_t kCreationBaseGas = 600'000, kCreationGasPerByte = 260;

std::uint64_t creation_gas(std::size_t size) { return kCreationBaseGas + kCreationGasPerByte * size; }

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

/// An account starts with nonce 1 when its code is being made, as a creation has it: what a constructor creates depends on
/// it.
Status prepare(const chain::JsonRpcClient& rpc, const Address& at, ByteView creation, const net::CallContext& context)
{
    TRY_OK(set_nonce(rpc, at, 1, context));
    return set_code(rpc, at, creation, context);
}

}  // namespace

Address Pipeline::create(Bytes code)
{
    const std::uint64_t gas = creation_gas(code.size());
    steps_.push_back({{.to = {}, .data = std::move(code), .gas_limit = gas}, {}});
    return eth::create_address(sender_, first_nonce_ + steps_.size() - 1);
}

Address Pipeline::place(const Address& at, Bytes code)
{
    const std::uint64_t gas = creation_gas(code.size());
    steps_.push_back({{.to = at, .data = {}, .gas_limit = gas}, std::move(code)});
    return at;
}

void Pipeline::call(const Address& to, Bytes data, std::uint64_t gas)
{
    steps_.push_back({{.to = to, .data = std::move(data), .gas_limit = gas}, {}});
}

Result<std::vector<eth::Receipt>> Pipeline::run(const chain::JsonRpcClient& rpc, chain::TransactionSender& sender,
                                                const net::CallContext& context) const
{
    std::vector<eth::Receipt> receipts;
    std::vector<TransactionRequest> waiting;
    const auto flush = [&]() -> Status {
        if (waiting.empty()) return {};
        TRY(auto sent, sender.send_all(waiting, context));
        std::ranges::move(sent, std::back_inserter(receipts));
        waiting.clear();
        return {};
    };
    for (const Step& step : steps_) {
        if (step.placed.empty()) {
            waiting.push_back(step.request);
            continue;
        }
        TRY_OK(flush());
        const Address& at = *step.request.to;
        TRY_OK(prepare(rpc, at, step.placed, context));
        TRY(const Bytes code, rpc.eth_call({.to = at, .data = {}, .from = sender_}, context));
        waiting.push_back(step.request);
        TRY_OK(flush());
        TRY_OK(set_code(rpc, at, code, context));
    }
    TRY_OK(flush());
    return receipts;
}

Status set_code(const chain::JsonRpcClient& rpc, const Address& at, ByteView code, const net::CallContext& context)
{
    TRY_OK(rpc.call({"anvil_setCode", "[" + quoted(at.hex()) + "," + quoted("0x" + hex(code)) + "]"}, context));
    return {};
}

Status set_nonce(const chain::JsonRpcClient& rpc, const Address& at, std::uint64_t nonce, const net::CallContext& context)
{
    TRY_OK(rpc.call({"anvil_setNonce", "[" + quoted(at.hex()) + "," + quoted(eth::U256(nonce).to_hex()) + "]"}, context));
    return {};
}

}  // namespace iapp::localchain::internal
