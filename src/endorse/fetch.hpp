#pragma once
// One round trip to a vendor: endorsements as raw bytes, bounded and well-formed, and not yet believed by anybody.
// No retry, no cache, no redirect: cache.hpp decides when to ask again. Redirects would let an answer choose a URL.
#include <memory>

#include "endorse/source.hpp"
#include "net/call_context.hpp"

namespace iapp::endorse {

struct FetchLimits {
    std::uint64_t max_body_bytes = 1U << 20U;         ///< TCB info is some 10 KiB, a PCK CRL some 100 KiB
    std::size_t max_issuer_chain_bytes = 16U << 10U;  ///< decoded; two certificates are some 2 KiB
    std::size_t max_header_bytes = 64U << 10U;
};

/// What a refusal said about asking again.
struct Advice {
    bool throttled = false;                    ///< 429 or 503: meant for everything we ask of this vendor
    std::optional<std::string> retry_after{};  ///< the header's value; parse_retry_after() reads it
};

/// Fetches from the configured sources. Safe to share between threads.
/// Errors of every call: precondition_failed "endorse.offline" (no source for this vendor);
///   unavailable "endorse.unavailable"; deadline_exceeded "endorse.deadline"; cancelled "endorse.cancelled";
///   resource_exhausted "endorse.throttled" (429, 503), "endorse.size"; not_found "endorse.not_found";
///   corrupt "endorse.redirect", "endorse.header", "endorse.answer"; invalid_input "endorse.key".
class Fetcher {
public:
    /// Errors: invalid_input "endorse.source".
    static Result<Fetcher> open(Sources sources, const FetchLimits& limits = {});

    /// TCB info, QE identity and both lists with their issuer chains: four requests.
    Result<IntelEntry> intel(const IntelKey& key, const net::CallContext& call, Advice& advice) const;

    /// ASK or ASVK and ARK, and the list of the ARK: two requests.
    Result<AmdIssuerEntry> amd_issuer(const AmdIssuerKey& key, const net::CallContext& call, Advice& advice) const;

    /// One request; `cert_chain` is the issuer's, already at hand.
    Result<VcekEntry> vcek(const VcekKey& key, std::string cert_chain, const net::CallContext& call, Advice& advice) const;

    bool has(const Key& key) const;  ///< whether a source is configured that could serve it

    Fetcher(Fetcher&&) noexcept;
    Fetcher& operator=(Fetcher&&) noexcept;
    ~Fetcher();

private:
    struct Impl;
    explicit Fetcher(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// The PEM chain of an issuer-chain header: percent-encoded, one spelling of each byte class. A '+' is refused because half
/// the world reads it as a space. The result is printable ASCII and line breaks. Errors: corrupt "endorse.header".
Result<std::string> decode_issuer_chain(std::string_view header, std::size_t max_bytes);

/// Retry-After (RFC 9110 10.2.3): seconds, or an IMF-fixdate, which `now` turns into seconds. Anything else: nothing.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view header, UnixSeconds now);

}  // namespace iapp::endorse
