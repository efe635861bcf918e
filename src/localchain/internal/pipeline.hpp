#pragma once
// A deployment as one pipeline: every address follows from the deployer's nonce, so transactions are signed up front.
// A contract may also be placed: made at an address of the caller's choice, by a node that lets us write code.
#include "chain/sender.hpp"

namespace iapp::localchain::internal {

using chain::TransactionRequest;
using eth::Address;

inline constexpr std::uint64_t kCallGas = 1'000'000;

/// Transactions of one account that know the addresses of the contracts they will have created.
class Pipeline {
public:
    Pipeline(const Address& sender, std::uint64_t first_nonce) : sender_(sender), first_nonce_(first_nonce) {}

    /// `code` is creation code with its constructor arguments.
    Address create(Bytes code);

    /// The constructor runs at `at` as a call of the sender: what it stores is stored there, what it returns becomes the
    /// code.
    Address place(const Address& at, Bytes code);

    Address create_or_place(const std::optional<Address>& at, Bytes code)
    {
        return at ? place(*at, std::move(code)) : create(std::move(code));
    }

    void call(const Address& to, Bytes data, std::uint64_t gas = kCallGas);

    /// Sends everything, in as few waits as placing allows. Errors: those of TransactionSender; invalid_input "rpc.method"
    /// (the node does not let us write code).
    Result<std::vector<eth::Receipt>> run(const chain::JsonRpcClient& rpc, chain::TransactionSender& sender,
                                          const net::CallContext& context) const;

private:
    struct Step {
        TransactionRequest request;
        Bytes placed;  ///< creation code of a contract that is placed at request.to
    };

    Address sender_;
    std::uint64_t first_nonce_;
    std::vector<Step> steps_;
};

/// Code and storage of one account, written as the node's owner. Values are 32 bytes.
Status set_code(const chain::JsonRpcClient& rpc, const Address& at, ByteView code, const net::CallContext& context);
Status set_nonce(const chain::JsonRpcClient& rpc, const Address& at, std::uint64_t nonce, const net::CallContext& context);

}  // namespace iapp::localchain::internal
