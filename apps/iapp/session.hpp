#pragma once
// An open connection to one network: its document, its chain, and, for commands that sign, a wallet that can send
// transactions.
#include <memory>

#include "blobs/client.hpp"
#include "chain/hub.hpp"
#include "chain/sender.hpp"
#include "context.hpp"
#include "net/client.hpp"

namespace iapp::cli {

class Session {
public:
    /// Opens the network. Errors: those of Context::network().
    static Result<std::unique_ptr<Session>> open(Context& context);

    /// Also opens the wallet. Errors: those of Context::wallet() too.
    static Result<std::unique_ptr<Session>> open_signed(Context& context);

    /// For a network and a wallet that are already at hand.
    static std::unique_ptr<Session> with(wire::Network network, eth::Wallet wallet);

    const wire::Network network;
    net::HttpClient http;
    chain::JsonRpcClient rpc;
    chain::Hub hub;
    blobs::BlobClient blobs;

    const eth::Wallet& wallet() const { return *wallet_; }
    chain::TransactionSender& sender() { return *sender_; }
    const eth::Address& me() const { return wallet_->address(); }

    /// A call that must be over in `time`.
    net::CallContext call(std::chrono::milliseconds time = std::chrono::seconds(30)) const
    {
        return {"iapp", net::deadline_in(time), {}};
    }

    /// Where the workerpool's scheduler answers: the document says, or its compass does. Errors: precondition_failed
    /// "network.no_core"; those of get().
    Result<std::string> scheduler() const;

    /// POSTs or PUTs and returns the answer whatever its status.
    Result<net::Response> send(std::string method, std::string url, net::HeaderMap headers, std::string body) const;
    /// GETs a JSON document; any other status than 200 is an error that repeats what the service said.
    Result<std::string> get(const std::string& url) const;

private:
    explicit Session(wire::Network document);
    mutable std::optional<std::string> scheduler_;  ///< what the compass said
    std::optional<eth::Wallet> wallet_;
    std::optional<chain::TransactionSender> sender_;
};

/// The error a service's answer means: its own id and words when it has them. `what` says what we tried.
std::unexpected<Error> refusal(const net::Response& response, const std::string& what);

}  // namespace iapp::cli
