#pragma once
// A local server that plays Intel's PCS, a PCCS and AMD's KDS: one answer per path and query, which tests bend. Everything
// it serves is issued by a development PKI. Users link net and simtee.
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "crypto/x509_builder.hpp"
#include "endorse/source.hpp"
#include "net/server.hpp"
#include "simtee/authority.hpp"

namespace iapp::test {

class ManualClock final : public Clock {
public:
    explicit ManualClock(UnixSeconds now) : now_(now.time_since_epoch().count()) {}
    UnixMillis now() const override { return UnixSeconds(std::chrono::seconds(now_.load())); }
    void advance(std::chrono::seconds span) { now_ += span.count(); }
    void set(UnixSeconds time) { now_ = time.time_since_epoch().count(); }

private:
    std::atomic<std::int64_t> now_;
};

class FakeVendor {
public:
    FakeVendor() : server_(net::ServerOptions{.threads = 16, .drain_timeout = std::chrono::milliseconds(100)})
    {
        server_.route("GET", "/{path...}",
                      [this](const net::Request& request, const net::CallContext& call) { return answer(request, call); });
        if (!server_.start()) throw std::runtime_error("the fake vendor cannot listen");
    }
    ~FakeVendor() { server_.stop(); }
    FakeVendor(FakeVendor&&) = delete;

    std::string url() const { return server_.origin(); }
    void stop() { server_.stop(); }

    /// What GET `target` (path and query) answers from now on.
    void serve(const std::string& target, net::Response response)
    {
        const std::lock_guard lock(mutex_);
        answers_[target] = std::move(response);
    }

    /// Changes the one answer in place.
    void bend(const std::string& target, const std::function<void(net::Response&)>& change)
    {
        const std::lock_guard lock(mutex_);
        change(answers_.at(target));
    }

    void forget(const std::string& target)
    {
        const std::lock_guard lock(mutex_);
        answers_.erase(target);
    }

    /// Every answer waits this long, or until the server stops.
    void delay(std::chrono::milliseconds span) { delay_ms_ = span.count(); }

    int asked(const std::string& target) const
    {
        const std::lock_guard lock(mutex_);
        const auto found = asked_.find(target);
        return found == asked_.end() ? 0 : found->second;
    }

    int asked() const
    {
        const std::lock_guard lock(mutex_);
        int out = 0;
        for (const auto& [target, count] : asked_) out += count;
        return out;
    }

private:
    net::Response answer(const net::Request& request, const net::CallContext& call)
    {
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(delay_ms_.load());
        while (std::chrono::steady_clock::now() < until && !call.stop.stop_requested())
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        const std::lock_guard lock(mutex_);
        ++asked_[request.target];
        const auto found = answers_.find(request.target);
        return found == answers_.end() ? net::empty_response(404) : found->second;
    }

    mutable std::mutex mutex_;
    std::map<std::string, net::Response> answers_;
    std::map<std::string, int> asked_;
    std::atomic<std::int64_t> delay_ms_ = 0;
    net::HttpServer server_;
};

// Targets of the documents, as the vendors name them.
inline constexpr const char* kTcbInfoTarget = "/tdx/certification/v4/tcb?fmspc=53494d000000";
inline constexpr const char* kQeIdentityTarget = "/tdx/certification/v4/qe/identity";
inline constexpr const char* kPckCrlTarget = "/sgx/certification/v4/pckcrl?ca=platform&encoding=der";
inline constexpr const char* kRootCrlTarget = "/IntelSGXRootCA.der";
inline constexpr const char* kPccsRootCrlTarget = "/sgx/certification/v4/rootcacrl";

inline net::Response document(std::string body, std::string_view header = {}, std::string_view chain = {})
{
    net::Response out;
    out.body = std::move(body);
    if (!header.empty()) out.headers.set(header, net::percent_encode(chain));
    return out;
}

/// Serves `c` as PCS does and, for the root CA's list, also as PCCS does.
inline void serve_intel(FakeVendor& vendor, const attest::Collateral& c)
{
    const auto signed_object = [](std::string_view member, const std::string& bytes, const Bytes& signature) {
        return "{\"" + std::string(member) + "\":" + bytes + ",\"signature\":\"" + hex(signature) + "\"}";
    };
    vendor.serve(kTcbInfoTarget, document(signed_object("tcbInfo", c.tcb_info, c.tcb_info_signature),
                                          "TCB-Info-Issuer-Chain", c.tcb_info_issuer_chain));
    vendor.serve(kQeIdentityTarget, document(signed_object("enclaveIdentity", c.qe_identity, c.qe_identity_signature),
                                             "SGX-Enclave-Identity-Issuer-Chain", c.qe_identity_issuer_chain));
    vendor.serve(kPckCrlTarget, document(to_text(c.pck_crl), "SGX-PCK-CRL-Issuer-Chain", c.pck_crl_issuer_chain));
    vendor.serve(kRootCrlTarget, document(to_text(c.root_ca_crl)));
    vendor.serve(kPccsRootCrlTarget, document(hex(c.root_ca_crl)));
}

inline endorse::IntelSource pcs_of(const FakeVendor& vendor)
{
    return {.base_url = vendor.url(), .root_crl_url = vendor.url() + kRootCrlTarget};
}
inline endorse::IntelSource pccs_of(const FakeVendor& vendor) { return {.base_url = vendor.url()}; }
inline endorse::AmdSource kds_of(const FakeVendor& vendor) { return {.base_url = vendor.url()}; }

}  // namespace iapp::test
