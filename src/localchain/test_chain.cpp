// A chain for tests.
#include "localchain/test_chain.hpp"

namespace iapp::localchain {

eth::Wallet dev_wallet(std::size_t index) { return eth::Wallet::from_private_key_hex(dev_private_key(index)).value(); }

TestChain::TestChain(AnvilProcess anvil, ChainFiles files)
    : anvil_(std::move(anvil)),
      files_(std::move(files)),
      wallet_(dev_wallet(0)),
      deployment_{0,
                  Address::zero(),
                  Address::zero(),
                  Address::zero(),
                  Address::zero(),
                  Address::zero(),
                  Address::zero(),
                  Address::zero(),
                  Address::zero(),
                  0}
{
}

Result<std::unique_ptr<TestChain>> TestChain::start(std::uint64_t chain_id)
{
    // anvil loses a transaction once in some thousand: a test that has not begun yet takes another node.
    auto chain = start_once(chain_id);
    return chain ? std::move(chain) : start_once(chain_id);
}

Result<std::unique_ptr<TestChain>> TestChain::start_once(std::uint64_t chain_id)
{
    TRY(ChainFiles files, find_chain_files());
    TRY(const Artifacts artifacts, load_artifacts(files.artifacts));
    TRY(AnvilProcess anvil, AnvilProcess::start({.program = files.anvil, .chain_id = chain_id}, system_clock(), call()));
    std::unique_ptr<TestChain> chain(new TestChain(std::move(anvil), std::move(files)));
    chain->deployer_ =
        std::make_unique<chain::TransactionSender>(chain->rpc(), chain->wallet_, chain::SenderOptions{.chain_id = chain_id});
    TRY(chain->deployment_, deploy_poco(chain->rpc(), *chain->deployer_, artifacts, call()));
    chain->hub_ = std::make_unique<chain::Hub>(chain->rpc(), chain_id, chain->deployment_.hub);
    return chain;
}

chain::TransactionSender TestChain::sender(const eth::Wallet& wallet) const
{
    return chain::TransactionSender(rpc(), wallet, {.chain_id = deployment_.chain_id});
}

Result<Address> TestChain::deploy_test_contract(const std::string& name, ByteView arguments)
{
    TRY(const Artifacts artifacts, load_artifacts(files_.test_artifacts));
    TRY(const ContractCode* code, artifacts.find(name));
    return deploy_contract(*deployer_, *code, arguments, call());
}

Result<std::string> TestChain::node(std::string method, std::string params) const
{
    return rpc().call({std::move(method), std::move(params)}, call());
}

}  // namespace iapp::localchain
