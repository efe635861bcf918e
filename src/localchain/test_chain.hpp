#pragma once
// A chain for tests: a fresh anvil with PoCo deployed, the well-known accounts, and nothing left behind.
// Linked by tests of other rooms too; programs use AnvilProcess and deploy_poco() themselves.
#include <memory>

#include "chain/hub.hpp"
#include "localchain/anvil.hpp"
#include "localchain/deploy.hpp"

namespace iapp::localchain {

/// Wallet of a well-known account, `index` below 10. Number 0 deploys, so tests that count nonces use the others.
eth::Wallet dev_wallet(std::size_t index);

class TestChain {
public:
    /// About 0.3 s. Errors: those of AnvilProcess and deploy_poco().
    static Result<std::unique_ptr<TestChain>> start(std::uint64_t chain_id = 421614);

    const chain::JsonRpcClient& rpc() const { return anvil_.rpc(); }
    const chain::Hub& hub() const { return *hub_; }
    const Deployment& deployment() const { return deployment_; }
    AnvilProcess& anvil() { return anvil_; }
    chain::TransactionSender& deployer() { return *deployer_; }

    /// A sender with its own nonces; `wallet` must outlive it.
    chain::TransactionSender sender(const eth::Wallet& wallet) const;

    /// A contract of contracts/test, deployed by the deployer.
    Result<Address> deploy_test_contract(const std::string& name, ByteView arguments);

    /// anvil_*, evm_*: `params` is the text of the parameter array.
    Result<std::string> node(std::string method, std::string params = "[]") const;

    /// Long enough for a slow machine, short enough for a test that hangs.
    static net::CallContext call() { return {.request_id = "test", .deadline = net::deadline_in(std::chrono::seconds(30))}; }

private:
    static Result<std::unique_ptr<TestChain>> start_once(std::uint64_t chain_id);
    TestChain(AnvilProcess anvil, ChainFiles files);

    AnvilProcess anvil_;
    ChainFiles files_;
    eth::Wallet wallet_;
    std::unique_ptr<chain::TransactionSender> deployer_;
    std::unique_ptr<chain::Hub> hub_;
    Deployment deployment_;
};

}  // namespace iapp::localchain
