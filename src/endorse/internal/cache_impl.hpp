#pragma once
// The cache's parts: slots in memory, the shelf on disk, the fetcher, and the pauses between attempts.
#include <condition_variable>
#include <mutex>

#include "endorse/cache.hpp"
#include "endorse/internal/pause.hpp"
#include "endorse/internal/shelf.hpp"

namespace iapp::endorse {

using EntryPointer = std::shared_ptr<const Entry>;

/// An entry somebody verified.
struct Held {
    EntryPointer entry;
    Facts facts;
};

struct Slot {
    std::optional<Held> held{};
    bool is_busy = false;  ///< one thread is fetching; the others wait or take what is held
    Pause pause{};
    std::uint64_t last_use = 0;
};

/// What one attempt brought: something to serve, a failure, or both (a renewal failed, what is there still serves).
struct Attempt {
    std::optional<Held> held{};
    std::optional<Error> failure{};
    Advice advice{};
    bool was_not_asked = false;  ///< the disk was enough, or the vendor wants to be left alone
};

struct Cache::Impl {
    Impl(CacheOptions o, CachePorts p, Fetcher f)
        : options(std::move(o)), ports(std::move(p)), fetcher(std::move(f)), shelf(options.directory)
    {
    }

    Result<EntryPointer> get(const Key& key, const net::CallContext& call);
    Result<std::size_t> refresh(const net::CallContext& call);

    /// Verified, and inside its window now. Errors: "endorse.unverified", "endorse.expired".
    Result<Held> believe(Entry entry) const;

    /// What is on disk and may be served; damage is an error, disbelief and age are not.
    Result<std::optional<Held>> from_disk(const Key& key) const;

    /// Past the middle of its window, and of a kind that is issued again.
    bool is_due(const Held& held) const;

    // With `mutex` held:
    Slot& slot_of(const std::string& id);
    void settle(const Key& key, Slot& slot, const Attempt& attempt, const net::CallContext& call);
    void remember(const Key& key, Slot& slot, const Attempt& attempt);
    Pause& vendor_pause(const Key& key) { return std::holds_alternative<IntelKey>(key) ? intel_pause : amd_pause; }
    const Pause& vendor_pause(const Key& key) const
    {
        return std::holds_alternative<IntelKey>(key) ? intel_pause : amd_pause;
    }

    // Without it:
    std::optional<Error> vendor_refusal(const Key& key) const;
    Attempt attempt(const Key& key, const net::CallContext& call);
    Result<Entry> fetch(const Key& key, const net::CallContext& call, Advice& advice);
    Result<Held> renew(const Key& key, const net::CallContext& call, Advice& advice);

    CacheOptions options;
    CachePorts ports;
    Fetcher fetcher;
    Shelf shelf;

    mutable std::mutex mutex{};
    std::condition_variable_any settled{};
    std::map<std::string, Slot> slots{};
    Pause intel_pause{};
    Pause amd_pause{};
    std::uint64_t uses = 0;
};

}  // namespace iapp::endorse
