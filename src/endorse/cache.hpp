#pragma once
// One cache for the endorsements of all vendors: memory over disk over network, and nothing unverified in any of them.
//
// Stale policy: an entry is served while the present lies inside the window of every part of it, and never outside. After
// half of the window the next caller fetches anew; until that works everybody is served what is there. VCEKs, which a vendor
// issues once for a chip and firmware level, are kept until their certificates end.
// Rollback: evaluation numbers and CRL numbers never go down under one key, across restarts ("endorse.rollback").
// Load on vendors: one fetch at a time per key whoever asks; failures are remembered for a while that doubles; 429 and 503
// silence a whole vendor for the time it asks for.
#include <filesystem>
#include <memory>
#include <span>

#include "endorse/bundle.hpp"
#include "endorse/fetch.hpp"

namespace iapp::endorse {

struct CacheOptions {
    std::filesystem::path directory;  ///< created when absent; one per set of trust anchors
    std::chrono::milliseconds fetch_timeout{30'000};
    std::chrono::seconds first_pause{5};             ///< after a failure of one key; doubles with each further one
    std::chrono::seconds longest_pause{300};         ///< and ends here
    std::chrono::seconds longest_retry_after{3600};  ///< a Retry-After beyond this is not obeyed to the letter
    std::size_t max_in_memory = 4096;                ///< entries; the disk keeps the rest
};

/// What the cache needs from the program. `random` is for spreading retries only.
struct CachePorts {
    const Clock& clock;
    std::function<std::uint64_t()> random;
    Accept accept;
};

struct ImportReport {
    std::vector<Key> imported;
    std::vector<Key> kept;  ///< the cache already held something that lasts at least as long
};

/// Safe to share between threads.
class Cache {
public:
    /// Errors: none of its own; the directory is first touched by a save.
    Cache(CacheOptions options, CachePorts ports, Fetcher fetcher);
    Cache(Cache&&) noexcept;
    Cache& operator=(Cache&&) noexcept;
    ~Cache();

    /// The entry under `key`: equal pointers mean equal bytes, so what a caller derives from one may be kept with it.
    /// Errors: those of Fetcher; unauthenticated "endorse.unverified"; precondition_failed "endorse.expired";
    ///         conflict "endorse.rollback"; corrupt, unavailable "endorse.store".
    Result<std::shared_ptr<const Entry>> get(const Key& key, const net::CallContext& call);

    Result<std::shared_ptr<const IntelEntry>> intel(const IntelKey& key, const net::CallContext& call);
    Result<std::shared_ptr<const AmdIssuerEntry>> amd_issuer(const AmdIssuerKey& key, const net::CallContext& call);
    /// The VCEK, its issuers and their list, ready for attest::verify_snp().
    Result<attest::SnpEndorsements> snp(const VcekKey& key, const net::CallContext& call);

    /// Fetches what is past the middle of its window, for a program that would rather not let a caller wait. Answers how
    /// many were renewed; failures are remembered as in get(). Errors: those of CallContext.
    Result<std::size_t> refresh(const net::CallContext& call);

    /// What the cache holds under these keys, all of it servable now. Asks no vendor: get() the keys first.
    /// Errors: not_found "endorse.not_found"; as get() for what is on disk; as encode_bundle().
    Result<std::string> export_bundle(std::span<const Key> keys) const;

    /// Everything servable. Errors: as export_bundle(), except that what is out of its window is left out.
    Result<std::string> export_all() const;

    /// Verifies every entry as if a vendor had just sent it, and takes over none unless all pass.
    /// Errors: invalid_input "endorse.bundle"; as get(), with the key in the detail.
    Result<ImportReport> import_bundle(std::string_view bundle);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace iapp::endorse
