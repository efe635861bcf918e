#pragma once
// The worker's side of the scheduler API: each call signed, bound to its path and body, and fresh.
#include "base/clock.hpp"
#include "eth/wallet.hpp"
#include "net/client.hpp"
#include "wire/scheduler_api.hpp"

namespace iapp::worker {

class SchedulerClient {
public:
    /// `http`, `wallet` and `clock` must outlive the client.
    SchedulerClient(const net::HttpClient& http, const eth::Wallet& wallet, const Clock& clock, std::string origin,
                    std::uint64_t chain_id);

    /// Errors of all: those of HttpClient; the refusal of the scheduler with its own kind, reason "scheduler.refused".

    /// A task to run, or nothing now.
    Result<std::optional<wire::Lease>> lease(const net::CallContext& call) const;
    Result<wire::RenewReply> renew(const std::string& lease_id, const net::CallContext& call) const;
    Result<crypto::Signature65> authorize(const std::string& lease_id, const eth::Address& enclave,
                                          const net::CallContext& call) const;
    Status report(const wire::Report& report, const net::CallContext& call) const;

private:
    Result<net::Response> post(std::string_view path, std::string body, const net::CallContext& call) const;

    const net::HttpClient& http_;
    const eth::Wallet& wallet_;
    const Clock& clock_;
    std::string origin_;
    std::uint64_t chain_id_;
};

}  // namespace iapp::worker
