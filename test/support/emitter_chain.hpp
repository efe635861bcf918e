#pragma once
// A fresh anvil with one Emitter contract (contracts/test/Emitter.sol): what senders and followers are tested against.
#include <gtest/gtest.h>

#include "chain/sender.hpp"
#include "localchain/anvil.hpp"
#include "localchain/artifacts.hpp"

namespace iapp::support {

inline net::CallContext test_call(std::chrono::milliseconds span = std::chrono::seconds(30))
{
    return {.request_id = "test", .deadline = net::deadline_in(span)};
}

inline eth::Wallet dev_wallet(std::size_t index)
{
    return eth::Wallet::from_private_key_hex(localchain::dev_private_key(index)).value();
}

class EmitterChain {
public:
    EmitterChain() : anvil_(start()), wallet_(dev_wallet(0)), sender_(rpc(), wallet_, {.chain_id = 421614})
    {
        const auto artifacts = localchain::load_artifacts(localchain::find_chain_files().value().test_artifacts).value();
        const auto receipt = sender_.send({.to = {}, .data = artifacts.contracts.at("Emitter").bytecode}, test_call());
        emitter_ = receipt.value().contract_address;
        created_in_ = receipt->block_number;
    }

    const chain::JsonRpcClient& rpc() const { return anvil_.rpc(); }
    localchain::AnvilProcess& anvil() { return anvil_; }
    chain::TransactionSender& owner() { return sender_; }
    const eth::Address& emitter() const { return *emitter_; }
    std::uint64_t created_in() const { return created_in_; }

    chain::TransactionRequest count(std::uint64_t number) const { return request(calldata("count(uint256)", number)); }
    chain::TransactionRequest count_once(std::uint64_t number) const
    {
        return request(calldata("countOnce(uint256)", number));
    }
    chain::TransactionRequest call(std::string_view function) const
    {
        return request(eth::AbiWriter{}.call(eth::selector(function)));
    }

    std::uint64_t total() const
    {
        const auto data = rpc().eth_call({*emitter_, eth::AbiWriter{}.call(eth::selector("total()"))}, test_call()).value();
        return eth::AbiReader(data).uint64().value();
    }

    /// anvil_*, evm_*: `params` is the text of the parameter array.
    std::string node(std::string method, std::string params = "[]") const
    {
        return rpc().call({std::move(method), std::move(params)}, test_call()).value();
    }

private:
    static localchain::AnvilProcess start()
    {
        return localchain::AnvilProcess::start({.program = localchain::find_chain_files().value().anvil}, system_clock(),
                                               test_call())
            .value();
    }
    static Bytes calldata(std::string_view function, std::uint64_t number)
    {
        return eth::AbiWriter{}.uint(number).call(eth::selector(function));
    }
    chain::TransactionRequest request(Bytes data) const { return {.to = *emitter_, .data = std::move(data)}; }

    localchain::AnvilProcess anvil_;
    eth::Wallet wallet_;
    chain::TransactionSender sender_;
    std::optional<eth::Address> emitter_;
    std::uint64_t created_in_ = 0;
};

}  // namespace iapp::support
